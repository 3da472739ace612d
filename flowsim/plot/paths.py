"""The simulated index: history, fan and single paths on a log scale, and how deep the paths fall."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowsim.errors import InputError
from flowsim.plot.panels import index_panel, label_fan, start_line
from flowsim.plot.style import INDEX, INK, date_axis, draw_fan, dress, fan_note, page, panels, space_ticks
from flowsim.plot.tables import Fan, drawdowns, fan, prices

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from flowsim.run.run import Run

N_TICKS = 13


def paths(run: Run, path: int | None = None, *, n: int = 12) -> Figure:
    """Draw the index on a log scale behind its real history, with `n` single paths, and the drawdowns below.

    Parameters
    ----------
    run : Run
        A run that recorded its market.
    path : int, optional
        A path to draw in bold.
    n : int
        Number of single paths to draw as thin lines.

    Raises
    ------
    InputError
        If the run has no such path, `n` is negative, or the run did not record its market.
    """
    if n < 0:
        raise InputError(f"n is {n}; the number of single paths to draw is 0 or more")
    closes = prices(run)
    levels = fan(closes, n_singles=n, path=path)
    note = f"{fan_note(levels, path)} Thin lines: single paths. Drawdown: below the highest close shown."
    figure = page(f"Simulated paths of the index: {levels.n_paths:,}", run, note)
    grid = figure.add_gridspec(2, 1, left=0.065, right=0.89, top=0.88, bottom=0.085, height_ratios=(7, 3), hspace=0.22)
    upper, lower = panels(figure, grid)
    upper.set_yscale("log")
    index_panel(upper, run, levels, path=path, title="Index (log scale)", n_ticks=N_TICKS)
    space_ticks(upper)
    _drawdown_panel(lower, run, fan(drawdowns(closes, _highest(run)), path=path), path)
    return figure


def _drawdown_panel(axes: Axes, run: Run, falls: Fan, path: int | None) -> None:
    past = drawdowns(run.history.select("date", path=0, value="close"))
    dates = past["date"].to_numpy()
    if past.height:
        axes.plot(dates, past["value"].to_numpy(), color=INK, linewidth=1.2)
    draw_fan(axes, falls, INDEX)
    dress(axes, "Drawdown from the highest close so far", "%")
    start_line(axes, run)
    axes.set_ylim(top=0)
    date_axis(axes, dates[0] if past.height else falls.dates[0], falls.dates[-1], n_ticks=N_TICKS)
    label_fan(axes, falls, path, "{:z.1f} %")


def _highest(run: Run) -> float:
    highest = run.history["close"].max()
    return float(highest) if highest is not None else 0.0  # type: ignore[arg-type]
