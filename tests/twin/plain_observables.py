"""What everybody sees after a close, computed anew from the list of closes."""

from __future__ import annotations

import math

from flowsim.config import Config

YEAR = 252.0


def observed(log_closes: list[float]) -> dict[str, float]:
    """Return past returns, ranges and realized volatilities."""
    observables = {}
    returns = [later - earlier for earlier, later in zip(log_closes[-253:-1], log_closes[-252:], strict=True)]
    for days in (5, 21, 63, 126, 252):
        observables[f"return_{days}d"] = log_closes[-1] - log_closes[-1 - days]
    for days in (21, 63, 126, 252):
        observables[f"high_{days}d"] = max(log_closes[-days:])
        observables[f"low_{days}d"] = min(log_closes[-days:])
    for days in (5, 10, 20, 21, 40, 63, 126):
        observables[f"rv_{days}"] = math.sqrt(YEAR / days * math.fsum(r * r for r in returns[-days:]))
    return observables


def next_variances(config: Config, variances: list[float], day_return: float) -> list[float]:
    """Return the exponentially weighted variances that liquidity providers look at, a day later."""
    keeps = [0.5 ** (1.0 / days) for days in config.market.depth_half_lives_days]
    return [keep * v + (1.0 - keep) * day_return**2 for keep, v in zip(keeps, variances, strict=True)]


def news_heat(config: Config, market_vol: float) -> float:
    """Return how large the news of a day is, over that of a day at the reference volatility."""
    hotter = (market_vol / config.market.reference_vol) ** config.fundamental.vol_elasticity
    return min(hotter, 1.0 / config.market.thinnest_depth)


def depth(config: Config, variances: list[float], observables: dict[str, float]) -> dict[str, float]:
    """Return the volatility that liquidity providers look at, and the impact that they grant."""
    market = config.market
    past = math.sqrt(YEAR * math.fsum(w * v for w, v in zip(market.depth_weights, variances, strict=True)))
    risen = (
        market.week_return_loading * observables["return_5d"] + market.month_return_loading * observables["return_21d"]
    )
    vol = max(past - risen, 0.4 * past)
    thinner = (vol / market.reference_vol) ** market.depth_elasticity
    deeper = math.exp(config.liquidity.depth_loading * observables["liquidity"])
    times = min(thinner / deeper, 1.0 / market.thinnest_depth)
    return {"market_vol": vol, "impact": market.multiplier / market.market_cap_bn * times}
