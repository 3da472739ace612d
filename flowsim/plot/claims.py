"""The pictures of the claims report: criteria, scans, maps, and who moves the index at which horizon."""

from __future__ import annotations

from textwrap import fill
from typing import TYPE_CHECKING

import numpy as np

from flowsim.plot.style import ALERT, GREY, INDEX, INK, LIGHT, colors, dress, label, legend, plain_numbers

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from flowsim.experiments.findings import CriterionResult, Effect, Finding, Grid, Table

WIDTH_INCHES = 9.5
MET, FAILING, OPEN = "#2C7A4B", ALERT, "#B07D12"
MOST_SOURCES = 9
BARS = "Thick: all paths, thin: each third of them, with 95 % intervals. Green: where the claim wants the effect."
BANDS = "Band: 95 % interval. Dashed: the config. Green: where the claim wants it. Red crosses: the market diverges."
TITLE_INCHES = 0.35


def criteria(finding: Finding) -> Figure:
    """Draw each criterion on its own scale: the effect, the thirds of the paths, the bound, the side that counts."""
    from flowsim.plot.picture import Picture

    n = len(finding.tried)
    figure = Picture(figsize=(WIDTH_INCHES, 0.75 + 0.62 * n + TITLE_INCHES), facecolor="white")
    bottom, top = 0.55 / figure.get_figheight(), 1.0 - (0.2 + TITLE_INCHES) / figure.get_figheight()
    _titled(figure, finding, "by criterion")
    grid = figure.add_gridspec(n, 1, left=0.47, right=0.96, top=top, bottom=bottom, hspace=1.1)
    for row, tried in enumerate(finding.tried):
        measured = next(one for one in finding.effects if one.effect.name == tried.effect.name)
        _criterion(figure.add_subplot(grid[row]), tried, measured.thirds)
    _note(figure, BARS)
    return figure


def _titled(figure: Figure, finding: Finding, what: str) -> None:
    """Say which claim it is, how it fares, and what of it is drawn: a picture is seen without its page."""
    title = f"Claim {finding.label}, {finding.title}: {finding.verdict}, {what}"
    place = 1.0 - 0.08 / figure.get_figheight()
    figure.text(0.02, place, title, size=9.5, weight="bold", color=INK, va="top", parse_math=False)


def _note(figure: Figure, says: str) -> None:
    figure.text(0.97, 0.08 / figure.get_figheight(), says, size=7.5, color=GREY, ha="right")


def _criterion(axes: Axes, tried: CriterionResult, thirds: list[Effect]) -> None:
    color = OPEN if tried.met is None else MET if tried.met else FAILING
    for place, effect, width in ((0.0, tried.effect, 2.6), *((-0.45, third, 1.0) for third in thirds)):
        if effect.low is not None and effect.high is not None:
            shift = 0.0 if effect is tried.effect else -0.18 * thirds.index(effect)
            axes.plot([effect.low, effect.high], [place + shift] * 2, color=color, linewidth=width)
            axes.plot(effect.interval.value, place + shift, "o", color=color, markersize=1.7 * width)
    low, high = _limits([tried.effect, *thirds], tried.bound)
    axes.set_xlim(low, high)
    axes.set_ylim(-1.1, 0.5)
    ends = (tried.bound, high) if tried.beyond == "above" else (low, tried.bound)
    axes.axvspan(*ends, color=MET, alpha=0.08, linewidth=0)
    axes.axvline(tried.bound, color=INK, linewidth=0.9)
    axes.set_yticks([])
    plain_numbers(axes.xaxis)
    axes.tick_params(labelsize=7.5, color=LIGHT, labelcolor=INK)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.spines["bottom"].set_color(LIGHT)
    answer = "open" if tried.met is None else "met" if tried.met else "fails"
    axes.text(-0.03, 0.5, fill(f"{tried.effect.name}", 58), size=8, color=INK, ha="right", va="center",
              transform=axes.transAxes, parse_math=False)  # fmt: skip
    axes.text(1.01, 0.5, answer, size=8, color=color, va="center", transform=axes.transAxes)


def _limits(effects: list[Effect], bound: float) -> tuple[float, float]:
    known = [number for one in effects for number in (one.low, one.high) if number is not None]
    low, high = min([bound, *known]), max([bound, *known])
    room = 0.08 * (high - low) or 1.0
    return low - room, high + room


