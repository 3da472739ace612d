"""When options settle, and how long that is from a close: in minutes, in sessions, in scheduled events."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left, bisect_right
from functools import cache
from typing import NamedTuple

from flowsim.clock import cpi_days, fomc_statement_days, payroll_days
from flowsim.clock.expiries import expiry_sessions
from flowsim.clock.sessions import session_table

TENOR_DAYS = (9, 30, 93, 184, 366)
MINUTES_IN_YEAR = 365 * 24 * 60
FRIDAY = 4


class Expiry(NamedTuple):
    """A session on whose opening or close options settle; they sort by the time of settlement."""

    date: dt.date
    on_close: bool


@cache
def all_sessions() -> list[dt.date]:
    """Return every session on which an option can expire."""
    return expiry_sessions().dates.tolist()


@cache
def _half_days() -> frozenset[dt.date]:
    table = session_table()
    return frozenset(table.dates[table.half_day].tolist())


def session_number(date: dt.date) -> int:
    """Return how many sessions come before this one."""
    return bisect_left(all_sessions(), date)


def close_of(date: dt.date) -> dt.datetime:
    """Return the time of a session's close, New York time: 16:00, on half days 13:00."""
    return dt.datetime.combine(date, dt.time(13 if date in _half_days() else 16))


def minutes_to(today: dt.date, expiry: Expiry) -> float:
    """Return the minutes from a close to a settlement, each day having 1,440."""
    settles = close_of(expiry.date) if expiry.on_close else dt.datetime.combine(expiry.date, dt.time(9, 30))
    return (settles - close_of(today)) / dt.timedelta(minutes=1)


def sessions_to(today: dt.date, expiry: Expiry, overnight: float) -> float:
    """Return the business time from a close to a settlement; a session is a night and its bars.

    A half day's bars last three and a half hours of six and a half.
    """
    first, last = session_number(today) + 1, session_number(expiry.date)
    bars = all_sessions()[first : last + expiry.on_close]
    hours = sum(3.5 / 6.5 if date in _half_days() else 1.0 for date in bars)
    return (last + 1 - first) * overnight + (1.0 - overnight) * hours


@cache
def _third_fridays() -> list[Expiry]:
    months = [dt.date(year, month, 1) for year in range(1990, 2060) for month in range(1, 13)]
    fridays = [first + dt.timedelta((FRIDAY - first.weekday()) % 7 + 14) for first in months]
    return [Expiry(_session_on_or_before(friday), False) for friday in fridays]


@cache
def _fridays() -> list[Expiry]:
    first, third = dt.date(1990, 1, 5), {expiry.date for expiry in _third_fridays()}
    dates = [_session_on_or_before(first + dt.timedelta(7 * week)) for week in range(3600)]
    return [Expiry(date, date not in third) for date in dates]


def _session_on_or_before(date: dt.date) -> dt.date:
    return all_sessions()[bisect_right(all_sessions(), date) - 1]


@cache
def terms_of(today: dt.date) -> list[tuple[Expiry, Expiry]]:
    """Return the near and the next expiry of each index, as docs/vix.md chooses them."""
    quarterly = _third_fridays()[2::3]
    kinds = (_fridays(), _fridays(), _third_fridays(), _third_fridays(), quarterly)
    found = []
    for days, kind in zip(TENOR_DAYS, kinds, strict=True):
        beyond = bisect_right(kind, today + dt.timedelta(days), key=lambda expiry: expiry.date)
        found.append((kind[beyond - 1], kind[beyond]))
    return found


class Events:
    """The variance of scheduled events, less its mean for each session since the first mark."""

    def __init__(self, meeting_move_pct: float, release_move_pct: float, first_mark: dt.date, overnight: float) -> None:
        every, self.overnight = all_sessions(), overnight
        self.variance = [0.0] * len(every)
        first, last = expiry_sessions().dates[[0, -1]]
        kinds = (
            (fomc_statement_days, meeting_move_pct),
            (payroll_days, release_move_pct),
            (cpi_days, release_move_pct),
        )
        for days_of, move_pct in kinds:
            for day in days_of(first, last).tolist():
                self.variance[min(session_number(day), len(every) - 1)] += (move_pct / 100.0) ** 2
        since = session_number(first_mark) + 1
        business_time = sessions_to(first_mark, Expiry(every[-1], True), overnight)
        self.mean = sum(self.variance[since:]) / business_time

    def variance_to(self, today: dt.date, expiry: Expiry) -> float:
        """Return the variance of the events from a close to a settlement, less its mean over so long a time.

        An option that settles on an opening does not live through that session's events.
        """
        first, last = session_number(today) + 1, session_number(expiry.date) + expiry.on_close
        return sum(self.variance[first:last]) - self.mean * sessions_to(today, expiry, self.overnight)
