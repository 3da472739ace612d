"""Pictures of whose move it was: shares by horizon and state on real closes, and episodes as stacked contributions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from flowsim.config.display import display_name
from flowsim.history.attribution import REST, TOGETHER
from flowsim.history.window_shares import ALL, STATES
from flowsim.plot.panels import Bar, bars, stacked_areas
from flowsim.plot.style import GREY, INDEX, INK, End, colors, date_axis, dress, headed, label_ends, legend, panels

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from flowsim.history.attribution import Attribution

STATE_COLORS = dict(zip(STATES, (INDEX, "#8DB5D4", "#F28E5C", "#D88D00", "#B3202C"), strict=True))


def attribution_pictures(found: Attribution) -> dict[str, Figure]:
    """Return a picture of the shares, and one of each episode, by name of its file."""
    names = found.episodes["episode"].unique(maintain_order=True).to_list()
    return {"shares": shares(found)} | {
        f"episode_{one.replace(' ', '_').lower()}": episode(found, one) for one in names
    }


def shares(found: Attribution) -> Figure:
    """Draw the share of systematic flows by horizon as a band of multipliers, by state, and by source."""
    figure = headed("Whose move was it: shares in the variance of real returns", found.label)
    grid = figure.add_gridspec(1, 3, left=0.06, right=0.94, top=0.84, bottom=0.14, wspace=0.55)
    by_horizon, by_state, by_source = panels(figure, grid)
    _by_horizon(by_horizon, found)
    _by_state(by_state, found)
    _by_source(by_source, found)
    note = f"What is left is {REST}. Whiskers: 95 % by stationary bootstrap; none for a short period."
    figure.text(0.05, 0.022, note, size=7.5, color=GREY)
    return figure


def _whole(found: Attribution) -> pl.DataFrame:
    return found.shares.filter(pl.col("sample") == found.shares["sample"][0])


def _by_horizon(axes: Axes, found: Attribution) -> None:
    one = _whole(found).filter(pl.col("source") == TOGETHER, pl.col("state") == ALL)
    ends = []
    for multiplier in found.multipliers:
        row = one.filter(pl.col("multiplier") == multiplier)
        own = multiplier == found.multiplier
        places = np.arange(row.height)
        axes.plot(
            places, row["share_pct"].to_numpy(), color=INDEX, linewidth=2.2 if own else 1.0, marker="o", markersize=3
        )
        if own:
            _whiskers(axes, places, row, INDEX)
        ends.append(End(f"M = {multiplier:g}", float(row["share_pct"][-1]), INDEX))
    axes.axhline(0.0, color=GREY, linewidth=0.8)
    axes.set_xticks(
        range(one["horizon_days"].n_unique()), [f"{days} d" for days in one["horizon_days"].unique().sort()]
    )
    dress(axes, "Systematic flows, by horizon", "% of variance")
    label_ends(axes, ends)


def _whiskers(axes: Axes, places: np.ndarray, row: pl.DataFrame, color: str) -> None:
    for place, low, high in zip(places, row["low_pct"], row["high_pct"], strict=True):
        if low is not None:
            axes.plot([place, place], [low, high], color=color, linewidth=0.9)


def _by_state(axes: Axes, found: Attribution) -> None:
    from matplotlib.patches import Patch

    one = _whole(found).filter(pl.col("source") == TOGETHER, pl.col("multiplier") == found.multiplier)
    one = one.with_columns(place=pl.col("horizon_days").rank("dense").cast(pl.Float64) - 1.0)
    width = 0.8 / len(STATES)
    for number, state in enumerate(STATES):
        row = one.filter(pl.col("state") == state).drop_nulls("share_pct")
        places = row["place"].to_numpy() + (number - (len(STATES) - 1) / 2.0) * width
        axes.bar(places, row["share_pct"].to_numpy(), width, color=STATE_COLORS[state])
        _whiskers(axes, places, row, INK)
    axes.axhline(0.0, color=GREY, linewidth=0.8)
    axes.set_xticks(
        range(one["horizon_days"].n_unique()), [f"{days} d" for days in one["horizon_days"].unique().sort()]
    )
    dress(axes, f"By state, M = {found.multiplier:g}", "% of variance")
    patches = [Patch(color=color, label=state) for state, color in STATE_COLORS.items()]
    legend(axes, patches, loc="upper center", bbox_to_anchor=(0.5, -0.06), ncols=3)


def _by_source(axes: Axes, found: Attribution) -> None:
    days = int(min(_whole(found)["horizon_days"].unique(), key=lambda one: abs(one - 21)))
    row = _whole(found).filter(
        pl.col("state") == ALL, pl.col("horizon_days") == days, pl.col("source") != TOGETHER
    ).sort("share_pct", descending=True)  # fmt: skip
    palette = colors(found.sources)
    rows = [
        Bar(display_name(source), share, low, high, palette[source])
        for source, share, low, high in row.select("source", "share_pct", "low_pct", "high_pct").iter_rows()
    ]
    dress(axes, f"By source, {days} sessions, M = {found.multiplier:g}", "")
    bars(axes, rows, "% of variance", "{:z.1f} %")


def episode(found: Attribution, name: str) -> Figure:
    """Draw the index and what systematic flows did to it, their contributions stacked, and the sum of each."""
    rows = found.episodes.filter(pl.col("episode") == name)
    first, last, index = rows["first"][0], rows["last"][0], rows["index_pct"][0]
    figure = headed(f"Whose move was it: {name}", f"{first:%d %b %Y} to {last:%d %b %Y}, closes. {found.label}")
    grid = figure.add_gridspec(
        2, 2, left=0.065, right=0.94, top=0.86, bottom=0.09, width_ratios=(3, 2), wspace=0.72, hspace=0.32
    )
    above, sums, below, rest = panels(figure, grid)
    daily = _daily(found, first, last)
    _index(above, found, daily, rows)
    _stacked(below, found, daily)
    _sums(sums, found, rows)
    _answer(rest, found, rows, index)
    figure.text(
        0.05, 0.022, "M: log return per flow over the market's value, at once and at usual depth.", size=7.5, color=GREY
    )
    return figure


def _daily(found: Attribution, first: object, last: object) -> pl.DataFrame:
    """Return cumulative contributions in percent from the close before the episode, a column for each source."""
    inside = found.contributions.filter(pl.col("date").is_between(pl.lit(first), pl.lit(last), closed="right"))
    wide = inside.pivot(on="source", index="date", values="contribution").sort("date")
    moved = wide.with_columns(pl.exclude("date").cum_sum() * 100.0)
    start = pl.DataFrame({name: [0.0 if name != "date" else first] for name in moved.columns}, schema=moved.schema)
    return pl.concat([start, moved])


def _index(axes: Axes, found: Attribution, daily: pl.DataFrame, rows: pl.DataFrame) -> None:
    dates = daily["date"].to_numpy()
    index = daily.select(pl.sum_horizontal(pl.exclude("date"))).to_series().to_numpy()
    own = daily.select(pl.sum_horizontal(*found.sources)).to_series().to_numpy()
    low, high = (multiplier / found.multiplier * own for multiplier in (found.multipliers[0], found.multipliers[-1]))
    axes.fill_between(dates, low, high, color="#D0303F", alpha=0.3, linewidth=0)
    axes.plot(dates, own, color="#D0303F", linewidth=1.6)
    axes.plot(dates, index, color=INDEX, linewidth=2.0)
    axes.axhline(0.0, color=GREY, linewidth=0.8)
    dress(axes, f"Index, and what systematic flows did to it (band: {_band(found)})", "% of log return")
    date_axis(axes, dates[0], dates[-1], n_ticks=6)
    ends = [End(f"index {index[-1]:+.1f} %", index[-1], INDEX), End(f"systematic {own[-1]:+.2f} %", own[-1], "#D0303F")]
    label_ends(axes, ends)


def _band(found: Attribution) -> str:
    return f"M = {found.multipliers[0]:g} to {found.multipliers[-1]:g}"


def _stacked(axes: Axes, found: Attribution, daily: pl.DataFrame) -> None:
    dates = daily["date"].to_numpy()
    ends, total = stacked_areas(axes, dates, daily.select(found.sources), colors(found.sources))
    dress(axes, f"Contributions of systematic flows, M = {found.multiplier:g}", "% of log return")
    date_axis(axes, dates[0], dates[-1], n_ticks=6)
    label_ends(axes, [*ends, End(f"together {total[-1]:+.2f} %", total[-1], INK)])


def _sums(axes: Axes, found: Attribution, rows: pl.DataFrame) -> None:
    palette, by = colors(found.sources), {}
    for source, multiplier, part in rows.select("source", "multiplier", "contribution_pct").iter_rows():
        by.setdefault(source, {})[multiplier] = part
    shown = []
    for source in sorted(found.sources, key=lambda one: by[one][found.multiplier]):
        values = by[source]
        low, high = sorted((values[found.multipliers[0]], values[found.multipliers[-1]]))
        shown.append(Bar(display_name(source), values[found.multiplier], low, high, palette[source]))
    dress(axes, f"By source at M = {found.multiplier:g}; whiskers {_band(found)}", "")
    bars(axes, shown, "% of log return", "{:+.2f}")


def _answer(axes: Axes, found: Attribution, rows: pl.DataFrame, index: float) -> None:
    """Set the index, systematic flows and everything else one below the other."""
    parts = {
        (source, multiplier): part
        for source, multiplier, part in rows.select("source", "multiplier", "contribution_pct").iter_rows()
        if source in (TOGETHER, REST)
    }
    shown = [Bar("index", index, None, None, INDEX)]
    for source, name, color in (
        (TOGETHER, "systematic flows", "#D0303F"),
        (REST, REST.replace(", ", ",\n").replace(" and ", "\nand "), GREY),
    ):
        low, high = sorted((parts[source, found.multipliers[0]], parts[source, found.multipliers[-1]]))
        shown.append(Bar(name, parts[source, found.multiplier], low, high, color))
    dress(axes, "Whose move it was", "")
    bars(axes, shown, "% of log return", "{:+.2f}")
