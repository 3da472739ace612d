"""What the systematic populations hold: exposure over time, one panel each, and how many agents are long."""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING

import polars as pl

from flowsim.plot.style import GREY, colors, date_axis, draw_fan, dress, fan_note, label, page, panels, say, whose
from flowsim.plot.tables import Fan, exposures, fan, long_shares

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.gridspec import GridSpec, SubplotSpec

    from flowsim.run.run import Run

MOST_PANELS = 20
ROW_GAP_INCHES = 0.48


def positions(run: Run, path: int | None = None) -> Figure:
    """Draw each population's exposure over time, and the share of its agents that are long.

    Parameters
    ----------
    run : Run
        A run that recorded its positions.
    path : int, optional
        A path to draw over the fans; the shares of agents are then its own, by default means over the paths.

    Raises
    ------
    InputError
        If the run has no such path or did not record its positions.
    """
    held, long = exposures(run), long_shares(run, path)
    names = [name for name in run.populations_of("systematic") if name in held]
    names = sorted(sorted(names, key=lambda name: -_size(held[name]))[:MOST_PANELS], key=names.index)

    fans = [fan(held[name], n_singles=0, path=path) for name in names]
    note = f"Strips: long agents in % of those that hold a position, {whose(path)}."
    note = f"{fan_note(fans[0], path)} {note}" if fans else ""
    figure = page("Exposure of the systematic populations, USD bn", run, note)
    grid = _grid(figure, len(names))
    if not names:
        say(figure.add_subplot(grid[0, 0]), "No systematic population of this run holds a position.")
    palette = colors(run.sources)
    for place, (name, shown) in enumerate(zip(names, fans, strict=True)):
        row, column = divmod(place, grid.ncols)
        axes, strip = _cell(figure, grid[row, column], has_strip=name in long)
        _exposure(axes, name, shown, palette[name])
        if strip is not None:
            _strip(strip, long[name], palette[name])
            axes.tick_params(labelbottom=False)
        for panel, unit in ((axes, "USD bn"), (strip, "long, %")):
            if panel is not None:
                panel.set_ylabel(unit if column == 0 else "")
    return figure


def _grid(figure: Figure, n_panels: int) -> GridSpec:
    """Lay out the panels in one to four columns, the rows at the same distance however many they are."""
    n_columns = 1 if n_panels < 2 else 2 if n_panels < 5 else 3 if n_panels < 10 else 4
    n_rows = max(ceil(n_panels / n_columns), 1)
    sides = {"left": 0.06, "right": 0.97, "top": 0.88, "bottom": 0.085}
    row_inches = ((sides["top"] - sides["bottom"]) * figure.get_figheight() - ROW_GAP_INCHES * (n_rows - 1)) / n_rows
    return figure.add_gridspec(n_rows, n_columns, hspace=ROW_GAP_INCHES / row_inches, wspace=0.2, **sides)


def _size(exposure: pl.DataFrame) -> float:
    return float(exposure["value"].abs().mean() or 0.0)  # type: ignore[arg-type]


def _cell(figure: Figure, cell: SubplotSpec, *, has_strip: bool) -> tuple[Axes, Axes | None]:
    if not has_strip:
        return figure.add_subplot(cell), None
    upper, lower = panels(figure, cell.subgridspec(2, 1, height_ratios=(4, 1), hspace=0.25))
    return upper, lower


def _exposure(axes: Axes, name: str, shown: Fan, color: str) -> None:
    draw_fan(axes, shown, color)
    dress(axes, label(name), "USD bn", size=8)
    axes.axhline(0, color=GREY, linewidth=0.8)
    date_axis(axes, shown.dates[0], shown.dates[-1], n_ticks=4)


def _strip(axes: Axes, long: pl.DataFrame, color: str) -> None:
    dates = long["date"].to_numpy()
    axes.fill_between(dates, 0, long["value"].to_numpy(), color=color, alpha=0.5, linewidth=0)
    dress(axes, "", "long, %", size=8)
    axes.set_ylim(0, 100)
    axes.set_yticks([0, 100])
    date_axis(axes, dates[0], dates[-1], n_ticks=4)
