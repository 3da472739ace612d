"""How every picture looks: the page, the axes, one color per source, fans, and labels beside the lines."""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Iterable, Sequence
from textwrap import fill, shorten
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from flowsim.config.display import display_name

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis
    from matplotlib.figure import Figure
    from matplotlib.gridspec import GridSpecBase

    from flowsim.plot.tables import Fan
    from flowsim.run.run import Run

A4_LANDSCAPE_INCHES = (11.69, 8.27)
INK, GREY, LIGHT = "#222222", "#6B6B6B", "#DADADA"
INDEX = "#2F5D7C"
ALERT = "#B3202C"

# Chosen so that the nearest two stay apart for readers without red or green cones as well.
COLORS = {
    "news": "#454545",
    "policy": "#D88D00",
    "vol_control": "#D0303F",
    "risk_parity": "#F28E5C",
    "cta": "#005CD9",
    "buyback": "#029E71",
    "leveraged_etf": "#A6237D",
    "noise": "#B4B4B4",
    "value": "#824B00",
    "dip_buyers": "#B79CD6",
    "passive": "#5CB8F5",
    "pension": "#3C0B82",
    "liquidity": "#B5CC6A",
    "tone": "#F2D64B",
    "dealer": "#0C2A3E",
    "put_hedge": "#630000",
    "overwrite": "#038698",
    "collar": "#AE7BFC",
    "month_end_hedge": "#CB591E",
    "event_hedge": "#535CAD",
    "data_hedge": "#A43663",
    "short_dated": "#8DDD94",
    "zero_day": "#1EE0EA",
    "option_noise": "#701E7C",
    "vol_selling": "#4F7843",
    "panic": "#F05FB0",
    "liquidity_provider": "#6F9AA0",
}
# Parts of a volatility index that are no programme's; they never meet the source whose color they borrow.
BORROWED = {"path_dependent": "liquidity_provider", "sentiment": "tone", "events": "policy", "quotes": "noise"}
LONGEST_IN_DAYS = 120
DAY_STEPS = (1, 2, 3, 4, 7, 14, 21, 30, 60)
MONTH_STEPS = (1, 2, 3, 4, 6, 12, 24, 60, 120, 240, 600)


class End(NamedTuple):
    """What to write where a line ends."""

    text: str
    value: float
    color: str


def colors(names: Sequence[str]) -> dict[str, str]:
    """Give each source its color: a fixed one to the built-in names, to others one drawn from the name itself.

    Two names share a color only where a run has more sources than the palette has colors.
    """
    given = {name: COLORS[name] for name in names if name in COLORS}
    for name in sorted(set(names) - given.keys()):
        uses = Counter(given.values())
        fewest = min(uses[color] for color in COLORS.values())
        free = [color for color in COLORS.values() if uses[color] == fewest]
        given[name] = free[zlib.crc32(name.encode()) % len(free)]
    return given


def option_colors(programmes: Sequence[str]) -> dict[str, str]:
    """Give each programme and each other part of a volatility index its color."""
    palette = colors([*programmes, *BORROWED.values()])
    return {name: palette[lender] for name, lender in BORROWED.items()} | {name: palette[name] for name in programmes}


def label(name: str) -> str:
    """Print a source's name as desks write it, at most 19 characters, the ends of a longer one."""
    words = display_name(name)
    return words if len(words) <= 19 else f"{words[:9].rstrip()}…{words[-6:].lstrip()}"


def whose(path: int | None) -> str:
    """Say in a title whether a panel shows one path or the mean."""
    return "mean over paths" if path is None else f"path {path}"


def of_whom(path: int | None) -> str:
    """Say in a title whether a panel shows one path or all of them."""
    return "all paths" if path is None else f"path {path}"


def fan_note(fan: Fan, path: int | None) -> str:
    """Say in a footnote what a fan shows."""
    shown = "All paths are drawn." if fan.bands is None else "Fans: 5, 25, 50, 75, 95 % of the paths."
    return shown if path is None else f"{shown} Black: path {path}."


