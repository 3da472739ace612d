"""VIX futures beside the indices: the curve on telling dates, the first one over the VIX, and when it inverts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from flowsim.clock.vix_settlements import DAYS_BEFORE_EXPIRY, days_to_settlement
from flowsim.errors import InputError
from flowsim.futures.curve import N_CONTRACTS
from flowsim.futures.subsystem import VIX_FUTURES
from flowsim.plot.option_tables import Close, indices, single, telling_closes
from flowsim.plot.panels import label_fan
from flowsim.plot.style import (
    ALERT,
    GREY,
    INDEX,
    date_axis,
    draw_fan,
    dress,
    fan_note,
    legend,
    number_axis,
    of_whom,
    page,
)
from flowsim.plot.tables import fan
from flowsim.plot.volatility import CURVES, DAYS, date_edges, named_close
from flowsim.run.attribution import only_path

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from flowsim.run.run import Run

MONTHS = [f"vix_m{month}" for month in range(1, N_CONTRACTS + 1)]


def futures(run: Run, path: int | None = None) -> Figure:
    """Draw VIX futures beside the indices on telling dates, the first over the VIX, and when it is above the second.

    Parameters
    ----------
    run : Run
        A run that lists VIX futures and recorded its volatility.
    path : int, optional
        The path to draw; by default its fan is over all paths, and dates are picked from all of them.

    Raises
    ------
    InputError
        If the run lists no futures, has no such path, or did not record the table.
    """
    levels = indices(run)
    if VIX_FUTURES.name not in run.info["tables"]:
        raise InputError(
            "this run lists no VIX futures, which this picture is about; run it with the table vix_futures,"
            " as the config vix_futures has it"
        )
    path = single(levels, path)
    table = run.table(VIX_FUTURES.name).group_by("path", "date").agg(pl.col(*MONTHS).last())
    every = table.collect().join(levels, on=["path", "date"]).sort("path", "date")
    over = fan(every.select("path", "date", value=100.0 * (pl.col("vix_m1") / pl.col("vix") - 1.0)), path=path)

    note = f"{fan_note(over, path)} Typical: the close with the median VIX."
    figure = page(f"VIX futures, {of_whom(path)}", run, note)
    left = figure.add_gridspec(1, 1, left=0.065, right=0.42, top=0.87, bottom=0.23)
    right = figure.add_gridspec(2, 1, left=0.5, right=0.87, top=0.87, bottom=0.085, hspace=0.28)
    closes = telling_closes(levels if path is None else levels.filter(path=path), path)
    _curves(figure.add_subplot(left[0]), every, closes, path)
    upper, lower = figure.add_subplot(right[0]), figure.add_subplot(right[1])
    draw_fan(upper, over, INDEX)
    upper.axhline(0, color=GREY, linewidth=0.8)
    dress(upper, "First future over the VIX", "%")
    date_axis(upper, over.dates[0], over.dates[-1])
    label_fan(upper, over, path, "{:+.1f}")
    _inverted(lower, every, path)
    return figure


def _curves(axes: Axes, every: pl.DataFrame, closes: list[Close], path: int | None) -> None:
    from matplotlib.lines import Line2D

    handles = []
    for close in closes:
        of_date = every.filter(date=close.date)
        prices = (of_date if close.path is None else of_date.filter(path=close.path)).select(pl.col(*MONTHS).median())
        date = pl.Series([close.date]).to_numpy().astype("datetime64[D]")
        middles = days_to_settlement(date, N_CONTRACTS)[0] + DAYS_BEFORE_EXPIRY / 2.0
        color = CURVES.get(close.name, ALERT)
        axes.plot(DAYS, close.levels, color=color, linewidth=1.0, linestyle=(0, (4, 3)))
        axes.plot(middles, prices.row(0), color=color, linewidth=1.6, marker="o", markersize=4)
        handles.append(
            Line2D([], [], color=color, linewidth=1.6, marker="o", markersize=4, label=named_close(close, path))
        )
    dress(axes, "On telling dates; dashed: the indices", "vol points")
    number_axis(axes, "days ahead: an index at its horizon, a future amid its 30 days")
    axes.set_xlim(0, DAYS[-1])
    legend(axes, handles, loc="upper left", bbox_to_anchor=(-0.02, -0.09), labelspacing=0.35)


def _inverted(axes: Axes, every: pl.DataFrame, path: int | None) -> None:
    from matplotlib.dates import date2num

    shown = every if path is None else only_path(every.lazy(), path).collect()
    above = shown.with_columns(inverted=100.0 * (pl.col("vix_m1") > pl.col("vix_m2")))
    share = above.group_by("date").agg(value=pl.col("inverted").mean()).sort("date")
    dates, values = date_edges(share["date"]), share["value"].to_numpy()
    axes.stairs(values, date2num(dates), fill=True, color=ALERT, linewidth=0)
    unit = "" if path is not None else "% of paths"
    dress(axes, f"First future above the second, on {values.mean():.1f} % of closes", unit)
    axes.set_ylim(0, 1.05 * max(values.max(), 1.0))
    date_axis(axes, dates[0], dates[-1])
    if path is not None:
        axes.set_yticks([])
