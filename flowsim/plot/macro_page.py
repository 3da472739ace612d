"""What the pictures of the macro layer share: the page, stacks of bars, axes of quarters, and what is left out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from flowsim.plot.style import GREY, legend, sheet

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from flowsim.macro.alone import MacroRun

LEFT_OUT = (
    "Not in it: prices, exchange rates, runs on lenders, a stock market that answers. Most behavior is a choice"
    " (flowsim macro sources). No estimate of when the boom ends."
)
MOST_TICKS = 9
Names = Mapping[Any, tuple[str, str]]
"""By column or code: words and a color."""


def macro_page(title: str, found: MacroRun, n_panels: int) -> tuple[Figure, list[Axes]]:
    """Open a page of a macro run, with what the layer leaves out at its foot."""
    figure, axes = sheet(title, f"{found.label}. {found.description}", n_panels)
    figure.text(0.05, 0.018, LEFT_OUT, size=7.5, color=GREY, parse_math=False)
    return figure, axes


def stack(axes: Axes, places: np.ndarray, parts: Sequence[np.ndarray], inks: Sequence[str]) -> None:
    """Stack bars, what is positive above zero and what is negative below."""
    above, below = np.zeros(places.size), np.zeros(places.size)
    for values, ink in zip(parts, inks, strict=True):
        base = np.where(values >= 0, above, below)
        axes.bar(places, values, 0.74, base, color=ink, edgecolor="white", linewidth=0.3)
        above, below = above + np.maximum(values, 0), below + np.minimum(values, 0)
    axes.axhline(0, color=GREY, linewidth=0.8)


def quarter_axis(axes: Axes, quarters: Sequence[str]) -> None:
    """Print quarters below a panel, as many as fit."""
    step = -(-len(quarters) // MOST_TICKS)
    axes.set_xticks(range(0, len(quarters), step), list(quarters)[::step])
    axes.set_xlim(-0.6, len(quarters) - 0.4)


def swatches(axes: Axes, names: Names) -> None:
    """List colors and words beside a panel."""
    from matplotlib.patches import Patch

    patches = [Patch(color=ink, label=words) for words, ink in names.values()]
    legend(axes, patches, handlelength=1.0, loc="upper left", bbox_to_anchor=(1.0, 1.0), ncols=1)