def page(title: str, run: Run, note: str, below: str = "") -> Figure:
    """Open a landscape A4 page with its title, a line or two below it, and a footnote on run and drawing.

    Below the title stand the run and its description by default.
    """
    from flowsim.plot.picture import Picture

    figure = Picture(figsize=A4_LANDSCAPE_INCHES, facecolor="white")
    figure.text(0.05, 0.955, title, size=15, weight="bold", color=INK, parse_math=False)
    known = ". ".join(filter(None, (run.label, run.description)))
    text, lines = (below, 2) if below else (known, 2 if run.info.get("changes") else 1)
    below = fill(" ".join(text.split()), 150, max_lines=lines, placeholder=" …")
    figure.text(0.05, 0.942, below, size=9, color=GREY, va="top", parse_math=False)
    foot = shorten("; ".join(filter(None, (f"flowsim: {run.label}", run.sized))), 90, placeholder=" …")
    figure.text(0.05, 0.022, foot, size=7.5, color=GREY, parse_math=False)
    figure.text(0.97, 0.022, note, size=7.5, color=GREY, ha="right", parse_math=False)
    return figure


def headed(title: str, below: str) -> Figure:
    """Open a landscape A4 page with its title and a line below it."""
    from flowsim.plot.picture import Picture

    figure = Picture(figsize=A4_LANDSCAPE_INCHES, facecolor="white")
    figure.text(0.05, 0.955, title, size=15, weight="bold", color=INK, parse_math=False)
    figure.text(0.05, 0.929, shorten(below, 150, placeholder=" …"), size=9, color=GREY, parse_math=False)
    return figure


def sheet(title: str, below: str, n_panels: int) -> tuple[Figure, list[Axes]]:
    """Open a page with panels below one another over the same dates, with room for labels at their right ends."""
    figure = headed(title, below)
    grid = figure.add_gridspec(n_panels, 1, left=0.07, right=0.88, top=0.87, bottom=0.06, hspace=0.32)
    return figure, panels(figure, grid)


def panels(figure: Figure, grid: GridSpecBase) -> list[Axes]:
    """Place a panel in every cell of the grid, row by row."""
    return [figure.add_subplot(grid[place]) for place in range(grid.nrows * grid.ncols)]


def dress(axes: Axes, title: str, unit: str, *, size: float = 8.5) -> None:
    """Give a panel its title, the unit of its vertical axis, a light grid and plain numbers."""
    axes.set_title(title, loc="left", size=size + 1, weight="bold", color=INK, parse_math=False)
    axes.set_ylabel(unit, size=size, color=INK)
    plain_numbers(axes.yaxis)
    axes.grid(axis="y", color=LIGHT, linewidth=0.6)
    axes.set_axisbelow(True)
    axes.tick_params(labelsize=size - 0.5, color=LIGHT, labelcolor=INK)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    for side in ("left", "bottom"):
        axes.spines[side].set_color(LIGHT)


def plain_numbers(axis: Axis) -> None:
    """Write the numbers of an axis as `format` does."""
    from matplotlib.ticker import FuncFormatter

    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.10g}"))


def number_axis(axes: Axes, meaning: str) -> None:
    """Say below a panel what its horizontal axis counts, and print plain round numbers."""
    from matplotlib.ticker import MaxNLocator

    axes.set_xlabel(meaning, size=8.5, color=INK)
    axes.xaxis.set_major_locator(MaxNLocator(nbins=9, steps=[1, 2, 5, 10]))
    plain_numbers(axes.xaxis)


def space_ticks(axes: Axes) -> None:
    """Put round numbers on a vertical log axis, where powers of ten alone would leave it bare."""
    from matplotlib.ticker import LogLocator, MaxNLocator

    low, high = axes.get_ylim()
    spaced = LogLocator(subs=(1, 1.5, 2, 3, 5, 7)) if high > 3 * low else MaxNLocator(nbins=9, steps=[1, 2, 2.5, 5, 10])
    axes.yaxis.set_major_locator(spaced)
    plain_numbers(axes.yaxis)
    axes.minorticks_off()


def date_axis(axes: Axes, first: np.datetime64, last: np.datetime64, *, n_ticks: int = 5) -> None:
    """Run the horizontal axis over real dates, with years, months or days as the span asks for."""
    from matplotlib.dates import DateFormatter, date2num

    left, right = first.astype("datetime64[D]"), last.astype("datetime64[D]")
    ticks, form = date_ticks(left, right, n_ticks)
    start, end = float(date2num(left)), float(date2num(right))
    axes.set_xlim(start, max(end, start + 1))
    axes.set_xticks(date2num(ticks))
    axes.xaxis.set_major_formatter(DateFormatter(form))


