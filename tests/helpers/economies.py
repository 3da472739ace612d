"""Small markets with the macro layer beside them, on generated history."""

from __future__ import annotations

from helpers.markets import market_config, population

from flowsim.engine.prepare import Market, prepare

QUIET = {"feedback": False, "foreseen": 0.0, "liquidity": 0.0, "stress_response": 0.0}
START = {"start": "2026-06-30", "days": 150}
STAND_IN = {"stand_in": "2013-07-03"}


def economy_config(populations=None, days=150, **macro):
    """Return the config of a small market from the end of 2026Q2 on, with the layer in it."""
    populations = {"noise": population("noise_trading")} if populations is None else populations
    tables = {"time": START | {"days": days}, "history": STAND_IN, "market": {"circuit_breakers": False}}
    return market_config(populations, **tables, macro={"scenario": "baseline"} | QUIET | macro)


def economy(populations=None, days=150, **macro) -> Market:
    """Return a small market from the end of 2026Q2 on, with the layer in it."""
    return prepare(economy_config(populations, days, **macro))


def layer_part(market: Market):
    """Return the layer where it stands in a market."""
    return next(one for one in market.parts if one.subsystem.name == "economy")
