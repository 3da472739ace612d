"""The recorded tables as the pictures need them: by day, as fans over paths, as sums over weeks or months."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from flowsim.clock.year import SESSIONS_PER_YEAR
from flowsim.run.attribution import columns_by_source, count_paths, only_path

if TYPE_CHECKING:
    from flowsim.run.run import Run

QUANTILES = (0.05, 0.25, 0.50, 0.75, 0.95)
FEWEST_PATHS_FOR_A_FAN = 8
OTHER = "all others"
# Length of a bar, its name, its days, and the longest run in days that is still drawn in bars of this length.
PERIODS = (
    ("1d", "daily", 1, 65),
    ("1w", "weekly", 7, 730),
    ("1mo", "monthly", 31, 3660),
    ("1q", "quarterly", 92, 14_640),
    ("1y", "yearly", 366, 1_000_000),
)

Line = tuple[np.ndarray, np.ndarray]


@dataclass(frozen=True)
class Fan:
    """One quantity over the paths: dates (days,), bands (5, days) at QUANTILES or None, and single paths."""

    dates: np.ndarray
    bands: np.ndarray | None
    singles: dict[int, Line]
    chosen: Line | None
    n_paths: int


def at_close(table: pl.LazyFrame, column: str, *keys: str) -> pl.LazyFrame:
    """Return path, date, keys, value: the column at the end of each day."""
    if "bar" not in table.collect_schema():
        return table.select("path", "date", *keys, value=column)
    return table.group_by("path", "date", *keys).agg(value=pl.col(column).sort_by("bar").last())


def prices(run: Run) -> pl.DataFrame:
    """Return path, date, value: the index at each close, beginning with its level at the start of the run."""
    count_paths(run.market)
    closes = at_close(run.market, "price").collect()
    by = ["date", "bar"] if "bar" in run.market.collect_schema() else ["date"]
    first = run.market.filter(pl.col("date") == pl.col("date").min()).sort("path", *by).head(1).collect()
    level = first.select(pl.col("price") * (-pl.col("log_return")).exp()).item()
    start = closes.select(pl.col("path").unique()).with_columns(
        date=pl.lit(run.start, closes.schema["date"]), value=pl.lit(level, closes.schema["value"])
    )
    return pl.concat([start, closes]).sort("path", "date")


def drawdowns(levels: pl.DataFrame, highest: float = 0.0) -> pl.DataFrame:
    """Return path, date, value: distance below the highest close so far, in %; `highest` is the high before."""
    peak = pl.max_horizontal(pl.col("value").cum_max().over("path"), pl.lit(highest))
    return levels.with_columns(value=100 * (pl.col("value") / peak - 1))


def past_volatility(history: pl.DataFrame) -> pl.DataFrame:
    """Return date, value: 21-day realized volatility of the real closes, annualized (252 days, zero mean), in %."""
    square = pl.col("close").log().diff().pow(2)
    return history.select("date", value=100 * (SESSIONS_PER_YEAR * square.rolling_mean(21)).sqrt()).drop_nulls()


def fan(values: pl.DataFrame, *, n_singles: int = 3, path: int | None = None) -> Fan:
    """Summarize path, date, value over the paths, with `n_singles` paths spread evenly and the chosen one."""
    paths = values["path"].unique().sort()
    few = len(paths) < FEWEST_PATHS_FOR_A_FAN
    n_singles = len(paths) if few else min(n_singles, len(paths))
    picked = np.unique(np.linspace(0, len(paths) - 1, n_singles).round().astype(int))
    by_date = (
        values.group_by("date").agg(pl.col("value").quantile(q, "linear").alias(f"{q}") for q in QUANTILES).sort("date")
    )
    bands = by_date.select(f"{q}" for q in QUANTILES).to_numpy().T
    return Fan(
        dates=by_date["date"].to_numpy(),
        bands=None if few else bands,
        singles={p: line(values, p) for p in paths.gather(picked)} if n_singles else {},
        chosen=None if path is None else line(values, path),
        n_paths=len(paths),
    )


def line(values: pl.DataFrame, path: int) -> Line:
    """Return dates and values of one path."""
    one = only_path(values.lazy(), path).sort("date").collect()
    return one["date"].to_numpy(), one["value"].to_numpy()


def period_of(table: pl.LazyFrame) -> tuple[str, str]:
    """Return length and name of the bars that suit the length of the run and hold at least one recorded day each."""
    dates = table.select(pl.col("date").unique().sort()).collect().to_series().to_numpy().astype("datetime64[D]")
    n_days = (dates[-1] - dates[0]).astype(int)
    spacing_days = np.median(np.diff(dates).astype(int)) if len(dates) > 1 else 1
    return next((length, name) for length, name, days, longest in PERIODS if n_days <= longest and spacing_days <= days)


def flows_by_period(run: Run, length: str, path: int | None) -> pl.DataFrame:
    """Return date (first day of the period), and one column per population: its net flow in USD bn.

    Without a path, the mean over all paths.
    """
    flows = run.flows if path is None else only_path(run.flows, path)
    n_paths = count_paths(flows)
    summed = (
        flows.group_by("source", "date")
        .agg(pl.col("flow_bn").sum() / n_paths)
        .with_columns(pl.col("source").cast(pl.String), pl.col("date").dt.truncate(length))
        .group_by("source", "date")
        .agg(value=pl.col("flow_bn").sum())
        .collect()
    )
    return columns_by_source(summed, run.populations)


def largest(table: pl.DataFrame, n: int) -> pl.DataFrame:
    """Keep date and the `n` columns that are largest on average in size, and add up the rest as OTHER.

    Columns that are zero throughout are left out.
    """
    names = [name for name in table.columns if name != "date" and (table[name] != 0).any()]
    sizes = {name: float(table[name].abs().mean() or 0.0) for name in names}  # type: ignore[arg-type]
    kept = set(sorted(names, key=lambda name: -sizes[name])[:n])
    rest = [name for name in names if name not in kept]
    table = table.with_columns(pl.sum_horizontal(rest).alias(OTHER)) if rest else table
    return table.select("date", *[name for name in names if name in kept], *([OTHER] if rest else []))


def exposures(run: Run) -> dict[str, pl.DataFrame]:
    """Return path, date, value (USD bn) of each population that ever holds something."""
    table = at_close(run.positions, "exposure_bn", "population").collect()
    held = table.filter(pl.col("value").is_not_null()).with_columns(pl.col("population").cast(pl.String))
    parts = held.partition_by("population", as_dict=True)
    return {str(name): part for (name,), part in parts.items() if part["value"].abs().max()}


def long_shares(run: Run, path: int | None) -> dict[str, pl.DataFrame]:
    """Return date, value: long agents in % of those with a position, of each population that counts them."""
    table = run.positions if path is None else only_path(run.positions, path)
    if "bar" in table.collect_schema():
        table = table.filter(pl.col("bar") == pl.col("bar").max().over("path", "date"))
    counted = pl.col("agents_long").sum() + pl.col("agents_short").sum()
    shares = (
        table.filter(pl.col("agents_long").is_not_null())
        .group_by("population", "date")
        .agg(value=pl.when(counted > 0).then(100 * pl.col("agents_long").sum() / counted))
        .with_columns(pl.col("population").cast(pl.String))
        .sort("population", "date")
        .collect()
    )
    return {str(name): part for (name,), part in shares.partition_by("population", as_dict=True).items()}
