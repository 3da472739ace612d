"""The table chain: its columns and rows, and that `flowsim vix` gives the indices of the run back from it."""

import datetime as dt

import polars as pl
import pyarrow.parquet as pq
import pytest
from helpers.markets import market_config, population

from flowsim import vix
from flowsim.config import Config, from_dict
from flowsim.ensemble.simulation import simulate
from flowsim.errors import ConfigError, InputError
from flowsim.options.arrays import INDICES
from flowsim.run.run import Run

POPULATIONS = {
    "hedgers": population("put_hedging"),
    "noise": population("noise_trading"),
    "zero_day": population("zero_day_trading"),
    "dealer": population("option_dealer"),
}
DATES = [dt.date(2018, 11, 21), dt.date(2018, 11, 23), dt.date(2018, 11, 30)]
"""The second is a half day."""
DAYS, PATHS = 11, 66


def config_of(**record: object) -> Config:
    return market_config(POPULATIONS, time={"days": DAYS}, record=record)


@pytest.fixture(scope="module")
def run() -> Run:
    return simulate(config_of(chain_dates=DATES), PATHS)


def closing_time(date: dt.date) -> dt.datetime:
    return dt.datetime.combine(date, dt.time(13 if date == DATES[1] else 16))


@pytest.mark.parametrize(("path", "asked"), [(0, DATES[0]), (63, DATES[1]), (65, DATES[2])])
def test_the_chain_gives_the_indices_of_the_run_back(run: Run, path: int, asked: dt.date) -> None:
    indices = run.volatility.filter(pl.col("path") == path).collect()
    chain = run.table("chain").filter(pl.col("path") == path).collect()
    for date in DATES:
        (row,) = indices.filter(pl.col("date") == date).select(INDICES).rows()
        found = [vix(chain, index.upper(), closing_time(date)).value for index in INDICES]
        assert found == pytest.approx(row, rel=1e-9)
    # Of the folder, which has the other paths too, every row is read before some are chosen: once will do.
    level = indices.filter(pl.col("date") == asked)[INDICES[1]].item()
    assert vix(run.folder / "chain", INDICES[1].upper(), closing_time(asked), path=path).value == pytest.approx(
        level, rel=1e-9
    )


def test_a_frame_of_one_path_and_date_is_a_chain_too(run: Run) -> None:
    mine = (pl.col("path") == 2) & (pl.col("date") == DATES[0])
    value = run.volatility.filter(mine).collect()["vix"].item()
    assert vix(run.table("chain").filter(mine).collect()).value == pytest.approx(value, rel=1e-9)


def test_the_chain_has_calls_and_puts_of_every_strike_of_every_expiry_that_is_marked(run: Run) -> None:
    schema = pq.read_schema(next((run.folder / "chain").glob("*.parquet")))
    assert schema.names == ["path", "date", "as_of", "root", "expiry", "strike", "cp", "bid", "ask"]
    chain = run.to_polars("chain")
    assert chain["date"].unique().sort().to_list() == DATES
    assert chain["path"].n_unique() == PATHS
    contract = ("date", "path", "root", "expiry", "strike")
    assert (chain.group_by(contract).len()["len"] == 2).all()
    assert ((chain["bid"] >= 0.0) & (chain["ask"] > chain["bid"])).all()
    names = pl.col("root", "cp").cast(pl.String)
    expiries = chain.filter(pl.col("path") == 0, pl.col("date") == DATES[0]).select(names, "expiry").unique("expiry")
    # Ten terms of the indices, and what the hedgers and the traders of the next session hold.
    assert dt.date(2018, 11, 23) in expiries["expiry"]
    assert 10 <= len(expiries) <= 14


def test_rows_run_by_date_path_expiry_strike_and_call_before_put(run: Run) -> None:
    chain = pl.read_parquet(run.folder / "chain" / "part-00000.parquet").with_columns(
        pl.col("cp", "root").cast(pl.String)
    )
    assert chain.equals(chain.sort("date", "path", "expiry", "root", "strike", "cp", maintain_order=True))


@pytest.mark.parametrize("settings", [{"every": 3}, {"tables": ["market"]}, {"grain": "bar"}])
def test_it_is_the_same_whatever_else_is_recorded(run: Run, settings: dict[str, object]) -> None:
    other = simulate(config_of(chain_dates=DATES, **settings), 3).to_polars("chain")
    assert other.equals(run.to_polars("chain").filter(pl.col("path") < 3).sort("date", maintain_order=True))


def test_recording_it_changes_nothing_else(run: Run) -> None:
    without = simulate(config_of(), PATHS).info["tables"]
    assert without == {name: table for name, table in run.info["tables"].items() if name != "chain"}


def test_dates_that_have_no_chain_are_refused() -> None:
    with pytest.raises(
        InputError, match=r"record.chain_dates\[1\] = 2019-03-15 is not a session of the run, .* 2018-11-16"
    ):
        simulate(config_of(chain_dates=[DATES[0], dt.date(2019, 3, 15)]), 1)
    with pytest.raises(InputError, match=r"has no chain, as no options are listed; set options\.listed = true"):
        simulate(market_config({}, time={"days": DAYS}, record={"chain_dates": DATES}), 1)
    for wrong, said in (
        ([DATES[1], DATES[0]], "2018-11-21 does not come after 2018-11-23; list each date once"),
        ([dt.date(2018, 11, 22)], "2018-11-22 is not an NYSE session"),
    ):
        with pytest.raises(ConfigError, match=said):
            from_dict({"extends": "plain", "record": {"chain_dates": wrong}})