def scan(finding: Finding) -> Figure:
    """Draw the effect of each criterion over the claim's own parameter, with its interval, its bound and the config."""
    from flowsim.plot.picture import Picture

    n = len(finding.tried)
    columns = n if n < 4 else 2 if n == 4 else 3
    rows = -(-n // columns)
    titles = [fill(tried.effect.name, 126 // columns) for tried in finding.tried]
    titled = 0.15 * max(1 + title.count("\n") for title in titles)
    height = rows * (1.75 + titled) + 0.55 + TITLE_INCHES
    figure = Picture(figsize=(WIDTH_INCHES, height), facecolor="white")
    for place, (tried, title) in enumerate(zip(finding.tried, titles, strict=True)):
        row, column = divmod(place, columns)
        bottom = height - TITLE_INCHES - (row + 1) * (1.75 + titled) + 0.2
        left = 0.065 + 0.935 * column / columns
        axes = figure.add_axes((left, bottom / height, 0.935 / columns - 0.055, 1.4 / height))
        _scanned(axes, finding, place, tried)
        axes.set_title(title, loc="left", size=7.5, color=INK, parse_math=False)
    _titled(figure, finding, "over its own parameter")
    figure.text(0.5, 0.3 / height, finding.scan.parameter, size=8.5, color=INK, ha="center", parse_math=False)
    _note(figure, BANDS)
    return figure


def _scanned(axes: Axes, finding: Finding, place: int, tried: CriterionResult) -> None:
    whole = [point for point in finding.scan.points if not point.broken]
    x = np.array([point.value for point in whole])
    numbers = np.array([[one.effects[place].low, one.effects[place].value, one.effects[place].high] for one in whole])
    low, value, high = numbers.astype(float).reshape(-1, 3).T
    axes.fill_between(x, low, high, color=INDEX, alpha=0.2, linewidth=0)
    axes.plot(x, value, color=INDEX, linewidth=1.4, marker="o", markersize=3)
    axes.axhline(tried.bound, color=INK, linewidth=0.9)
    bottom, top = axes.get_ylim()
    axes.axhspan(*((tried.bound, top) if tried.beyond == "above" else (bottom, tried.bound)), color=MET, alpha=0.08)
    axes.set_ylim(bottom, top)
    axes.axvline(finding.scan.configured, color=GREY, linewidth=0.8, linestyle=(0, (4, 3)))
    for point in finding.scan.points:
        if point.broken:
            axes.plot(point.value, 0.04, "x", color=ALERT, markersize=6, transform=axes.get_xaxis_transform())
    dress(axes, "", "", size=7.5)
    plain_numbers(axes.xaxis)


def heat_map(grid: Grid) -> Figure:
    """Draw a map over two parameters with its numbers; the config is framed, and where no market holds is hatched."""
    from matplotlib.patches import Rectangle

    from flowsim.plot.picture import Picture

    figure = Picture(figsize=(WIDTH_INCHES, 4.3), facecolor="white")
    axes = figure.add_axes((0.09, 0.15, 0.76, 0.75))
    values = np.array([[np.nan if value is None else value for value in row] for row in grid.values])
    shown = axes.imshow(np.ma.masked_invalid(values), cmap="YlGnBu", origin="lower", aspect="auto")
    largest = np.nanmax(np.abs(values)) if np.isfinite(values).any() else 1.0
    decimals = int(np.clip(2 - np.floor(np.log10(largest or 1.0)), 0, 6))
    middle = (np.nanmin(values) + np.nanmax(values)) / 2.0 if np.isfinite(values).any() else 0.0
    for row, column in np.ndindex(values.shape):
        if np.isfinite(values[row, column]):
            color = "white" if values[row, column] > middle else INK
            axes.text(
                column, row, f"{values[row, column]:z,.{decimals}f}", size=8.5, color=color, ha="center", va="center"
            )
        else:
            axes.add_patch(Rectangle((column - 0.5, row - 0.5), 1, 1, facecolor="white", edgecolor=GREY, hatch="///"))
    for row, column in np.argwhere(np.array(grid.outside, bool)) if grid.outside else ():
        axes.add_patch(
            Rectangle((column - 0.5, row - 0.5), 1, 1, fill=False, edgecolor=GREY, linewidth=0, hatch="\\\\")
        )
    _frame_config(axes, grid)
    axes.set_xticks(range(len(grid.x)), [f"{value:g}" for value in grid.x])
    axes.set_yticks(range(len(grid.y)), [f"{value:g}" for value in grid.y])
    axes.set_xlabel(grid.x_name, size=8.5, color=INK)
    axes.set_ylabel(grid.y_name, size=8.5, color=INK)
    axes.tick_params(labelsize=8, color=LIGHT)
    axes.set_title(f"{grid.name}, {grid.unit}", loc="left", size=9.5, weight="bold", color=INK, parse_math=False)
    bar = figure.colorbar(shown, ax=axes, pad=0.02, fraction=0.04)
    bar.set_label(grid.unit, size=8)
    bar.ax.tick_params(labelsize=8, color=LIGHT)
    bar.outline.set_visible(False)  # type: ignore[operator]
    unlike = " Striped: VR(5) or kurtosis outside the real interval." if grid.outside else ""
    _note(figure, f"Framed: the config. Hatched: no such market.{unlike}")
    return figure


def _frame_config(axes: Axes, grid: Grid) -> None:
    """Frame where the config stands, between two cells if it is between two values."""
    from matplotlib.patches import Rectangle

    column = float(np.interp(grid.x0, grid.x, np.arange(len(grid.x))))
    row = float(np.interp(grid.y0, grid.y, np.arange(len(grid.y))))
    axes.add_patch(Rectangle((column - 0.47, row - 0.47), 0.94, 0.94, fill=False, edgecolor=ALERT, linewidth=2.2))


def shares_by_horizon(table: Table) -> Figure:
    """Draw the share of every source at each horizon: the largest sources, and the rest added up."""
    from matplotlib.patches import Patch

    from flowsim.plot.picture import Picture

    horizons = table.columns[1::2]
    shares = {str(row[0]): np.array([float(cell or 0.0) for cell in row[1::2]]) for row in table.rows}
    kept = sorted(shares, key=lambda name: -np.abs(shares[name]).max())[:MOST_SOURCES]
    rest = [name for name in shares if name not in kept]
    parts = {name: shares[name] for name in shares if name in kept} | {"all others": sum(shares[name] for name in rest)}
    palette = colors(kept) | {"all others": GREY}
    figure = Picture(figsize=(WIDTH_INCHES, 3.9), facecolor="white")
    axes = figure.add_axes((0.07, 0.15, 0.72, 0.75))
    above, below, x = np.zeros(len(horizons)), np.zeros(len(horizons)), np.arange(len(horizons))
    for name, values in parts.items():
        start = np.where(values >= 0.0, above, below)
        axes.bar(x, values, 0.62, bottom=start, color=palette[name], edgecolor="white", linewidth=0.4)
        above, below = above + np.maximum(values, 0.0), below + np.minimum(values, 0.0)
    axes.axhline(0.0, color=GREY, linewidth=0.8)
    axes.axhline(50.0, color=INK, linewidth=0.7, linestyle=(0, (4, 3)))
    dress(axes, "Who moves the index: exact share of return variance by horizon", "% of variance")
    axes.set_xticks(x, [name.removesuffix(" d") for name in horizons])
    axes.set_xlabel("horizon, trading days", size=8.5, color=INK)
    _note(figure, "Dashed: half of the variance. Below zero: flows that lean against the index.")
    handles = [Patch(color=palette[name], label=label(name)) for name in reversed(parts)]
    legend(axes, handles, loc="center left", bbox_to_anchor=(1.01, 0.5))
    return figure


def compared_shares(table: Table) -> Figure:
    """Draw two columns of shares with their half widths side by side, one pair of bars for each row."""
    from matplotlib.patches import Patch

    from flowsim.plot.picture import Picture

    figure = Picture(figsize=(WIDTH_INCHES, 0.9 + 0.36 * len(table.rows)), facecolor="white")
    axes = figure.add_axes((0.27, 0.17, 0.7, 0.7))
    _note(figure, "Lines: 95 % intervals.")
    for place, row in enumerate(table.rows):
        for shift, color, value, half in ((-0.18, INDEX, row[1], row[2]), (0.18, "#A8BFCF", row[3], row[4])):
            share, wide = float(value or 0.0), float(half or 0.0)
            axes.barh(place + shift, share, 0.34, color=color)
            axes.plot([share - wide, share + wide], [place + shift] * 2, color=INK, linewidth=0.9)
    dress(axes, table.name, "")
    axes.set_yticks(range(len(table.rows)), [str(row[0]) for row in table.rows])
    axes.invert_yaxis()
    axes.axvline(0.0, color=GREY, linewidth=0.8)
    axes.grid(visible=False, axis="y")
    axes.grid(axis="x", color=LIGHT, linewidth=0.6)
    plain_numbers(axes.xaxis)
    handles = [Patch(color=INDEX, label=table.columns[1]), Patch(color="#A8BFCF", label=table.columns[3])]
    legend(axes, handles, loc="lower right")
    return figure
