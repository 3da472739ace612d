"""The four tables of the option market: their columns, their rows, and what adds up in them."""

from pathlib import Path

import numpy as np
import polars as pl
import pyarrow.parquet as pq
import pytest
from helpers.markets import market_config, population

from flowsim.config import Config
from flowsim.engine.blocks import Block, run_block
from flowsim.engine.prepare import prepare
from flowsim.ensemble.simulation import simulate
from flowsim.options.arrays import GREEK_COLUMNS, INDICES
from flowsim.run.columns import OPTION_TABLES
from flowsim.run.run import Run
from flowsim.run.tables import PARTS

POPULATIONS = {
    "hedgers": population("put_hedging"),
    "noise": population("noise_trading"),
    "zero_day": population("zero_day_trading"),
    "dealer": population("option_dealer"),
}
PROGRAMMES = ["hedgers", "zero_day"]
DAYS, PATHS = 11, 3
NAME, NUMBER = "dictionary<values=string, indices=int16, ordered=0>", "double"
SMILES = ("9d", "1m", "3m", "6m", "1y")


def config_of(**record: object) -> Config:
    return market_config(POPULATIONS, time={"days": DAYS}, record=record)


@pytest.fixture(scope="module")
def run() -> Run:
    return simulate(config_of(), PATHS)


def columns_of(run: Run, table: str) -> dict[str, str]:
    schema = pq.read_schema(next((run.folder / table).glob("*.parquet")))
    return {field.name: str(field.type) for field in schema}


def test_every_table_has_its_columns(run: Run) -> None:
    index = {"path": "int32", "date": "date32[day]"}
    smile = [f"{what}_{tenor}" for tenor in SMILES for what in ("atm", "skew")]
    assert columns_of(run, "volatility") == index | dict.fromkeys([*INDICES, *smile], NUMBER)
    assert columns_of(run, "vix_sources") == index | {"index": NAME, "source": NAME, "contribution": NUMBER}
    greeks = ["delta_bn", "gamma_1pct_bn", "vega_bn", "vanna_bn", "charm_bn", "value_bn"]
    assert columns_of(run, "options") == index | {"programme": NAME} | dict.fromkeys(greeks, NUMBER)
    assert columns_of(run, "gamma") == index | {"spot_pct": NUMBER, "gamma_1pct_bn": NUMBER}


def test_every_table_has_a_row_for_each_path_close_and_name(run: Run) -> None:
    # 11 closes of 3 paths; 5 indices of 4 parts and 2 programmes; gamma on every fifth close from -10 % to +10 %.
    rows = {name: run.info["tables"][name]["rows"] for name in OPTION_TABLES}
    assert rows == {"volatility": 33, "vix_sources": 33 * 5 * 6, "options": 33 * 2, "gamma": 2 * 3 * 21}
    assert run.to_polars("gamma")["spot_pct"].unique().sort().to_list() == [float(pct) for pct in range(-10, 11)]
    dates = run.to_polars("volatility")["date"].unique().sort()
    assert run.to_polars("gamma")["date"].unique().sort().to_list() == dates.to_list()[4::5]
    assert run.to_polars("options")["programme"].cast(pl.String).unique().sort().to_list() == PROGRAMMES
    sources = run.to_polars("vix_sources")["source"].cast(pl.String).unique().to_list()
    assert sorted(sources) == sorted([*PARTS, *PROGRAMMES])


def test_rows_run_by_date_then_by_name_then_by_path(run: Run) -> None:
    for table, names in (("vix_sources", ("index", "source")), ("options", ("programme",)), ("gamma", ("spot_pct",))):
        frame = run.to_polars(table)
        order = {"index": [*INDICES], "source": [*PARTS, *PROGRAMMES], "programme": PROGRAMMES}
        ranks = [
            pl.col(name) if name == "spot_pct" else pl.col(name).cast(pl.Enum(order[name])).to_physical()
            for name in names
        ]
        assert frame.equals(frame.sort("date", *ranks, "path", maintain_order=True)), table


def test_programmes_trade_no_stock_and_are_in_no_table_of_it(run: Run) -> None:
    assert run.sources == ["news", "policy", "noise", "dealer"]
    assert run.programmes == PROGRAMMES
    for table, column in (("flows", "source"), ("positions", "population")):
        assert not set(run.to_polars(table)[column].cast(pl.String)) & set(PROGRAMMES)


