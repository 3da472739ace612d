"""Every knob acts: moving it moves a recorded table of a small run.

The keys are walked from the schema and from the strategies, so a new key without a line in these tables is a failure.
"""

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import get_args

import polars as pl
import pytest
from helpers.markets import market_config, population, with_company
from pydantic import BaseModel

from flowsim.config import Config, load
from flowsim.config.macro import Macro
from flowsim.config.population import OWN_KEYS, Execution, Lognormal, Normal, Uniform
from flowsim.config.schema import ScriptedLevel, ScriptedProbability, VixProduct
from flowsim.data.prices import default_prices
from flowsim.ensemble.simulation import simulate

ODDS = "[{{ date = {}, cut_probability = {} }}]"
LEVEL = "[{{ date = {}, level = {} }}]"
BASE = "[{:g}, 0.213, 0.095, 0.502, -0.273, -0.265, -2.99, -9.71]"

RANDOM = 'population.others={strategy="option_noise_trading",agents=1,capital_bn=16,strike=0.98,weeks_ahead=5}'
FUTURES = ("vix_futures.convexity=0.09", "vix_futures.convexity_horizon=25")

PRODUCTS = (
    *FUTURES,
    "vix_products={ delta_share = 0.0, product = { short = { leverage = -1, assets_bn = 1 } } }",
)

NO_KNOBS = {
    "description": "text for the reader; the run's manifest carries it",
    "extends": "resolved while the files are read; tests/config",
    "sizes": "dates pictures; tests/config",
    "strategy_folders": "adds strategies to choose from; tests/config",
    "time": "a table",
    "history": "a table",
    "market": "a table",
    "fundamental": "a table",
    "policy": "a table",
    "liquidity": "a table",
    "sentiment": "a table",
    "options": "a table",
    "vix_futures": "a table; without it there are none",
    "vix_products": "a table; without it there are none",
    "macro": "a table; without it the layer is absent",
    **{f"macro.{name}": "acts from quarter to quarter; tests/economy" for name in Macro.model_fields},
    "record": "a table",
    "population": "a table of populations; their keys are below",
    "asset": "markets beside the first; tests/together/test_knobs_beside.py",
    "population.asset": "names one of these; tests/together/test_knobs_beside.py",
    "population.legs": "name some of these; tests/together/test_knobs_beside.py",
}

