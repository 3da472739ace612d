"""The 30-day index of VIX futures: the return of rolling from one month to the next, a share on each session.

    c_t = (w F_t + (1 - w) G_t) / (w F_(t-1) + (1 - w) G_(t-1)) - 1

F and G are the two contracts held over the day, w the share of the nearer one at the close before
(`flowsim.clock.vix_settlements.index_roll`; S&P Dow Jones Indices, "S&P VIX Futures Indices Methodology"). Nobody pays
interest here, so it is the excess return.
"""

from __future__ import annotations

import numpy as np

from flowsim.clock.expiries import expiry_sessions
from flowsim.clock.vix_settlements import index_roll
from flowsim.files.arrays import Days, Floats


def index_prices(dates: Days, first: Floats, second: Floats) -> tuple[Floats, Floats]:
    """Return the price of what is held after each close, and that of what was held before it, (..., days).

    `first` and `second`, (..., days), are the next two contracts to settle. Both prices are for one contract in all.
    nan where a contract has no price, and, for the second, on the first day and where the session before is missing.
    """
    roll = index_roll(dates)
    after = np.where(roll.first == 1, second, roll.weight * first + (1.0 - roll.weight) * second)
    before = np.full(first.shape, np.nan)
    weight = np.where(_follows(dates), roll.weight[:-1], np.nan)
    before[..., 1:] = weight * first[..., 1:] + (1.0 - weight) * second[..., 1:]
    return after, before


def index_returns(dates: Days, first: Floats, second: Floats) -> Floats:
    """Return the simple return of the index on each day, (..., days), nan where it is not known."""
    after, before = index_prices(dates, first, second)
    returns = np.full(first.shape, np.nan)
    returns[..., 1:] = before[..., 1:] / after[..., :-1] - 1.0
    return returns


def first_changes(dates: Days, first: Floats, second: Floats) -> tuple[Floats, Floats]:
    """Return the first contract's price at the close before and at this one, (..., days), nan where one is not known.

    On a settlement day the first contract was the second at the close before.
    """
    earlier = np.full(first.shape, np.nan)
    eve = index_roll(dates).first[:-1] == 1
    earlier[..., 1:] = np.where(_follows(dates), np.where(eve, second[..., :-1], first[..., :-1]), np.nan)
    return earlier, first


def _follows(dates: Days) -> np.ndarray:
    """Return whether each date but the first is the session after the one before it."""
    return np.diff(np.searchsorted(expiry_sessions().dates, dates)) == 1
