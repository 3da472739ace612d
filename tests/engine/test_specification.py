"""The engine does what the plain-Python day does, path by path and step by step.

Prices agree to 1e-9 relative and contributions to 1e-12: the two add in different orders, and nothing else differs.
So do what each customer holds in each contract, the indices and their parts, and the cash of every account.
There is no chance of a false alarm: both draw the same numbers.
"""

import math
from collections import defaultdict

import numpy as np
import pytest
from helpers.markets import BUILT_IN, PROGRAMMES, Block, market_config, population, step_block
from twin.plain_anticipation import anticipate
from twin.plain_mark import Contract, expiry_after
from twin.plain_market import PlainMarket
from twin.plain_options import Close

from flowsim.engine.prepare import Market, anticipates, prepare
from flowsim.options.record import PROFILE_PCT

EVERYBODY = {
    "volatility": population("vol_target", execution={"days": 2, "profile": "close"}),
    "average": population("vol_target_average", execution={"lag_days": 3, "days": 2, "profile": "open"}),
    "index_fund": population("vol_target_ewma", execution={"lag_days": 2, "profile": "close"}),
    "parity": population("risk_parity", execution={"days": 3, "profile": "vwap"}),
    "trend": population("cta", execution={"days": 5, "profile": "twap"}),
    "breakout": population("cta_breakout", execution={"days": 2}),
    "momentum": population("cta_momentum", execution={"days": 7, "participation_cap": 0.05}),
    "baz": population("cta_baz"),
    "companies": population("buyback", execution={"profile": "safe_harbor", "participation_cap": 0.005}),
    "noise": population("noise_trading", agents=3),
    "value": population("value_investing"),
    "dips": population("dip_buying"),
    "panic": population("panic_selling", full_at=30),
    "levered": population("leveraged_etf"),
    "reserves": population("liquidity_flow"),
    "savers": population("passive_inflow"),
    "issuers": population("share_sales"),
    "pensions": population("pension_rebalance", execution={"days": 4, "profile": "close"}),
}
TONE, DESK = {"tone": population("tone_trading")}, {"desk": population("liquidity_provider")}
NOISY_STATES = {
    "liquidity": {"vol": 1.0, "depth_loading": 0.2},
    "sentiment": {"response": 1.0, "threshold": 0.5, "shock_vol": 0.3},
}
JUMPY = {"jumps_per_year": 60, "jump_mean_bp": -50, "jump_vol_bp": 150}
ODDS = [
    {"date": "2018-11-20", "cut_probability": 0.9},
    {"date": "2018-11-28", "cut_probability": 0.3},
    {"date": "2018-12-10", "cut_probability": 0.8},
]
LEVELS = [{"date": "2018-11-21", "level": 1.5}, {"date": "2018-12-03", "level": -2.0}]
NOISE, TREND = {"noise": population("noise_trading")}, {"trend": population("cta")}
CUSTOMERS = {name: population(name) for name in PROGRAMMES}
LONGER_THAN_A_DAY = {name: table for name, table in CUSTOMERS.items() if name != "zero_day_trading"} | {
    "release_hedging": population("release_hedging", days_before=[2, 3])
}
# A half day, an FOMC statement, a third Friday, a quarter end, payrolls and consumer prices: 2018-12-03 to 2019-01-08.
YEAR_END = {"start": "2018-11-30", "days": 25}


def dealers(**changes: object) -> dict[str, object]:
    """Return the table of the dealers."""
    return {"dealer": population("option_dealer", **{"band": 0.0} | changes)}