KNOBS: dict[str, tuple[str, ...]] = {
    "seed": ("2",),
    "antithetic": ("true",),
    "time.start": ("2018-11-16",),
    "time.days": ("9",),
    "time.bars_per_day": ("26",),
    "history.prices": ('"{prices}"',),
    "history.stand_in": ("2016-11-01", "history.stand_in=2017-10-27", "time.start=2025-10-29"),
    "market.impact": ('"propagator"',),
    "market.multiplier": ("6",),
    "market.market_cap_bn": ("50000",),
    "market.adv_bn": ("300", "population.volatility.execution.participation_cap=0.01"),
    "market.depth_elasticity": ("0.5",),
    "market.week_return_loading": ("2",),
    "market.month_return_loading": ("1",),
    "market.thinnest_depth": ("1",),
    "market.depth_half_lives_days": ("[4, 17, 70, 280]",),
    "market.depth_weights": ("[0.4, 0.17, 0.29, 0.14]",),
    "market.reference_vol": ("0.2",),
    "market.transient_share": ("0.6",),
    "market.transient_decay_per_day": ("0.4",),
    "market.square_root_prefactor": ("0.5", 'market.impact="square_root"'),
    "market.propagator_exponent": ("0.4", 'market.impact="propagator"'),
    "market.propagator_cutoff_days": ("0.5", 'market.impact="propagator"'),
    "market.overnight_share": ("0.3",),
    "market.overnight_volume": ("0.2",),
    "market.auction_variance_share": ("0",),
    "market.edge_to_midday_variance": ("2",),
    "market.activity_vol": ("0.5",),
    "market.activity_half_life_sessions": ("2", "market.activity_vol=0.5"),
    "market.circuit_breakers": ("false", "fundamental.jump_mean_bp=-1500", "fundamental.jumps_per_year=100"),
    "market.anticipation_days": ("5", "population.volatility.anticipated=0.5"),
    "fundamental.drift_pct_per_year": ("0",),
    "fundamental.daily_news_vol": ("0.005",),
    "fundamental.vol_elasticity": ("0.8",),
    "fundamental.pass_through": ("0.9",),
    "fundamental.payrolls_bp": ("10",),
    "fundamental.cpi_bp": ("10",),
    "fundamental.gdp_bp": ("0", "time.start=2018-10-22"),
    "fundamental.jumps_per_year": ("0",),
    "fundamental.jump_mean_bp": ("100",),
    "fundamental.jump_vol_bp": ("50",),
    "fundamental.reflexivity": ("0.5",),
    "fundamental.initial_gap_pct": ("3",),
    "policy.price_effect_pct": ("2",),
    "policy.amplification": ("2",),
    "policy.statement_bp": ("10",),
    "policy.minutes_bp": ("10",),
    "policy.chair_bp": ("6",),
    "policy.governor_bp": ("6",),
    "policy.president_bp": ("6",),
    "policy.chair_speeches_per_year": ("0",),
    "policy.governor_speeches_per_year": ("0",),
    "policy.president_speeches_per_year": ("0",),
    "policy.initial_cut_probability": ("0.3",),
    "policy.script": (ODDS.format("2018-11-20", 0.9),),
    "liquidity.half_life_days": ("20",),
    "liquidity.vol": ("0.5",),
    "liquidity.depth_loading": ("0.5",),
    "liquidity.initial_vol": ("1",),
    "liquidity.script": (LEVEL.format("2018-11-20", 1),),
    "sentiment.half_life_days": ("5",),
    "sentiment.response": ("2",),
    "sentiment.threshold": ("1",),
    "sentiment.shock_vol": ("0.5",),
    "options.listed": ("true",),
    "options.vix9d": (BASE.format(8),),
    "options.vix": (BASE.format(8),),
    "options.vix3m": (BASE.format(8),),
    "options.vix6m": (BASE.format(8),),
    "options.vega_depth_bn": ("0.5",),
    "options.vega_depth_elasticity": ("1",),
    "options.demand_reach": ("0.5",),
    "options.demand_half_life_days": ("20",),
    "options.skew_correlation": ("-0.6",),
    "options.curvature": ("0.8",),
    "options.curvature_exponent": ("0.3",),
    "options.skew_response": ("0.1",),
    "options.sentiment_points": ("1",),
    "options.initial_points": ("[30, 28, 0, 25]", RANDOM),
    "options.meeting_move_pct": ("2",),
    "options.release_move_pct": ("2",),
    "options.half_spread_pct": ("5",),
    "vix_futures.convexity": ("0.2", *FUTURES),
    "vix_futures.convexity_horizon": ("50", *FUTURES),
    "vix_products.delta_share": ("1", *PRODUCTS),
    "vix_products.product": ("{ twice = { leverage = 2, assets_bn = 1 } }", *PRODUCTS),
    "product.leverage": ("-2", *PRODUCTS),
    "product.assets_bn": ("2", *PRODUCTS),
    "product.closes_at_loss_pct": ("1", *PRODUCTS),
    "product.assets_half_life_days": ("5", *PRODUCTS),
    "record.grain": ('"bar"',),
    "record.tables": ('["market"]',),
    "record.every": ("2",),
    "record.chain_dates": ('["2018-11-20"]',),
    "policy.script.date": (ODDS.format("2018-11-21", 0.9), "policy.script=" + ODDS.format("2018-11-20", 0.9)),
    "policy.script.cut_probability": (
        ODDS.format("2018-11-20", 0.8),
        "policy.script=" + ODDS.format("2018-11-20", 0.9),
    ),
    "liquidity.script.date": (LEVEL.format("2018-11-21", 1), "liquidity.script=" + LEVEL.format("2018-11-20", 1)),
    "liquidity.script.level": (LEVEL.format("2018-11-20", 2), "liquidity.script=" + LEVEL.format("2018-11-20", 1)),
    "population.strategy": ('"vol_target_average"',),
    "population.agents": ("5",),
    "population.capital_bn": ("200",),
    "population.anticipated": ("0.5",),
    "population.moves_price": ("false",),
    "population.execution": ("{ days = 3 }",),
    "population.execution.lag_days": ("2",),
    "population.execution.days": ("2",),
    "population.execution.profile": ('"close"',),
    "population.execution.participation_cap": ("0.002",),
    "lognormal.median": ('{ dist = "lognormal", median = 0.12, sigma = 0.3 }',),
    "lognormal.sigma": ('{ dist = "lognormal", median = 0.1, sigma = 0.4 }',),
    "lognormal.low": ('{ dist = "lognormal", median = 0.1, sigma = 0.3, low = 0.09 }',),
    "lognormal.high": ('{ dist = "lognormal", median = 0.1, sigma = 0.3, high = 0.11 }',),
    "normal.mean": ('{ dist = "normal", mean = 0.12, sd = 0.02 }',),
    "normal.sd": ('{ dist = "normal", mean = 0.1, sd = 0.03 }',),
    "normal.low": ('{ dist = "normal", mean = 0.1, sd = 0.02, low = 0.09 }',),
    "normal.high": ('{ dist = "normal", mean = 0.1, sd = 0.02, high = 0.11 }',),
    "uniform.low": ('{ dist = "uniform", low = 0.06, high = 0.2 }',),
    "uniform.high": ('{ dist = "uniform", low = 0.05, high = 0.3 }',),
}
"""By the dotted name of each key: the value to move it to, and what else the market needs for it to act."""