def test_bars_have_no_rows_of_their_own_in_the_tables_of_closes(run: Run) -> None:
    by_bar = simulate(config_of(grain="bar"), PATHS)
    for table in OPTION_TABLES:
        assert by_bar.to_polars(table).equals(run.to_polars(table))
    assert "bar" in by_bar.to_polars("market").columns


@pytest.mark.parametrize("table", OPTION_TABLES)
def test_a_table_that_is_asked_for_alone_is_the_same(run: Run, table: str) -> None:
    alone = simulate(config_of(tables=[table]), PATHS)
    assert list(alone.info["tables"]) == [table]
    assert alone.to_polars(table).equals(run.to_polars(table))


def test_a_market_without_options_has_none_of_the_tables() -> None:
    stock = simulate(market_config({"noise": POPULATIONS["noise"]}, time={"days": 6}), 1)
    assert list(stock.info["tables"]) == ["market", "flows", "positions"]
    assert not any((stock.folder / table).exists() for table in OPTION_TABLES)


@pytest.mark.parametrize("every", [5, 10])
def test_gamma_is_kept_on_every_fifth_close_that_is_kept_at_all(run: Run, every: int) -> None:
    kept = simulate(config_of(every=every), PATHS).to_polars("gamma")
    wanted = run.to_polars("gamma").filter(pl.col("date").is_in(kept["date"].unique().implode()))
    assert kept.equals(wanted)
    assert kept["date"].n_unique() == DAYS // every


def test_greeks_are_all_the_customers(run: Run) -> None:
    # Who owns puts is short of the market and long of volatility and gamma, and has something worth money.
    puts = run.to_polars("options").filter(pl.col("programme") == "hedgers")
    assert puts["delta_bn"].max() < 0.0
    assert puts["gamma_1pct_bn"].min() > 0.0
    assert puts["vega_bn"].min() > 0.0
    assert puts["value_bn"].min() > 0.0
    assert GREEK_COLUMNS.index("gamma_1pct_bn") == 1


def test_minus_the_gamma_of_all_programmes_is_that_of_the_market_and_of_the_profile_at_the_close(run: Run) -> None:
    by_close = run.to_polars("options").group_by("path", "date").agg(pl.sum("gamma_1pct_bn").alias("summed"))
    market = run.to_polars("market").join(by_close, on=["path", "date"])
    np.testing.assert_allclose(-market["summed"], market["net_gamma_1pct_bn"], rtol=1e-12, atol=1e-14)
    profile = run.to_polars("gamma").filter(pl.col("spot_pct") == 0.0).join(market, on=["path", "date"])
    assert len(profile) == 2 * PATHS
    np.testing.assert_allclose(profile["gamma_1pct_bn"], profile["net_gamma_1pct_bn"], rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("every", [1, 2, 7])
@pytest.mark.parametrize("chunk_days", [None, 1, 4])
def test_parts_add_up_to_the_change_of_the_index_since_the_row_before(every: int, chunk_days: int | None) -> None:
    market = prepare(config_of(every=every))
    chunks = [(kept.options, len(rows.closes)) for kept, rows in run_block(market, Block(0, 64), chunk_days=chunk_days)]
    parts = np.concatenate([options.index_parts[:n_rows] for options, n_rows in chunks])
    points = np.concatenate([options.volatility[:n_rows, : len(INDICES)] for options, n_rows in chunks])
    assert len(points) == DAYS // every
    # The first row tells the change since the last real close.
    change = np.diff(points, axis=0, prepend=market.book.points[None])
    np.testing.assert_allclose(parts.sum(axis=2), change, rtol=0, atol=1e-10)
    assert (np.abs(parts[:, :, [0, 2, 4, 5]]).max(axis=(0, 3)) > 1e-5).all()


def test_the_tables_of_one_block_and_of_many_are_alike(run: Run, tmp_path: Path) -> None:
    many = simulate(config_of(), 70, out=tmp_path / "run")
    for table in OPTION_TABLES:
        first = many.to_polars(table).filter(pl.col("path") < PATHS)
        assert first.equals(run.to_polars(table)), table