def date_ticks(first: np.datetime64, last: np.datetime64, n_ticks: int) -> tuple[np.ndarray, str]:
    """Return at most `n_ticks` round dates from first to last, and the format that tells them apart."""
    n_days = (last - first).astype(int) + 1
    if n_days <= LONGEST_IN_DAYS:
        n_ticks = max(2, 3 * n_ticks // 4)  # a date with its day is longer than a month
        step = next(step for step in DAY_STEPS if n_days <= step * n_ticks)
        return first + np.arange(0, n_days, step), "%d %b %Y"
    month = first.astype("datetime64[M]")
    months = np.arange(month if month == first else month + 1, last, dtype="datetime64[M]")
    step = next(step for step in MONTH_STEPS if np.sum(months.astype(int) % step == 0) <= n_ticks)
    return months[months.astype(int) % step == 0].astype("datetime64[D]"), "%Y" if step >= 12 else "%b %Y"


def draw_fan(axes: Axes, fan: Fan, color: str, *, singles: bool = True) -> None:
    """Draw the bands, the median and a few single paths; all paths where they are too few for bands."""
    if fan.bands is not None:
        low, lower, middle, upper, high = fan.bands
        axes.fill_between(fan.dates, low, high, color=color, alpha=0.16, linewidth=0)
        axes.fill_between(fan.dates, lower, upper, color=color, alpha=0.28, linewidth=0)
        axes.plot(fan.dates, middle, color=color, linewidth=1.8)
    if singles or fan.bands is None:
        width = 0.5 if fan.bands is not None else 0.9 if len(fan.singles) > 1 else 1.4
        for dates, values in fan.singles.values():
            axes.plot(dates, values, color=color, linewidth=width, alpha=0.75)
    if fan.chosen is not None:
        axes.plot(*fan.chosen, color=INK, linewidth=1.4)


def above_and_below(axes: Axes, dates: np.ndarray, values: np.ndarray, above: str, below: str) -> None:
    """Fill between zero and a line in one color above and another below; a single day on its side is drawn too."""
    for side, color in ((values >= 0, above), (values < 0, below)):
        axes.fill_between(dates, 0, values, where=side, interpolate=True, color=color, alpha=0.75, linewidth=0)


def label_ends(axes: Axes, ends: Iterable[End], *, size: float = 7.5) -> None:
    """Write each line's name at the right of the panel, at the height where the line ends, without overlaps.

    Call it when the limits of the panel are final.
    """
    ends = sorted((end for end in ends if np.isfinite(end.value)), key=lambda end: end.value)
    to_axes = axes.transData + axes.transAxes.inverted()
    right = axes.get_xlim()[1]
    heights = np.array([to_axes.transform((right, end.value))[1] for end in ends])
    inches = axes.get_position().height * A4_LANDSCAPE_INCHES[1]
    inside = {"transform": axes.transAxes, "clip_on": False, "scalex": False, "scaley": False}
    for end, height, place in zip(ends, heights, spread(heights, gap=size * 1.25 / 72 / inches), strict=True):
        axes.plot([1.0, 1.025], [height, place], color=end.color, linewidth=0.7, **inside)
        axes.text(1.03, place, end.text, size=size, color=INK, va="center", transform=axes.transAxes, parse_math=False)


def spread(heights: np.ndarray, gap: float) -> np.ndarray:
    """Move ascending heights in [0, 1] as little as a sweep up and a sweep down need to keep them `gap` apart."""
    placed = np.clip(heights, 0.0, 1.0)
    for i in range(1, len(placed)):
        placed[i] = max(placed[i], placed[i - 1] + gap)
    ceiling = 1.0
    for i in range(len(placed) - 1, -1, -1):
        placed[i] = min(placed[i], ceiling)
        ceiling = placed[i] - gap
    return placed


def legend(axes: Axes, handles: Sequence[Artist], **place: Any) -> None:
    """List what the colors of a panel mean; names are printed as they are."""
    shown = axes.legend(handles=handles, frameon=False, fontsize=8, **place)
    for text in shown.get_texts():
        text.set_parse_math(False)
        text.set_color(INK)


def say(axes: Axes, sentence: str) -> None:
    """Write why a panel is empty where its curves would be."""
    axes.text(0.5, 0.5, sentence, size=9, color=GREY, ha="center", va="center", transform=axes.transAxes)
    axes.set_xticks([])
    axes.set_yticks([])
