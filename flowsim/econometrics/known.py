"""What is known at a close without any flow: volatility at three horizons, VIX, past returns, and the drawdown."""

from __future__ import annotations

import numpy as np

from flowsim.clock.year import YEAR
from flowsim.files.arrays import Floats
from flowsim.kernel.array_functions import log

WEEK, MONTH = 5, 22


def trailing_mean(values: Floats, days: int) -> Floats:
    """Return the mean over the last `days` values at each day, nan where there are fewer or one is not known."""
    found = np.full(len(values), np.nan)
    if len(values) < days:
        return found
    windows = np.lib.stride_tricks.sliding_window_view(values, days)
    found[days - 1 :] = windows.mean(axis=1)
    return found


def drawdown(close: Floats) -> Floats:
    """Return the log distance of each close from the highest of the last year, zero or below."""
    highest = np.array([close[max(0, day - YEAR + 1) : day + 1].max() for day in range(len(close))])
    return log(close / highest)


def controls(close: Floats, returns: Floats, size: Floats, vix: Floats) -> Floats:
    """Return what is known at each close, (days, 8), nan where it is not.

    The size of a day, today, over a week and over a month (Corsi 2009, "A Simple Approximate Long-Memory Model of
    Realized Volatility"), log VIX, returns of a day, a week and a month, and the drawdown.

    Parameters
    ----------
    close, returns : array (days,)
        Index and log return.
    size : array (days,)
        How large each day was, such as its log range.
    vix : array (days,)
        In points.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        level = np.log(vix)
    return np.stack(
        [
            size,
            trailing_mean(size, WEEK),
            trailing_mean(size, MONTH),
            level,
            returns,
            WEEK * trailing_mean(returns, WEEK),
            MONTH * trailing_mean(returns, MONTH),
            drawdown(close),
        ],
        axis=1,
    )