CASES: dict[str, dict[str, object]] = {
    "nobody trades": {"populations": {}, "time": {"days": 30}},
    "everybody trades in half hours": {"populations": EVERYBODY | DESK, "time": {"days": 30}, **NOISY_STATES},
    "everybody trades once a day": {
        "populations": EVERYBODY | DESK,
        "time": {"days": 30, "bars_per_day": 1},
        **NOISY_STATES,
    },
    "bars of five minutes": {"populations": EVERYBODY | DESK, "time": {"days": 4, "bars_per_day": 78}},
    "value jumps": {"populations": NOISE, "fundamental": JUMPY},
    "falls thin depth, and news and jumps have the market's volatility": {
        "populations": NOISE | {"trend": EVERYBODY["trend"]},
        "time": {"days": 20},
        "market": {"week_return_loading": 2, "month_return_loading": 0.5},
        "fundamental": {"vol_elasticity": 0.8} | JUMPY,
    },
    "data follow prices": {"populations": NOISE, "fundamental": {"reflexivity": 0.5, "initial_gap_pct": 5}},
    "news enters in part": {
        "populations": NOISE | {"value": EVERYBODY["value"]},
        "fundamental": {"pass_through": 0.4, "drift_pct_per_year": 40},
    },
    "activity comes in bursts": {
        "populations": EVERYBODY | DESK,
        "time": {"days": 8},
        "market": {"activity_vol": 0.9, "activity_half_life_sessions": 0.3, "overnight_volume": 0.2},
    },
    "the odds of a cut are scripted": {
        "populations": {"noise": NOISE["noise"], "trend": EVERYBODY["trend"]},
        "policy": {"script": ODDS, "amplification": 3},
    },
    "tone is traded": {"populations": NOISE | TONE | DESK, "policy": {"script": ODDS}},
    "everybody at the Fed speaks": {
        "populations": NOISE | TONE,
        "policy": {"chair_bp": 6, "governor_bp": 3, "president_bp": 1}
        | {f"{who}_speeches_per_year": 365 for who in ("chair", "governor", "president")},
    },
    "a meeting is held under a script": {
        "populations": NOISE,
        "time": {"start": "2018-12-14", "days": 5},
        "policy": {
            "script": [{"date": "2018-12-18", "cut_probability": 0.7}, {"date": "2018-12-20", "cut_probability": 0.9}]
        },
    },
    "two camps are the whole market": {"populations": {"camps": population("two_camps")}, "time": {"days": 40}},
    "funds at their limit sell into a fall": {
        "populations": {"crowd": population("wandering_demand"), "funds": population("leveraged_value")},
        "time": {"days": 40},
    },
    "liquidity is scripted": {
        "populations": {"reserves": EVERYBODY["reserves"]} | NOISE,
        "liquidity": {"script": LEVELS, "vol": 0.5, "depth_loading": 0.3},
    },
    "square-root impact": {
        "populations": {"noise": NOISE["noise"], "trend": EVERYBODY["trend"]} | DESK,
        "market": {"impact": "square_root"},
    },
    "propagated impact": {
        "populations": {"noise": NOISE["noise"], "trend": EVERYBODY["trend"], "value": EVERYBODY["value"]},
        "time": {"days": 10},
        "market": {"impact": "propagator"},
    },
    "antithetic pairs": {
        "populations": {"noise": population("noise_trading", agents=3), "value": EVERYBODY["value"]},
        "antithetic": True,
        "fundamental": JUMPY,
        "market": {"activity_vol": 0.5},
        **NOISY_STATES,
    },
    "providers trade ahead": {
        "populations": {
            "pensions": population("pension_rebalance", anticipated=0.7),
            "savers": population("passive_inflow", anticipated=1.0),
            "noise": NOISE["noise"],
        },
        "market": {"anticipation_days": 5},
    },
    "some trade along and move no price": {
        "populations": {
            "trend": population("cta", moves_price=False),
            "pensions": population("pension_rebalance", anticipated=0.7, moves_price=False),
            "noise": NOISE["noise"],
        },
        "market": {"anticipation_days": 5},
    },
    "the market crashes": {
        "populations": EVERYBODY,
        "time": {"days": 15},
        "fundamental": {"jumps_per_year": 60, "jump_mean_bp": -1000, "jump_vol_bp": 400},
    },
    "the market crashes on a desk with little room": {
        "populations": {"noise": NOISE["noise"], "desk": population("liquidity_provider", capital_bn=10)},
        "fundamental": {"jumps_per_year": 60, "jump_mean_bp": -1000, "jump_vol_bp": 400},
    },
    "the market crashes without breakers": {
        "populations": NOISE,
        "market": {"circuit_breakers": False},
        "fundamental": {"jumps_per_year": 100, "jump_mean_bp": -1000},
    },
    "the market crashes in bars of five minutes": {
        "populations": NOISE | {"value": EVERYBODY["value"]},
        "time": {"days": 8, "bars_per_day": 78},
        "fundamental": {"jumps_per_year": 100, "jump_mean_bp": -1000, "jump_vol_bp": 400},
    },
    "all options are hedged in half hours": {
        "populations": CUSTOMERS | NOISE | TREND | DESK | dealers(),
        "time": YEAR_END,
        "options": {"skew_response": 0.1, "sentiment_points": 1.0},
        **NOISY_STATES,
    },
    "options are hedged once a day": {
        "populations": LONGER_THAN_A_DAY | NOISE | TREND | dealers(within_bar=0.0),
        "time": YEAR_END | {"bars_per_day": 1},
    },
    "dealers hedge outside a band, every third bar, half of a bar's move within it": {
        "populations": CUSTOMERS
        | {"levered": EVERYBODY["levered"]}
        | dealers(band=0.02, bars_between=3, within_bar=0.5),
        "time": YEAR_END | {"days": 15},
        "market": {"impact": "square_root"},
    },
    "options in antithetic pairs": {
        "populations": CUSTOMERS | {"value": EVERYBODY["value"]} | dealers(),
        "time": {"start": "2018-09-14", "days": 6},
        "antithetic": True,
        "market": {"impact": "propagator"},
        **NOISY_STATES,
    },
    "options from real closes of their indices, and a depth that nobody sees": {
        "populations": CUSTOMERS | NOISE | TREND | dealers(),
        "time": YEAR_END | {"days": 10},
        "options": {"initial_points": [31.0, 27.0, 0.0, 24.0]},
        "liquidity": {"vol": 1.0, "initial_vol": 1.0, "depth_loading": 0.3},
    },
    "options that nobody hedges": {
        "populations": CUSTOMERS | NOISE | TREND,
        "time": {"start": "2018-12-17", "days": 8},
    },
    "options beside an anticipated flow": {
        "populations": {"writers": population("overwriting"), "savers": population("passive_inflow", anticipated=1.0)}
        | dealers(anticipated=0.5),
        "time": {"days": 6},
        "market": {"anticipation_days": 3},
    },
    "the market crashes on hedged options": {
        "populations": {"writers": population("overwriting"), "hedgers": population("put_hedging")} | TREND | dealers(),
        "time": {"days": 8},
        "fundamental": {"jumps_per_year": 60, "jump_mean_bp": -1000, "jump_vol_bp": 400},
    },
}
PATHS = (0, 1, 63, 64 + 37)


