"""A forward test as a picture: forecasts and what came by date, ranks of what came, and scores beside rivals'."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from flowsim.plot.style import ALERT, GREY, INDEX, INK, LIGHT, date_axis, dress, headed, legend, number_axis, panels

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from flowsim.forecasts.backtest import Backtest

UNITS = {"return": "%", "realized volatility": "% a year", "VIX": "vol points"}
BINS = 10


def backtest_picture(found: Backtest) -> Figure:
    """Draw a row for each quantity: its forecasts at the longest horizon, the ranks of what came, and the scores."""
    quantities = found.scores["quantity"].unique(maintain_order=True).to_list()
    title = "What was forecast from real closes, and what came"
    figure = headed(title, f"{found.label}; {found.n_dates} dates, every {found.every} sessions, {found.n_paths} paths")
    grid = figure.add_gridspec(
        len(quantities), 3, left=0.06, right=0.97, top=0.86, bottom=0.13, hspace=0.5, wspace=0.5,
        width_ratios=[2.2, 1.0, 1.2],
    )  # fmt: skip
    places = panels(figure, grid)
    for row, quantity in enumerate(quantities):
        fan, ranks, beside = places[3 * row : 3 * row + 3]
        market = found.forecasts.filter(model="market", quantity=quantity, horizon_days=found.horizons[-1])
        _fan(fan, market.sort("date"), f"{quantity.capitalize() if quantity != 'VIX' else quantity}, {_days(found)}")
        _ranks(ranks, market["rank_share"].to_numpy(), f"Rank of what came, {_days(found)}")
        _scores(beside, found.scores.filter(pl.col("quantity") == quantity, pl.col("model") != "market"))
    _legend(places[-3])
    note = (
        "Ranks: dates by where what came lies in the forecast; grey: what chance allows at 95 %.\n"
        "CRPS: the market's less the rival's, in % of the rival's, with 95 % of Diebold and Mariano; left is better."
    )
    figure.text(0.97, 0.022, note, size=7.5, color=GREY, ha="right")
    return figure


def _days(found: Backtest) -> str:
    longest = found.horizons[-1]
    return "1 day ahead" if longest == 1 else f"{longest} days ahead"


def _fan(axes: Axes, rows: pl.DataFrame, title: str) -> None:
    """Draw the levels of 1 to 99 % by date, and what came, marked where it lies beyond them."""
    dates = rows["date"].to_numpy().astype("datetime64[D]")
    level = {name: rows[name].to_numpy() for name in ("came", "p1", "p5", "p50", "p95", "p99")}
    axes.fill_between(dates, level["p1"], level["p99"], color=INDEX, alpha=0.16, linewidth=0)
    axes.fill_between(dates, level["p5"], level["p95"], color=INDEX, alpha=0.28, linewidth=0)
    axes.plot(dates, level["p50"], color=INDEX, linewidth=1.0)
    beyond = (level["came"] < level["p1"]) | (level["came"] > level["p99"])
    look: dict[str, Any] = {"linewidth": 0, "marker": "o", "markersize": 2.6}
    axes.plot(dates[~beyond], level["came"][~beyond], color=INK, **look)
    axes.plot(dates[beyond], level["came"][beyond], color=ALERT, **look)
    dress(axes, title, UNITS[rows["quantity"][0]])
    date_axis(axes, dates[0], dates[-1])


def _ranks(axes: Axes, ranks: np.ndarray, title: str) -> None:
    """Draw how many dates came in each tenth of the forecast, and what chance allows."""
    from scipy.stats import binom

    counts = np.histogram(ranks, BINS, (0.0, 1.0))[0]
    low, high = binom.ppf((0.025, 0.975), len(ranks), 1.0 / BINS)
    axes.axhspan(low, high, color=LIGHT, alpha=0.7, linewidth=0)
    left = np.arange(BINS) / BINS
    outside = (counts < low) | (counts > high)
    axes.bar(left, counts, 0.9 / BINS, align="edge", color=np.where(outside, ALERT, INDEX).tolist())
    dress(axes, title, "dates")
    number_axis(axes, "share of the forecast below")


def _scores(axes: Axes, rows: pl.DataFrame) -> None:
    """Draw one interval for each rival and horizon, in percent of the rival's score."""
    names = rows["model"].unique(maintain_order=True).to_list()
    horizons = rows["horizon_days"].unique(maintain_order=True).to_list()
    for place, (model, days) in enumerate((model, days) for model in names for days in horizons):
        one = rows.filter(model=model, horizon_days=days).row(0, named=True)
        less, low, high = (100.0 * one[f"crps_{part}"] / one["crps"] for part in ("market_less", "low", "high"))
        color = ALERT if low > 0.0 else INDEX if high < 0.0 else GREY
        axes.plot([low, high], [place, place], color=color, linewidth=1.2)
        axes.plot(less, place, "o", color=color, markersize=3.6)
    dress(axes, "CRPS beside rivals", "", size=7.5)
    labels = [f"{model}, {days} d" for model in names for days in horizons]
    axes.set_yticks(range(len(labels)), labels, fontsize=6.5)
    axes.set_ylim(len(labels) - 0.5, -0.5)
    axes.axvline(0.0, color=INK, linewidth=0.7)
    axes.grid(visible=False, axis="y")
    number_axis(axes, "% of the rival's")


def _legend(axes: Axes) -> None:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    handles = [
        Patch(color=INDEX, alpha=0.28, label="forecast, 5 to 95 %"),
        Patch(color=INDEX, alpha=0.16, label="1 to 99 %"),
        Line2D([], [], color=INDEX, label="median"),
        Line2D([], [], color=INK, marker="o", markersize=3, linestyle="none", label="what came"),
        Line2D([], [], color=ALERT, marker="o", markersize=3, linestyle="none", label="beyond 1 or 99 %"),
    ]
    legend(axes, handles, loc="upper left", bbox_to_anchor=(-0.05, -0.22), ncols=5, columnspacing=1.0)
