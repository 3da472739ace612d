"""How deep the market is: what liquidity providers look at, and how much a small flow then moves the price.

Their volatility mixes four horizons, because risk budgets are set on several clocks: one short horizon alone loses
the long memory of absolute returns. Falls of the last week and month add to it, and rises take away: illiquidity rises
with volatility and with net selling (Deuskar and Johnson 2011, "Market Liquidity and Flow-driven Risk").
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from flowsim.authoring.rows import IMPACT, LIQUIDITY, MARKET_VOL, RETURN_5D, RETURN_21D
from flowsim.clock.year import SESSIONS_PER_YEAR
from flowsim.config.spec import MarketSpec
from flowsim.files.arrays import ByLane, Floats
from flowsim.kernel.array_functions import kept_of
from flowsim.kernel.functions import exp, log, sqrt
from flowsim.kernel.marks import LANES, inline
from flowsim.kernel.memory import zeros

HORIZONS = 4
CALMEST = 0.4
"""Of the volatility of past returns, how much is looked at after the steepest rise."""


class DepthModel(NamedTuple):
    """How depth follows volatility and system liquidity; see the config's tables `market` and `liquidity`."""

    calm_impact: float  # log return per USD bn of a small flow at the reference volatility
    elasticity: float
    liquidity_loading: float
    most_thinning: float  # log
    week_return_loading: float  # annualized fraction per log return
    month_return_loading: float
    reference_vol: float  # annualized fraction
    variance_keep: Floats  # (HORIZONS,) daily decay of each variance
    variance_weight: Floats  # (HORIZONS,)


class DepthState(NamedTuple):
    """What liquidity providers remember."""

    variances: ByLane  # (HORIZONS, lanes) daily


def build_depth(spec: MarketSpec) -> DepthModel:
    """Return how depth follows volatility and system liquidity."""
    market = spec.market
    return DepthModel(
        calm_impact=market.multiplier / market.market_cap_bn,
        elasticity=market.depth_elasticity,
        liquidity_loading=spec.liquidity.depth_loading,
        most_thinning=-log(market.thinnest_depth),
        week_return_loading=market.week_return_loading,
        month_return_loading=market.month_return_loading,
        reference_vol=market.reference_vol,
        variance_keep=np.array([kept_of(days) for days in market.depth_half_lives_days]),
        variance_weight=np.array(market.depth_weights),
    )


def new_depth_state() -> DepthState:
    """Allocate the state of one block, all zero."""
    return DepthState(variances=zeros(HORIZONS, LANES))


@inline
def follow_variances(depth, state, close, previous):
    """Take a day's squared return into the variances, from two rows of log closes."""
    for horizon in range(depth.variance_keep.size):
        keep = depth.variance_keep[horizon]
        variance = state.variances[horizon]
        for lane in range(LANES):
            day_return = close[lane] - previous[lane]
            variance[lane] = keep * variance[lane] + (1.0 - keep) * day_return * day_return


@inline
def find_depth(depth, state, observables):
    """Show the volatility that liquidity providers look at, and the impact of a small flow."""
    market_vol, impact, liquidity = observables[MARKET_VOL], observables[IMPACT], observables[LIQUIDITY]
    v, weight = state.variances, depth.variance_weight
    week, month = observables[RETURN_5D], observables[RETURN_21D]
    for lane in range(LANES):
        variance = weight[0] * v[0, lane] + weight[1] * v[1, lane] + weight[2] * v[2, lane] + weight[3] * v[3, lane]
        market_vol[lane] = feared_vol(sqrt(SESSIONS_PER_YEAR * variance), week[lane], month[lane], depth)
        impact[lane] = depth_impact(market_vol[lane], liquidity[lane], depth)


@inline
def feared_vol(past_vol: float, week_return: float, month_return: float, depth) -> float:
    """Return the annualized volatility that liquidity providers look at: that of past returns, and more after falls."""
    feared = past_vol - depth.week_return_loading * week_return - depth.month_return_loading * month_return
    return max(feared, CALMEST * past_vol)


@inline
def depth_impact(market_vol: float, liquidity: float, depth) -> float:
    """Return the impact of a small flow in log return per USD bn: depth thins as volatility rises.

    lambda = multiplier / market_cap * min((market_vol / reference_vol)^eta * exp(-depth_loading * liquidity), 1 / d)

    d is the thinnest depth. Without it volatility and thin depth can feed each other for good: flows that follow
    returns then move the price by tens of percent a day, and that volatility keeps depth as thin as it is.
    """
    thinner = depth.elasticity * log(market_vol / depth.reference_vol) - depth.liquidity_loading * liquidity
    return depth.calm_impact * exp(min(thinner, depth.most_thinning))