DISTRIBUTIONS = {
    "lognormal": '{ dist = "lognormal", median = 0.1, sigma = 0.3 }',
    "normal": '{ dist = "normal", mean = 0.1, sd = 0.02 }',
    "uniform": '{ dist = "uniform", low = 0.05, high = 0.2 }',
}


def keys_of(model: type[BaseModel], prefix: str = "") -> Iterator[str]:
    """Yield the dotted names of every key of a table and of the tables in it."""
    for name, field in model.model_fields.items():
        yield prefix + name
        may_be_left_out = type(None) in get_args(field.annotation)
        table = get_args(field.annotation)[0] if may_be_left_out else field.annotation
        if isinstance(table, type) and issubclass(table, BaseModel):
            yield from keys_of(table, f"{prefix}{name}.")


def every_key() -> list[str]:
    """Return every key of the schema: the tables, the entries of scripts, populations, execution, distributions."""
    populations = [f"population.{name}" for name in OWN_KEYS]
    execution = [f"population.execution.{name}" for name in Execution.model_fields]
    entries = [f"policy.script.{name}" for name in ScriptedProbability.model_fields]
    entries += [f"liquidity.script.{name}" for name in ScriptedLevel.model_fields]
    shapes = {"lognormal": Lognormal, "normal": Normal, "uniform": Uniform}
    drawn = [f"{kind}.{name}" for kind, shape in shapes.items() for name in shape.model_fields if name != "dist"]
    products = [f"product.{name}" for name in VixProduct.model_fields]
    return [*keys_of(Config), *entries, *products, *populations, *execution, *drawn]


def test_every_key_of_the_schema_has_its_line() -> None:
    assert sorted({*KNOBS, *NO_KNOBS}) == sorted(every_key())


TRADERS = {
    "volatility": population("vol_target"),
    "noise": population("noise_trading"),
    "tone": population("tone_trading"),
    "panic": population("panic_selling"),
    "value": population("value_investing"),
}
HEDGED = with_company({"hedgers": population("put_hedging"), "noise": population("noise_trading")})


