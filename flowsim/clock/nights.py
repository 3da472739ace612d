"""Nights between sessions, for markets that never close: how many bars they have, and how many hours.

A bar of the night has 60 minutes, from full hour to full hour, and the last one, from 9:00 to the open, 30: New York
closes at 16:00 or 13:00 and opens at 9:30, so every night is half an hour more than whole hours. There are 18 bars on
a weeknight, 66 over a weekend, one fewer or more where clocks change in it, 42 over a holiday in the week, and 3 more
after a half day.
"""

from __future__ import annotations

import datetime as dt
from functools import cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

import numpy as np

from flowsim.clock.sessions import session_table
from flowsim.clock.weekdays import ONE_DAY
from flowsim.files.arrays import Days, Flags, Floats, Integers

NEW_YORK = ZoneInfo("America/New_York")
OPEN_HOUR, CLOSE_HOUR, EARLY_CLOSE_HOUR = 9.5, 16.0, 13.0
LAST_BAR_HOURS = 0.5
BARS_TO_RELEASES = 2
"""Scheduled data come at 8:30, in the last bar but one of the night."""
LONGEST_NIGHT_BARS = 168
"""A week: by it draws of a market that never closes have their address, however long the nights of a run are."""
USUAL_FIRST, USUAL_LAST = np.datetime64("2000-01-01"), np.datetime64("2029-12-31")
"""Years whose sessions say how long nights are on average."""


class Nights(NamedTuple):
    """The night before each of some sessions: its hours, and whether a day without a session lies in it."""

    hours: Floats  # (sessions,)
    over_a_closed_day: Flags  # (sessions,) weekends and holidays

    @property
    def bars(self) -> Integers:
        """Bars of each night, int64 (sessions,)."""
        return np.ceil(self.hours).astype(np.int64)


def nights_before(dates: Days) -> Nights:
    """Return the nights before sessions, datetime64[D] (sessions,), from the close of the session before each."""
    known = session_table()
    here = np.searchsorted(known.dates, dates)
    before = known.dates[here - 1]
    closes = np.where(known.half_day[here - 1], EARLY_CLOSE_HOUR, CLOSE_HOUR)
    days = (dates - before) / ONE_DAY
    shift = np.array([_utc_offset(day) for day in dates.tolist()]) - [_utc_offset(day) for day in before.tolist()]
    return Nights(24.0 * days + OPEN_HOUR - closes - shift, days > 1.0)


class UsualHours(NamedTuple):
    """Hours for each session, on average over many years: in it, on weeknights, and over days without a session."""

    session: float
    weeknight: float
    closed_days: float


@cache
def usual_hours() -> UsualHours:
    """Return the hours for each session of the years 2000 to 2029."""
    known = session_table()
    there = (known.dates >= USUAL_FIRST) & (known.dates <= USUAL_LAST)
    nights = nights_before(known.dates[there])
    closes = np.where(known.half_day[there], EARLY_CLOSE_HOUR, CLOSE_HOUR)
    over = nights.over_a_closed_day
    return UsualHours(
        float(np.mean(closes - OPEN_HOUR)),
        float(np.mean(np.where(over, 0.0, nights.hours))),
        float(np.mean(np.where(over, nights.hours, 0.0))),
    )


@cache
def _utc_offset(day: dt.date) -> float:
    """Return the hours by which New York's clock at noon is ahead of UTC: -5 or -4."""
    offset = dt.datetime.combine(day, dt.time(12), NEW_YORK).utcoffset()
    assert offset is not None
    return offset.total_seconds() / 3600.0
