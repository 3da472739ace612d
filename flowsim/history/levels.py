"""Prices at which a population turns, found by asking its rule about tomorrow's close.

All populations are asked about 64 closes at once; where what they wish to hold changes sign, about 64 more between.
"""

from __future__ import annotations

import numpy as np

from flowsim.engine.replay import PathReplayer, WarmMarket
from flowsim.kernel.array_functions import exp, log
from flowsim.kernel.marks import LANES
from flowsim.market.arrays import MarketState

FURTHEST_PCT = 40.0
"""Levels further from the last close than this are not looked for."""
ROUNDS = 3
"""Of 63 intervals each: the last are 2e-6 of the price wide."""


def turning_levels(warm: WarmMarket) -> np.ndarray:
    """Return tomorrow's close at which each population goes from short to long, (populations,); nan where none does."""
    return levels_after(PathReplayer(warm, 1), warm.state, 0, float(warm.history.close[-1]))


def levels_after(replayer: PathReplayer, state: MarketState, day: int, close: float) -> np.ndarray:
    """Return the same for the session `day` of a way, from the state and the close before it."""
    n = len(replayer.warm.populations)
    low, high = np.full(n, float(log(1.0 - FURTHEST_PCT / 100))), np.full(n, float(log(1.0 + FURTHEST_PCT / 100)))
    moves = np.linspace(low[0], high[0], LANES)
    wanted = replayer.ask(state, day, moves)
    for row in range(n):
        _narrow(row, wanted, moves, low, high)
    for _ in range(ROUNDS - 1):
        for row in np.flatnonzero(np.isfinite(low)).tolist():
            moves = np.linspace(low[row], high[row], LANES)
            _narrow(row, replayer.ask(state, day, moves), moves, low, high)
    return close * exp(0.5 * (low + high))


def _narrow(row: int, wanted: np.ndarray, moves: np.ndarray, low: np.ndarray, high: np.ndarray) -> None:
    """Set the bracket of a population to the interval in which its wish crosses zero, the nearest to no move."""
    long = wanted[row] > 0.0
    crossings = np.flatnonzero(~long[:-1] & long[1:])
    if not len(crossings):
        low[row] = high[row] = np.nan
        return
    at = crossings[np.argmin(np.abs(moves[crossings]))]
    low[row], high[row] = moves[at], moves[at + 1]