@pytest.mark.parametrize("case", CASES)
def test_the_engine_agrees_with_the_plain_day(case: str) -> None:
    tables = dict(CASES[case])
    market = prepare(market_config(tables.pop("populations"), **tables))
    blocks = [step_block(market, path0=path0, by_bar=True) for path0 in (0, 64)]
    for path in PATHS:
        plain = PlainMarket(market, path)
        if anticipates(market.spec):
            anticipate(market, plain)
        steps = plain.run()
        block, lane, where = blocks[path // 64], path % 64, f"{case}, path {path}"
        record = block.record
        prices = np.array([step.price for step in steps])
        contributions = np.array([step.contributions for step in steps])
        flows = np.array([step.flows for step in steps]).reshape(len(steps), -1)
        shares = np.array([step.shares for step in steps])
        states = np.array([step.states for step in steps])
        np.testing.assert_allclose(record.contribution[:, :, lane], contributions, rtol=1e-9, atol=1e-12, err_msg=where)
        np.testing.assert_allclose(record.market[:, 2:, lane], states, rtol=1e-9, atol=1e-9, err_msg=where)
        np.testing.assert_allclose(record.market[:, 0, lane], prices, rtol=1e-9, err_msg=where)
        np.testing.assert_allclose(record.flow[:, 2:, lane], flows, rtol=1e-9, atol=1e-9, err_msg=where)
        np.testing.assert_allclose(record.exposure[:, :, lane], shares, rtol=1e-9, atol=1e-8, err_msg=where)
        np.testing.assert_allclose(block.state.cash[:, lane], plain.cash, rtol=1e-9, atol=1e-8, err_msg=where)
        if plain.options:
            closes_agree(block, lane, plain.options.closes, where)
            assert customers_hold(market, block, lane) == pytest.approx(plain.options.book, rel=1e-9, abs=1e-9)


def customers_hold(market: Market, block: Block, lane: int) -> dict[Contract, float]:
    """Return what customers hold at the end, contract by contract; dealers hold the opposite."""
    listing, book, last = block.options.listing, block.options.book, len(market.dates)
    held: dict[Contract, float] = defaultdict(float)
    for slot in np.flatnonzero(listing.slot_expiry[last] >= 0).tolist():
        years = float(listing.years[last, listing.slot_expiry[last, slot]])
        contract = Contract(
            int(listing.slot_programme[slot]),
            bool(listing.slot_call[slot]),
            round(math.exp(book.log_strike[slot, lane]), 6),
            expiry_after(market.dates[-1].item(), years),
        )
        held[contract] += float(book.quantity[slot, lane])
    return held


def closes_agree(block: Block, lane: int, closes: list[Close], where: str) -> None:
    """Compare what the closes of the option market leave behind."""
    record = block.options.record
    levels = np.array([[*close.points, *sum(close.smile, ())] for close in closes])
    profiles = np.array([close.profile for close in closes if close.profile]).reshape(-1, len(PROFILE_PCT))
    parts = np.array([close.parts for close in closes])
    sums = np.array([close.sums for close in closes])
    kept_profiles = record.gamma_profile[: len(profiles), :, lane]
    np.testing.assert_allclose(record.volatility[..., lane], levels, rtol=1e-9, err_msg=where)
    np.testing.assert_allclose(kept_profiles, profiles, rtol=1e-9, atol=1e-9, err_msg=where)
    # The engine keeps changes since the last close, and a part may cross zero.
    changes = record.index_parts[1:, ..., lane]
    np.testing.assert_allclose(changes, np.diff(parts, axis=0), rtol=1e-9, atol=1e-8, err_msg=where)
    np.testing.assert_allclose(record.sums[..., lane], sums, rtol=1e-9, atol=1e-9, err_msg=where)


def test_every_built_in_strategy_is_compared() -> None:
    compared = {table["strategy"] for case in CASES.values() for table in case["populations"].values()}
    assert compared == set(BUILT_IN)
