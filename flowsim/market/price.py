"""Price formation: what a flow does to the price, and for how long.

    r = sum over sources k of c_k                                       (exact: the attribution identity)
    c_k = slope * F_k - sum over modes m of T_km * (1 - exp(-delta_m f))
    T_km <- T_km * exp(-delta_m f) + w_m * slope * F_k                  f = the step's share of a day
    slope = thinness of the time of day * impact of a small flow        1 for an order that follows the day's volume

Linear impact (Gabaix and Koijen 2021, "In Search of the Origins of Financial Fluctuations") has one transient mode
of weight tau, the rest is permanent. The propagator (Bouchaud, Gefen, Potters and Wyart 2004, "Fluctuations and
Response in Financial Markets") decays as (1 + t/t0)^-beta, written as a sum of exponential modes; nothing is permanent.
For the square-root law (Toth et al. 2011, "Anomalous Price Impact and the Critical Nature of Liquidity in Financial
Markets") the slope is the secant I(F)/F of the net flow, which splits the move among the sources pro rata.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from flowsim.authoring.rows import IMPACT, MARKET_VOL
from flowsim.clock.year import SESSIONS_PER_YEAR
from flowsim.config.spec import MarketSpec
from flowsim.files.arrays import ByLane, Floats
from flowsim.kernel.functions import exp, sqrt
from flowsim.kernel.lanes import fill
from flowsim.kernel.marks import LANES, inline
from flowsim.kernel.memory import zeros
from flowsim.market.propagator import exponential_modes

SMALLEST_SHARE_OF_VOLUME = 1e-4
"""Below this share of daily volume the square-root law is continued as a straight line, as measured impact is."""


class ImpactModel(NamedTuple):
    """The law of impact; see the config's table `market`."""

    adv_bn: float  # average daily volume
    is_square_root: int
    square_root_scale: float
    mode_weight: Floats  # (modes,) share of an impact that decays at each rate
    mode_rate: Floats  # (modes,) per day


class ImpactState(NamedTuple):
    """Impact that will go again."""

    transient: ByLane  # (populations, modes, lanes)
    decay: ByLane  # (modes, lanes) share of a transient impact that goes in the step under way


def build_impact(spec: MarketSpec) -> ImpactModel:
    """Return the law of impact."""
    market = spec.market
    if market.impact == "propagator":
        weights, rates = exponential_modes(market.propagator_exponent, market.propagator_cutoff_days)
    else:
        weights, rates = np.array([market.transient_share]), np.array([market.transient_decay_per_day])
    return ImpactModel(
        adv_bn=market.adv_bn,
        is_square_root=int(market.impact == "square_root"),
        square_root_scale=market.square_root_prefactor / math.sqrt(SESSIONS_PER_YEAR),
        mode_weight=weights,
        mode_rate=rates,
    )


def new_impact_state(n_populations: int, n_modes: int) -> ImpactState:
    """Allocate the state of one block, all zero."""
    return ImpactState(transient=zeros(n_populations, n_modes, LANES), decay=zeros(n_modes, LANES))


@inline
def secant_slope(net_flow_bn: float, market_vol: float, law) -> float:
    """Return the log return per USD bn of the net flow under the square-root law.

    The square-root law is I(F) = Y * daily_vol * sqrt(|F| / ADV); its depth reacts through the volatility in it.
    """
    share = max(abs(net_flow_bn) / law.adv_bn, SMALLEST_SHARE_OF_VOLUME)
    return law.square_root_scale * market_vol / (sqrt(share) * law.adv_bn)


@inline
def find_slope(model, law, observables, scratch, thinness):
    """Set what the price moves for each USD bn of the step's flows; nothing when it follows given returns.

    `thinness` is that of the time of day.
    """
    impact, market_vol, slope = observables[IMPACT], observables[MARKET_VOL], scratch.slope
    if model.replaying == 1:
        fill(slope, 0.0)
    elif law.is_square_root == 1:
        for lane in range(LANES):
            slope[lane] = thinness * secant_slope(scratch.net[lane], market_vol[lane], law)
    else:
        for lane in range(LANES):
            slope[lane] = thinness * impact[lane]


@inline
def find_decay(law, state, trading, fraction):
    """Set the share of each transient impact that goes in the step; in a halt it stays."""
    for mode in range(law.mode_rate.size):
        decay, share = state.decay[mode], 1.0 - exp(-law.mode_rate[mode] * fraction)
        for lane in range(LANES):
            decay[lane] = trading[lane] * share


@inline
def move_by_population(law, state, scratch, population, source):
    """Add one population's contribution, in the row of its source: new impact, less what decays of its earlier ones."""
    contribution, flow_sum = scratch.contribution_sum[source], scratch.flow_sum[source]
    impact_flow, flow = scratch.impact_flow[population], scratch.flow[population]
    slope, total, moved = scratch.slope, scratch.total, scratch.orders
    for lane in range(LANES):
        moved[lane] = slope[lane] * impact_flow[lane]
        flow_sum[lane] += flow[lane]
    for mode in range(law.mode_rate.size):
        weight, decay, transient = law.mode_weight[mode], state.decay[mode], state.transient[population, mode]
        for lane in range(LANES):
            decayed = transient[lane] * decay[lane]
            moved[lane] -= decayed
            transient[lane] += weight * slope[lane] * impact_flow[lane] - decayed
    for lane in range(LANES):
        contribution[lane] += moved[lane]
        total[lane] += moved[lane]
