"""The stylized facts of a run against the real market: one row a fact, its interval over paths among the real ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from flowsim.config.asset import LEAD
from flowsim.errors import InputError
from flowsim.facts.fact_table import series_of_run
from flowsim.facts.facts import FACTS, Fact
from flowsim.facts.market_facts import LONG, RECENT, Interval, market_facts
from flowsim.plot.style import ALERT, COLORS, GREY, INDEX, INK, LIGHT, legend, page

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from flowsim.facts.fact_table import Series
    from flowsim.run.run import Run

LEFT, RIGHT = ("returns", "calendar"), ("VIX", "term structure")
TITLES = {"returns": "Returns", "calendar": "Calendar", "VIX": "VIX", "term structure": "Term structure"}
LATER = dict(zip(RECENT, (INDEX, COLORS["policy"]), strict=True))
WIDEST = 3.4
"""Half width of a panel, in half widths of the interval of 1990-2026; what lies beyond is drawn as an arrow."""
ROWS = 28.6
GAP = 1.6
"""Rows from the last fact of a group to the heading of the next."""


def facts(run: Run, path: int | None = None) -> Figure:
    """Draw each fact's median and interval over paths among the intervals of the real market, and mark what misses.

    Rows have no unit in common, so each is scaled to its interval of 1990-2026; figures stand at the right.

    Parameters
    ----------
    run : Run
        A run that recorded its market at every close.
    path : int, optional
        A path to mark in every row.

    Raises
    ------
    InputError
        If the run has no such path, or did not record every close, or is of a market beside the first.
    """
    if run.asset != LEAD:
        raise InputError(
            f"the picture of facts holds an equity index against the S&P 500, and {run.asset} is none;"
            " the command facts holds it against closes of its own"
        )
    series = series_of_run(run)
    chosen = {} if path is None else series_of_run(run, path).measured.facts
    inside = f"{len(series.scored) - len(series.misses)} of {len(series.scored)} inside the real intervals"
    title = f"Stylized facts: {inside if series.scored else 'the run is too short for any'}"
    figure = page(title, run, f"Inside: in the 95 % interval of {LONG}, or in both of {' and '.join(RECENT)}.")
    sides = {"top": 0.855, "bottom": 0.06}
    left = figure.add_subplot(figure.add_gridspec(1, 1, left=0.175, right=0.36, **sides)[0])
    right = figure.add_subplot(figure.add_gridspec(1, 1, left=0.665, right=0.845, **sides)[0])
    _column(left, LEFT, series, chosen)
    _column(right, RIGHT, series, chosen)
    _explain(figure, right, path)
    return figure


def _column(axes: Axes, groups: tuple[str, ...], series: Series, chosen: dict[str, Interval]) -> None:
    """Draw the facts of some groups from the top down, a heading above each group."""
    axes.set_xlim(-WIDEST, WIDEST)
    axes.set_ylim(ROWS - 0.4, -0.6)
    axes.axis("off")
    place = 0.0
    for group in groups:
        _write(axes, place, TITLES[group], "simulated", LONG, INK, weight="bold")
        for fact in (fact for fact in FACTS if fact.group == group and fact.by_day):
            place += 1.0
            _row(axes, place, fact, series, chosen.get(fact.name))
        place += GAP


def _row(axes: Axes, place: float, fact: Fact, series: Series, chosen: Interval | None) -> None:
    market = {sample: facts[fact.name] for sample, facts in market_facts().items()}
    long = market[LONG]
    decimals = max(0, int(1 - np.floor(np.log10(long.high - long.low))))
    real = f"{long.low:z.{decimals}f} to {long.high:z.{decimals}f}"
    axes.barh(place, 2.0, left=-1.0, height=0.8, color=LIGHT, linewidth=0)
    for shift, (sample, color) in zip((-0.27, 0.27), LATER.items(), strict=True):
        low, high = _scaled(long, market[sample].low), _scaled(long, market[sample].high)
        axes.plot(np.clip([low, high], -WIDEST, WIDEST), [place + shift] * 2, color=color, linewidth=1.5)
    measured = series.measured.facts.get(fact.name)
    if measured is None:
        _write(axes, place, fact.name, "left out", real, GREY)
        return
    color = INK if series.is_inside(fact.name) else ALERT
    _write(axes, place, fact.name, f"{measured.value:z.{decimals}f}", real, color)
    if measured.has_ends:
        ends = np.clip([_scaled(long, measured.low), _scaled(long, measured.high)], -WIDEST, WIDEST)
        axes.plot(ends, [place, place], color=color, linewidth=1.0)
    _dot(axes, place, _scaled(long, measured.value), color, 4.5)
    if chosen is not None:
        axes.plot(np.clip(_scaled(long, chosen.value), -WIDEST, WIDEST), place, "|", color=INK, markersize=9)


def _dot(axes: Axes, place: float, value: float, color: str, size: float) -> None:
    """Draw a value, or an arrow at the edge towards a value beyond it."""
    shape = "<" if value < -WIDEST else ">" if value > WIDEST else "o"
    axes.plot(np.clip(value, -WIDEST, WIDEST), place, shape, color=color, markersize=size, clip_on=False)


def _write(axes: Axes, place: float, name: str, value: str, real: str, color: str, weight: str = "normal") -> None:
    look = {"size": 7.5, "va": "center", "parse_math": False, "weight": weight}
    across = axes.get_yaxis_transform()
    axes.text(-0.04, place, name, color=color, ha="right", transform=across, **look)
    axes.text(1.19, place, value, color=color, ha="right", transform=across, **look)
    axes.text(1.68, place, real, color=GREY, ha="right", transform=across, **look)


def _explain(figure: Figure, axes: Axes, path: int | None) -> None:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    dot = {"marker": "o", "markersize": 4.5, "linewidth": 1.0}
    handles = [
        Patch(color=LIGHT, label=f"S&P 500 and VIX {LONG}, 95 %"),
        *(Line2D([], [], color=color, linewidth=1.5, label=f"{sample}, 95 %") for sample, color in LATER.items()),
        Line2D([], [], color=INK, label="simulated: median and middle 95 % of paths", **dot),
        Line2D([], [], color=ALERT, label="the same, median misses", **dot),
    ]
    if path is not None:
        handles.append(Line2D([], [], color=INK, marker="|", markersize=9, linewidth=0, label=f"path {path}"))
    place = {"loc": "lower left", "bbox_to_anchor": (0.045, 0.868), "bbox_transform": figure.transFigure}
    legend(axes, handles, ncols=len(handles), columnspacing=1.4, borderaxespad=0.0, **place)


def _scaled(long: Interval, value: float) -> float:
    """Return where a value lies: -1 and 1 are the ends of the interval of 1990-2026."""
    return (2.0 * value - long.low - long.high) / (long.high - long.low)
