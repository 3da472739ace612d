"""Small runs of several markets: a plain lead with bonds, gold and bitcoin beside it."""

from __future__ import annotations

from collections.abc import Mapping

from helpers.markets import Block, market_config, population, step_block

from flowsim.config import Config
from flowsim.engine.prepare import prepare

HOURS = {"night_variance": 0.4, "weekend_variance": 0.25, "night_volume": 0.3, "weekend_volume": 0.2}
BONDS = {
    "news": {"equity": -0.3},
    "policy_effect_pct": 0.8,
    "market": {"multiplier": 1.5, "market_cap_bn": 28_000.0, "adv_bn": 900.0, "reference_vol": 0.1},
    "fundamental": {"daily_news_vol": 0.004},
}
BTC = {
    "clock": "always",
    "hours": HOURS,
    "news": {"equity": 0.4},
    "policy_effect_pct": 1.5,
    "market": {"market_cap_bn": 2300.0, "adv_bn": 60.0, "reference_vol": 0.5},
    "fundamental": {"daily_news_vol": 0.02},
}
GOLD = {"news": {"bonds": 0.2}, "market": {"multiplier": 2.0, "market_cap_bn": 25_000.0, "adv_bn": 150.0}}
TRADERS = {
    "trend": population("cta", legs={"btc": 2.0}),
    "noise": population("noise_trading"),
    "coins": population("noise_trading", asset="btc", capital_bn=0.5),
    "savers": population("value_investing", asset="btc", capital_bn=200),
}


def several(
    assets: Mapping[str, object] | None = None, populations: Mapping[str, object] | None = None, **tables: object
) -> Config:
    """Return a config of the plain market with others beside it: bonds and bitcoin, where nothing else is said."""
    beside = {"bonds": BONDS, "btc": BTC} if assets is None else dict(assets)
    traders = TRADERS if populations is None else populations
    return market_config(traders, asset=beside, **tables)


def blocks(config: Config, **options: object) -> dict[str, Block]:
    """Prepare the markets of a config, and step the first block of each."""
    return {one.name: step_block(one, **options) for one in prepare(config).all}
