"""The calendar of SPX options: which Friday an expiry stands for, and how expiries were dated in their day."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np

from flowsim.clock import FIRST_DATE, LAST_DATE, sessions

THURSDAY, FRIDAY, SATURDAY = 3, 4, 5
LAST_SATURDAY = date(2016, 1, 16)
"""Until February 2015 standard options were dated on the Saturday after they had settled, and long-dated ones that were
listed then to the end of their life."""


def is_session(day: date) -> bool:
    """Tell whether NYSE trades on a day; one beyond the calendar is taken for one, but for weekends."""
    if not FIRST_DATE <= np.datetime64(day) <= LAST_DATE:
        return day.weekday() < SATURDAY
    return len(sessions(day, day)) == 1


def session_before(day: date) -> date:
    """Return the last session before a day."""
    before = day - timedelta(1)
    while not is_session(before):
        before -= timedelta(1)
    return before


def friday_of(day: date) -> date:
    """Return the Friday that an expiry stands for: options of a closed Friday expire on the Thursday before."""
    friday = day + timedelta(1)
    return friday if day.weekday() == THURSDAY and not is_session(friday) else day


def is_standard(day: date) -> bool:
    """Tell whether standard options, settled in the morning, expire on a day: third Fridays."""
    friday = friday_of(day)
    return friday.weekday() == FRIDAY and 15 <= friday.day <= 21


def settled_on(day: date) -> date:
    """Return the session on which options of a date settled: of a Saturday of old the one before it."""
    if day.weekday() == SATURDAY and day <= LAST_SATURDAY and 16 <= day.day <= 22:
        return session_before(day)
    return day
