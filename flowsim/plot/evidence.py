"""The evidence as a picture: each coefficient with its interval, by regressor and era, beside what the law says."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from flowsim.config.display import display_name
from flowsim.plot.style import ALERT, GREY, INDEX, INK, dress, headed, legend, number_axis, panels

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from flowsim.econometrics.evidence import Evidence

MOST_ERAS = 6


def evidence_picture(found: Evidence) -> Figure:
    """Draw the coefficients on returns, on the size of days, and on gamma, era by era; hollow: without such funds."""
    from flowsim.econometrics.evidence import GAMMA, RETURN

    size = next(target for target in found.table["target"].unique(maintain_order=True) if target != RETURN)
    flow, gamma = pl.col("regressor") != GAMMA, pl.col("regressor") == GAMMA
    of_return, of_size = pl.col("target") == RETURN, pl.col("target") == size
    figure = headed("What replayed flows and gamma say of the next real day", found.label)
    grid = figure.add_gridspec(1, 2, left=0.13, right=0.97, top=0.86, bottom=0.12, wspace=0.42)
    left, right = panels(figure, grid)
    _forest(left, found.table.filter(of_return, flow), f"{RETURN} per bn of flow known before")
    _forest(right, found.table.filter(of_size, gamma | flow), f"{size}, per bn of gamma or flow")
    _legend(left)
    eras = ", ".join(found.table["era"].unique(maintain_order=True))
    note = (
        f"In each row from the top: {eras}.\n"
        "95 % by Newey-West, beyond range or size of a day, week and month, VIX, past returns and drawdown."
    )
    figure.text(0.05, 0.012, note, size=7.5, color=GREY)
    return figure


def _forest(axes: Axes, rows: pl.DataFrame, title: str) -> None:
    """Draw one row for each regressor, in it one interval for each era from the top down."""
    names = rows["regressor"].unique(maintain_order=True).to_list()
    for place, name in enumerate(names):
        eras = rows.filter(pl.col("regressor") == name)
        shifts = np.linspace(-0.34, 0.34, MOST_ERAS)[: eras.height]
        for shift, one in zip(shifts, eras.iter_rows(named=True), strict=False):
            color = INDEX if one["had_funds"] else GREY
            face = color if one["had_funds"] else "white"
            axes.plot([one["low"], one["high"]], [place + shift] * 2, color=color, linewidth=1.0)
            axes.plot(one["coefficient"], place + shift, "o", color=color, markerfacecolor=face, markersize=3.4)
            if one["law"] is not None:
                axes.plot(one["law"], place + shift, "|", color=ALERT, markersize=6)
    axes.axvline(0.0, color=INK, linewidth=0.7)
    dress(axes, title, "")
    axes.set_yticks(range(len(names)), [display_name(name) for name in names])
    axes.set_ylim(len(names) - 0.5, -0.5)
    axes.grid(visible=False, axis="y")
    number_axis(axes, "per USD bn")


def _legend(axes: Axes) -> None:
    from matplotlib.lines import Line2D

    handles = [
        Line2D([], [], color=INDEX, marker="o", markersize=4, label="era with such funds"),
        Line2D([], [], color=GREY, marker="o", markerfacecolor="white", markersize=4, label="era without"),
        Line2D([], [], color=ALERT, marker="|", linestyle="none", markersize=7, label="by the law of impact"),
    ]
    legend(axes, handles, loc="upper center", bbox_to_anchor=(0.5, -0.07), ncols=3)
