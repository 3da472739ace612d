"""What everybody sees after the close: realized volatilities, past returns, highs and lows, depth."""

from __future__ import annotations

import numpy as np

from flowsim.authoring.rows import (
    HIGH_21D,
    HIGH_63D,
    HIGH_126D,
    HIGH_252D,
    LOG_PRICE,
    RETURN_5D,
    RETURN_21D,
    RETURN_63D,
    RETURN_126D,
    RETURN_252D,
    RING,
    RV_5,
    RV_10,
    RV_20,
    RV_21,
    RV_40,
    RV_63,
    RV_126,
)
from flowsim.clock.year import SESSIONS_PER_YEAR
from flowsim.kernel.functions import sqrt
from flowsim.kernel.lanes import copy, fill
from flowsim.kernel.marks import LANES, function, inline
from flowsim.market.depth import find_depth, follow_variances

VOL_WINDOWS = np.array([5, 10, 20, 21, 40, 63, 126])
VOL_ROWS = np.array([RV_5, RV_10, RV_20, RV_21, RV_40, RV_63, RV_126])
RETURN_WINDOWS = np.array([5, 21, 63, 126, 252])
RETURN_ROWS = np.array([RETURN_5D, RETURN_21D, RETURN_63D, RETURN_126D, RETURN_252D])
RANGE_WINDOWS = np.array([21, 63, 126, 252])
HIGH_ROWS = np.array([HIGH_21D, HIGH_63D, HIGH_126D, HIGH_252D])
"""The low of a window stands in the row after its high."""


@inline
def keep_close(depth, state):
    """Append the close of the day to the ring, and the day's squared return to the variances."""
    newest = ring_row(state.n_closes[0])
    previous = state.closes[ring_row(newest - 1)]
    close = state.closes[newest]
    log_price = state.observables[LOG_PRICE]
    for lane in range(LANES):
        close[lane] = log_price[lane]
    follow_variances(depth, state.depth, close, previous)
    state.n_closes[0] += 1


@inline
def observe(depth, state):
    """Bring the market's rows of the view up to the last close.

    Sums run over the ring anew each day: a running sum would carry its rounding along for years.
    """
    newest = state.n_closes[0] - 1
    _realized_vols(state.closes, newest, state.observables)
    _ranges(state.closes, newest, state.observables)
    last = state.closes[ring_row(newest)]
    for window in range(RETURN_WINDOWS.size):
        before = state.closes[ring_row(newest - RETURN_WINDOWS[window])]
        past_return = state.observables[RETURN_ROWS[window]]
        for lane in range(LANES):
            past_return[lane] = last[lane] - before[lane]
    find_depth(depth, state.depth, state.observables)


@function
def _realized_vols(closes, newest, view):
    """Add up squared returns, each window from where the shorter one ended, two days at a time to halve the loads."""
    done = 0
    for window in range(VOL_WINDOWS.size):
        squares = view[VOL_ROWS[window]]
        if window == 0:
            fill(squares, 0.0)
        else:
            copy(squares, view[VOL_ROWS[window - 1]])
        if (VOL_WINDOWS[window] - done) & 1 == 1:
            later, earlier = closes[ring_row(newest - done)], closes[ring_row(newest - done - 1)]
            for lane in range(LANES):
                squares[lane] += (later[lane] - earlier[lane]) ** 2
            done += 1
        for age in range(done, VOL_WINDOWS[window], 2):
            last, middle = closes[ring_row(newest - age)], closes[ring_row(newest - age - 1)]
            first = closes[ring_row(newest - age - 2)]
            for lane in range(LANES):
                later_return, earlier_return = last[lane] - middle[lane], middle[lane] - first[lane]
                squares[lane] = squares[lane] + later_return * later_return + earlier_return * earlier_return
        done = VOL_WINDOWS[window]
    for window in range(VOL_WINDOWS.size):
        realized = view[VOL_ROWS[window]]
        for lane in range(LANES):
            realized[lane] = sqrt(SESSIONS_PER_YEAR / VOL_WINDOWS[window] * realized[lane])


@function
def _ranges(closes, newest, view):
    """Widen the range of closes, each window from where the shorter one ended, seven days at a time."""
    done = 0
    for window in range(RANGE_WINDOWS.size):
        highest, lowest = view[HIGH_ROWS[window]], view[HIGH_ROWS[window] + 1]
        copy(highest, closes[ring_row(newest)] if window == 0 else view[HIGH_ROWS[window - 1]])
        copy(lowest, closes[ring_row(newest)] if window == 0 else view[HIGH_ROWS[window - 1] + 1])
        for age in range(done, RANGE_WINDOWS[window], 7):
            c0, c1 = closes[ring_row(newest - age)], closes[ring_row(newest - age - 1)]
            c2, c3 = closes[ring_row(newest - age - 2)], closes[ring_row(newest - age - 3)]
            c4, c5 = closes[ring_row(newest - age - 4)], closes[ring_row(newest - age - 5)]
            c6 = closes[ring_row(newest - age - 6)]
            for lane in range(LANES):
                first = max(max(c0[lane], c1[lane]), max(c2[lane], c3[lane]))
                highest[lane] = max(max(max(highest[lane], c6[lane]), max(c4[lane], c5[lane])), first)
                last = min(min(c0[lane], c1[lane]), min(c2[lane], c3[lane]))
                lowest[lane] = min(min(min(lowest[lane], c6[lane]), min(c4[lane], c5[lane])), last)
        done = RANGE_WINDOWS[window]


@inline
def ring_row(day):
    """Return the row of the ring with the closes of a day, counted from the first that the ring has seen."""
    return day & (RING - 1)
