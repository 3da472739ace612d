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

from flowsim.authoring.rows import FIRST_POPULATION, IMPACT, MARKET_VOL
from flowsim.kernel.functions import exp, log, sqrt
from flowsim.kernel.lanes import copy, fill
from flowsim.kernel.marks import LANES, inline

SMALLEST_SHARE_OF_VOLUME = 1e-4
"""Below this share of daily volume the square-root law is continued as a straight line, as measured impact is."""


@inline
def depth_impact(market_vol: float, liquidity: float, model) -> float:
    """Return the impact of a small flow in log return per USD bn: depth thins as volatility rises.

    lambda = multiplier / market_cap * min((market_vol / reference_vol)^eta * exp(-depth_loading * liquidity), 1 / d)

    d is the thinnest depth. Without it volatility and thin depth can feed each other for good: flows that follow
    returns then move the price by tens of percent a day, and that volatility keeps depth as thin as it is.
    """
    thinner = model.depth_elasticity * log(market_vol / model.reference_vol) - model.depth_loading * liquidity
    return model.multiplier / model.market_cap_bn * exp(min(thinner, model.most_thinning))


@inline
def secant_slope(net_flow_bn: float, market_vol: float, model) -> float:
    """Return the log return per USD bn of the net flow under the square-root law.

    The square-root law is I(F) = Y * daily_vol * sqrt(|F| / ADV); its depth reacts through the volatility in it.
    """
    share = max(abs(net_flow_bn) / model.adv_bn, SMALLEST_SHARE_OF_VOLUME)
    return model.square_root_scale * market_vol / (sqrt(share) * model.adv_bn)


@inline
def find_slope(model, state, scratch, step):
    """Set what the price moves for each USD bn of the step's flows; nothing when it follows given returns."""
    impact, market_vol, slope = state.seen[IMPACT], state.seen[MARKET_VOL], scratch.slope
    if model.replaying > 0.0:
        fill(slope, 0.0)
    elif model.is_square_root > 0.0:
        for lane in range(LANES):
            net = scratch.net[lane] if step > 0 else 0.0
            slope[lane] = secant_slope(net, market_vol[lane], model)
    else:
        copy(slope, impact)


@inline
def find_decay(curves, state, scratch, fraction):
    """Set the share of each transient impact that goes in the step; in a halt it stays."""
    for mode in range(curves.mode_rate.size):
        decay, share = state.decay[mode], 1.0 - exp(-curves.mode_rate[mode] * fraction)
        for lane in range(LANES):
            decay[lane] = scratch.open[lane] * share


@inline
def move_by_population(curves, state, scratch, population, step):
    """Add one population's contribution: its new impact, less what decays of its earlier ones."""
    contribution = scratch.contribution_sum[FIRST_POPULATION + population]
    flow_sum = scratch.flow_sum[FIRST_POPULATION + population]
    impact_flow, flow = scratch.impact_flow[population], scratch.flow[population]
    slope, total, moved = scratch.slope, scratch.total, scratch.orders
    if step == 0:
        fill(flow, 0.0)
        fill(impact_flow, 0.0)
    for lane in range(LANES):
        moved[lane] = slope[lane] * impact_flow[lane]
        flow_sum[lane] += flow[lane]
    for mode in range(curves.mode_rate.size):
        weight, decay, transient = curves.mode_weight[mode], state.decay[mode], state.transient[population, mode]
        for lane in range(LANES):
            decayed = transient[lane] * decay[lane]
            moved[lane] -= decayed
            transient[lane] += weight * slope[lane] * impact_flow[lane] - decayed
    for lane in range(LANES):
        contribution[lane] += moved[lane]
        total[lane] += moved[lane]
