"""Panels that more than one picture shows: the index, a fan's labels, stacked areas, bars, the variance shares."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import polars as pl

from flowsim.plot.style import (
    ALERT,
    GREY,
    INDEX,
    INK,
    LIGHT,
    End,
    colors,
    date_axis,
    draw_fan,
    dress,
    label,
    label_ends,
    number_axis,
    say,
)
from flowsim.plot.tables import QUANTILES, Fan

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from flowsim.run.run import Run

MOST_BARS = 16


class Bar(NamedTuple):
    """One bar of a panel: its name, its value and the ends of its whisker."""

    name: str
    value: float
    low: float | None
    high: float | None
    color: str


def index_panel(
    axes: Axes, run: Run, levels: Fan, *, path: int | None, title: str, n_ticks: int = 5, before: int | None = None
) -> None:
    """Draw the real closes, the start of the run, and behind it the simulated index and what really happened.

    Of the closes before the start so many are shown: a year by default.
    """
    history = run.history.tail(before) if before is not None else run.history
    dates = history["date"].to_numpy()
    if len(dates):
        axes.plot(dates, history["close"].to_numpy(), color=INK, linewidth=1.2)
    draw_fan(axes, levels, INDEX)
    real = run.afterwards
    if real.height:
        title = f"{title}; red: what really happened"
        axes.plot(real["date"].to_numpy(), real["close"].to_numpy(), color=ALERT, linewidth=1.8)
    dress(axes, title, "index points")
    date_axis(axes, dates[0] if len(dates) else levels.dates[0], levels.dates[-1], n_ticks=n_ticks)
    mark_start(axes, run)
    label_fan(axes, levels, path, "{:,.0f}")


def mark_start(axes: Axes, run: Run) -> None:
    """Mark the last real session by a vertical line, and say its date at the top.

    Call it when the dates of the panel are final.
    """
    from matplotlib.dates import date2num

    start_line(axes, run)
    left, right = axes.get_xlim()
    has_room = date2num(run.start) - left > (right - left) / 3
    axes.annotate(
        f"start {run.start:%d %b %Y}",
        (run.start, 1.0),  # type: ignore[arg-type]
        xycoords=("data", "axes fraction"),
        xytext=(-3 if has_room else 3, -2),
        textcoords="offset points",
        size=7.5,
        color=GREY,
        ha="right" if has_room else "left",
        va="top",
        bbox={"facecolor": "white", "alpha": 0.8, "linewidth": 0, "pad": 1},
    )


def start_line(axes: Axes, run: Run) -> None:
    """Mark the last real session by a vertical line."""
    axes.axvline(run.start, color=GREY, linewidth=0.8, linestyle=(0, (4, 3)))  # type: ignore[arg-type]


def label_fan(axes: Axes, shown: Fan, path: int | None, form: str) -> None:
    """Write at the right of a fan what its bands are and where they end."""
    ends = []
    if shown.bands is not None:
        for q, level in zip(QUANTILES, shown.bands[:, -1], strict=True):
            band = "median" if q == 0.5 else f"{100 * q:.0f} %"
            ends.append(End(f"{band}  {form.format(level)}", level, INDEX))
    else:
        others = {single: values[-1] for single, (_, values) in shown.singles.items() if single != path}
        ends = [End(f"path {single}  {form.format(level)}", level, INDEX) for single, level in others.items()]
    if shown.chosen is not None:
        level = shown.chosen[1][-1]
        ends.append(End(f"path {path}  {form.format(level)}", level, INK))
    label_ends(axes, ends)


def stacked_areas(
    axes: Axes, x: np.ndarray, parts: pl.DataFrame, palette: dict[str, str]
) -> tuple[list[End], np.ndarray]:
    """Stack the columns above and below zero, draw their sum over them, and return the ends of the areas and the sum.

    The largest at the right end lies next to zero.
    """
    names = sorted(parts.columns, key=lambda name: -abs(parts[name][-1]))
    above, below = np.zeros(parts.height), np.zeros(parts.height)
    ends = []
    for name in names:
        values = parts[name].to_numpy()
        top, bottom = above + np.maximum(values, 0), below + np.minimum(values, 0)
        for low, high in ((above, top), (bottom, below)):
            axes.fill_between(x, low, high, color=palette[name], linewidth=0.3, edgecolor="white")
        middle = (above[-1] + top[-1]) / 2 if values[-1] >= 0 else (below[-1] + bottom[-1]) / 2
        ends.append(End(label(name), middle, palette[name]))
        above, below = top, bottom
    axes.plot(x, above + below, color="white", linewidth=3.6)
    axes.plot(x, above + below, color=INK, linewidth=2.0)
    axes.axhline(0, color=GREY, linewidth=0.8)
    return ends, above + below


def shares_panel(axes: Axes, run: Run, shares: pl.DataFrame, *, title: str) -> None:
    """Draw one bar for each source's share of the return variance, the interval over paths, and the figure."""
    dress(axes, title, "")
    shares = shares.drop_nulls("share")
    if shares.is_empty():
        say(axes, "The index never moves in this run.")
        return
    shares = shares.with_columns(pl.col("share", "low", "high") * 100)
    palette = colors(run.sources)
    rows = [Bar(label(source), share, low, high, palette[source]) for source, share, low, high in shares.iter_rows()]
    bars(axes, rows, "% of the variance of log returns", "{:z.1f} %")


def bars(axes: Axes, rows: list[Bar], unit: str, form: str) -> None:
    """Draw one horizontal bar for each row, from the top down, with its whisker and its figure at the right.

    Where there are too many, those that are smallest in size are added up in a last bar.
    """
    n_shown = len(rows) if len(rows) <= MOST_BARS + 1 else MOST_BARS
    by_size = sorted(range(len(rows)), key=lambda row: -abs(rows[row].value))
    shown, rest = [rows[row] for row in sorted(by_size[:n_shown])], [rows[row] for row in by_size[n_shown:]]
    if rest:
        shown.append(Bar(f"{len(rest)} others", sum(bar.value for bar in rest), None, None, GREY))
    for place, bar in enumerate(shown):
        axes.barh(place, bar.value, color=bar.color, height=0.7)
        if bar.low is not None and bar.high is not None:
            axes.plot([bar.low, bar.high], [place, place], color=INK, linewidth=0.9)
        axes.annotate(
            form.format(bar.value), (1.0, place), xycoords=("axes fraction", "data"), xytext=(34, 0),
            textcoords="offset points", size=7.5, color=INK, ha="right", va="center",
        )  # fmt: skip
    axes.set_yticks(range(len(shown)), [bar.name for bar in shown])
    for text in axes.get_yticklabels():
        text.set_parse_math(False)
    axes.set_ylim(len(shown) - 0.4, -0.6)
    axes.axvline(0, color=GREY, linewidth=0.8)
    axes.grid(visible=False, axis="y")
    axes.grid(axis="x", color=LIGHT, linewidth=0.6)
    axes.tick_params(axis="y", length=0)
    number_axis(axes, unit)
