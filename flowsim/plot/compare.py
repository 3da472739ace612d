"""Two runs or two arms over each other: returns with their tails, the curve of the VIX, and differences by outcome."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from flowsim.options.arrays import INDICES
from flowsim.plot.style import ALERT, GREY, INDEX, INK, LIGHT, dress, headed, label, legend, number_axis, panels, say
from flowsim.sweeps.compare import FLOWS, RETURNS
from flowsim.sweeps.outcomes import OVER_A_HORIZON, TAILS, source_in
from flowsim.sweeps.words import number

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from flowsim.sweeps.compare import Comparison

COLOR_A, COLOR_B = INDEX, ALERT
MOST_ROWS = 14
WIDEST = 20.0
"""Half widths beyond which a difference is drawn at the edge."""


def comparison_picture(found: Comparison) -> Figure:
    """Draw both sides over each other, and what differs with its 95 % interval, in units of its half width."""
    figure = headed("A and B", f"A: {found.a.label}.   B: {found.b.label}.")
    tails, curve = panels(figure, figure.add_gridspec(1, 2, left=0.07, right=0.97, top=0.85, bottom=0.54, wspace=0.2))
    facts, flows = panels(figure, figure.add_gridspec(1, 2, left=0.14, right=0.88, top=0.43, bottom=0.12, wspace=0.9))
    _returns(tails, found)
    _curve(curve, found)
    of_facts = pl.col("group") == RETURNS
    over = [name.removesuffix("_pct") for name in OVER_A_HORIZON]
    plain = ~pl.any_horizontal(pl.col("outcome").str.starts_with(f"{name}_") for name in over)
    _differences(facts, found.table.filter(of_facts & plain), "Facts of returns: B less A")
    traded = (pl.col("group") == FLOWS) & pl.col("outcome").str.starts_with("traded_")
    _differences(flows, found.table.filter(traded), "Size of daily flows by source: B less A")
    note = (
        f"{found.why} Lower panels: differences over half their 95 % interval. Red, *: other than zero held together."
    )
    figure.text(0.05, 0.022, note, size=7.5, color=GREY, parse_math=False)
    return figure


def _returns(axes: Axes, found: Comparison) -> None:
    """Draw the cumulated share of paths up to each return, with VaR and expected shortfall of both."""
    days, *sides = found.returns
    dress(axes, f"Returns over {days} sessions, %", "share of paths, %")
    if not days:
        say(axes, "no returns were measured in both")
        return
    rows = {row["outcome"]: row for row in found.table.iter_rows(named=True)}
    for values, color, style, side in zip(sides, (COLOR_A, COLOR_B), ("-", "--"), ("a", "b"), strict=True):
        share = 100.0 * np.arange(1, len(values) + 1) / len(values)
        axes.step(np.sort(values), share, color=color, linestyle=style, where="post", linewidth=1.6, label=side.upper())
        for name, what, marker in (("var95", "VaR", "o"), ("es95", "ES", "s")):
            row = rows.get(f"{name}_{days}d_pct")
            if row is not None and np.isfinite(row[side]):
                look = {"color": color, "markersize": 6, "fillstyle": "none", "linestyle": "none"}
                said = f"{side.upper()}: {what} 95 % {row[side]:.1f}"
                axes.plot(-row[side], 100.0 * TAILS[name][1], marker=marker, label=said, **look)
    number_axis(axes, "return, %")
    legend(axes, axes.get_legend_handles_labels()[0], loc="lower right")


def _curve(axes: Axes, found: Comparison) -> None:
    """Draw the mean close of each volatility index of both."""
    dress(axes, "VIX curve, mean of all closes", "vol points")
    rows = {row["outcome"]: row for row in found.table.iter_rows(named=True)}
    there = [index for index in INDICES if f"{index}_mean" in rows]
    if not there:
        say(axes, "no volatility index was measured in both")
        return
    for side, color, style in (("a", COLOR_A, "-"), ("b", COLOR_B, "--")):
        levels = [rows[f"{index}_mean"][side] for index in there]
        axes.plot(levels, color=color, linestyle=style, marker="o", markersize=4, linewidth=1.6, label=side.upper())
    axes.set_xticks(range(len(there)), [index.upper() for index in there])
    axes.margins(y=0.2)
    legend(axes, axes.get_legend_handles_labels()[0], loc="best")


def _differences(axes: Axes, rows: pl.DataFrame, title: str) -> None:
    """Draw each difference over half its interval, the farthest from zero first; figures stand at the right."""
    half = (pl.col("high") - pl.col("low")) / 2.0
    known = rows.filter(pl.col("difference").is_finite() & (half > 0.0)).with_columns(far=pl.col("difference") / half)
    known = known.sort(pl.col("far").abs(), descending=True).head(MOST_ROWS)
    if not len(known):
        dress(axes, title, "")
        say(axes, "nothing differs, or nothing was measured in both")
        return
    for place, row in enumerate(known.iter_rows(named=True)):
        ends = np.clip([row["far"] - 1.0, row["far"] + 1.0], -WIDEST, WIDEST)
        color = COLOR_B if row["moved"] else INK
        axes.plot(ends, [place, place], color=color, linewidth=1.2)
        axes.plot(np.clip(row["far"], -WIDEST, WIDEST), place, "o", color=color, markersize=4)
        said = f"{number(row['difference'], signed=True)} {row['unit']}{'*' * bool(row['moved'])}"
        axes.text(1.02, place, said, size=7, color=color,
                  va="center", transform=axes.get_yaxis_transform(), parse_math=False)  # fmt: skip
    axes.axvline(0.0, color=GREY, linewidth=0.8)
    axes.set_ylim(len(known) - 0.5, -0.5)
    dress(axes, title, "")
    number_axis(axes, "half widths of the 95 % interval")
    axes.set_yticks(range(len(known)), [_called(name) for name in known["outcome"]])
    axes.grid(axis="y", color=LIGHT, linewidth=0.4)


def _called(outcome: str) -> str:
    """Return a source's name as desks write it, or the outcome's own."""
    source = source_in(outcome, "traded_{}_bn")
    return label(source) if source else outcome
