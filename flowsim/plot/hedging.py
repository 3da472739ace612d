"""Dealers' hedging flow against the return of the index, by the sign of their gamma, and how it grows with gamma."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import polars as pl

from flowsim.plot.option_tables import hedging_days, require_options, single
from flowsim.plot.style import ALERT, GREY, INDEX, INK, dress, number_axis, of_whom, page, panels, say

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from flowsim.run.run import Run

MOST_DOTS = 1500
N_GROUPS = 10
FEWEST_IN_GROUP = 20
SHOWN = 0.998


class Slope(NamedTuple):
    """A straight line through flow by return: USD bn for +1 %, its standard error, USD bn at no return, R squared."""

    per_pct: float
    error: float
    constant: float
    r_squared: float


def hedging(run: Run, path: int | None = None) -> Figure:
    """Draw dealers' hedging flow against the return of the index, apart for long and short gamma, and slopes by gamma.

    Parameters
    ----------
    run : Run
        A run that listed options and recorded its market and flows.
    path : int, optional
        The path to draw; by default all paths together.

    Raises
    ------
    InputError
        If the run lists no options, has no such path, or did not record a table that the picture needs.
    """
    require_options(run)
    path = single(run.market, path)
    days = None if run.hedger is None else hedging_days(run, run.hedger, path)

    note = "Gamma at the close before. Solid: least squares. Dotted: what that gamma alone asks for, without rolls."
    figure = page(f"Hedging flow of the dealers, {of_whom(path)}", run, note)
    sides = {"left": 0.065, "right": 0.97}
    if days is None or days.is_empty():
        why = "No population of this run hedges options." if days is None else "The run has no close after another."
        say(figure.add_subplot(figure.add_gridspec(1, 1, top=0.87, bottom=0.1, **sides)[0]), why)
        return figure
    long, short = panels(figure, figure.add_gridspec(1, 2, top=0.87, bottom=0.44, wspace=0.16, **sides))
    by_gamma = figure.add_subplot(figure.add_gridspec(1, 1, top=0.32, bottom=0.1, **sides)[0])
    within = [1.1 * float(days[what].abs().quantile(SHOWN) or 1.0) for what in ("return_pct", "flow_bn")]
    _cloud(long, days.filter(pl.col("gamma_bn") > 0), "Long gamma", INDEX, within)
    _cloud(short, days.filter(pl.col("gamma_bn") < 0), "Short gamma", ALERT, within)
    _slopes(by_gamma, days)
    return figure


def slope(days: pl.DataFrame) -> Slope | None:
    """Fit flow_bn by return_pct with least squares; None for fewer than three closes or returns that do not differ."""
    x, y = days["return_pct"].to_numpy(), days["flow_bn"].to_numpy()
    if len(x) < 3 or np.ptp(x) == 0:
        return None
    dx, dy = x - x.mean(), y - y.mean()
    per_pct = float(dx @ dy / (dx @ dx))
    rest = dy - per_pct * dx
    error = float(np.sqrt(rest @ rest / (len(x) - 2) / (dx @ dx)))
    r_squared = 1 - float(rest @ rest / (dy @ dy)) if np.ptp(y) else 0.0
    return Slope(per_pct, error, float(y.mean() - per_pct * x.mean()), r_squared)


def _cloud(axes: Axes, days: pl.DataFrame, title: str, color: str, within: list[float]) -> None:
    fitted = slope(days)
    if fitted is None:
        dress(axes, title, "")
        say(axes, "Fewer than three closes.")
        return
    wide, high = within
    mean_gamma = float(days["gamma_bn"].mean())  # type: ignore[arg-type]
    _closes(axes, days, color, within)
    ends = np.array([-wide, wide])
    axes.plot(ends, -mean_gamma * ends, color=INK, linewidth=1.4, linestyle=":")
    axes.plot(ends, fitted.constant + fitted.per_pct * ends, color=INK, linewidth=1.8, zorder=4)
    said = f"slope {fitted.per_pct:+.1f} USD bn for +1 %, R² {fitted.r_squared:.2f}"
    dress(axes, f"{title}: {said}", "hedging flow, USD bn")
    axes.set_xlim(-wide, wide)
    axes.set_ylim(-high, high)
    _cross(axes)
    number_axis(
        axes, f"return of the index, %, on {days.height:,} closes with a mean gamma of {mean_gamma:+.1f} USD bn"
    )


def _closes(axes: Axes, days: pl.DataFrame, color: str, within: list[float]) -> None:
    from matplotlib.colors import LinearSegmentedColormap

    (x, y), (wide, high) = days.select("return_pct", "flow_bn").to_numpy().T, within
    if days.height <= MOST_DOTS:
        axes.scatter(x, y, s=9, color=color, alpha=0.5, linewidths=0)
        return
    seen = (np.abs(x) <= wide) & (np.abs(y) <= high)
    shades = LinearSegmentedColormap.from_list("closes", ["#EBEBEB", color])
    cells = {"gridsize": (46, 22), "extent": (-wide, wide, -high, high), "bins": "log", "mincnt": 1}
    axes.hexbin(x[seen], y[seen], cmap=shades, linewidths=0, **cells)


def _slopes(axes: Axes, days: pl.DataFrame) -> None:
    n_groups = min(N_GROUPS, days.height // FEWEST_IN_GROUP)
    enough = n_groups >= 3
    dress(axes, "Slope by dealers' gamma, groups of equally many closes", "USD bn for +1 %" if enough else "")
    if not enough:
        say(axes, "Too few closes to group them by gamma.")
        return
    ordered = days.sort("gamma_bn", "path", "date")
    for rows in np.array_split(np.arange(days.height), n_groups):
        group = ordered[rows]
        fitted, at = slope(group), float(group["gamma_bn"].mean())  # type: ignore[arg-type]
        if fitted is not None:
            dot = {"color": INDEX if at > 0 else ALERT, "marker": "o", "markersize": 5, "linewidth": 1}
            axes.errorbar(at, fitted.per_pct, 1.96 * fitted.error, **dot)
    ends = np.array(axes.get_xlim())
    axes.plot(ends, -ends, color=INK, linewidth=1.4, linestyle=":")
    axes.set_xlim(*ends)
    _cross(axes)
    number_axis(axes, "dealers' gamma at the close before, USD bn for a 1 % move (whiskers: 95 % of the slope)")


def _cross(axes: Axes) -> None:
    axes.axhline(0, color=GREY, linewidth=0.8)
    axes.axvline(0, color=GREY, linewidth=0.8)
