"""Attribute the moves of the index to their sources: what each one added, and its share of the return variance."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import polars as pl

from flowsim.errors import InputError
from flowsim.run.variance_share import share_of_sums

if TYPE_CHECKING:
    from flowsim.run.run import Run


def only_path(table: pl.LazyFrame, path: int) -> pl.LazyFrame:
    """Keep the rows of one path.

    Raises
    ------
    InputError
        If the table holds no such path.
    """
    recorded = table.select("path").unique().collect().to_series()
    if path not in recorded:
        count_paths(table)
        choice = f"choose one of its {len(recorded)} paths, {recorded.min()} to {recorded.max()}"
        raise InputError(f"path {path} is not in this run; {choice}")
    return table.filter(pl.col("path") == path)


def count_paths(table: pl.LazyFrame) -> int:
    """Return the number of paths in a table.

    Raises
    ------
    InputError
        If it has none.
    """
    n_paths = table.select(pl.col("path").n_unique()).collect().item()
    if not n_paths:
        raise InputError("this run recorded no path; run it again with at least one")
    return n_paths


def columns_by_source(values: pl.DataFrame, sources: Sequence[str]) -> pl.DataFrame:
    """Turn date, source, value into date and one column per source that occurs, zero where it has no row."""
    table = values.pivot(on="source", index="date", values="value").sort("date").fill_null(0.0)
    return table.select("date", *[source for source in sources if source in table.columns])


def cumulative_contributions(run: Run, path: int | None = None) -> pl.DataFrame:
    """Add up what each source contributed to the log return of the index since the start of the run.

    Parameters
    ----------
    run : Run
        A run that recorded its flows.
    path : int, optional
        The path to follow; by default the mean over all paths.

    Returns
    -------
    DataFrame
        date, then one column per source in the order of `run.sources`: its cumulative log return at the close.
        On every date the sources add up to the log return of the index since the start.

    Raises
    ------
    InputError
        If the run has no such path.
    """
    flows = run.flows if path is None else only_path(run.flows, path)
    n_paths = count_paths(flows)
    # Collected first: a lazy query cuts a group by how many threads are free, and adds up its parts.
    rows = flows.select("source", "date", "contribution").collect()
    daily = rows.group_by("source", "date", maintain_order=True).agg(value=pl.col("contribution").sum() / n_paths)
    table = columns_by_source(daily.with_columns(pl.col("source").cast(pl.String)), run.sources)
    return table.with_columns(pl.exclude("date").cum_sum())


def variance_shares(run: Run) -> pl.DataFrame:
    """Split the variance of the log return from one recorded day to the next over its sources.

    The share of source k with contribution c_k to the day's return r is ::

        Cov(c_k, r) / Var(r),    r = sum of c_k over the sources

    so that the shares add up to 1; a source that leans against the others has a negative one.

    Returns
    -------
    DataFrame
        source, share, low, high as fractions, the largest share first. `share` is the mean over paths of the share in
        each, see `flowsim.run.variance_share`; `low` and `high` bound the middle 95 % of these.
        They are null for a single path, and all three are null where the index never moves.
    """
    by_path, by_source = _moments(run)
    single = by_source.join(by_path, on="path", maintain_order="left")
    sums = (single[name].to_numpy() for name in ("days", "own", "total", "product", "square"))
    single = single.with_columns(share=pl.Series(share_of_sums(*sums))).with_columns(pl.col("share").fill_nan(None))
    order = pl.DataFrame({"source": list(run.sources)}, schema={"source": pl.String}).with_row_index("rank")
    several = pl.lit(by_path.height > 1)
    return (
        single.group_by("source", maintain_order=True)
        .agg(
            share=pl.col("share").mean(),
            low=pl.when(several).then(pl.col("share").quantile(0.025, "linear")),
            high=pl.when(several).then(pl.col("share").quantile(0.975, "linear")),
        )
        .join(order, on="source")
        .sort(["share", "rank"], descending=[True, False], nulls_last=True)
        .select("source", "share", "low", "high")
    )


def _moments(run: Run) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Sum over the days: by path (days, total = r, square = r^2), by path and source (own = c, product = c * r).

    Order is kept everywhere, since otherwise polars adds up in that of its threads.
    """
    flows = run.flows.select("path", "date", "source", "contribution").collect()
    returns = flows.group_by("path", "date", maintain_order=True).agg(log_return=pl.col("contribution").sum())
    by_path = returns.group_by("path", maintain_order=True).agg(
        days=pl.len().cast(pl.Float64),
        total=pl.col("log_return").sum(),
        square=pl.col("log_return").pow(2).sum(),
    )
    by_source = (
        flows.join(returns, on=["path", "date"], maintain_order="left")
        .group_by("path", "source", maintain_order=True)
        .agg(own=pl.col("contribution").sum(), product=(pl.col("contribution") * pl.col("log_return")).sum())
        .with_columns(pl.col("source").cast(pl.String))
    )
    return by_path, by_source