def busy_market(populations: Mapping[str, object]) -> Config:
    """Return a market of 30 days in which everything happens: jumps, speeches, a meeting, panic, a moving depth."""
    return market_config(
        populations,
        time={"days": 30},
        fundamental={"jumps_per_year": 100},
        policy={"chair_speeches_per_year": 200, "governor_speeches_per_year": 200, "president_speeches_per_year": 200},
        liquidity={"vol": 1.0, "depth_loading": 0.2},
        sentiment={"response": 1.0, "threshold": 0.5, "shock_vol": 0.3},
    )


@cache
def tables_of(settings: tuple[str, ...], *, listed: bool = False) -> dict[str, pl.DataFrame]:
    run = simulate(busy_market(HEDGED if listed else TRADERS).override(*settings), 4, threads=1)
    return {name: run.to_polars(name) for name in run.info["tables"]}


def moved(before: dict[str, pl.DataFrame], after: dict[str, pl.DataFrame]) -> bool:
    return set(before) != set(after) or any(not before[name].equals(after[name]) for name in before)


@pytest.fixture(scope="module")
def other_prices(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A price file that differs from the shipped one in its closes, not in its dates."""
    prices, file = default_prices(), tmp_path_factory.mktemp("prices") / "prices.csv"
    pl.DataFrame({"date": prices.dates, "close": prices.close**0.9}).write_csv(file)
    return file


def setting_of(key: str, value: str) -> str:
    """Return the override that moves a key, at the population `volatility` where it belongs to one."""
    table, *rest = key.split(".")
    if table in DISTRIBUTIONS:
        return f"population.volatility.target_vol={value}"
    if table == "population":
        return f"population.volatility.{'.'.join(rest)}={value}"
    if table == "product":
        return f"vix_products.product.short.{rest[0]}={value}"
    if rest[:1] == ["script"]:
        return f"{table}.script={value}"
    return f"{key}={value}"


@pytest.mark.parametrize("key", KNOBS)
def test_moving_a_knob_moves_a_table(key: str, other_prices: Path) -> None:
    value, *base = KNOBS[key]
    if key.split(".")[0] in DISTRIBUTIONS:
        base.append(f"population.volatility.target_vol={DISTRIBUTIONS[key.split('.')[0]]}")
    value = value.format(prices=other_prices) if key == "history.prices" else value
    listed = key.startswith(("options.", "vix_", "product.")) or key == "record.chain_dates"
    listed = listed and key != "options.listed"
    moved_to = (*base, setting_of(key, value))
    assert moved(tables_of(tuple(base), listed=listed), tables_of(moved_to, listed=listed))


@pytest.mark.parametrize("loading", range(8))
def test_moving_one_loading_of_an_index_moves_that_index(loading: int) -> None:
    loadings = load("plain").options.vix
    moved_to = [value * (1.2 if place == loading else 1.0) for place, value in enumerate(loadings)]
    before = tables_of((), listed=True)["vix_sources"]
    after = tables_of((f"options.vix={moved_to}",), listed=True)["vix_sources"]
    columns = pl.col("index") == "vix", pl.col("source") == "path_dependent"
    assert not before.filter(*columns).equals(after.filter(*columns))


def test_the_options_act_on_nothing_but_what_is_listed() -> None:
    # Without listing, the keys that act in the test above move no table.
    settings = tuple(setting_of(key, KNOBS[key][0]) for key in KNOBS if key.startswith("options.vix"))
    assert not moved(tables_of(()), tables_of(settings))


def test_moving_between_distributions_moves_a_table() -> None:
    runs = [tables_of((f"population.volatility.target_vol={value}",)) for value in DISTRIBUTIONS.values()]
    assert moved(runs[0], runs[1])
    assert moved(runs[1], runs[2])


def test_the_built_in_markets_have_no_key_that_the_schema_lacks() -> None:
    for source in ("plain", "us_equity"):
        assert set(load(source).resolved()) <= set(Config.model_fields)
