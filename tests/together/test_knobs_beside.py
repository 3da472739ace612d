"""Every knob of a market beside the first acts there: moving it moves its tables, and never those of the first."""

from functools import cache

import numpy as np
import polars as pl
import pytest
from helpers.beside import BONDS, BTC, HOURS, several
from helpers.markets import population

from flowsim.config.asset import Asset, FundamentalChanges, Hours, MarketChanges, SentimentChanges
from flowsim.engine.prepare import prepare
from flowsim.ensemble.simulation import simulate

TABLES = {"market": MarketChanges, "fundamental": FundamentalChanges, "sentiment": SentimentChanges, "hours": Hours}
NO_KNOBS = {"market": "a table", "fundamental": "a table", "sentiment": "a table"}

KNOBS: dict[str, tuple[str, ...]] = {
    "clock": ('"session"', "bonds"),
    "prices": ('"{prices}"',),
    "start_price": ("50",),
    "news": ("{ equity = 0.5 }",),
    "release_loading": ("1.5",),
    "jump_loading": ("1.5",),
    "policy_effect_pct": ("2",),
    "depth_loading": ("0.3",),
    "hours": ("{ night_variance = 0.5, weekend_variance = 0.25, night_volume = 0.3, weekend_volume = 0.2 }",),
    "hours.night_variance": ("0.6",),
    "hours.weekend_variance": ("0.4",),
    "hours.night_volume": ("0.5",),
    "hours.weekend_volume": ("0.4",),
    "market.impact": ('"propagator"',),
    "market.activity_vol": ("0.4",),
    "market.activity_half_life_sessions": ("2", "asset.btc.market.activity_vol=0.4"),
    "market.multiplier": ("6",),
    "market.market_cap_bn": ("1000",),
    "market.adv_bn": ("30", "population.volatility.execution.participation_cap=0.0001"),
    "market.depth_elasticity": ("0.5",),
    "market.week_return_loading": ("2",),
    "market.month_return_loading": ("1",),
    "market.thinnest_depth": ("1", "asset.btc.market.reference_vol=0.02"),
    "market.depth_half_lives_days": ("[4, 17, 70, 280]",),
    "market.depth_weights": ("[0.4, 0.17, 0.29, 0.14]",),
    "market.reference_vol": ("0.4",),
    "market.transient_share": ("0.6",),
    "market.transient_decay_per_day": ("0.4",),
    "market.square_root_prefactor": ("0.5", 'asset.btc.market.impact="square_root"'),
    "market.propagator_exponent": ("0.4", 'asset.btc.market.impact="propagator"'),
    "market.propagator_cutoff_days": ("0.5", 'asset.btc.market.impact="propagator"'),
    "market.overnight_share": ("0.3", "bonds"),
    "market.overnight_volume": ("0.2", "bonds"),
    "market.auction_variance_share": ("0",),
    "market.edge_to_midday_variance": ("2",),
    "market.circuit_breakers": (
        "true",
        "bonds",
        "asset.bonds.fundamental={ jump_mean_bp = -1500, jumps_per_year = 100 }",
    ),
    "market.anticipation_days": ("5", "population.volatility.anticipated=0.5"),
    "fundamental.drift_pct_per_year": ("0",),
    "fundamental.daily_news_vol": ("0.01",),
    "fundamental.vol_elasticity": ("0.8",),
    "fundamental.pass_through": ("0.9",),
    "fundamental.jumps_per_year": ("0",),
    "fundamental.jump_mean_bp": ("100",),
    "fundamental.jump_vol_bp": ("50",),
    "fundamental.initial_gap_pct": ("3",),
    "sentiment.half_life_days": ("5",),
    "sentiment.response": ("2",),
    "sentiment.threshold": ("1",),
    "sentiment.shock_vol": ("0.5",),
}
"""By key: the value to move it to, the market if it is not bitcoin, and what else the market needs for it to act."""


def every_key():
    """Return every key of a market beside the first, and of its tables."""
    inner = [f"{table}.{key}" for table, model in TABLES.items() for key in model.model_fields]
    return [*Asset.model_fields, *inner]


def test_every_key_of_a_market_beside_the_first_has_its_line():
    assert sorted({*KNOBS, *NO_KNOBS}) == sorted(every_key())


def busy(market):
    """Return the plain market and one beside it in which everything happens, with traders in each."""
    size = {"bonds": 1.0, "btc": 0.1}[market]
    traders = {
        "volatility": population("vol_target", agents=3, legs={market: 50.0 * size}),
        "noise": population("noise_trading", agents=1, legs={market: 5.0 * size}),
        "panic": population("panic_selling", agents=1, legs={market: 20.0 * size}),
        "value": population("value_investing", agents=1, legs={market: 2000.0 * size}),
    }
    return several(
        {market: BONDS if market == "bonds" else BTC},
        traders,
        time={"days": 15},
        fundamental={"jumps_per_year": 100},
        liquidity={"vol": 1.0, "depth_loading": 0.2},
        sentiment={"response": 1.0, "threshold": 0.5, "shock_vol": 0.3},
    )


@cache
def tables_of(market, settings):
    run = simulate(busy(market).override(*settings), 2, threads=1)
    return {(name, table): run.of_market(name).to_polars(table) for name in run.markets for table in run.info["tables"]}


@pytest.fixture(scope="module")
def prices(tmp_path_factory):
    """A file of closes of its own for bitcoin."""
    history, file = prepare(busy("btc")).beside[0].history, tmp_path_factory.mktemp("prices") / "btc.csv"
    pl.DataFrame({"date": history.dates, "close": 1000.0 * np.sqrt(history.close)}).write_csv(file)
    return file


@pytest.mark.parametrize("key", KNOBS)
def test_moving_a_knob_moves_its_market_and_not_the_first(key, prices):
    value, *base = KNOBS[key]
    market = base.pop(0) if base[:1] == ["bonds"] else "btc"
    settings = (*base, f"asset.{market}.{key}={value.format(prices=prices) if key == 'prices' else value}")
    if key == "clock":
        settings = ("asset.bonds.clock=always", f"asset.bonds.hours={HOURS}".replace("'", "").replace(":", " ="))
    before, after = tables_of(market, tuple(base)), tables_of(market, settings)
    assert any(not before[one].equals(after[one]) for one in before if one[0] == market)
    if not any(setting.startswith("population") for setting in base):
        assert all(before[one].equals(after[one]) for one in before if one[0] == "equity")


def test_where_a_population_trades_and_with_what_legs_moves_tables():
    before = tables_of("btc", ())
    assert not before["btc", "flows"].equals(tables_of("btc", ("population.noise.legs.btc=1",))["btc", "flows"])
    moved = tables_of(
        "btc", ('population.extra={ strategy = "noise_trading", agents = 1, capital_bn = 1, asset = "btc" }',)
    )
    assert "extra" in moved["btc", "positions"]["population"].unique().to_list()
    assert before["equity", "flows"].equals(moved["equity", "flows"])
