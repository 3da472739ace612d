"""What each population does over the coming days if the index moves so or so, from where its rule stands.

A move of so many standard deviations is a straight line of log prices with days up and down in turn about it, so that
realized volatility stays at that of the last quarter. Days of plus and minus x % follow each other in turn.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from flowsim.engine.replay import WarmMarket, follow, wanted_now
from flowsim.files.arrays import Floats
from flowsim.kernel.array_functions import exp, log

VOL_SESSIONS = 63
DEVIATIONS = (-2, -1, 0, 1, 2)
DAILY_PCT = (0.5, 1.0, 2.0)
MOST_HORIZONS = 8


def daily_vol(warm: WarmMarket) -> float:
    """Return the daily standard deviation of the last quarter, a log return about a mean of zero."""
    return float(np.sqrt(np.mean(np.diff(log(warm.history.close[-VOL_SESSIONS - 1 :])) ** 2)))


def swings(days: int) -> Floats:
    """Return up and down in turn, (days,), their squares adding up to `days`; an odd last day stands still."""
    pairs = days - days % 2
    signs = np.where(np.arange(days) % 2 == 0, 1.0, -1.0) * (np.arange(days) < pairs)
    return signs * np.sqrt(days / pairs) if pairs else signs


def move(total: float, days: int, vol: float) -> Floats:
    """Return daily log returns that add up to `total`, about a line, at daily volatility `vol` or the line's own."""
    step = total / days
    return step + np.sqrt(max(vol * vol - step * step, 0.0)) * swings(days)


def scenarios(warm: WarmMarket, horizons: Sequence[int]) -> pl.DataFrame:
    """Return scenario, horizon_days, move_pct, population, flow_bn and decided_bn (USD bn).

    `flow_bn` is what trades over the horizon, orders already under way included; `decided_bn` is by how much the wished
    holding changes, null for a population without one. For option programmes both are in delta, see `Followed`.
    """
    paths = _paths(daily_vol(warm), horizons)
    longest = max(horizons)
    returns = np.stack([np.pad(path, (0, longest - len(path))) for _, _, path in paths], axis=1)
    followed, now = follow(warm, returns, paths=len(paths)), wanted_now(warm)
    rows = []
    for lane, (name, days, path) in enumerate(paths):
        flow = followed.flow[:days, :, lane].sum(axis=0)
        decided = followed.wanted[days - 1, :, lane] - now
        move_pct = 100.0 * float(exp(path[:days].sum()) - 1.0)
        for row, population in enumerate(warm.populations):
            rows.append((name, days, move_pct, population, flow[row], decided[row]))
    columns = ("scenario", "horizon_days", "move_pct", "population", "flow_bn", "decided_bn")
    return pl.DataFrame(rows, schema=columns, orient="row").with_columns(pl.col("decided_bn").fill_nan(None))


def _paths(vol: float, horizons: Sequence[int]) -> list[tuple[str, int, Floats]]:
    """Return name, horizon and daily log returns of each scenario."""
    paths = []
    for days in horizons:
        for deviations in DEVIATIONS:
            name = f"{deviations:+d} sigma" if deviations else "flat"
            paths.append((name, days, move(deviations * vol * np.sqrt(days), days, vol)))
        for percent in DAILY_PCT:
            signs = np.where(np.arange(days) % 2 == 0, 1.0, -1.0)
            paths.append((f"+-{percent:g} % days", days, percent / 100.0 * signs))
    return paths
