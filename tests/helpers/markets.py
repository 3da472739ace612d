"""Small markets for the tests of the engine, and what one block of their paths did, as arrays."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from hypothesis import currently_in_test_context, reject

from flowsim.authoring.discovery import discover
from flowsim.config import Config, from_dict
from flowsim.engine.prepare import Market, prepare
from flowsim.engine.run_days import run_days
from flowsim.market.arrays import MarketState, Record
from flowsim.market.calls import BAD_PRICE, BAD_SUBSYSTEM, FINE
from flowsim.market.records import new_record
from flowsim.market.subsystem import Room
from flowsim.options.arrays import Options
from flowsim.run.columns import OPTION_TABLES, TABLES

BUILT_IN = discover()

SENSIBLE: dict[str, dict[str, object]] = {
    "buyback": {
        "capital_bn": 1020,
        "report_lag_days": [20, 40],
        "quiet_days": 14,
        "open_pace": 1.2,
        "plan_share": 0.7,
        "dip_response": 0.1,
        "quarter_limit": 1.2,
    },
    "cta": {
        "capital_bn": 40,
        "target_vol": 0.15,
        "cap": 3,
        "short_span_days": [30, 45],
        "medium_span_days": 120,
        "long_span_days": 250,
        "softness": 0.5,
    },
    "cta_breakout": {"capital_bn": 30, "target_vol": 0.12, "cap": 2, "horizon_days": [21, 63, 126, 252]},
    "cta_momentum": {"capital_bn": 30, "target_vol": 0.12, "cap": 2, "horizon_days": [21, 63, 126, 252]},
    "cta_baz": {"capital_bn": 30, "target_vol": 0.12, "cap": 2, "fast_days": [8, 16]},
    "noise_trading": {"capital_bn": 40},
    "two_camps": {
        "capital_bn": 120,
        "intensity": 1,
        "value_response": 0.12,
        "trend_response": 1.5,
        "value_noise": 0.758,
        "trend_noise": 2.087,
        "predisposition": -0.327,
        "herding": 1.79,
        "misalignment": 18.43,
    },
    "wandering_demand": {"capital_bn": 12_000, "persistence": 0.99, "daily_noise": 0.01},
    "value_investing": {"capital_bn": 5000, "aggressiveness": 0.05, "largest_gap": 0.3},
    "dip_buying": {"capital_bn": 100, "threshold": [0.01, 0.03], "full_at": 0.1, "exit_half_life_days": 20},
    "tone_trading": {"capital_bn": 60, "response": 0.5, "half_life_days": [1, 3]},
    "panic_selling": {"capital_bn": 100, "full_at": 3},
    "leveraged_etf": {"capital_bn": 60, "leverage": [2, 3, -1, -2, -3]},
    "leveraged_value": {
        "capital_bn": 1200,
        "aggressiveness": [20, 50],
        "max_leverage": 4,
        "ruin": 0.98,
        "closed_days": 2,
        "investor_response": 0.15,
        "benchmark": 0.005,
        "memory": 0.1,
        "pace": 0.4,
    },
    "liquidity_flow": {"capital_bn": 80, "pass_through": 0.5},
    "liquidity_provider": {"capital_bn": 60, "half_life_days": 1.5},
    "passive_inflow": {"capital_bn": 400, "turn_share": 0.3},
    "share_sales": {"capital_bn": 200},
    "pension_rebalance": {
        "capital_bn": 8000,
        "equity_weight": 0.6,
        "share": 0.3,
        "sessions_ahead": [2, 4],
        "quarterly": [0, 1],
    },
    "risk_parity": {
        "capital_bn": 350,
        "equity_risk": 0.05,
        "cap": 0.7,
        "half_life_days": [40, 60],
        "rebalance_weekday": [0, 1, 2, 3, 4],
    },
    "vol_target": {"capital_bn": 240, "target_vol": [0.05, 0.1, 0.15], "cap": 1.5, "buffer": [0.0, 0.05]},
    "vol_target_average": {"capital_bn": 100, "target_vol": 0.1, "cap": 1.5, "buffer": 0.02},
    "vol_target_ewma": {
        "capital_bn": 100,
        "target_vol": [0.05, 0.12],
        "cap": 1.5,
        "buffer": 0.0,
        "short_decay": 0.94,
        "long_decay": 0.97,
    },
    "put_hedging": {"capital_bn": 80, "strike": [0.95, 0.98], "months_ahead": [1, 2]},
    "overwriting": {"capital_bn": 150, "strike": [1.01, 1.03], "weeks_ahead": 3},
    "collar": {"capital_bn": 60, "upper_strike": 0.95, "lower_strike": 0.8, "month_offset": [0, 1, 2]},
    "month_end_hedging": {"capital_bn": 30, "strike": [0.95, 0.97]},
    "meeting_hedging": {"capital_bn": 20, "strike": [0.97, 0.99], "days_before": [2, 3]},
    "release_hedging": {"capital_bn": 20, "strike": [0.97, 0.99], "days_before": [1, 2]},
    "weekly_buying": {
        "capital_bn": 15,
        "put_strike": [0.97, 0.98],
        "call_strike": [1.01, 1.02],
        "spread": 0.4,
        "fear": 0.2,
    },
    "zero_day_trading": {
        "capital_bn": 5,
        "put_strike": [0.99, 0.995],
        "call_strike": [1.005, 1.01],
        "lean": -0.3,
        "spread": 1.0,
        "fear": 0.2,
    },
    "option_noise_trading": {"capital_bn": 10, "strike": [0.97, 0.99], "weeks_ahead": [2, 3]},
    "vol_selling": {"capital_bn": 80, "put_strike": [0.95, 0.97], "call_strike": [1.02, 1.03], "weeks_ahead": [2, 3]},
    "option_dealer": {"capital_bn": 100, "band": 0.02, "bars_between": 2, "within_bar": 0.6},
}
"""A population of every built-in strategy, of a size that moves the market."""

PROGRAMMES = tuple(name for name, rule in BUILT_IN.items() if rule.structure is not None)
TRADES_OPTIONS = tuple(name for name, rule in BUILT_IN.items() if rule.trades_options)


def population(strategy: str, **changes: object) -> dict[str, object]:
    """Return the table of a sensible population, as many agents as its longest list."""
    rule, table = BUILT_IN[strategy], SENSIBLE[strategy] | changes
    lists = [len(value) for value in table.values() if isinstance(value, list)]
    agents = 1 if rule.provides_liquidity or rule.hedges_options else max(lists, default=2)
    return {"strategy": strategy, "agents": agents} | table


def with_company(populations: Mapping[str, object]) -> dict[str, object]:
    """Return the populations with a dealer beside customers, and a customer beside a dealer, where they lack one."""
    named = {table["strategy"] for table in populations.values()}
    company = {}
    if named & set(PROGRAMMES) and "option_dealer" not in named:
        company["dealer"] = population("option_dealer")
    if "option_dealer" in named and not named & set(PROGRAMMES):
        company["customers"] = population("put_hedging")
    return dict(populations) | company


def market_config(populations: Mapping[str, object] | None = None, **tables: object) -> Config:
    """Return a config: the plain market of 20 days from 2018-11-15 with these populations and changes.

    The period has two half days, an FOMC meeting, its minutes, each of the three releases, and a third Friday. Options
    are listed where a built-in strategy trades them.
    """
    time = {"start": "2018-11-15", "days": 20} | tables.pop("time", {})
    populations = dict(populations or {})
    if any(table["strategy"] in TRADES_OPTIONS for table in populations.values()):
        tables["options"] = {"listed": True} | tables.get("options", {})
    return from_dict({"extends": "plain", "time": time, "population": populations} | tables)


@dataclass(frozen=True)
class Block:
    """One block's record and final state; arrays end with the path."""

    record: Record
    state: MarketState
    options: Options

    @property
    def prices(self) -> np.ndarray:
        """Index level, (rows, paths)."""
        return self.record.market[:, 0]

    @property
    def log_returns(self) -> np.ndarray:
        """Log return since the row before, (rows, paths)."""
        return self.record.market[:, 1]


def step_block(market: Market, *, path0: int = 0, by_bar: bool = False, days: int | None = None) -> Block:
    """Step 64 paths of a market and keep everything; a market drawn at random that diverges is not an example."""
    days = days or len(market.dates)
    rows = int((market.timetable.bars[:days] + 1).sum()) if by_bar else days
    record = new_record(rows, market.registry, TABLES, by_step=by_bar, every=1)
    state, scratch, bundles = market.new_block()
    record.log_price[:] = state.observables[1]
    for one in market.subsystems:
        bundles[one.name] = one.with_record(bundles[one.name], market.spec, Room(days, 0, OPTION_TABLES))
    arrays = (market.timetable, market.rules, market.model, state, scratch, record)
    status = run_days(*arrays, market.calls(bundles), 0, days, path0, 64)
    if status in (BAD_PRICE, BAD_SUBSYSTEM) and currently_in_test_context():
        # The engine has said so and stopped, which tests/engine/test_faults.py holds it to.
        reject()
    assert status == FINE
    return Block(record, state, bundles["option_market"])


def simulated(config: Config, **options: object) -> Block:
    """Prepare a market and step its first block."""
    return step_block(prepare(config), **options)
