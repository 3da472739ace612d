"""How well each number of a calibration is known: the loss along its range, all other numbers fitted anew."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING

from flowsim.plot.style import ALERT, GREY, INDEX, INK, LIGHT, dress, headed, number_axis, panels

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

COLUMNS = 4
HIGHEST = 4.0
"""Top of a panel, in rises at which an interval ends: two of its half widths."""


@dataclass(frozen=True)
class Curve:
    """One number: values along its range, the rise of the sum of losses there, its fitted value and 95 % interval."""

    name: str
    values: Sequence[float]
    rise: Sequence[float]
    fitted: float
    interval: tuple[float, float]


def draw_profiles(curves: Sequence[Curve], rise: float, below: str) -> Figure:
    """Draw one panel a number over its whole range, with its interval, which ends where the loss has risen so far."""
    figure = headed("How well each number is known: its profile", below)
    rows = ceil(len(curves) / COLUMNS)
    grid = figure.add_gridspec(rows, COLUMNS, left=0.06, right=0.97, top=0.86, bottom=0.11, hspace=0.75, wspace=0.28)
    for place, axes in enumerate(panels(figure, grid)):
        if place < len(curves):
            _draw(axes, curves[place], rise, first=place % COLUMNS == 0)
        else:
            axes.remove()
    note = f"Rise of the sum of losses, all other numbers fitted anew. Shaded: 95 % interval; dotted: {rise:.2f}."
    figure.text(0.97, 0.022, note, size=7.5, color=GREY, ha="right")
    return figure


def _draw(axes: Axes, curve: Curve, rise: float, *, first: bool) -> None:
    low, high = min(curve.values), max(curve.values)
    known = curve.interval[0] > low or curve.interval[1] < high
    axes.axvspan(*curve.interval, color=LIGHT, alpha=0.6, linewidth=0)
    axes.axhline(rise, color=GREY, linewidth=0.8, linestyle=":")
    axes.plot(curve.values, curve.rise, color=INDEX if known else ALERT, linewidth=1.6)
    axes.axvline(curve.fitted, color=INK, linewidth=1.0)
    axes.set_xlim(low, high)
    axes.set_ylim(0.0, HIGHEST * rise)
    owner_and_key = " ".join(curve.name.split(".")[-2:]).replace("_", " ")
    dress(axes, owner_and_key, "rise of the loss" if first else "", size=7.5)
    number_axis(axes, f"fitted {curve.fitted:.4g}{'' if known else ', not identified'}")
    axes.locator_params(axis="x", nbins=4)
