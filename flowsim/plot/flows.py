"""Who bought and who sold: the net flow of every population in bars over time, below the price."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from flowsim.plot.style import (
    GREY,
    INDEX,
    INK,
    colors,
    date_axis,
    draw_fan,
    dress,
    label,
    legend,
    page,
    panels,
    say,
    whose,
)
from flowsim.plot.tables import (
    OTHER,
    fan,
    flows_by_period,
    largest,
    only_path,
    period_of,
    prices,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from flowsim.run.run import Run

MOST_BARS = 9
BAR_WIDTH = 0.85


def flows(run: Run, path: int | None = 0) -> Figure:
    """Draw the net flow of the populations as stacked bars, buying up and selling down, below the price.

    Parameters
    ----------
    run : Run
        A run that recorded its market and flows.
    path : int or None
        The path to draw; None draws means over all paths.

    Raises
    ------
    InputError
        If the run has no such path or did not record a table that the picture needs.
    """
    closes = prices(run)
    levels = fan(closes if path is None else only_path(closes.lazy(), path).collect())
    length, name = period_of(run.flows)
    by_period = flows_by_period(run, length, path)
    ruled = largest(by_period.select("date", *_recorded(by_period, run.populations_of("systematic"))), MOST_BARS)
    leaning = largest(by_period.select("date", *_recorded(by_period, run.populations_of("discretionary"))), MOST_BARS)

    net_flow = f"{name.capitalize()} net flow"
    note = "Above zero bought, below zero sold. The first and the last bar may hold fewer sessions."
    figure = page(f"{net_flow} by population, {whose(path)}", run, note)
    ratios = (3, 5, 2) if leaning.width > 1 else (3, 5)
    sides = {"left": 0.07, "right": 0.845, "top": 0.88, "bottom": 0.085}
    grid = figure.add_gridspec(len(ratios), 1, height_ratios=ratios, hspace=0.2, **sides)
    axes = panels(figure, grid)
    draw_fan(axes[0], levels, INDEX, singles=False)
    dress(axes[0], "Index", "index points")
    _bars(axes[1], ruled, length, run, f"{net_flow} of the systematic populations")
    if leaning.width > 1:
        _bars(axes[2], leaning, length, run, f"{net_flow} of the discretionary populations")
    ends = by_period.select(pl.col("date").dt.offset_by(length)).to_series().to_numpy()
    for panel in axes:
        date_axis(panel, min(levels.dates[0], by_period["date"].to_numpy()[0]), ends[-1], n_ticks=12)
        panel.tick_params(labelbottom=panel is axes[-1])
    return figure


def _recorded(table: pl.DataFrame, names: list[str]) -> list[str]:
    return [name for name in names if name in table.columns]


def _bars(axes: Axes, table: pl.DataFrame, length: str, run: Run, title: str) -> None:
    dress(axes, title, "USD bn")
    axes.use_sticky_edges = False
    names = [name for name in table.columns if name != "date"]
    if not names:
        say(axes, "No systematic population trades in this run.")
        return
    palette = colors(run.sources) | {OTHER: GREY}
    starts = table["date"].to_numpy()
    ends = table.select(pl.col("date").dt.offset_by(length)).to_series().to_numpy()
    width_days = BAR_WIDTH * (ends - starts).astype("timedelta64[D]").astype(float)
    centers = starts.astype("datetime64[h]") + (12 * width_days).astype("timedelta64[h]")
    above, below = np.zeros(table.height), np.zeros(table.height)
    for name in names:
        values = table[name].to_numpy()
        base = np.where(values >= 0, above, below)
        axes.bar(starts, values, width_days, base, align="edge", color=palette[name], edgecolor="white", linewidth=0.2)
        above, below = above + np.maximum(values, 0), below + np.minimum(values, 0)
    axes.axhline(0, color=GREY, linewidth=0.8)
    net: dict[str, Any] = {"color": INK, "marker": "o", "markersize": 4.5, "markeredgecolor": "white", "linewidth": 1.4}
    # Dark bars would hide it.
    axes.plot(centers, above + below, color="white", linewidth=3.4)
    axes.plot(centers, above + below, **net)
    _legend(axes, [(label(name), palette[name]) for name in names], net)


def _legend(axes: Axes, inks: list[tuple[str, str]], net: dict[str, Any]) -> None:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    entries = [Patch(color=ink, label=name) for name, ink in inks] + [Line2D([], [], label="net", **net)]
    legend(axes, entries, loc="upper left", bbox_to_anchor=(1.01, 1.03), handlelength=1.0)
