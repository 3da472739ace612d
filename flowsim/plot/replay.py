"""Pictures of a replay of real history: who held and traded what, and at which levels trend followers turned."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from flowsim.plot.style import (
    ALERT,
    GREY,
    INDEX,
    INK,
    End,
    above_and_below,
    colors,
    date_axis,
    dress,
    label,
    label_ends,
    legend,
    sheet,
    space_ticks,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from flowsim.history.replay import Replay

SPEED_COLORS = {"short": "#F28E5C", "medium": "#D0303F", "long": "#630000", "": "#D0303F"}
WEEK = 5


def exposure(replay: Replay, population: str) -> Figure:
    """Draw the index, the exposure of a population, and its flow over rolling fortnights."""
    one = replay.flows.filter(population=population)
    name, ink = label(population), colors([population])[population]
    figure, axes = sheet(f"{name}: exposure and flow", replay.label, 3)
    _index(axes[0], replay)
    dates = one["date"].to_numpy()
    axes[1].plot(dates, one["exposure_bn"].to_numpy(), color=ink, linewidth=1.1)
    dress(axes[1], f"{name}: exposure wished for at the close", "USD bn")
    rolled = one["flow_bn"].rolling_sum(10).to_numpy()
    axes[2].fill_between(dates, 0, rolled, color=ink, alpha=0.75, linewidth=0)
    dress(axes[2], f"{name}: traded over ten sessions, above zero bought", "USD bn")
    _share_dates(axes, replay)
    return figure


def trend(replay: Replay, population: str) -> Figure:
    """Draw the index with the levels at which trend followers turn, and their net position."""
    one, levels = replay.flows.filter(population=population), replay.levels.filter(population=population)
    name, ink = label(population), colors([population])[population]
    figure, axes = sheet(f"{name}: net position and the levels at which it turns", replay.label, 3)
    _index(axes[0], replay)
    ends = [End("index", replay.market["close"][-1], INDEX)]
    for (speed,), part in levels.partition_by("speed", as_dict=True, maintain_order=True).items():
        shade = SPEED_COLORS[str(speed)]
        axes[0].plot(part["date"].to_numpy(), part["level"].to_numpy(), color=shade, linewidth=0.9)
        ends.append(End(str(speed) or "turns", float(part["level"][-1] or np.nan), shade))
    dates, held = one["date"].to_numpy(), one["exposure_bn"].to_numpy()
    above_and_below(axes[1], dates, held, ink, ALERT)
    axes[1].axhline(0, color=GREY, linewidth=0.8)
    dress(axes[1], f"{name}: net position wished for at the close", "USD bn")
    axes[2].fill_between(dates, 0, one["flow_bn"].rolling_sum(WEEK).to_numpy(), color=ink, alpha=0.75, linewidth=0)
    dress(axes[2], f"{name}: traded over five sessions, above zero bought", "USD bn")
    _share_dates(axes, replay)
    label_ends(axes[0], ends)
    return figure


def rebalances(replay: Replay, population: str) -> Figure:
    """Draw the closing trades of leveraged ETFs, day by day, and the largest of them."""
    one = replay.flows.filter(population=population)
    name, ink = label(population), colors([population])[population]
    figure, axes = sheet(f"{name}: trades into the close", replay.label, 2)
    _index(axes[0], replay)
    axes[1].vlines(one["date"].to_numpy(), 0, one["flow_bn"].to_numpy(), color=ink, linewidth=0.7)
    for date, flow in one.sort(pl.col("flow_bn").abs(), descending=True).head(4).select("date", "flow_bn").iter_rows():
        above = flow > 0
        axes[1].annotate(
            f"{date:%d %b %Y}: {flow:+.1f}", (np.datetime64(date), flow), xytext=(4, 2 if above else -8),
            textcoords="offset points", size=7.5, color=INK,
        )  # fmt: skip
    axes[1].axhline(0, color=GREY, linewidth=0.8)
    dress(axes[1], f"{name}: traded in the last half hour, above zero bought", "USD bn a day")
    _share_dates(axes, replay)
    return figure


def windows(replay: Replay, population: str) -> Figure:
    """Draw the share of issuers in blackout and the pace of buybacks."""
    one, shut = replay.flows.filter(population=population), replay.blackout.filter(population=population)
    name, ink = label(population), colors([population])[population]
    figure, axes = sheet(f"{name}: blackout windows and pace", replay.label, 3)
    _index(axes[0], replay)
    axes[1].fill_between(shut["date"].to_numpy(), 0, 100 * shut["share"].to_numpy(), color=GREY, alpha=0.6, linewidth=0)
    axes[1].set_ylim(0, 100)
    dress(axes[1], "Issuers in blackout", "%")
    pace = one["flow_bn"].rolling_mean(WEEK).to_numpy()
    axes[2].plot(one["date"].to_numpy(), pace, color=ink, linewidth=1.0)
    axes[2].set_ylim(bottom=0)
    dress(axes[2], f"{name}: mean of five sessions", "USD bn a day")
    _share_dates(axes, replay)
    return figure


def hedging(replay: Replay, population: str) -> Figure:
    """Draw dealers' gamma at each close, and the stock that they trade to stay hedged."""
    one, book = replay.flows.filter(population=population), replay.dealers
    ink = colors([population])[population]
    figure, axes = sheet("Option dealers: gamma and hedging flow", replay.label, 3)
    _index(axes[0], replay)
    dates, gamma = book["date"].to_numpy(), book["gamma_1pct_bn"].to_numpy()
    above_and_below(axes[1], dates, gamma, INDEX, ALERT)
    axes[1].axhline(0, color=GREY, linewidth=0.8)
    dress(axes[1], "Dealers' gamma at the close, below zero they sell a fall", "USD bn for a 1 % move")
    axes[2].fill_between(dates, 0, one["flow_bn"].rolling_sum(WEEK).to_numpy(), color=ink, alpha=0.75, linewidth=0)
    dress(axes[2], "Hedges traded over five sessions, above zero bought", "USD bn")
    _share_dates(axes, replay)
    return figure


