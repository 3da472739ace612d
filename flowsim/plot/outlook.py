"""Pictures of an outlook: scenario flows, levels on the index, the simulated fan with and without feedback, gamma."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from flowsim.plot.style import (
    ALERT,
    GREY,
    INDEX,
    INK,
    End,
    colors,
    date_axis,
    dress,
    label,
    label_ends,
    legend,
    say,
    sheet,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from flowsim.history.outlook import Outlook

LEAST_BN = 0.5
ARM_COLORS = {"with feedback": ALERT, "without": INDEX}


def outlook_scenarios(found: Outlook) -> Figure:
    """Draw the flow of each systematic population in each scenario, one panel a horizon."""
    figure, axes = sheet("Flows by scenario", found.label, len(found.horizons))
    if not found.systematic:
        for panel in axes:
            say(panel, "No systematic population trades in this market.")
        return figure
    table = found.scenarios.filter(pl.col("population").is_in(found.systematic))
    sizes = table.group_by("population").agg(pl.col("flow_bn").abs().max().alias("most"))
    shown = sizes.filter(pl.col("most") > LEAST_BN)["population"].to_list()
    names = [name for name in found.systematic if name in shown]
    palette = colors(names)
    for panel, days in zip(axes, found.horizons, strict=True):
        one = table.filter(horizon_days=days)
        scenarios = one["scenario"].unique(maintain_order=True).to_list()
        above, below = np.zeros(len(scenarios)), np.zeros(len(scenarios))
        for name in names:
            values = one.filter(population=name)["flow_bn"].to_numpy()
            base = np.where(values >= 0, above, below)
            panel.bar(range(len(scenarios)), values, 0.7, base, color=palette[name], edgecolor="white", linewidth=0.3)
            above, below = above + np.maximum(values, 0), below + np.minimum(values, 0)
        net = above + below
        panel.plot(
            range(len(scenarios)), net, color=INK, marker="o", markersize=5, linewidth=0, markeredgecolor="white"
        )
        for place, value in enumerate(net):
            panel.annotate(
                f"{value:+.0f}",
                (place, value),
                xytext=(8, -3),
                textcoords="offset points",
                size=8,
                color=INK,
                bbox={"boxstyle": "round,pad=0.15", "facecolor": "white", "edgecolor": "none", "alpha": 0.85},
            )
        panel.axhline(0, color=GREY, linewidth=0.8)
        panel.set_xticks(range(len(scenarios)), scenarios)
        dress(panel, f"Traded over {days} sessions, above zero bought; dot: net", "USD bn")
    _names(axes[0], [(label(name), palette[name]) for name in names], beside=True)
    return figure


def outlook_levels(found: Outlook) -> Figure:
    """Draw the index with the levels at which trend followers turn and the simulated fan ahead of it."""
    figure, (axes,) = sheet("Where trend followers turn", found.label, 1)
    dates, closes = found.history["date"].to_numpy(), found.history["close"].to_numpy()
    axes.plot(dates, closes, color=INK, linewidth=1.4)
    fan = found.forward.index.filter(arm="with feedback")
    ahead = fan["date"].to_numpy()
    for low, high, alpha in (("p5", "p95", 0.16), ("p25", "p75", 0.28)):
        axes.fill_between(ahead, fan[low].to_numpy(), fan[high].to_numpy(), color=INDEX, alpha=alpha, linewidth=0)
    axes.plot(ahead, fan["p50"].to_numpy(), color=INDEX, linewidth=1.6)
    dress(axes, "Index: real closes, simulated fan (5, 25, 50, 75, 95 %), turning levels", "index points")
    ends = [End(f"{fan['p50'][-1]:,.0f} median", fan["p50"][-1], INDEX)]
    for row in found.turning.iter_rows(named=True) if found.turning.height else ():
        if row["level"] is not None:
            axes.axhline(row["level"], color=ALERT, linewidth=1.0, linestyle="--")
            ends.append(End(f"{row['level']:,.0f} {row['speed'] or row['population']}", row["level"], ALERT))
    date_axis(axes, dates[0], ahead[-1], n_ticks=8)
    label_ends(axes, ends, size=9)
    return figure


def outlook_feedback(found: Outlook) -> Figure:
    """Draw the simulated index and VIX curve with and without what systematic flows do to the price."""
    has_vix = found.forward.volatility.height > 0
    figure, axes = sheet("What the feedback of flows adds", found.label, 3 if has_vix else 2)
    index = found.forward.index
    for arm, ink in ARM_COLORS.items():
        one = index.filter(arm=arm)
        dates = one["date"].to_numpy()
        axes[0].plot(dates, one["p50"].to_numpy(), color=ink, linewidth=1.6)
        for edge in ("p5", "p95"):
            axes[0].plot(dates, one[edge].to_numpy(), color=ink, linewidth=1.0, linestyle="--")
    dress(axes[0], "Index: median, 5 and 95 % of the paths", "index points")
    date_axis(axes[0], index["date"].to_numpy()[0], index["date"].to_numpy()[-1], n_ticks=8)
    _flow_bars(axes[1], found)
    if has_vix:
        _vix_curve(axes[2], found)
    _names(
        axes[0],
        [
            (f"{arm} of systematic flows".replace("without of", "without feedback of"), ink)
            for arm, ink in ARM_COLORS.items()
        ],
    )
    return figure


def outlook_gamma(found: Outlook) -> Figure:
    """Draw dealers' gamma by spot from a real chain."""
    assert found.gamma is not None
    gamma = found.gamma
    figure, (axes,) = sheet("Dealers' gamma by spot", f"{found.label}. {gamma.assumption}", 1)
    spots = gamma.spot * (1 + gamma.spot_pct / 100)
    axes.plot(spots, gamma.gamma_1pct_bn, color=INDEX, linewidth=1.8)
    axes.axhline(0, color=GREY, linewidth=0.8)
    axes.axvline(gamma.spot, color=INK, linewidth=0.8)
    beside: dict[str, Any] = {"textcoords": "offset points", "size": 9}
    at_spot = f"spot {gamma.spot:,.0f}: {gamma.at_spot:+.1f} bn"
    axes.annotate(at_spot, (gamma.spot, gamma.at_spot), xytext=(6, 6), **beside)
    if np.isfinite(gamma.zero_cross):
        axes.plot([gamma.zero_cross], [0], marker="o", color=ALERT)
        crossed = f"zero at {gamma.zero_cross:,.0f}"
        axes.annotate(crossed, (gamma.zero_cross, 0), xytext=(6, -14), color=ALERT, **beside)
    dress(axes, "Stock to sell for a rise of 1 %: above zero dealers calm the market, below they drive it", "USD bn")
    axes.set_xlabel("index points; each contract keeps its volatility", size=8.5, color=INK)
    return figure


