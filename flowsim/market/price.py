"""Price formation: what a flow does to the price, and for how long.

    r = sum over sources k of c_k                                       (exact: the attribution identity)
    c_k = slope * F_k - sum over modes m of T_km * (1 - exp(-delta_m f))
    T_km <- T_km * exp(-delta_m f) + w_m * slope * F_k                  f = the step's share of a day

Linear impact (Gabaix and Koijen 2021, "In Search of the Origins of Financial Fluctuations") has one transient mode
of weight tau, the rest is permanent. The propagator (Bouchaud, Gefen, Potters and Wyart 2004, "Fluctuations and
Response in Financial Markets") decays as (1 + t/t0)^-beta, written as a sum of exponential modes; nothing is permanent.
For the square-root law (Toth et al. 2011, "Anomalous Price Impact and the Critical Nature of Liquidity in Financial
Markets") the slope is the secant I(F)/F of the net flow, which splits the move among the sources pro rata.
"""

from __future__ import annotations

from flowsim.kernel.functions import exp, log, sqrt
from flowsim.kernel.jit import inline

SMALLEST_SHARE_OF_VOLUME = 1e-4
"""Below this share of daily volume the square-root law is continued as a straight line, as measured impact is."""


@inline
def depth_impact(market_vol: float, liquidity: float, model) -> float:
    """Return the impact of a small flow in log return per USD bn: depth thins as volatility rises.

    lambda = multiplier / market_cap * (market_vol / reference_vol)^eta * exp(-depth_loading * liquidity)
    """
    thinner = model.depth_elasticity * log(market_vol / model.reference_vol) - model.depth_loading * liquidity
    return model.multiplier / model.market_cap_bn * exp(thinner)


@inline
def secant_slope(net_flow_bn: float, impact: float, market_vol: float, model) -> float:
    """Return the log return per USD bn of the net flow, under the linear or the square-root law.

    The square-root law is I(F) = Y * daily_vol * sqrt(|F| / ADV); its depth reacts through the volatility in it.
    """
    share = max(abs(net_flow_bn) / model.adv_bn, SMALLEST_SHARE_OF_VOLUME)
    concave = model.square_root_scale * market_vol / (sqrt(share) * model.adv_bn)
    return concave if model.is_square_root > 0.0 else impact
