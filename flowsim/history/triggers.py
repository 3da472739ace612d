"""At which levels the systematic players act: where trend followers turn, and what move makes others cut or add."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from flowsim.clock import sessions_after
from flowsim.clock.year import SESSIONS_PER_YEAR
from flowsim.engine.replay import WarmMarket, follow, wanted_now
from flowsim.files.arrays import Floats
from flowsim.history.levels import turning_levels
from flowsim.history.scenarios import daily_vol, swings
from flowsim.history.speeds import part_of
from flowsim.kernel.array_functions import exp, log
from flowsim.kernel.marks import LANES

LARGEST_MOVE_PCT = 8.0
BEYOND_PCT = 0.1
"""How far past its level the price goes, in % of it, when the flow is counted."""
SMALLEST_ORDER_BN = 0.05
WINDOWS = (21, 63)


def turning_table(parts: WarmMarket, horizons: Sequence[int]) -> pl.DataFrame:
    """Return population, speed, level, distance_pct, position_bn, then flow_{days}d_bn and flat_{days}d_bn per horizon.

    `parts` are trend followers by speed. The flow is what trades if tomorrow's close is just through the level, seen
    from today's, and the market then stays there at its usual volatility; `flat` is what trades if it stays here.
    """
    close, levels = float(parts.history.close[-1]), turning_levels(parts)
    through = levels * (1.0 + np.sign(levels - close) * BEYOND_PCT / 100.0)
    jumps = np.nan_to_num(log(through / close))
    longest, vol = max(horizons), daily_vol(parts)
    staying = vol * swings(longest)
    returns = np.stack([np.concatenate([[jump], staying[: longest - 1]]) for jump in jumps] + [staying], axis=1)
    followed, position = follow(parts, returns, paths=len(jumps) + 1), wanted_now(parts)
    rows = []
    for row, name in enumerate(parts.populations):
        population, speed = part_of(name)
        flows = {}
        for days in horizons:
            flows[f"flow_{days}d_bn"] = followed.flow[:days, row, row].sum()
            flows[f"flat_{days}d_bn"] = followed.flow[:days, row, -1].sum()
        known = {"population": population, "speed": speed, "level": levels[row]}
        known |= {"distance_pct": 100.0 * (levels[row] / close - 1.0), "position_bn": position[row]}
        rows.append(known | flows)
    return pl.DataFrame(rows).with_columns(pl.col(pl.Float64).fill_nan(None)) if rows else pl.DataFrame()


def reaction_table(warm: WarmMarket) -> pl.DataFrame:
    """Return how each population with a position answers to the size of tomorrow's move, up or down alike.

    Columns: population, adds_below_pct and cuts_above_pct (sizes of tomorrow's move in %, null where none up to 8 %
    does it), adds_below_vol and cuts_above_vol (the higher of one- and three-month realized volatility after such a
    move), vol_now, and order_calm_bn and order_2pct_bn (decided tomorrow if the index stands still, or falls 2 %).
    Left out are populations that answer to the side of the move, and those who trade or hedge options.
    """
    sizes = np.linspace(0.0, LARGEST_MOVE_PCT / 100.0, LANES // 2)
    returns = log(np.concatenate([1.0 - sizes, 1.0 + sizes]))[None, :]
    followed, now = follow(warm, returns, paths=LANES), wanted_now(warm)
    vol = np.maximum(followed.rv_21[0], followed.rv_63[0])[: len(sizes)]
    closes = log(warm.history.close[-WINDOWS[1] - 1 :])
    vol_now = max(np.sqrt(SESSIONS_PER_YEAR * np.mean(np.diff(closes[-window - 1 :]) ** 2)) for window in WINDOWS)
    rows = []
    for row, population in enumerate(warm.spec.populations):
        if population.strategy.trades_options:
            continue
        order = followed.wanted[0, row] - now[row]
        fall, rise = order[: len(sizes)], order[len(sizes) :]
        if np.isnan(now[row]) or not (np.abs(order).max() > SMALLEST_ORDER_BN and _same(fall, rise)):
            continue
        rows.append({"population": population.name, **reaction(sizes, vol, fall), "vol_now": vol_now})
    columns = ("adds_below_pct", "adds_below_vol", "cuts_above_pct", "cuts_above_vol", "vol_now", "order_calm_bn")
    schema = {"population": pl.String, **dict.fromkeys((*columns, "order_2pct_bn"), pl.Float64)}
    return pl.DataFrame(rows, schema=schema)


def reaction(sizes: Floats, vol: Floats, order: Floats) -> dict[str, float | None]:
    """Return up to which move a population adds and from which on it cuts, as `reaction_table` names them.

    `sizes` are those of tomorrow's move, fractions, ascending from zero, `vol` the volatility after each, and `order`
    what is decided after each, USD bn, all of shape (sizes,).
    """
    adds, cuts = np.flatnonzero(order > SMALLEST_ORDER_BN), np.flatnonzero(order < -SMALLEST_ORDER_BN)
    return {
        "adds_below_pct": 100.0 * float(sizes[adds[-1]]) if len(adds) else None,
        "adds_below_vol": float(vol[adds[-1]]) if len(adds) else None,
        "cuts_above_pct": 100.0 * float(sizes[cuts[0]]) if len(cuts) else None,
        "cuts_above_vol": float(vol[cuts[0]]) if len(cuts) else None,
        "order_calm_bn": float(order[0]),
        "order_2pct_bn": float(np.interp(0.02, sizes, order)),
    }


def _same(fall: np.ndarray, rise: np.ndarray) -> bool:
    """Tell whether falls and rises of a size, which differ a little as log returns, get nearly the same answer."""
    return bool(np.abs(fall - rise).max() < 0.25 * max(np.abs(fall).max(), np.abs(rise).max()))


def roll_off(warm: WarmMarket, days: int) -> pl.DataFrame:
    """Return for each coming session what leaves the windows of volatility at its close.

    Columns: date, return_pct leaving each window and the date it is of, and realized volatility if the index stands at
    the volatility of the last quarter: leaves_21d_pct, leaves_21d_date, rv_21, and the same of 63.
    """
    returns = np.diff(log(warm.history.close))
    dates = warm.history.dates[1:]
    coming = sessions_after(warm.history.dates[-1], days).dates
    ahead = np.concatenate([returns, daily_vol(warm) * swings(days)])
    columns: dict[str, object] = {"date": coming}
    for window in WINDOWS:
        last = min(days, window)
        gone = len(returns) - window + np.arange(last)
        leaves = np.full(days, np.nan)
        leaves[:last] = 100.0 * (exp(returns[gone]) - 1.0)
        left = np.full(days, np.datetime64("NaT"), "datetime64[D]")
        left[:last] = dates[gone]
        mean = [np.mean(ahead[len(returns) + day + 1 - window : len(returns) + day + 1] ** 2) for day in range(days)]
        columns |= {
            f"leaves_{window}d_pct": leaves,
            f"leaves_{window}d_date": left,
            f"rv_{window}": np.sqrt(SESSIONS_PER_YEAR * np.array(mean)),
        }
    return pl.DataFrame(columns).with_columns(pl.col(pl.Float64).fill_nan(None))
