"""Whose variance it is by state of a simulated market, as `flowsim.history.window_shares` has it of the real one.

Windows are those of all paths together: calm and stressed ones go by the volatility that liquidity providers look at
when they begin, the largest and the worst by their return.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from flowsim.config import Config
from flowsim.ensemble.intervals import Floats, PerPath, interval
from flowsim.ensemble.sample import PerPathByName, Samples
from flowsim.experiments.arms import systematic
from flowsim.experiments.findings import Table
from flowsim.experiments.statistics import sums
from flowsim.history.window_shares import HORIZONS, STATES, WORST, states_of
from flowsim.kernel.array_functions import kept_of

TITLE = "Share of systematic flows in the variance, by state and horizon, %"


def in_state(state: str, days: int) -> str:
    """Name the share in a state at a horizon."""
    return f"systematic flows, windows of {days} d, {state}, %"


def feared(returns: Floats, config: Config) -> Floats:
    """Return the daily variance that liquidity providers look at before each day, (paths, days).

    It begins at the mean over all paths and days.
    """
    variance = np.full((len(config.market.depth_weights), len(returns)), float((returns**2).mean()))
    keep = np.array([kept_of(days) for days in config.market.depth_half_lives_days])[:, None]
    weight = np.array(config.market.depth_weights)[:, None]
    found = np.empty_like(returns)
    for day in range(returns.shape[1]):
        found[:, day] = (weight * variance).sum(axis=0)
        variance = keep * variance + (1.0 - keep) * returns[:, day] ** 2
    return found


def state_shares(samples: Samples, *, horizons: Sequence[int] = HORIZONS) -> PerPathByName:
    """Measure the only arm: what systematic flows carry in each state, at each horizon."""
    (sample,) = samples.values()
    own = sample.total(sample.contribution, systematic(sample.config))
    before, found = feared(sample.returns, sample.config), {}
    for days in horizons:
        part, whole = sums(own, days), sums(sample.returns, days)
        level = before[:, : whole.shape[1]]
        states = states_of(whole.ravel(), level.ravel())
        for state in STATES:
            inside = states[state].reshape(whole.shape)
            found[in_state(state, days)] = _share(part, whole, inside, state)
    return found


def _share(part: Floats, whole: Floats, inside: np.ndarray, state: str) -> PerPath:
    if state == WORST:
        return PerPath(100.0 * (part * inside).sum(axis=1), (whole * inside).sum(axis=1))
    apart = (whole - whole[inside].mean()) * inside
    return PerPath(100.0 * ((part - part[inside].mean()) * apart).sum(axis=1), (apart**2).sum(axis=1))


def state_table(parts: PerPathByName, horizons: Sequence[int] = HORIZONS) -> Table:
    """Return the shares as a table: states in rows, horizons in columns."""
    rows: list[list[str | float | None]] = []
    for state in STATES:
        cells = [interval(parts[in_state(state, days)]) for days in horizons]
        rows.append([state, *(number for cell in cells for number in (cell.value, (cell.high - cell.low) / 2.0))])
    columns = ["state", *(name for days in horizons for name in (f"{days} d", f"± {days} d"))]
    return Table(name=TITLE, columns=columns, rows=rows)
