"""The calendar as the kernels read it: one array per fact about each session."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

from flowsim.clock import events
from flowsim.clock.sessions import FIRST_DATE, LAST_DATE, require_session, session_table
from flowsim.clock.weekdays import ONE_DAY, ONE_MONTH, SUNDAY, Days, on_or_after, weekday_of
from flowsim.errors import InputError

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Positions = NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Calendar:
    """What is known in advance about each of a run of sessions; every array has shape (n,).

    Counts are float64, as the rules see them. A count of sessions to an event is 0 on its day; before the
    first statement day of the table, in 1994, `sessions_to_meeting` counts all the way to it.
    """

    dates: Days
    half_day: Flags
    weekday: Floats  # 0 = Monday
    days_since_quarter_end: Floats  # calendar days, 1 on the first day of a quarter
    days_to_quarter_end: Floats  # calendar days, 0 on the last day of a quarter
    sessions_since_month_end: Floats  # 1 = first session of the month
    sessions_to_month_end: Floats  # 0 = last session of the month
    sessions_to_quarter_end: Floats  # 0 = last session of the quarter
    is_monthly_expiry: Flags  # third Friday, or the session before when that is a holiday
    sessions_to_expiry: Floats  # to the monthly expiry
    is_weekly_expiry: Flags  # the week's last session: Friday, or the session before
    is_meeting: Flags  # scheduled FOMC statement
    sessions_to_meeting: Floats
    is_minutes: Flags  # of the FOMC
    is_payrolls: Flags
    is_cpi: Flags
    is_gdp: Flags  # advance estimate


def session_calendar(dates: ArrayLike) -> Calendar:
    """Return the calendar of a run of consecutive NYSE sessions.

    The counts look past both ends of the run, so a session's values do not depend on the run it is part of.

    Parameters
    ----------
    dates : array_like of datetime64[D], shape (n,)

    Raises
    ------
    InputError
        If a date is no session, lies outside 1970 to 2060, or a session is left out between two dates.
    """
    known = session_table()
    days = np.asarray(dates, dtype="datetime64[D]")
    here = _positions(days)
    month = days.astype("datetime64[M]")
    quarter = month - month.astype(np.int64) % 3 * ONE_MONTH
    quarter_start, next_quarter = (
        quarter.astype("datetime64[D]"),
        (quarter + 3 * ONE_MONTH).astype("datetime64[D]"),
    )
    month_start, next_month = month.astype("datetime64[D]"), (month + ONE_MONTH).astype("datetime64[D]")

    fall = _event_positions()
    to_expiry, to_meeting = _sessions_to(fall["monthly_expiry"], here), _sessions_to(fall["meeting"], here)
    return Calendar(
        dates=days,
        half_day=known.half_day[here],
        weekday=weekday_of(days).astype(np.float64),
        days_since_quarter_end=(days - quarter_start) / ONE_DAY + 1.0,
        days_to_quarter_end=(next_quarter - days) / ONE_DAY - 1.0,
        sessions_since_month_end=(here - _on_or_after(month_start) + 1).astype(np.float64),
        sessions_to_month_end=_sessions_before(next_month, here),
        sessions_to_quarter_end=_sessions_before(next_quarter, here),
        is_monthly_expiry=to_expiry == 0,
        sessions_to_expiry=to_expiry,
        is_weekly_expiry=_sessions_before(on_or_after(days, SUNDAY), here) == 0,
        is_meeting=to_meeting == 0,
        sessions_to_meeting=to_meeting,
        is_minutes=_sessions_to(fall["minutes"], here) == 0,
        is_payrolls=_sessions_to(fall["payrolls"], here) == 0,
        is_cpi=_sessions_to(fall["cpi"], here) == 0,
        is_gdp=_sessions_to(fall["gdp"], here) == 0,
    )


def _positions(days: Days) -> Positions:
    """Return where `days` stand in the table of all sessions, having checked that they are consecutive."""
    known = session_table().dates
    if len(days) == 0:
        return np.empty(0, dtype=np.intp)
    require_session(days[0], "the first of the dates")
    begin = int(np.searchsorted(known, days[0]))
    expected = known[begin : begin + len(days)]
    expected = expected[expected <= LAST_DATE]
    wrong = np.flatnonzero(days[: len(expected)] != expected)
    if len(wrong):
        raise InputError(
            f"dates[{wrong[0]}] = {days[wrong[0]]} does not follow {days[wrong[0] - 1]} as the next"
            f" NYSE session, which is {expected[wrong[0]]}; give consecutive sessions"
        )
    if len(expected) < len(days):
        raise InputError(
            f"dates[{len(expected)}] = {days[len(expected)]} is outside the NYSE calendar;"
            f" choose dates from {FIRST_DATE} to {LAST_DATE}"
        )
    return np.arange(begin, begin + len(days))


@lru_cache(maxsize=1)
def _event_positions() -> dict[str, Positions]:
    """Return where all events of each kind fall in the table of all sessions; they do not depend on a run."""
    known = session_table().dates
    first, last = known[0], known[-1]
    return {
        "monthly_expiry": _on_or_before(events.monthly_expiry_days(first, last)),
        "meeting": _on_or_after(events.fomc_statement_days(first, last)),
        "minutes": _on_or_after(events.fomc_minutes_days(first, last)),
        "payrolls": _on_or_after(events.payroll_days(first, last)),
        "cpi": _on_or_after(events.cpi_days(first, last)),
        "gdp": _on_or_after(events.gdp_days(first, last)),
    }


def _on_or_after(days: Days) -> Positions:
    return np.searchsorted(session_table().dates, days)


def _on_or_before(days: Days) -> Positions:
    return np.searchsorted(session_table().dates, days, side="right") - 1


def _sessions_before(end: Days, here: Positions) -> Floats:
    """Return the number of sessions after each one that come before the day `end`."""
    return (_on_or_after(end) - 1 - here).astype(np.float64)


def _sessions_to(event_positions: Positions, here: Positions) -> Floats:
    return (event_positions[np.searchsorted(event_positions, here)] - here).astype(np.float64)
