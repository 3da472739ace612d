"""The calendar of SPX options: which Friday an expiry stands for, and how expiries were dated in their day."""

from __future__ import annotations

from datetime import date, timedelta

from flowsim.clock.sessions import is_session, session_before

THURSDAY, FRIDAY, SATURDAY = 3, 4, 5
LAST_SATURDAY = date(2016, 1, 16)
"""Until February 2015 standard options were dated on the Saturday after they had settled, and long-dated ones that were
listed then to the end of their life."""


def friday_of(day: date) -> date:
    """Return the Friday that an expiry stands for: options of a closed Friday expire on the Thursday before."""
    if day.weekday() != THURSDAY:
        return day
    friday = day + timedelta(1)
    return day if is_session(friday) else friday


def is_standard(day: date) -> bool:
    """Tell whether standard options, settled in the morning, expire on a day: third Fridays."""
    friday = friday_of(day)
    return friday.weekday() == FRIDAY and 15 <= friday.day <= 21


def settled_on(day: date) -> date:
    """Return the session on which options of a date settled: of a Saturday of old the one before it."""
    if day.weekday() == SATURDAY and day <= LAST_SATURDAY and 16 <= day.day <= 22:
        return session_before(day)
    return day
