"""Pictures of a sweep: an outcome along one key with its intervals, or over two keys as a map with its numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from flowsim.errors import InputError
from flowsim.files.nearest import nearest
from flowsim.plot.style import ALERT, COLORS, GREY, INDEX, INK, LIGHT, dress, headed, legend, number_axis, panels
from flowsim.sweeps.outcomes import Outcome
from flowsim.sweeps.words import number

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from flowsim.sweeps.found import Sweep

LINE_COLORS = (INDEX, COLORS["vol_control"], COLORS["buyback"], COLORS["policy"], COLORS["pension"], COLORS["value"])
LINE_STYLES = ("-", "--", ":", "-.")
MOST_LINES, MOST_BARS, MOST_CELLS = 6, 40, 15
"""Values of a second key that are lines of their own; arms in bars; cells in a row with a number in each."""


def sweep_picture(sweep: Sweep, outcome: str | None = None) -> Figure:
    """Draw an outcome as the design asks for: a map over the two keys of a grid, lines over one, bars for named arms.

    Parameters
    ----------
    sweep : Sweep
    outcome : str, optional
        The first that was asked for by default.
    """
    gridded = sweep.info["kind"] == "grid"
    if gridded and len(sweep.keys) == 2 and all(sweep.arms[key].dtype.is_numeric() for key in sweep.keys):
        return sweep_map(sweep, outcome)
    return sweep_lines(sweep, outcome) if sweep.keys else sweep_bars(sweep, outcome)


def sweep_lines(sweep: Sweep, outcome: str | None = None, key: str | None = None) -> Figure:
    """Draw an outcome along a key, and its difference to the arm held against, with 95 % intervals.

    Of a grid, a line for each value of a second key; of points that were drawn, a point each.

    Raises
    ------
    InputError
        If the sweep does not vary the key, or has no such outcome.
    """
    one, key = _chosen(sweep, outcome), _key(sweep, key)
    rows = _on_design(sweep, one, [key])
    others = [other for other in sweep.keys if other != key]
    groups = _groups(rows, others) if sweep.info["kind"] == "grid" else [("", rows)]
    figure, (left, right) = _page(sweep, _said(one))
    for place, (said, group) in enumerate(groups[:MOST_LINES]):
        look = {"color": LINE_COLORS[place % len(LINE_COLORS)], "label": said or one.name}
        style = LINE_STYLES[place % len(LINE_STYLES)] if sweep.info["kind"] == "grid" else "none"
        for axes, (value, low, high) in ((left, ("value", "low", "high")),
                                         (right, ("difference", "difference_low", "difference_high"))):  # fmt: skip
            _with_ends(axes, group.sort(key), key, (value, low, high), linestyle=style, **look)
    right.axhline(0.0, color=GREY, linewidth=0.8)
    dress(left, _value_title(one), "")
    dress(right, _apart_title(sweep, one), "")
    for axes in (left, right):
        number_axis(axes, key)
    if len(groups) > 1:
        handles = left.get_legend_handles_labels()[0]
        place = {"loc": "lower left", "bbox_to_anchor": (0.065, 0.872), "bbox_transform": figure.transFigure}
        legend(left, handles, ncols=len(handles), **place)
    return figure


def sweep_map(sweep: Sweep, outcome: str | None = None, across: str | None = None, up: str | None = None) -> Figure:
    """Draw an outcome over two keys of a grid as a map, with its numbers, and its difference beside it.

    Other keys, if there are any, stand where the arm held against has them.

    Raises
    ------
    InputError
        If the sweep is no grid over two keys with numbers, or has no such outcome.
    """
    one = _chosen(sweep, outcome)
    if sweep.info["kind"] != "grid" or len(sweep.keys) < 2:
        raise InputError(f"{sweep.folder}: a map takes a grid over two keys; draw lines of this sweep")
    across = _key(sweep, across)
    up = _key(sweep, up, leaving_out=across)
    rows = _on_design(sweep, one, [across, up])
    for other in (key for key in sweep.keys if key not in (across, up)):
        configured = sweep.arms.filter(pl.col("name") == sweep.info["against"])[other][0]
        rows = rows.filter(pl.col(other) == configured)
    figure, (left, right) = _page(sweep, _said(one), cells=True)
    xs, ys = (rows[key].unique().sort().to_list() for key in (across, up))
    _cells(left, rows, (across, up), (xs, ys), "value", stars=False)
    _cells(right, rows, (across, up), (xs, ys), "difference", stars=True)
    dress(left, _value_title(one), up)
    dress(right, _apart_title(sweep, one), up)
    for axes in (left, right):
        axes.grid(visible=False)
        axes.set_xlabel(across, size=8.5, color=INK)
    for axes, values in ((left, ys), (right, ys)):
        axes.set_yticks(range(len(values)), [f"{value:,.6g}" for value in values])
        axes.set_xticks(range(len(xs)), [f"{value:,.6g}" for value in xs])
    return figure


def sweep_bars(sweep: Sweep, outcome: str | None = None) -> Figure:
    """Draw an outcome by arm with its 95 % interval, and its difference to the arm held against.

    Raises
    ------
    InputError
        If the sweep has no such outcome.
    """
    one = _chosen(sweep, outcome)
    rows = sweep.table(one.name)[:MOST_BARS]
    figure, (left, right) = _page(sweep, f"{_said(one)}, by arm", left=0.2)
    places = np.arange(len(rows))
    for axes, names in ((left, ("value", "low", "high")), (right, ("difference", "difference_low", "difference_high"))):
        values, low, high = (rows[name].to_numpy() for name in names)
        axes.errorbar(values, places, xerr=np.abs([values - low, high - values]), fmt="o", color=INDEX, ecolor=INDEX)
        axes.set_ylim(len(rows) - 0.5, -0.5)
        axes.set_yticks(places, [_cut(name) for name in rows["name"]] if axes is left else [""] * len(rows))
    for place in np.flatnonzero(rows["name"].is_in(list(sweep.broken)).to_numpy()):
        left.text(0.02, float(place), "broken", transform=left.get_yaxis_transform(), color=ALERT, size=8, va="center")
    right.axvline(0.0, color=GREY, linewidth=0.8)
    for axes, title in ((left, _value_title(one)), (right, _apart_title(sweep, one))):
        dress(axes, title, "")
        number_axis(axes, one.unit or "units")
        axes.set_yticks(places, [_cut(name) for name in rows["name"]] if axes is left else [""] * len(rows))
    return figure


PICTURES = {"lines": sweep_lines, "map": sweep_map, "bars": sweep_bars}


def _page(sweep: Sweep, title: str, *, left: float = 0.075, cells: bool = False) -> tuple[Figure, list[Axes]]:
    figure = headed(title, f"{sweep.label}. {sweep.info['description']}")
    grid = figure.add_gridspec(1, 2, left=left, right=0.97, top=0.84, bottom=0.13, wspace=0.22)
    note = "95 % intervals over paths, the same news and noise in every arm."
    if cells:
        note = "The same news and noise in every arm. * and outlined: other than zero with all arms held together."
    if broken := len(sweep.broken):
        note = f"{broken} arm{'s' * (broken > 1)} broken and left out. {note}"
    figure.text(0.05, 0.022, note, size=7.5, color=GREY, parse_math=False)
    return figure, panels(figure, grid)


def _said(outcome: Outcome) -> str:
    return outcome.meaning[:1].upper() + outcome.meaning[1:]


def _value_title(outcome: Outcome) -> str:
    return f"{outcome.name}{', ' * bool(outcome.unit)}{outcome.unit}"


def _apart_title(sweep: Sweep, outcome: Outcome) -> str:
    return f"Difference to {sweep.info['against']!r}, path by path{', ' * bool(outcome.unit)}{outcome.unit}"


def _chosen(sweep: Sweep, outcome: str | None) -> Outcome:
    return sweep.outcome(outcome or sweep.outcome_names[0])


def _key(sweep: Sweep, key: str | None, leaving_out: str | None = None) -> str:
    keys = [one for one in sweep.keys if one != leaving_out]
    key = key or keys[0]
    if key not in keys:
        raise InputError(f"{sweep.folder}: the design does not vary {key!r}; {nearest(key, keys, 'keys')}")
    if not sweep.arms[key].dtype.is_numeric():
        raise InputError(f"{sweep.folder}: the values of {key} are no numbers; draw bars of this sweep")
    return key


def _on_design(sweep: Sweep, outcome: Outcome, keys: Sequence[str]) -> pl.DataFrame:
    """Return the rows of an outcome whose arms stand on the design; of points that were drawn, without the base."""
    rows = sweep.table(outcome.name).filter(pl.all_horizontal(pl.col(key).is_not_null() for key in keys))
    if sweep.info["kind"] != "grid":
        return rows.filter(pl.col("name") != "base")
    varied = sweep.info["file"]["design"]["values"]
    on_grid = pl.all_horizontal(pl.col(key).is_in([float(value) for value in varied[key]])
                                for key in sweep.keys if sweep.arms[key].dtype.is_numeric())  # fmt: skip
    return rows.filter(on_grid)


def _groups(rows: pl.DataFrame, others: Sequence[str]) -> list[tuple[str, pl.DataFrame]]:
    if not others:
        return [("", rows)]
    parts = rows.sort(*others).partition_by(*others, as_dict=True, maintain_order=True)
    return [(", ".join(f"{name}={value:g}" if isinstance(value, float) else f"{name}={value}"
                       for name, value in zip(others, values, strict=True)), part)
            for values, part in parts.items()]  # fmt: skip


def _with_ends(axes: Axes, rows: pl.DataFrame, key: str, names: tuple[str, str, str], **look: Any) -> None:
    known = rows.filter(pl.col(names[0]).is_finite())
    x, value, low, high = (known[name].to_numpy() for name in (key, *names))
    ends = np.nan_to_num(np.abs([value - low, high - value]))
    axes.errorbar(x, value, yerr=ends, marker="o", markersize=3.5, linewidth=1.6, elinewidth=0.9, capsize=2, **look)


def _cells(
    axes: Axes,
    rows: pl.DataFrame,
    keys: tuple[str, str],
    places: tuple[list[Any], list[Any]],
    name: str,
    *,
    stars: bool,
) -> None:
    """Draw a cell for each arm; a difference is blue or red about zero."""
    from matplotlib.patches import Rectangle

    xs, ys = places
    field, moved = np.full((len(ys), len(xs)), np.nan), np.zeros((len(ys), len(xs)), bool)
    for row in rows.iter_rows(named=True):
        at = ys.index(row[keys[1]]), xs.index(row[keys[0]])
        field[at] = row[name]
        moved[at] = bool(row["moved"])
    shown = np.ma.masked_invalid(field)
    most = float(np.abs(shown).max()) if shown.count() else 1.0
    span: dict[str, Any] = (
        {"cmap": "RdBu_r", "vmin": -most or -1.0, "vmax": most or 1.0} if stars else {"cmap": "cividis"}
    )
    image = axes.imshow(shown, origin="lower", aspect="auto", **span)
    axes.set_facecolor(LIGHT)
    if len(xs) > MOST_CELLS or len(ys) > MOST_CELLS:
        return
    for (y, x), value in np.ndenumerate(field):
        known = np.isfinite(value)
        shade = np.mean(image.cmap(image.norm(value))[:3]) if known else 1.0
        ink = "white" if shade < 0.5 else INK
        text = number(value, signed=stars) + ("*" if stars and moved[y, x] else "") if known else "-"
        axes.text(x, y, text, ha="center", va="center", size=8, color=ink)
        if stars and moved[y, x]:
            axes.add_patch(Rectangle((x - 0.47, y - 0.47), 0.94, 0.94, fill=False, edgecolor=ink, linewidth=0.9))


def _cut(name: str) -> str:
    """Return the name of an arm on a few lines, each cut where it is long."""
    return "\n".join(part if len(part) <= 34 else f"{part[:32]}…" for part in name.split(", ")[:3])