def outlook_pictures(found: Outlook) -> dict[str, Figure]:
    """Return every picture of an outlook by name; that of gamma where there was a chain."""
    drawn = {"levels": outlook_levels, "scenarios": outlook_scenarios, "feedback": outlook_feedback}
    drawn |= {} if found.gamma is None else {"gamma": outlook_gamma}
    return {name: draw(found) for name, draw in drawn.items()}


def _flow_bars(axes: Axes, found: Outlook) -> None:
    """Draw mean flows with feedback over the longest horizon, with the middle 90 % of the paths."""
    days = found.horizons[-1]
    for shift, (arm, ink) in zip((-0.18, 0.18), ARM_COLORS.items(), strict=True):
        one = found.forward.flows.filter(arm=arm, horizon_days=days).filter(
            pl.col("population").is_in(found.systematic)
        )
        one = one.filter(pl.max_horizontal(pl.col("p5").abs(), pl.col("p95").abs()) > LEAST_BN)
        places = np.arange(one.height) + shift
        mean, low, high = (one[name].to_numpy() for name in ("mean_bn", "p5", "p95"))
        axes.bar(places, mean, 0.34, color=ink, alpha=0.8)
        axes.vlines(places, low, high, color=INK, linewidth=0.8)
        axes.set_xticks(np.arange(one.height), [label(name) for name in one["population"]])
    axes.axhline(0, color=GREY, linewidth=0.8)
    dress(axes, f"Traded over {days} sessions: mean, and 5 to 95 % of the paths", "USD bn")


def _vix_curve(axes: Axes, found: Outlook) -> None:
    last = found.forward.volatility["date"].max()
    names = ["vix9d", "vix", "vix3m", "vix6m"]
    for shift, (arm, ink) in zip((-0.05, 0.05), ARM_COLORS.items(), strict=True):
        one = found.forward.volatility.filter(pl.col("date") == last, arm=arm)
        by = {row["index"]: row for row in one.iter_rows(named=True)}
        places = [place + shift for place, name in enumerate(names) if name in by]
        rows = [by[name] for name in names if name in by]
        axes.plot(places, [row["p50"] for row in rows], color=ink, marker="o", markersize=4, linewidth=1.2)
        axes.vlines(places, [row["p5"] for row in rows], [row["p95"] for row in rows], color=ink, linewidth=1.0)
    axes.set_xticks(range(len(names)), [name.upper() for name in names])
    dress(axes, f"VIX curve after {found.horizons[-1]} sessions: median, and 5 to 95 % of the paths", "points")


def _names(axes: Axes, entries: list[tuple[str, str]], *, beside: bool = False) -> None:
    """List what the colors mean, above a panel at its right or beside it."""
    from matplotlib.patches import Patch

    patches = [Patch(color=ink, label=name) for name, ink in entries]
    place: dict[str, Any] = {"loc": "lower right", "bbox_to_anchor": (1.0, 1.0), "ncols": 8}
    if beside:
        place = {"loc": "upper left", "bbox_to_anchor": (1.0, 1.0), "ncols": 1}
    legend(axes, patches, handlelength=1.0, **place)
