"""What moved the index: contributions of the sources that add up to its log return, and variance shares."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from flowsim.plot.panels import shares_panel, stacked_areas
from flowsim.plot.style import GREY, INK, End, colors, date_axis, dress, label_ends, page, panels, whose
from flowsim.plot.tables import OTHER, largest
from flowsim.run.attribution import cumulative_contributions, variance_shares

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from flowsim.run.run import Run

MOST_AREAS = 11


def attribution(run: Run, path: int | None = None) -> Figure:
    """Draw the cumulative contribution of every source to the log return, and the shares of its variance.

    Parameters
    ----------
    run : Run
        A run that recorded its flows.
    path : int, optional
        The path to follow; by default the mean over all paths. The variance shares always pool all paths.

    Raises
    ------
    InputError
        If the run has no such path or did not record its flows.
    """
    cumulative = cumulative_contributions(run, path)
    table = largest(cumulative.with_columns(pl.exclude("date") * 100), MOST_AREAS)
    shares = variance_shares(run)

    note = "The areas above and below zero add up to the line. Whiskers: middle 95 % of single paths."
    figure = page(f"What moved the index, {whose(path)}", run, note)
    grid = figure.add_gridspec(1, 2, left=0.065, right=0.945, top=0.87, bottom=0.1, width_ratios=(2, 1), wspace=0.6)
    left, right = panels(figure, grid)
    _areas(left, run, table)
    shares_panel(right, run, shares, title="Share of the return variance, all paths")
    return figure


def _areas(axes: Axes, run: Run, table: pl.DataFrame) -> None:
    dates = table["date"].to_numpy()
    ends, index = stacked_areas(axes, dates, table.drop("date"), colors(run.sources) | {OTHER: GREY})
    dress(axes, "Cumulative contribution to the log return of the index", "% of log return")
    date_axis(axes, np.datetime64(run.start), dates[-1])
    label_ends(axes, [*ends, End(f"index {index[-1]:+.1f} %", index[-1], INK)])
