"""The picture of a scenario's channels: what each does to the index, with intervals, beside the noise of the time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from flowsim.plot.style import ALERT, COLORS, GREY, INDEX, INK, dress, headed, panels, plain_numbers

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from flowsim.experiments.macro_channels import MacroChannels

LEFT_OUT = (
    "Options are left out, so fear has nobody to frighten. The layer is heard four times a year. Its behavior is\n"
    "mostly a choice (flowsim macro sources), and what a flow does to the price is one law of impact."
)


def channels(found: MacroChannels) -> Figure:
    """Draw the effect of each channel at each horizon."""
    figure = headed(
        f"What {found.scenario} does to the index, by channel",
        f"{found.label}. {found.description}",
    )
    horizons = found.table["sessions"].unique(maintain_order=True).to_list()
    grid = figure.add_gridspec(1, len(horizons), left=0.18, right=0.97, top=0.84, bottom=0.13, wspace=0.1)
    for place, (axes, sessions) in enumerate(zip(panels(figure, grid), horizons, strict=True)):
        rows = found.table.filter(sessions=sessions)
        _bars(axes, rows["effect_pct"].to_numpy(), rows["low_pct"].to_numpy(), rows["high_pct"].to_numpy())
        title = f"After {sessions} sessions; the index alone moves by {rows['noise_pct'][0]:.0f} % (one s. d.)"
        dress(axes, title, "")
        axes.grid(axis="y", visible=False)
        axes.set_yticks(np.arange(rows.height), rows["channel"].to_list() if place == 0 else [""] * rows.height)
        axes.invert_yaxis()
        axes.set_xlabel(
            "log change of the index, %: scenario less baseline, with its 95 % interval", size=8.5, color=INK
        )
        plain_numbers(axes.xaxis)
    figure.text(0.05, 0.018, LEFT_OUT, size=7.5, color=GREY, parse_math=False)
    return figure


def _bars(axes: Axes, effect: np.ndarray, low: np.ndarray, high: np.ndarray) -> None:
    places = np.arange(effect.size)
    inks = [INDEX, *[ALERT if value < 0 else COLORS["buyback"] for value in effect[1:-1]], COLORS["noise"]]
    axes.barh(places, effect, 0.62, color=inks)
    axes.hlines(places, low, high, color=INK, linewidth=1.2)
    axes.axvline(0.0, color=GREY, linewidth=0.8)
    reach = 1.35 * max(float(np.abs([low, high]).max()), 1e-3)
    axes.set_xlim(-reach, reach)
    for place, value in zip(places, effect, strict=True):
        side, shift = ("left", 4) if value >= 0 else ("right", -4)
        end = high[place] if value >= 0 else low[place]
        axes.annotate(f"{value:+.2f}", (end, place), xytext=(shift, 0), textcoords="offset points", size=8, color=INK,
                      ha=side, va="center")  # fmt: skip
