"""Dealers' gamma: by spot with its zero-cross, over time, and against whom; and the hedging that comes of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from flowsim.errors import InputError
from flowsim.plot.option_tables import gamma_by_programme, profile_fan, profiles, single, zero_crossings
from flowsim.plot.panels import label_fan, stacked_areas
from flowsim.plot.style import (
    ALERT,
    GREY,
    INDEX,
    INK,
    End,
    date_axis,
    draw_fan,
    dress,
    fan_note,
    label_ends,
    number_axis,
    of_whom,
    option_colors,
    page,
    say,
)
from flowsim.plot.tables import OTHER, fan, largest, period_of
from flowsim.run.attribution import columns_by_source, only_path

if TYPE_CHECKING:
    from datetime import date

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from flowsim.run.run import Run

MOST_PROGRAMMES = 9
UNIT = "USD bn for a 1 % move"


def gamma(run: Run, path: int | None = None, *, on: date | None = None) -> Figure:
    """Draw dealers' gamma by spot with its zero-cross, over time, and by the programme that it is held against.

    Parameters
    ----------
    run : Run
        A run that listed options and recorded gamma and options.
    path : int, optional
        The path to draw; by default its fans and means are over all paths.
    on : date, optional
        The close of the profile; by default all closes are pooled, and a path's last one is drawn over them.

    Raises
    ------
    InputError
        If the run lists no options, has no such path or profile, or did not record a table that the picture needs.
    """
    by_programme = gamma_by_programme(run)
    total = by_programme.group_by("path", "date").agg(pl.col("value").sum()).collect()
    path = single(total, path)
    over_time = fan(total, n_singles=0, path=path)

    note = f"{fan_note(over_time, path)} Above zero dealers are long gamma: they sell rises and buy falls."
    figure = page(f"Dealers' gamma, {of_whom(path)}", run, note)
    left = figure.add_gridspec(1, 1, left=0.065, right=0.42, top=0.87, bottom=0.1)
    right = figure.add_gridspec(2, 1, left=0.5, right=0.87, top=0.87, bottom=0.085, hspace=0.28)
    _profile(figure.add_subplot(left[0]), profiles(run), path, on)
    upper, lower = figure.add_subplot(right[0]), figure.add_subplot(right[1])
    draw_fan(upper, over_time, INDEX)
    upper.axhline(0, color=GREY, linewidth=0.8)
    dress(upper, "At each close", UNIT)
    date_axis(upper, over_time.dates[0], over_time.dates[-1])
    label_fan(upper, over_time, path, "{:+.1f}")
    _by_programme(lower, run, by_programme, path)
    return figure


def _profile(axes: Axes, every: pl.DataFrame, path: int | None, on: date | None) -> None:
    if every.is_empty():
        dress(axes, "By spot", "")
        say(axes, "The run is too short: a profile is kept every fifth session.")
        return
    one = every if path is None else every.filter(path=path)
    shown = one if on is None else _at(every, on)
    draw_fan(axes, profile_fan(shown), INDEX)
    if path is not None:
        last = on or one["date"].max()
        curve = one.filter(date=last)
        axes.plot(curve["spot_pct"].to_numpy(), curve["value"].to_numpy(), color=INK, linewidth=1.8)
        title = f"By spot, {'all closes' if on is None else 'all paths'}; black: {last:%d %b %Y}"
    else:
        curve = shown.group_by("spot_pct").agg(pl.col("value").median()).sort("spot_pct")
        title = "By spot, all closes" if on is None else f"By spot on {on:%d %b %Y}"
    dress(axes, title, UNIT)
    axes.axhline(0, color=GREY, linewidth=0.8)
    axes.axvline(0, color=GREY, linewidth=0.8, linestyle=(0, (4, 3)))
    spot_pct = curve["spot_pct"].to_numpy()
    axes.set_xlim(spot_pct[0], spot_pct[-1])
    number_axis(axes, "index from its close, %")
    _mark_zero(axes, zero_crossings(spot_pct, curve["value"].to_numpy()))


def _at(every: pl.DataFrame, on: date) -> pl.DataFrame:
    kept = every["date"].unique().sort()
    if on not in kept:
        near = kept[int(np.argmin(np.abs((kept - on).to_numpy())))]
        raise InputError(f"no gamma profile was kept on {on}, but every fifth session; the nearest is {near}")
    return every.filter(date=on)


def _mark_zero(axes: Axes, crossings: np.ndarray) -> None:
    if not len(crossings):
        said, at = "no zero-cross in this range", 0.0
    else:
        said, at = f"zero-cross {crossings[0]:+.1f} %", float(crossings[0])
        axes.plot([at], [0], marker="o", markersize=7, color=ALERT, zorder=5)
    rightmost = at > sum(axes.get_xlim()) / 2
    axes.annotate(
        said, (at, 0), xytext=(-8 if rightmost else 8, -12), textcoords="offset points", size=9, weight="bold",
        color=ALERT, ha="right" if rightmost else "left", va="center",
        bbox={"facecolor": "white", "alpha": 0.8, "linewidth": 0, "pad": 1},
    )  # fmt: skip


def _by_programme(axes: Axes, run: Run, by_programme: pl.LazyFrame, path: int | None) -> None:
    table = by_programme if path is None else only_path(by_programme, path)
    length, name = period_of(table)
    dress(axes, f"Against each programme, {name} mean, {of_whom(path)}", UNIT)
    periods = table.with_columns(pl.col("date").dt.truncate(length))
    means = periods.group_by("date", "source").agg(pl.col("value").mean()).collect()
    columns = largest(columns_by_source(means, run.programmes), MOST_PROGRAMMES)
    if columns.width < 2:
        say(axes, "No programme holds an option in this run.")
        return
    dates = columns["date"].to_numpy()
    ends, total = stacked_areas(axes, dates, columns.drop("date"), option_colors(run.programmes) | {OTHER: GREY})
    date_axis(axes, dates[0], dates[-1])
    label_ends(axes, [*ends, End(f"total {total[-1]:+.1f}", total[-1], INK)])
