"""The term structure of implied volatility: the five indices on telling dates, and as a surface over time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from flowsim.plot.option_tables import (
    HORIZON_DAYS,
    Close,
    indices,
    inversions,
    medians,
    single,
    spell_edges,
    telling_closes,
)
from flowsim.plot.style import (
    ALERT,
    COLORS,
    GREY,
    INDEX,
    INK,
    LIGHT,
    date_axis,
    dress,
    legend,
    of_whom,
    page,
    space_ticks,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from flowsim.run.run import Run

CURVES = {"calmest": COLORS["buyback"], "typical": INDEX, "first": GREY, "last": INK}
BANDS = (0.05, 0.25, 0.75, 0.95)
SHADES = ("#F4F6F2", "#A9C6D3", INDEX, "#0C1D2B")
DAYS = np.array(list(HORIZON_DAYS.values()), float)
N_STEPS = 150


def term_structure(run: Run, path: int | None = None) -> Figure:
    """Draw the VIX family by horizon on telling dates, and as a surface over time with its inversions below.

    Parameters
    ----------
    run : Run
        A run that listed options and recorded its volatility.
    path : int, optional
        The path to draw; by default the dates are picked from all paths, and the surface is their median.

    Raises
    ------
    InputError
        If the run lists no options, has no such path, or did not record the table.
    """
    every = indices(run)
    path = single(every, path)
    levels = every if path is None else every.filter(path=path)
    closes = telling_closes(levels, path)

    note = "Typical: the close with the median VIX. Bands: 5, 25, 75, 95 % of the closes."
    figure = page(f"Term structure of implied volatility, {of_whom(path)}", run, note)
    sides = {"top": 0.87, "bottom": 0.085}
    left = figure.add_gridspec(2, 1, left=0.065, right=0.34, height_ratios=(5, 1.3), hspace=0.1, **sides)
    grid = {"height_ratios": (5, 1), "width_ratios": (40, 1), "hspace": 0.24, "wspace": 0.04}
    right = figure.add_gridspec(2, 2, left=0.435, right=0.94, **sides, **grid)
    _curves(figure.add_subplot(left[0]), levels, closes, path)
    surface = figure.add_subplot(right[0, 0])
    _surface(surface, figure.add_subplot(right[0, 1]), levels, path)
    if path is not None:
        _mark(surface, levels, closes)
    _inverted(figure.add_subplot(right[1, 0]), levels, path)
    return figure


def _curves(axes: Axes, levels: pl.DataFrame, closes: list[Close], path: int | None) -> None:
    from matplotlib.lines import Line2D

    low, lower, upper, high = (levels.select(pl.col(*HORIZON_DAYS).quantile(q, "linear")).row(0) for q in BANDS)
    axes.fill_between(DAYS, low, high, color=INDEX, alpha=0.12, linewidth=0)
    axes.fill_between(DAYS, lower, upper, color=INDEX, alpha=0.2, linewidth=0)
    handles = []
    for close in closes:
        look: dict[str, Any] = {
            "color": CURVES.get(close.name, ALERT),
            "linewidth": 1.6,
            "marker": "o",
            "markersize": 4,
        }
        axes.plot(DAYS, close.levels, **look)
        handles.append(Line2D([], [], label=named_close(close, path), **look))
    dress(axes, "By horizon, on telling dates (log scales)", "% a year")
    axes.set_xscale("log")
    axes.set_yscale("log")
    space_ticks(axes)
    axes.set_xticks(DAYS, [f"{name.upper()}\n{days} days" for name, days in HORIZON_DAYS.items()])
    legend(axes, handles, loc="upper left", bbox_to_anchor=(-0.02, -0.13), labelspacing=0.35)


def named_close(close: Close, path: int | None) -> str:
    """Say of a telling close which it is, of whom, and when."""
    whose = "" if path is not None else ", median of the paths" if close.path is None else f", path {close.path}"
    return f"{close.name}{whose}, {close.date:%d %b %Y}"


def _surface(axes: Axes, scale: Axes, levels: pl.DataFrame, path: int | None) -> None:
    from matplotlib.colors import LinearSegmentedColormap, LogNorm
    from matplotlib.dates import date2num

    by_date = medians(levels)
    edges = np.geomspace(DAYS[0], DAYS[-1], N_STEPS + 1)
    heights = np.log(np.sqrt(edges[1:] * edges[:-1]))
    values = [np.interp(heights, np.log(DAYS), row) for row in by_date.select(*HORIZON_DAYS).to_numpy()]
    shades = LinearSegmentedColormap.from_list("volatility", SHADES)
    dates = date_edges(by_date["date"])
    mesh = axes.pcolormesh(date2num(dates), edges, np.transpose(values), cmap=shades, norm=LogNorm(), rasterized=True)
    dress(axes, f"Over time, {'median of the paths' if path is None else f'path {path}'}", "")
    axes.set_yscale("log")
    axes.set_yticks(DAYS, [name.upper() for name in HORIZON_DAYS])
    axes.minorticks_off()
    axes.grid(visible=False)
    date_axis(axes, dates[0], dates[-1], n_ticks=7)
    scale.figure.colorbar(mesh, cax=scale).outline.set_visible(False)  # type: ignore[operator]
    space_ticks(scale)
    scale.tick_params(labelsize=8, color=LIGHT, labelcolor=INK)
    scale.set_ylabel("% a year (log scale)", size=8.5, color=INK)


def _mark(axes: Axes, levels: pl.DataFrame, closes: list[Close]) -> None:
    """Shade the inverted closes of a path on its surface, and point at the telling ones."""
    for first, after in spell_edges(inversions(levels)):
        axes.axvspan(first, after, color=ALERT, alpha=0.3, linewidth=0)  # type: ignore[arg-type]
    for close in closes:
        axes.plot(
            [np.datetime64(close.date)], [0.985], color=CURVES.get(close.name, ALERT), marker="v", markersize=9,
            markeredgecolor="white", transform=axes.get_xaxis_transform(), clip_on=False, scalex=False, scaley=False,
        )  # fmt: skip


def _inverted(axes: Axes, levels: pl.DataFrame, path: int | None) -> None:
    from matplotlib.dates import date2num

    share = inversions(levels).group_by("date").agg(value=100 * pl.col("inverted").mean()).sort("date")
    dates, values = date_edges(share["date"]), share["value"].to_numpy()
    axes.stairs(values, date2num(dates), fill=True, color=ALERT, linewidth=0)
    dress(
        axes, f"Inverted: VIX above VIX3M, on {values.mean():.1f} % of closes", "" if path is not None else "% of paths"
    )
    axes.set_ylim(0, 1.05 * max(values.max(), 1.0))
    date_axis(axes, dates[0], dates[-1], n_ticks=7)
    if path is not None:
        axes.set_yticks([])


def date_edges(dates: pl.Series) -> np.ndarray:
    """Return the dates and the day after the last: each close holds until the next."""
    days = dates.to_numpy().astype("datetime64[D]")
    return np.append(days, days[-1] + 1)
