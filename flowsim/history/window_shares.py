"""Whose variance it is over windows of several sessions, in all of them and in calm and stressed ones.

The share of a source with contribution c to the return r is Cov(c, r) / Var(r) over overlapping windows, so that
shares add up to 100 %. Intervals are those of the stationary bootstrap: windows are drawn in blocks of random length,
each with what lies in it (Politis and Romano 1994, "The Stationary Bootstrap").
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from flowsim.run.variance_share import share_of_sums

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
HORIZONS = (1, 5, 21, 63)
BLOCK_DAYS = 126
"""Mean length of a block: half a year, so that a block holds most of a spell of high volatility."""
FEWEST_BLOCKS = 4
"""Shorter periods have no interval: too few blocks differ."""
RESAMPLES = 500
AT_ONCE = 50
ALL, CALM, STRESSED, LARGEST, WORST = "all", "calm", "stressed", "largest 1 %", "worst 1 %"
CALM_PART, STRESSED_PART, EXTREME_PART = 0.5, 0.05, 0.01
"""Choices: the half of windows that begin with the least impact, the 5 % with the most, and 1 % by their return."""
STATES = (ALL, CALM, STRESSED, LARGEST, WORST)


class Shares(NamedTuple):
    """Shares in percent by source, with the ends of their intervals, nan where a period is too short; and windows."""

    value: Floats
    low: Floats
    high: Floats
    windows: int


def window_sums(daily: Floats, days: int) -> Floats:
    """Return sums over windows of so many sessions, by the session on which a window begins."""
    total = np.concatenate([np.zeros((1, *daily.shape[1:])), np.cumsum(daily, axis=0)])
    return total[days:] - total[:-days]


def states_of(returns: Floats, impact: Floats) -> dict[str, Flags]:
    """Tell which windows belong to each state, from their returns and the impact of a flow on their first session."""
    size, level = np.abs(returns), impact[: len(returns)]
    return {
        ALL: np.ones(len(returns), bool),
        CALM: level <= np.quantile(level, CALM_PART),
        STRESSED: level >= np.quantile(level, 1.0 - STRESSED_PART),
        LARGEST: size >= np.quantile(size, 1.0 - EXTREME_PART),
        WORST: returns <= np.quantile(returns, EXTREME_PART),
    }


def shares(parts: Floats, returns: Floats, states: Mapping[str, Flags], seed: int) -> dict[str, Shares]:
    """Return whose variance it is in the windows of each state; in the worst, whose part of the sum of falls.

    Parameters
    ----------
    parts : array (windows, sources)
        What each source adds to the return of a window.
    returns : array (windows,)
    states : mapping of one of `STATES` to array (windows,) of bool
        The windows of each state.
    seed : int
        The same seed draws the same blocks.
    """
    n, n_sources = parts.shape
    terms = np.concatenate([_terms(parts, returns, inside) for inside in states.values()], axis=1)
    drawn = np.empty((0, terms.shape[1]))
    if n >= FEWEST_BLOCKS * BLOCK_DAYS:
        drawn = np.concatenate([_weighed(counts, terms) for counts in draws(n, RESAMPLES, seed)])
    found = {}
    for place, (state, inside) in enumerate(states.items()):
        own = slice(place * terms.shape[1] // len(states), (place + 1) * terms.shape[1] // len(states))
        value = _share(terms[:, own].sum(axis=0), n_sources, state)
        low, high = _ends(_share(drawn[:, own], n_sources, state))
        found[state] = Shares(value, low, high, int(inside.sum()))
    return found


def _ends(drawn: Floats) -> tuple[Floats, Floats]:
    """Return the ends of the middle 95 % over resamples, nan where there are none."""
    if not len(drawn):
        return np.full(drawn.shape[1], np.nan), np.full(drawn.shape[1], np.nan)
    low, high = np.nanquantile(drawn, [0.025, 0.975], axis=0)
    return low, high


def _terms(parts: Floats, returns: Floats, inside: Flags) -> Floats:
    """Return what each window adds to n, sum r, sum r^2, and for each source to sum c and sum c r."""
    r = returns[:, None]
    columns = np.concatenate([np.ones_like(r), r, r * r, parts, parts * r], axis=1)
    return columns * inside[:, None]


def _weighed(counts: Floats, terms: Floats) -> Floats:
    """Return the sum of terms (windows, terms) by how often each is drawn, (resamples, windows).

    Not as a product of matrices, whose sums are taken in another order on another processor.
    """
    total = np.zeros((len(counts), terms.shape[1]))
    for drawn, term in zip(counts.T, terms, strict=True):
        total += drawn[:, None] * term
    return total


def _share(sums: Floats, n_sources: int, state: str) -> Floats:
    """Return shares in percent from the sums of `_terms`, on the last axis; nan without variance beyond rounding."""
    n, r, square = (sums[..., place, None] for place in range(3))
    own, product = sums[..., 3 : 3 + n_sources], sums[..., 3 + n_sources :]
    if state == WORST:
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(r < 0.0, 100.0 * own / r, np.nan)
    return 100.0 * share_of_sums(n, own, r, product, square)


def draws(n_windows: int, resamples: int, seed: int) -> Iterator[Floats]:
    """Yield how often each resample drew each window, shape (up to AT_ONCE, windows)."""
    from arch.bootstrap import StationaryBootstrap

    drawn = StationaryBootstrap(BLOCK_DAYS, np.arange(n_windows), seed=seed).bootstrap(resamples)
    for start in range(0, resamples, AT_ONCE):
        size = min(AT_ONCE, resamples - start)
        yield np.array([np.bincount(next(drawn)[0][0], minlength=n_windows) for _ in range(size)], float)
