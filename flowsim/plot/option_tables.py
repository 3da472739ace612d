"""The tables of the option market as the pictures need them: spells of inversion, gamma profiles, hedging flow."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import polars as pl

from flowsim.errors import InputError
from flowsim.options.arrays import INDICES, TENOR_DAYS
from flowsim.plot.tables import Fan, at_close, fan
from flowsim.run.attribution import count_paths, only_path

if TYPE_CHECKING:
    from datetime import date

    from flowsim.run.run import Run

HORIZON_DAYS = {index: int(days) for index, days in zip(INDICES, TENOR_DAYS, strict=True)}
AROUND = 10
"""Closes before and after the first inverted one that count as around it."""


class Close(NamedTuple):
    """The term structure at one close of a path; without a path, the median over the paths."""

    name: str
    path: int | None
    date: date
    levels: tuple[float, ...]


class Spells(NamedTuple):
    """How often VIX closes above VIX3M: share of the closes in %, number of spells, mean and longest in closes."""

    share_pct: float
    n_spells: int
    mean: float
    longest: int


def require_options(run: Run) -> None:
    """Refuse a run without an option market.

    Raises
    ------
    InputError
        If the run lists no options.
    """
    if not run.info["config"].get("options", {}).get("listed", False):
        raise InputError("this run lists no options, which this picture is about; run it with options.listed = true")


def option_table(run: Run, name: str) -> pl.LazyFrame:
    """Return a table of the option market.

    Raises
    ------
    InputError
        If the run lists no options, or did not record the table.
    """
    require_options(run)
    return run.table(name)


def indices(run: Run) -> pl.DataFrame:
    """Return path, date and the five indices at each close, in % a year."""
    return option_table(run, "volatility").select("path", "date", *HORIZON_DAYS).sort("path", "date").collect()


def single(table: pl.DataFrame | pl.LazyFrame, path: int | None) -> int | None:
    """Return the path to show: the chosen one, or the only one there is; None for all of many.

    Raises
    ------
    InputError
        If the table holds no such path.
    """
    if path is not None:
        only_path(table.lazy(), path)
        return path
    return table.lazy().select(pl.col("path").min()).collect().item() if count_paths(table.lazy()) == 1 else None


def medians(levels: pl.DataFrame) -> pl.DataFrame:
    """Return date and the median over the paths of each index."""
    return levels.group_by("date").agg(pl.col(*HORIZON_DAYS).median()).sort("date")


def telling_closes(levels: pl.DataFrame, path: int | None) -> list[Close]:
    """Return the first and the last close, and those with the lowest, the median and the most inverted VIX.

    Of several paths, the first and the last are medians over the paths. A close is named once.
    """
    of_path = levels if path is None else levels.filter(path=path)
    by_date = medians(of_path).with_columns(path=pl.lit(path, pl.Int32))
    by_vix = of_path.sort("vix")
    steepest = of_path.sort(pl.col("vix") / pl.col("vix3m"))[-1]
    inverted = steepest["vix"][0] > steepest["vix3m"][0]
    chosen = {
        "calmest": by_vix[0],
        "typical": by_vix[by_vix.height // 2],
        "most inverted" if inverted else "flattest": steepest,
        "first": by_date[0],
        "last": by_date[-1],
    }
    closes = {}
    for name, row in chosen.items():
        one = Close(name, row["path"][0], row["date"][0], row.select(*HORIZON_DAYS).row(0))
        closes.setdefault((one.path, one.date), one)
    return list(closes.values())


def inversions(levels: pl.DataFrame) -> pl.DataFrame:
    """Return path, date, at (number of the close in its path), vix, ratio (VIX / VIX3M), gap, inverted, spell."""
    return (
        levels.sort("path", "date")
        .with_columns(ratio=pl.col("vix") / pl.col("vix3m"), gap=pl.col("vix") - pl.col("vix3m"))
        .with_columns(inverted=pl.col("gap") > 0, at=pl.int_range(pl.len()).over("path"))
        .with_columns(spell=pl.col("inverted").rle_id().over("path"))
        .select("path", "date", "at", "vix", "ratio", "gap", "inverted", "spell")
    )


def count_spells(closes: pl.DataFrame) -> Spells:
    """Count the spells of closes inverted one after the other; those cut by either end of the run count as they are."""
    lengths = closes.filter("inverted").group_by("path", "spell").len()["len"]
    share_pct = 100 * float(closes["inverted"].mean() or 0.0)  # type: ignore[arg-type]
    if lengths.is_empty():
        return Spells(share_pct, 0, 0.0, 0)
    return Spells(share_pct, len(lengths), float(lengths.mean()), int(lengths.max()))  # type: ignore[arg-type]


def spell_edges(closes: pl.DataFrame) -> list[tuple[date, date]]:
    """Return the first inverted close of each spell of one path, and the close after it (a day past the last)."""
    beyond = closes["date"][-1] + timedelta(days=1)
    after = closes.with_columns(after=pl.col("date").shift(-1, fill_value=beyond)).filter("inverted")
    edges = after.group_by("spell").agg(pl.col("date").min(), pl.col("after").max()).sort("date")
    return [(first, end) for _, first, end in edges.iter_rows()]


def into_inversions(run: Run, closes: pl.DataFrame) -> pl.DataFrame:
    """Split the change of VIX minus VIX3M around the start of each spell that follows calm closes.

    Parameters
    ----------
    run : Run
        A run that recorded its vix_sources.
    closes : DataFrame
        What `inversions` returned, of one path or of all.

    Returns
    -------
    DataFrame
        event, distance (closes from the first inverted one, -AROUND to AROUND), source, value: vol points added since
        the close at -AROUND. A spell is an event when none of the AROUND closes before it is inverted, and at least
        AROUND closes follow its first one.
    """
    before = pl.col("inverted").cast(pl.Int32).rolling_sum(AROUND).shift(1).over("path")
    starts = closes.filter(
        pl.col("inverted") & (before == 0) & (pl.col("at") + AROUND <= pl.col("at").max().over("path"))
    )
    starts = starts.with_row_index("event").select("event", "path", start="at")
    distances = pl.DataFrame({"distance": np.arange(-AROUND, AROUND + 1)})
    windows = (
        starts.join(distances, how="cross")
        .with_columns(at=pl.col("start") + pl.col("distance"))
        .join(closes.select("path", "date", "at"), on=["path", "at"])
        .select("event", "path", "date", "distance")
    )
    sign = pl.when(pl.col("index") == "vix").then(1.0).otherwise(-1.0)
    return (
        option_table(run, "vix_sources")
        .with_columns(pl.col("index", "source").cast(pl.String))
        .filter(pl.col("index").is_in(["vix", "vix3m"]))
        .join(windows.lazy(), on=["path", "date"])
        .group_by("event", "distance", "source")
        .agg(value=pl.when(pl.col("distance") == -AROUND).then(0.0).otherwise(sign * pl.col("contribution")).sum())
        .sort("event", "source", "distance")
        .with_columns(pl.col("value").cum_sum().over("event", "source"))
        .collect()
    )


def profiles(run: Run) -> pl.DataFrame:
    """Return path, date, spot_pct, value: dealers' gamma at each distance from the close, USD bn for a 1 % move."""
    table = option_table(run, "gamma")
    return table.select("path", "date", "spot_pct", value="gamma_1pct_bn").sort("path", "date", "spot_pct").collect()