def path_dependent(replay: Replay) -> Figure:
    """Draw what past returns make of the VIX family, beside the real indices where they are known."""
    names = replay.volatility["index"].unique(maintain_order=True).to_list()
    fits = dict(replay.fits.select("index", "r_squared").iter_rows())
    figure, axes = sheet("VIX family: what past returns explain", replay.label, len(names))
    for axis, name in zip(axes, names, strict=True):
        one = replay.volatility.filter(index=name)
        axis.plot(one["date"].to_numpy(), one["path_dependent"].to_numpy(), color=INDEX, linewidth=0.9)
        if name in fits:
            axis.plot(one["date"].to_numpy(), one["real"].to_numpy(), color=ALERT, linewidth=0.6, alpha=0.8)
        said = f", R squared {fits[name]:.2f}" if name in fits else ""
        dress(axis, f"{name}{said}", "points")
    _share_dates(axes, replay)
    from matplotlib.lines import Line2D

    lines = [Line2D([], [], color=INDEX, label="from past returns")]
    lines += [Line2D([], [], color=ALERT, label="real close")] if fits else []
    legend(axes[0], lines, loc="upper right", ncols=2)
    return figure


REPLAY_PICTURES = {
    "vol_target": exposure,
    "cta": trend,
    "leveraged_etf": rebalances,
    "buyback": windows,
    "option_dealer": hedging,
}
"""By the family that a strategy declares: how a population of it is drawn."""


def _index(axes: Axes, replay: Replay) -> None:
    axes.plot(replay.market["date"].to_numpy(), replay.market["close"].to_numpy(), color=INDEX, linewidth=1.1)
    closes = replay.market["close"]
    if closes.max() > 4 * closes.min():  # type: ignore[operator]
        axes.set_yscale("log")
        space_ticks(axes)
    dress(axes, "Index, real closes", "index points")


def _share_dates(axes: list[Axes], replay: Replay) -> None:
    dates = replay.market["date"].to_numpy()
    for panel in axes:
        date_axis(panel, dates[0], dates[-1], n_ticks=10)
        panel.tick_params(labelbottom=panel is axes[-1])


def replay_pictures(replay: Replay) -> dict[str, Figure]:
    """Return a picture of every population whose family has one, by its name, and one of volatility."""
    drawn = {
        name: REPLAY_PICTURES[replay.families[name]](replay, name)
        for name in replay.populations
        if replay.families[name] in REPLAY_PICTURES
    }
    if replay.volatility.height:
        drawn["path_dependent_vix"] = path_dependent(replay)
    return drawn
