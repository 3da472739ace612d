"""Settlement days of VIX futures by the rule of Cboe Futures Exchange, and how the 30-day index rolls between them."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np

from flowsim.clock.expiries import expiry_sessions
from flowsim.clock.weekdays import FRIDAY, ONE_DAY, ONE_MONTH, Days, months_between, nth_weekday
from flowsim.files.arrays import Floats, Integers

DAYS_BEFORE_EXPIRY = 30


class Roll(NamedTuple):
    """What the 30-day index holds at each close: two contracts that follow each other."""

    weight: Floats  # (n,) of the nearer one, a share of the number of contracts
    first: Integers  # (n,) int64 the nearer one among those still to settle: 0, or 1 where the first settles next


@lru_cache(maxsize=1)
def vix_settlement_days() -> Days:
    """Return the settlement day of the contract of each month from 1970 to 2065, datetime64[D] in ascending order.

    It is the Wednesday 30 days before the third Friday of the next month, so that the options whose strip is the
    settlement value have 30 days left. Where that Wednesday or that Friday is a holiday, it is the session before the
    Wednesday. The exchange listed its first contracts in 2004; days before are what the rule would have had.
    """
    sessions = expiry_sessions().dates
    months = months_between(sessions[0], sessions[-1])[:-1]
    expiry = nth_weekday(months + ONE_MONTH, FRIDAY, 3)
    wednesday = expiry - DAYS_BEFORE_EXPIRY * ONE_DAY
    is_open = np.isin(wednesday, sessions) & (np.isin(expiry, sessions) | (expiry > sessions[-1]))
    before = sessions[np.searchsorted(sessions, wednesday) - 1]
    return np.where(is_open, wednesday, before)


def coming_settlements(dates: Days, contracts: int) -> Days:
    """Return when the next contracts settle after each close, (n, contracts).

    A contract settles on the opening of its last day; at that day's close the next one is the first.
    """
    settlements = vix_settlement_days()
    first = np.searchsorted(settlements, dates, side="right")
    return settlements[first[:, None] + np.arange(contracts)]


def days_to_settlement(dates: Days, contracts: int) -> Integers:
    """Return the calendar days from each close to the settlements of the next contracts, int64 (n, contracts)."""
    return (coming_settlements(dates, contracts) - dates[:, None]).astype(np.int64)


def index_roll(dates: Days) -> Roll:
    """Return what the 30-day index holds at the close of each session.

    The rule is that of S&P Dow Jones Indices, "S&P VIX Futures Indices Methodology". A roll period has D sessions, from
    a settlement day to the session before the next. At the close of the session before it begins, all is in the
    contract that settles at its end; after each close the share r / D is left there, r the sessions from then to that
    settlement. Closed days count for nothing.
    """
    sessions, settlements = expiry_sessions().dates, vix_settlement_days()
    starts = np.searchsorted(sessions, settlements)
    after = np.searchsorted(sessions, dates, side="right")
    ends = np.searchsorted(starts, after, side="right")
    left, period = starts[ends] - after, starts[ends] - starts[ends - 1]
    return Roll(left / period, np.isin(after, starts).astype(np.int64))
