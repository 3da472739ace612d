"""Where closes come from: the paths of a market or of a run, block by block, or files of a real market."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import polars as pl

from flowsim.config import Config
from flowsim.data.prices import Prices
from flowsim.data.volatility_file import Volatility
from flowsim.engine.blocks import Block, Chunk, blocks_of
from flowsim.engine.prepare import Market
from flowsim.ensemble.results import blocks_kept
from flowsim.ensemble.worker import Histories
from flowsim.errors import InputError
from flowsim.facts.closes import Closes
from flowsim.facts.within_sessions import within_sessions
from flowsim.files.arrays import Floats
from flowsim.market.recording import MARKET_COLUMNS
from flowsim.options.record import VOLATILITY_COLUMNS
from flowsim.run.attribution import only_path
from flowsim.run.run import Run

PATHS_AT_ONCE = 64
RECORD = 'record={tables=["market", "volatility"], grain="day", every=1}'

SIMULATED = ("VIX9D", "VIX", "VIX3M", "VIX6M")
"""Indices that facts are about; real files may have VIX1D too, and runs VIX1Y."""


def closes_of_market(
    config: Config, n_paths: int, *, prices: Prices | None = None, threads: int | None = None
) -> Iterator[Closes]:
    """Simulate a market and yield its closes, up to 64 paths at a time, series of shape (paths, days); keep no files.

    Parameters are those of `flowsim.simulate`; they give the same closes as its run.

    Raises
    ------
    FlowsimError
        As `flowsim.simulate` does.
    """
    histories = Histories(prices)
    job = histories.job(config.override(RECORD), blocks_of(n_paths), closes_of_block)
    yield from blocks_kept(job, histories, threads=threads)


def closes_of_block(market: Market, block: Block, chunks: Iterator[Chunk]) -> Closes:
    """Return the closes of one block of paths of a market that records as `RECORD` has it."""
    returns, levels = [], []
    for kept, rows in chunks:
        returns.append(kept.record.market[: len(rows.dates), MARKET_COLUMNS.index("log_return"), : block.live])
        levels.append(kept.options.volatility[: len(rows.closes), :, : block.live])
    volatility = np.concatenate(levels)
    columns = {name: VOLATILITY_COLUMNS.index(name.lower()) for name in SIMULATED}
    indices = {name: volatility[:, column].T for name, column in columns.items()} if len(volatility) else {}
    with_start = np.concatenate([[np.datetime64(market.config.time.start)], market.dates])
    return Closes.dated(with_start, 100.0 * np.concatenate(returns).T, indices)


def closes_of_run(run: Run, path: int | None = None, *, hours: bool = False) -> Iterator[Closes]:
    """Yield the closes of a run, up to 64 paths at a time, series of shape (paths, days); or those of one path.

    With `hours` they bring along what the run recorded within its sessions.

    Raises
    ------
    InputError
        If the run did not record its market, or not at every close, or has no such path.
    """
    every = run.info["config"].get("record", {}).get("every", 1)
    if every != 1:
        raise InputError(
            f"{run.folder}: this run recorded every {every}th close, and facts need each one;"
            " run it again with record.every = 1"
        )
    if path is not None:
        only_path(run.market, path)
    tables = {"market": run.market} | {
        name: run.table(name) for name in ("volatility", "flows", "vix_futures") if name in run.info["tables"]
    }
    blocks = [range(first, first + PATHS_AT_ONCE) for first in range(0, run.n_paths, PATHS_AT_ONCE)]
    for block in blocks if path is None else [range(path, path + 1)]:
        inside = pl.col("path").is_between(block.start, block.stop, closed="left")
        some = {name: table.filter(inside) for name, table in tables.items()}
        by_day = _by_day(some["market"])
        dates = by_day.filter(path=block.start)["date"].to_numpy().astype("datetime64[D]")
        returns_pct = 100.0 * _by_path(by_day, "log_return", len(dates))
        with_start = np.append(np.datetime64(run.start), dates)
        indices = _indices(some["volatility"], len(dates)) if "volatility" in some else {}
        indices |= _futures(some["vix_futures"], len(dates)) if "vix_futures" in some else {}
        within = within_sessions(some["market"], some.get("flows"), dates) if hours else {}
        yield replace(Closes.dated(with_start, returns_pct, indices), within=within)


def closes_of_prices(prices: Prices, volatility: Volatility | None = None) -> Closes:
    """Return the closes of a real market, series of shape (days,); the first price gives no return.

    Raises
    ------
    InputError
        If the two files have no date in common.
    """
    indices = volatility.on(prices.dates[1:]) if volatility else {}
    return Closes.dated(prices.dates, 100.0 * np.diff(np.log(prices.close)), indices)


def _by_day(market: pl.LazyFrame) -> pl.DataFrame:
    """Return path, date and log_return by day, also of a run that recorded every bar.

    Collected before bars are added up: a lazy query cuts a day by how many threads are free.
    """
    if "bar" not in market.collect_schema():
        return market.select("path", "date", "log_return").sort("path", "date").collect()
    bars = market.select("path", "date", "bar", "log_return").sort("path", "date", "bar").collect()
    return bars.group_by("path", "date", maintain_order=True).agg(pl.col("log_return").sum())


def _indices(table: pl.LazyFrame, n_days: int) -> dict[str, Floats]:
    wanted = {name: name.lower() for name in SIMULATED}
    levels = table.select("path", "date", *wanted.values()).sort("path", "date").collect()
    return {name: _by_path(levels, column, n_days) for name, column in wanted.items()}


def _futures(table: pl.LazyFrame, n_days: int) -> dict[str, Floats]:
    closes = table.group_by("path", "date").agg(pl.col("vix_m1", "vix_m2").last()).sort("path", "date").collect()
    return {name: _by_path(closes, f"vix_{name.lower()}", n_days) for name in ("M1", "M2")}


def _by_path(table: pl.DataFrame, column: str, n_days: int) -> Floats:
    return table[column].to_numpy().reshape(-1, n_days)
