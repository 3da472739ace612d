"""Expiries of SPX and SPXW as Cboe lists them: which exist at a close, how they settle, how far off they are."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from flowsim.clock.bars import FULL_DAY_MINUTES, HALF_DAY_MINUTES
from flowsim.clock.sessions import DateLike, require_session, session_table
from flowsim.clock.weekdays import (
    FRIDAY,
    ONE_DAY,
    SATURDAY,
    Days,
    months_between,
    nth_weekday,
    on_or_after,
    weekday_of,
)
from flowsim.clock.year import MINUTES_PER_DAY

Flags = NDArray[np.bool_]
Minutes = NDArray[np.int64]
Positions = NDArray[np.intp]

# How many of the coming expiries of each kind are listed; docs/listing.md says which real chains they come from.
SESSIONS_LISTED = 21
FRIDAYS_LISTED = 7
MONTH_ENDS_LISTED = 6
QUARTER_ENDS_LISTED = 4
PM_THIRD_FRIDAYS_LISTED = 5
AM_THIRD_FRIDAYS_LISTED = 13
AM_MARCH_CYCLE_LISTED = 6
AM_JUNES_LISTED = 2
AM_DECEMBERS_LISTED = 5

# The fifth December after the last session of 2060.
_LAST_EXPIRY = np.datetime64("2065-12-31")

_OPEN_MINUTE = 9 * 60 + 30
_CLOSE_MINUTE = _OPEN_MINUTE + FULL_DAY_MINUTES
_EARLY_CLOSE_MINUTE = _OPEN_MINUTE + HALF_DAY_MINUTES


@dataclass(frozen=True, eq=False)
class Expiries:
    """Expiries in order of settlement; every array has shape (n,).

    `dates` is datetime64[D]. `am_settled` is true for SPX, which settles on the opening of that session, and
    false for SPXW, which settles on its close.
    """

    dates: Days
    am_settled: Flags

    def __len__(self) -> int:
        return len(self.dates)

    @property
    def root(self) -> NDArray[np.str_]:
        """Option root of each expiry, "SPX" or "SPXW"."""
        return np.where(self.am_settled, "SPX", "SPXW")

    @property
    def ends_week(self) -> Flags:
        """Whether each date is a Friday, or the session before a Friday that is closed."""
        sessions = expiry_sessions().dates
        return sessions[_on_or_before(sessions, on_or_after(self.dates, FRIDAY))] == self.dates


@dataclass(frozen=True, eq=False)
class ExpirySessions:
    """Sessions on which options can expire, and the positions in `dates` of those that end a period.

    An expiry that falls on a closed day moves to the session before. `month_ends` and `third_fridays` have one
    position for each month from January 1970.
    """

    dates: Days
    fridays: Positions
    third_fridays: Positions
    month_ends: Positions

    def quarter_ends(self, month_offset: int = 0) -> Positions:
        """Return the month ends of March, June, September and December, or those `month_offset` months later."""
        return self.month_ends[(2 + month_offset) % 3 :: 3]


@lru_cache(maxsize=1)
def expiry_sessions() -> ExpirySessions:
    """Return the sessions from 1970 to the last expiry that is ever listed, at the end of 2065.

    The table of sessions ends in June 2061; after it every weekday counts as a session.
    """
    known = session_table().dates
    later = np.arange(known[-1] + ONE_DAY, _LAST_EXPIRY + ONE_DAY)
    dates = np.concatenate([known, later[weekday_of(later) < SATURDAY]])
    third_fridays = nth_weekday(months_between(dates[0], dates[-1]), FRIDAY, 3)
    return ExpirySessions(
        dates=dates,
        fridays=_last_of_each(on_or_after(dates, FRIDAY)),
        third_fridays=_on_or_before(dates, third_fridays),
        month_ends=_last_of_each(dates.astype("datetime64[M]")),
    )


def listed_expiries(day: DateLike) -> Expiries:
    """Return what is listed at the close of the session `day` and expires after it.

    Expiries of `day` itself have settled. Those that settle on the next opening are included, though they no
    longer trade. The rule is that of 2023 and is applied to every year:

    ========================  ==========================================================================
    SPXW, settled on a close  each of the next 21 sessions; the next 7 Fridays; the next 6 month ends;
                              the next 4 quarter ends; the next 5 third Fridays
    SPX, settled on an        the next 13 third Fridays; the next 6 of the March cycle; the next 2 of
    opening                   June; the next 5 of December
    ========================  ==========================================================================

    Raises
    ------
    InputError
        If `day` is not an NYSE session from 1970 to 2060.
    """
    here = _position(require_session(day, "day"))
    listing = _listing()
    begin = np.searchsorted(listing.settles, here, side="right")
    rows = begin + np.flatnonzero(listing.listed_from[begin:] <= here)
    return Expiries(expiry_sessions().dates[listing.settles[rows]], listing.am_settled[rows])


def minutes_to_expiry(day: DateLike, expiries: Expiries) -> Minutes:
    """Return the calendar minutes from the close of the session `day` to each settlement, shape (n,).

    The count is that of Cboe (2019), "Cboe Volatility Index: VIX white paper": every day has 1,440 minutes,
    those on which clocks change too. A session closes at 16:00 New York time, half days at 13:00. SPXW settles
    at the close of its session, SPX at 09:30; the count is negative where that is past.

    Raises
    ------
    InputError
        If `day` is not an NYSE session from 1970 to 2060.
    """
    today = require_session(day, "day")
    settles = np.where(expiries.am_settled, _OPEN_MINUTE, _close_minute(expiries.dates))
    n_days = (expiries.dates - today).astype(np.int64)
    return n_days * int(MINUTES_PER_DAY) + settles - _close_minute(today)


def trading_days_to(day: DateLike, expiries: Expiries) -> Positions:
    """Return how many sessions lie between the close of the session `day` and each settlement, shape (n,).

    Options that settle on an opening do not live through that session: the count is 0 on the day before.

    Raises
    ------
    InputError
        If `day` is not an NYSE session from 1970 to 2060.
    """
    here = _position(require_session(day, "day"))
    return _on_or_before(expiry_sessions().dates, expiries.dates) - here - expiries.am_settled


@dataclass(frozen=True, eq=False)
class _Listing:
    """Every expiry in order of settlement, as positions in the expiry sessions, each of shape (n,).

    `listed_from` is the session at whose close an expiry is first listed.
    """

    settles: Positions
    am_settled: Flags
    listed_from: Positions


@lru_cache(maxsize=1)
def _listing() -> _Listing:
    known = expiry_sessions()
    every_session = np.arange(len(known.dates))
    on_close = _first_listed(
        len(every_session),
        (every_session, SESSIONS_LISTED),
        (known.fridays, FRIDAYS_LISTED),
        (known.month_ends, MONTH_ENDS_LISTED),
        (known.quarter_ends(), QUARTER_ENDS_LISTED),
        (known.third_fridays, PM_THIRD_FRIDAYS_LISTED),
    )
    on_opening = _first_listed(
        len(every_session),
        (known.third_fridays, AM_THIRD_FRIDAYS_LISTED),
        (known.third_fridays[2::3], AM_MARCH_CYCLE_LISTED),
        (known.third_fridays[5::12], AM_JUNES_LISTED),
        (known.third_fridays[11::12], AM_DECEMBERS_LISTED),
    )
    settles = np.repeat(every_session, 2)
    am_settled = np.tile([True, False], len(every_session))
    listed_from = np.stack([on_opening, on_close], axis=1).ravel()
    exists = listed_from < settles
    return _Listing(settles[exists], am_settled[exists], listed_from[exists])


def _first_listed(n_sessions: int, *kinds: tuple[Positions, int]) -> Positions:
    """Return at which session's close an expiry of each session is first listed; its own where it never is."""
    first = np.arange(n_sessions)
    for positions, n_listed in kinds:
        among_the_next = np.concatenate([np.zeros(n_listed, dtype=np.intp), positions[:-n_listed]])
        first[positions] = np.minimum(first[positions], among_the_next)
    return first


def _close_minute(dates: Days | np.datetime64) -> Minutes:
    known = session_table()
    half_day = np.isin(dates, known.dates[known.half_day])
    return np.where(half_day, _EARLY_CLOSE_MINUTE, _CLOSE_MINUTE)


def _position(session: np.datetime64) -> int:
    return int(np.searchsorted(expiry_sessions().dates, session))


def _on_or_before(dates: Days, days: Days) -> Positions:
    return np.searchsorted(dates, days, side="right") - 1


def _last_of_each(periods: NDArray[np.datetime64]) -> Positions:
    """Return the position of the last of each run of equal values."""
    return np.append(np.flatnonzero(periods[1:] != periods[:-1]), len(periods) - 1)
