"""A small whole-market run beside the config that made it: a difference says whether model or input moved.

To renew both after a change of results: ``pytest tests/golden --force-regen``, which fails once, then look at the diff.
"""

import polars as pl
import pytest

from flowsim.config import load
from flowsim.simulation import simulate

SETTINGS = ["time.days=15", "time.bars_per_day=13", "seed=20181231"]


@pytest.fixture(scope="module")
def run():
    return simulate(load("us_equity", SETTINGS), 2)


def test_the_config_of_the_golden_run(file_regression):
    file_regression.check(load("us_equity", SETTINGS).to_toml(), extension=".toml")


def test_prices_and_states_of_the_golden_run(run, dataframe_regression):
    table = run.to_polars("market").sort("path", "date").with_columns(pl.col("date").cast(pl.String))
    dataframe_regression.check(table.to_pandas(), default_tolerance={"rtol": 1e-9, "atol": 1e-12})


def test_flows_and_contributions_of_the_golden_run(run, dataframe_regression):
    by_source = run.to_polars("flows").group_by("path", "source", maintain_order=True)
    table = by_source.agg(pl.col("flow_bn").sum(), pl.col("contribution").sum()).sort("path", maintain_order=True)
    table = table.with_columns(pl.col("source").cast(pl.String)).to_pandas()
    dataframe_regression.check(table, default_tolerance={"rtol": 1e-9, "atol": 1e-12})
