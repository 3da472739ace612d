"""One page for a run: the index, its volatility, who traded, and what moved the price."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from flowsim.plot.option_tables import indices
from flowsim.plot.panels import index_panel, label_fan, mark_start, shares_panel, start_line
from flowsim.plot.style import (
    GREY,
    INDEX,
    INK,
    End,
    colors,
    date_axis,
    draw_fan,
    dress,
    fan_note,
    label,
    label_ends,
    page,
    panels,
    say,
    whose,
)
from flowsim.plot.tables import (
    OTHER,
    at_close,
    fan,
    flows_by_period,
    largest,
    past_volatility,
    prices,
)
from flowsim.run.attribution import variance_shares

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from flowsim.run.run import Run

MOST_LINES = 9


def overview(run: Run, path: int | None = None) -> Figure:
    """Draw one page for a run: index, realized volatility, VIX, cumulative flows and shares of the return variance.

    VIX has a panel where the run recorded its volatility.

    Parameters
    ----------
    run : Run
        A run that recorded its market and flows.
    path : int, optional
        A path to draw over the fans, and whose flows to show; by default the flows are means over all paths.

    Raises
    ------
    InputError
        If the run has no such path or did not record a table that the picture needs.
    """
    levels = fan(prices(run), path=path)
    volatility = at_close(run.market, "realized_vol").with_columns(value=100 * pl.col("value")).collect()
    flows, shares = _cumulative_flows(run, path), variance_shares(run)

    note = f"{fan_note(levels, path)} Whiskers: middle 95 % of single paths."
    figure = page("Overview of the run", run, note)
    left, right = figure.add_gridspec(1, 2, left=0.065, right=0.9, top=0.88, bottom=0.1, wspace=0.6)
    has_vix = "volatility" in run.info["tables"]
    rows = left.subgridspec(3, 1, hspace=0.45) if has_vix else left.subgridspec(2, 1, hspace=0.32)
    index, volatile = figure.add_subplot(rows[0]), figure.add_subplot(rows[1])
    traded, shared = panels(figure, right.subgridspec(2, 1, hspace=0.32))
    index_panel(index, run, levels, path=path, title=f"Index, simulated paths: {levels.n_paths:,}")
    _volatility_panel(volatile, run, volatility, path)
    if has_vix:
        _vix_panel(figure.add_subplot(rows[2]), run, path)
    _flows_panel(traded, run, flows, path)
    shares_panel(shared, run, shares, title="Share of the return variance by source, all paths")
    return figure


def _cumulative_flows(run: Run, path: int | None) -> pl.DataFrame:
    daily = flows_by_period(run, "1d", path)
    daily = daily.select("date", *(name for name in run.populations_of("systematic") if name in daily.columns))
    return largest(daily.with_columns(pl.exclude("date").cum_sum()), MOST_LINES)


def _volatility_panel(axes: Axes, run: Run, volatility: pl.DataFrame, path: int | None) -> None:
    shown = fan(volatility, n_singles=0, path=path)
    past = past_volatility(run.history)
    if past.height:
        axes.plot(past["date"].to_numpy(), past["value"].to_numpy(), color=INK, linewidth=1.2)
    draw_fan(axes, shown, INDEX)
    dress(axes, "Realized volatility of the index, 21 days", "% a year")
    axes.set_ylim(bottom=0)
    date_axis(axes, run.history["date"].to_numpy()[0] if run.history.height else shown.dates[0], shown.dates[-1])
    mark_start(axes, run)
    label_fan(axes, shown, path, "{:z.1f}")


def _vix_panel(axes: Axes, run: Run, path: int | None) -> None:
    shown = fan(indices(run).select("path", "date", value="vix"), n_singles=0, path=path)
    draw_fan(axes, shown, INDEX)
    dress(axes, "VIX", "% a year")
    axes.set_ylim(bottom=0)
    date_axis(axes, run.history["date"].to_numpy()[0] if run.history.height else shown.dates[0], shown.dates[-1])
    start_line(axes, run)
    label_fan(axes, shown, path, "{:z.1f}")


def _flows_panel(axes: Axes, run: Run, flows: pl.DataFrame, path: int | None) -> None:
    dress(axes, f"Cumulative systematic flow, {whose(path)}", "USD bn")
    names = [name for name in flows.columns if name != "date"]
    if not names:
        say(axes, "No systematic population trades in this run.")
        return
    palette = colors(run.sources) | {OTHER: GREY}
    dates = flows["date"].to_numpy()
    for name in names:
        axes.plot(dates, flows[name].to_numpy(), color=palette[name], linewidth=1.5)
    axes.axhline(0, color=GREY, linewidth=0.8)
    date_axis(axes, np.datetime64(run.start), dates[-1])
    label_ends(axes, [End(label(name), flows[name][-1], palette[name]) for name in names])
