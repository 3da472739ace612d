"""Panels that more than one picture shows: the index, a fan's labels, the variance shares."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from flowsim.plot.style import (
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
    say,
)
from flowsim.plot.tables import QUANTILES, Fan

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from flowsim.run.run import Run

MOST_BARS = 16


def index_panel(axes: Axes, run: Run, levels: Fan, *, path: int | None, title: str, n_ticks: int = 5) -> None:
    """Draw the real closes, the start of the run, and the simulated index behind it."""
    history = run.history
    dates = history["date"].to_numpy()
    if len(dates):
        axes.plot(dates, history["close"].to_numpy(), color=INK, linewidth=1.2)
    draw_fan(axes, levels, INDEX)
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


def shares_panel(axes: Axes, run: Run, shares: pl.DataFrame, *, title: str) -> None:
    """Draw one bar for each source's share of the return variance, the interval over paths, and the figure."""
    dress(axes, title, "")
    shares = shares.drop_nulls("share")
    if shares.is_empty():
        say(axes, "The index never moves in this run.")
        return
    shown = shares.top_k(MOST_BARS, by=pl.col("share").abs()).sort("share", descending=True)
    rest = shares.join(shown, on="source", how="anti")
    palette = colors(run.sources)
    for place, (source, share, low, high) in enumerate(shown.iter_rows()):
        axes.barh(place, 100 * share, color=palette[source], height=0.7)
        if low is not None:
            axes.plot([100 * low, 100 * high], [place, place], color=INK, linewidth=0.9)
    names = [label(source) for source in shown["source"]]
    values = shown["share"].to_list()
    if not rest.is_empty():
        names.append(f"{rest.height} others")
        values.append(rest["share"].sum())
        axes.barh(len(values) - 1, 100 * values[-1], color=GREY, height=0.7)
    axes.set_yticks(range(len(names)), names)
    for text in axes.get_yticklabels():
        text.set_parse_math(False)
    axes.set_ylim(len(names) - 0.4, -0.6)
    for place, value in enumerate(values):
        axes.annotate(
            f"{100 * value:z.1f} %", (1.0, place), xycoords=("axes fraction", "data"), xytext=(34, 0),
            textcoords="offset points", size=7.5, color=INK, ha="right", va="center",
        )  # fmt: skip
    axes.axvline(0, color=GREY, linewidth=0.8)
    axes.grid(visible=False, axis="y")
    axes.grid(axis="x", color=LIGHT, linewidth=0.6)
    axes.tick_params(axis="y", length=0)
    axes.set_xlabel("% of the variance of log returns", size=8.5, color=INK)
