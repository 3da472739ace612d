"""Inversions of the term structure: VIX over VIX3M, how often and how long it is above one, and what drove it there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from flowsim.plot.option_tables import (
    AROUND,
    count_spells,
    indices,
    into_inversions,
    inversions,
    single,
    spell_edges,
)
from flowsim.plot.panels import Bar, bars, label_fan, stacked_areas
from flowsim.plot.style import (
    ALERT,
    BORROWED,
    GREY,
    INDEX,
    INK,
    End,
    date_axis,
    draw_fan,
    dress,
    fan_note,
    label,
    label_ends,
    number_axis,
    of_whom,
    option_colors,
    page,
    panels,
    say,
)
from flowsim.plot.tables import OTHER, fan, largest
from flowsim.run.attribution import columns_by_source

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from flowsim.run.run import Run

MOST_PARTS = 6


def inversion(run: Run, path: int | None = None) -> Figure:
    """Draw VIX over VIX3M with its spells above one, and the parts of the change that led into them.

    Parameters
    ----------
    run : Run
        A run that listed options and recorded its volatility and vix_sources.
    path : int, optional
        The path whose spells to show; by default all of them count.

    Raises
    ------
    InputError
        If the run lists no options, has no such path, or did not record a table that the picture needs.
    """
    every = inversions(indices(run))
    path = single(every, path)
    closes = every if path is None else every.filter(path=path)
    parts = into_inversions(run, closes)
    ratios = fan(every.select("path", "date", value="ratio"), n_singles=0, path=path)

    note = f"{fan_note(ratios, path)} Whiskers: middle 95 % of single spells."
    figure = page(f"Inversions of the term structure, {of_whom(path)}", run, note)
    upper = figure.add_gridspec(1, 1, left=0.065, right=0.89, top=0.87, bottom=0.55)
    ratio = figure.add_subplot(upper[0])
    draw_fan(ratio, ratios, INDEX)
    _dress_ratio(ratio, run, closes, path)
    label_fan(ratio, ratios, path, "{:.2f}")
    sides = {"left": 0.065, "right": 0.945, "top": 0.45, "bottom": 0.1}
    if parts.is_empty():
        whole = figure.add_subplot(figure.add_gridspec(1, 1, **sides)[0])
        dress(whole, "What led into the inversions", "")
        say(whole, f"No spell of {of_whom(path)} begins after {AROUND} calm closes.")
        return figure
    named = [*run.programmes, *BORROWED]
    # Subsystems may have a demand of their own, after that of the programmes.
    others = [name for name in parts["source"].unique(maintain_order=True) if name not in named]
    palette = option_colors([*run.programmes, *others]) | {OTHER: GREY}
    around, drivers = panels(figure, figure.add_gridspec(1, 2, width_ratios=(5, 3), wspace=0.58, **sides))
    _around(around, parts, palette)
    _drivers(drivers, parts, palette)
    return figure


def _dress_ratio(axes: Axes, run: Run, closes: pl.DataFrame, path: int | None) -> None:
    counted = count_spells(closes)
    said = f"above 1 on {counted.share_pct:.1f} % of closes"
    if counted.n_spells:
        said += f"; {counted.n_spells:,} spells, mean {counted.mean:.1f} closes, longest {counted.longest}"
    dress(axes, f"VIX over VIX3M: {said}", "ratio")
    axes.axhline(1, color=ALERT, linewidth=1.0)
    date_axis(axes, np.datetime64(run.start), closes["date"].sort().to_numpy()[-1], n_ticks=13)
    for first, after in spell_edges(closes) if path is not None else ():
        axes.axvspan(first, after, color=ALERT, alpha=0.22, linewidth=0)  # type: ignore[arg-type]


def _around(axes: Axes, parts: pl.DataFrame, palette: dict[str, str]) -> None:
    means = parts.group_by("distance", "source").agg(pl.col("value").mean()).rename({"distance": "date"})
    table = largest(columns_by_source(means, list(palette)), MOST_PARTS)
    distances = table["date"].to_numpy()
    ends, total = stacked_areas(axes, distances, table.drop("date"), palette)
    axes.axvline(0, color=ALERT, linewidth=1.0)
    n_spells = parts["event"].n_unique()
    spells = f"mean of {n_spells:,} spells" if n_spells > 1 else "one spell"
    dress(axes, f"Change of VIX minus VIX3M around the first inverted close, {spells}", "vol points")
    axes.set_xlim(-AROUND, AROUND)
    number_axis(axes, "closes from the first inverted one")
    label_ends(axes, [*ends, End(f"total {total[-1]:+.1f}", total[-1], INK)])


def _drivers(axes: Axes, parts: pl.DataFrame, palette: dict[str, str]) -> None:
    into = parts.filter(distance=0).group_by("source")
    several = parts["event"].n_unique() > 1
    summary = into.agg(
        mean=pl.col("value").mean(),
        low=pl.when(several).then(pl.col("value").quantile(0.025, "linear")),
        high=pl.when(several).then(pl.col("value").quantile(0.975, "linear")),
    ).sort("mean", "source", descending=[True, False])
    rows = [Bar(label(name), mean, low, high, palette[name]) for name, mean, low, high in summary.iter_rows()]
    dress(axes, f"Into the inversion, over {AROUND} closes", "")
    bars(axes, rows, "vol points of VIX minus VIX3M", "{:+z.2f}")
