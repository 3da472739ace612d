"""An episode on one page: the index, what was imposed on it, who traded, and what volatility did."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from flowsim.plot.panels import index_panel, label_fan, mark_start
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
    whose,
)
from flowsim.plot.tables import Fan, at_close, drawdowns, fan, flows_by_period, largest, prices

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from flowsim.run.run import Run

MOST_LINES = 8
TITLES = {
    "cut_probability": ("Odds of a cut at the next meeting", "%", 100.0),
    "liquidity": ("System liquidity", "standard deviations", 1.0),
}


def episode(run: Run, path: int | None = None) -> Figure:
    """Draw the index, the state that the config scripts, cumulative systematic flows, and volatility.

    Where the config scripts nothing, the second panel shows the fall from the high.

    Parameters
    ----------
    run : Run
        A run that recorded market and flows.
    path : int, optional
        A path to draw over the fans, and whose flows to show; by default flows are means over paths.

    Raises
    ------
    InputError
        If the run has no such path, or did not record a table.
    """
    levels = fan(prices(run), path=path)
    name, story = _name_and_story(run)
    figure = page(name, run, fan_note(levels, path), story)
    grid = figure.add_gridspec(
        2, 2, left=0.065, right=0.9, top=0.865, bottom=0.085, width_ratios=(1, 1), wspace=0.48, hspace=0.33
    )
    index, imposed, flows, volatility = panels(figure, grid)
    history = str(run.info["history"]["source"]).partition(", ")[2]
    title = f"Index, {history}" if history else "Index"
    index_panel(index, run, levels, path=path, title=title, n_ticks=4, before=_lead(levels))
    _imposed(imposed, run, path)
    _flows(flows, run, path)
    _volatility(volatility, run, path)
    return figure


def _lead(levels: Fan) -> int:
    """Return how many closes to show before the start: half as many as days behind it, ten at least."""
    return max(10, len(levels.dates) // 2)


def _name_and_story(run: Run) -> tuple[str, str]:
    """Return what stands before the colon of the config's description, and the rest, if it has a colon."""
    name, colon, story = run.description.strip().partition(": ")
    return (name, story[:1].upper() + story[1:]) if colon else ("Episode", "")


def _imposed(axes: Axes, run: Run, path: int | None) -> None:
    """Draw the scripted state, or the drawdown where nothing is scripted."""
    config = run.info["config"]
    scripted = {"cut_probability": config["policy"]["script"], "liquidity": config["liquidity"]["script"]}
    column = next((name for name, script in scripted.items() if script), None)
    if column is None:
        high = float(run.history["close"].max() or 0.0)  # type: ignore[arg-type]
        values, title, unit = drawdowns(prices(run), high), "Distance from the highest close of a year", "%"
    else:
        title, unit, scale = TITLES[column]
        values = at_close(run.market, column).with_columns(pl.col("value") * scale).collect()
    shown = fan(values, path=path)
    dress(axes, title, unit)
    date_axis(axes, np.datetime64(run.start), shown.dates[-1], n_ticks=4)
    if shown.bands is not None and (shown.bands[0] == shown.bands[-1]).all():
        level = shown.bands[0]
        axes.step(shown.dates, level, where="post", color=INDEX, linewidth=1.8)
        label_ends(axes, [End(f"all paths  {level[-1]:z.1f}", level[-1], INDEX)])
        return
    draw_fan(axes, shown, INDEX)
    label_fan(axes, shown, path, "{:z.1f}")


def _flows(axes: Axes, run: Run, path: int | None) -> None:
    """Draw cumulative flows of the systematic populations and of hedging dealers, the largest by name."""
    daily = flows_by_period(run, "1d", path)
    rule_bound = [name for name in run.populations_of("systematic") if name in daily.columns]
    dealers = [run.hedger] if run.hedger in daily.columns and run.hedger not in rule_bound else []
    table = largest(daily.select("date", *rule_bound, *dealers).with_columns(pl.exclude("date").cum_sum()), MOST_LINES)
    palette, dates = colors(run.populations), table["date"].to_numpy()
    ends = []
    for name in table.columns[1:]:
        values, color = table[name].to_numpy(), palette.get(name, GREY)
        axes.plot(dates, values, color=color, linewidth=1.4)
        ends.append(End(f"{label(name)}  {values[-1]:+,.0f}", values[-1], color))
    axes.axhline(0.0, color=GREY, linewidth=0.8)
    dress(axes, f"Cumulative systematic flows, {whose(path)}", "USD bn")
    date_axis(axes, np.datetime64(run.start), dates[-1], n_ticks=4)
    label_ends(axes, ends)


def _volatility(axes: Axes, run: Run, path: int | None) -> None:
    """Draw the VIX with the median of VIX3M, or realized volatility in a run without options."""
    if "volatility" not in run.info["tables"]:
        shown = fan(at_close(run.market, "realized_vol").with_columns(100 * pl.col("value")).collect(), path=path)
        title = "21-day realized volatility"
    else:
        indices = run.table("volatility")
        shown = fan(indices.select("path", "date", value="vix").collect(), path=path)
        title = "VIX; dotted: median of VIX3M"
        longer = indices.group_by("date").agg(pl.col("vix3m").median()).sort("date").collect()
        axes.plot(longer["date"].to_numpy(), longer["vix3m"].to_numpy(), color=INK, linewidth=1.2, linestyle=":")
    draw_fan(axes, shown, INDEX, singles=False)
    dress(axes, title, "% a year")
    date_axis(axes, np.datetime64(run.start), shown.dates[-1], n_ticks=4)
    mark_start(axes, run)
    label_fan(axes, shown, path, "{:.1f}")
