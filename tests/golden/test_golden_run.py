"""Small whole-market runs, each beside the config that made it: a difference says whether model or input moved.

`NAME_config.toml` is the resolved config, `NAME_market.csv`, `NAME_flows.csv` and with options `NAME_volatility.csv`
what came out. To renew them after a change of results: ``pytest tests/golden --force-regen``, which fails once; then
follow the policy in tests/README.md.
"""

from functools import cache

import polars as pl
import pytest

from flowsim.config import Config, from_dict, load
from flowsim.ensemble.simulation import simulate
from flowsim.run.run import Run

TOLERANCE = {"rtol": 1e-9, "atol": 1e-12}
FUNDS: dict[str, dict[str, object]] = {
    "vol_control": {
        "strategy": "vol_target",
        "agents": 2,
        "capital_bn": 300,
        "target_vol": [0.08, 0.12],
        "cap": 1.5,
        "buffer": 0.02,
    },
    "cta": {
        "strategy": "cta_momentum",
        "agents": 2,
        "capital_bn": 60,
        "target_vol": 0.15,
        "cap": 3,
        "horizon_days": 63,
    },
    "noise": {"strategy": "noise_trading", "agents": 1, "capital_bn": 60},
}
INTRADAY: dict[str, dict[str, object]] = {
    "leveraged_etf": {"strategy": "leveraged_etf", "agents": 2, "capital_bn": 60, "leverage": [3, -1]},
    "tone": {"strategy": "tone_trading", "agents": 1, "capital_bn": 50, "response": 0.4, "half_life_days": 2.5},
    "buyback": {
        "strategy": "buyback",
        "agents": 1,
        "capital_bn": 1000,
        "report_lag_days": 30,
        "quiet_days": 14,
        "open_pace": 1.2,
        "plan_share": 0.6,
        "dip_response": 0.1,
        "quarter_limit": 1.2,
        "execution": {"profile": "safe_harbor", "participation_cap": 0.25},
    },
}


def plain(bars: int, days: int, populations: dict[str, object], **tables: object) -> Config:
    time = {"start": "2018-11-30", "days": days, "bars_per_day": bars}
    return from_dict({"extends": "plain", "seed": 20181130, "time": time, "population": populations} | tables)


MARKETS = {
    "daily": lambda: plain(1, 25, FUNDS),
    "intraday": lambda: plain(13, 8, FUNDS | INTRADAY, record={"grain": "bar", "tables": ["market", "flows"]}),
    "options": lambda: load("us_equity", ["time.days=15", "time.bars_per_day=13", "seed=20181231"]),
}


@cache
def config_of(name: str) -> Config:
    return MARKETS[name]()


@cache
def run_of(name: str) -> Run:
    return simulate(config_of(name), 1 if name == "intraday" else 2)


def rows(name: str, table: str) -> pl.DataFrame:
    return run_of(name).to_polars(table).with_columns(pl.col("date").cast(pl.String))


@pytest.mark.parametrize("name", MARKETS)
def test_the_config_of_a_golden_run(name, file_regression):
    file_regression.check(config_of(name).to_toml(), extension=".toml", basename=f"{name}_config")


@pytest.mark.parametrize("name", MARKETS)
def test_prices_and_states_of_a_golden_run(name, dataframe_regression):
    table = rows(name, "market").to_pandas()
    dataframe_regression.check(table, basename=f"{name}_market", default_tolerance=TOLERANCE)


@pytest.mark.parametrize("name", MARKETS)
def test_flows_and_contributions_of_a_golden_run(name, dataframe_regression):
    by_source = rows(name, "flows").group_by("path", "source", maintain_order=True)
    table = by_source.agg(pl.col("flow_bn").sum(), pl.col("contribution").sum()).sort("path", maintain_order=True)
    table = table.with_columns(pl.col("source").cast(pl.String)).to_pandas()
    dataframe_regression.check(table, basename=f"{name}_flows", default_tolerance=TOLERANCE)


def test_implied_volatilities_of_a_golden_run(dataframe_regression):
    table = rows("options", "volatility").to_pandas()
    dataframe_regression.check(table, basename="options_volatility", default_tolerance=TOLERANCE)


def test_no_golden_file_is_left_over(original_datadir):
    kinds = {"config.toml", "market.csv", "flows.csv"}
    wanted = {f"{name}_{kind}" for name in MARKETS for kind in kinds} | {"options_volatility.csv"}
    assert {file.name for file in original_datadir.iterdir()} == wanted