def profile_fan(shown: pl.DataFrame) -> Fan:
    """Summarize gamma profiles at each distance; its dates are the distances."""
    numbered = shown.with_columns(path=pl.struct("path", "date").rank("dense") - 1)
    return fan(numbered.select("path", "value", date="spot_pct"), n_singles=0)


def zero_crossings(spot_pct: np.ndarray, gamma: np.ndarray) -> np.ndarray:
    """Return where a profile crosses zero, between two points by straight lines, the nearest to the close first."""
    left, right = gamma[:-1], gamma[1:]
    crossed = np.flatnonzero((left < 0) != (right < 0))
    part = left[crossed] / (left[crossed] - right[crossed])
    found = spot_pct[crossed] + part * (spot_pct[crossed + 1] - spot_pct[crossed])
    return found[np.argsort(np.abs(found), kind="stable")]


def gamma_by_programme(run: Run) -> pl.LazyFrame:
    """Return path, date, source, value: dealers' gamma against each programme, USD bn for a 1 % move."""
    table = option_table(run, "options")
    return table.select("path", "date", source=pl.col("programme").cast(pl.String), value=-pl.col("gamma_1pct_bn"))


def hedging_days(run: Run, name: str, path: int | None) -> pl.DataFrame:
    """Return path, date, return_pct, flow_bn, gamma_bn: dealers' gamma at the close before, USD bn for a 1 % move.

    The first close of a path has no close before, and is left out.
    """
    market, flows = run.market, run.flows.filter(pl.col("source").cast(pl.String) == name)
    if path is not None:
        market, flows = only_path(market, path), only_path(flows, path)
    gamma = at_close(market, "net_gamma_1pct_bn")
    days = market.group_by("path", "date").agg(return_pct=100 * pl.col("log_return").sum())
    traded = flows.group_by("path", "date").agg(pl.col("flow_bn").sum())
    return (
        days.join(traded, on=["path", "date"])
        .join(gamma, on=["path", "date"])
        .sort("path", "date")
        .with_columns(gamma_bn=pl.col("value").shift(1).over("path"))
        .drop("value")
        .drop_nulls()
        .collect()
    )
