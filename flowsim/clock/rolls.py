"""Roll calendars of option programmes: on which sessions they roll, and into which expiry."""

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

from flowsim.clock import events
from flowsim.clock.calendar import Calendar, session_calendar
from flowsim.clock.expiries import (
    AM_THIRD_FRIDAYS_LISTED,
    FRIDAYS_LISTED,
    MONTH_ENDS_LISTED,
    QUARTER_ENDS_LISTED,
    SESSIONS_LISTED,
    expiry_sessions,
)
from flowsim.clock.weekdays import Days
from flowsim.errors import InputError

Positions = NDArray[np.intp]

EVENT_ROLLS = ("before_meeting", "before_release")
ROLL_RULES = ("daily", "weekly", "monthly_expiry", "month_end", "quarter_end", *EVENT_ROLLS)
EXPIRY_RULES = ("next_session", "friday", "third_friday", "month_end", "quarter_end", "after_event")

_MOST_AHEAD = {
    "next_session": SESSIONS_LISTED,
    "friday": FRIDAYS_LISTED,
    "third_friday": AM_THIRD_FRIDAYS_LISTED,
    "month_end": MONTH_ENDS_LISTED,
    "quarter_end": QUARTER_ENDS_LISTED,
    "after_event": 1,
}


@dataclass(frozen=True, eq=False)
class Rolls:
    """When a programme rolls, at the close, and into which expiry; every array has shape (n,)."""

    days: Positions  # index of the session among those given
    expiry_dates: Days
    am_settled: NDArray[np.bool_]
    expiry_index: Positions  # sessions after the first one given; may lie beyond the last

    def __len__(self) -> int:
        return len(self.days)


def roll_calendar(
    dates: ArrayLike,
    rolls: str,
    expires: str,
    *,
    ahead: int = 1,
    month_offset: int = 0,
    sessions_ahead: int = 1,
) -> Rolls:
    """Return when a programme rolls over a run of consecutive NYSE sessions, and into which expiry.

    An expiry is always after its roll, and listed at that close by the rule of `listed_expiries`. FOMC
    statements are known from 1994, so no programme rolls before earlier ones.

    Parameters
    ----------
    dates : array_like of datetime64[D], shape (n,)
    rolls : str
        At the close of: ``daily`` every session; ``weekly`` the last session of a week; ``monthly_expiry`` the
        third Friday; ``month_end`` and ``quarter_end`` the last session of the period; ``before_meeting`` and
        ``before_release`` the session `sessions_ahead` before an FOMC statement, or before payrolls and before
        consumer prices. An event on a closed day counts on the next session.
    expires : str
        The `ahead`-th after the roll of: ``next_session`` sessions; ``friday`` Fridays; ``third_friday`` third
        Fridays, settled on the opening; ``month_end`` and ``quarter_end`` last sessions of the period. Or
        ``after_event``, the session of the event itself, whose close comes after it. All but ``third_friday``
        settle on the close; a Friday that is closed is the session before.
    ahead : int
        1 is the next such expiry; at most as many as are listed.
    month_offset : int
        Months by which ``quarter_end`` comes after the calendar quarter's end: 1 for January, April, July and
        October, 2 for February, May, August and November.
    sessions_ahead : int
        From 1 to 21.

    Raises
    ------
    InputError
        If a name or a number is none of these, or a number is set where nothing reads it; if the dates are not
        consecutive sessions from 1970 to 2060.
    """
    _check_names(rolls, expires)
    numbers = {"ahead": ahead, "month_offset": month_offset, "sessions_ahead": sessions_ahead}
    if fault := roll_fault(rolls, expires, **numbers):
        key, said = fault
        raise InputError(f"{key} = {numbers[key]!r} {said}")
    calendar = session_calendar(dates)
    known = expiry_sessions()
    here = np.searchsorted(known.dates, calendar.dates)
    if rolls in EVENT_ROLLS:
        days = np.flatnonzero(np.isin(here, _event_positions(rolls) - sessions_ahead, assume_unique=True))
    else:
        days = np.flatnonzero(_rolls_on(calendar, rolls, month_offset))
    if expires == "after_event":
        expiry = here[days] + sessions_ahead
    else:
        possible = _expiry_positions(expires, month_offset)
        expiry = possible[np.searchsorted(possible, here[days], side="right") + ahead - 1]
    return Rolls(
        days=days,
        expiry_dates=known.dates[expiry],
        am_settled=np.full(len(days), expires == "third_friday"),
        expiry_index=expiry - here[:1],
    )


def _rolls_on(calendar: Calendar, rolls: str, month_offset: int) -> NDArray[np.bool_]:
    if rolls == "weekly":
        return calendar.is_weekly_expiry
    if rolls == "monthly_expiry":
        return calendar.is_monthly_expiry
    month_end = calendar.sessions_to_month_end == 0.0
    if rolls == "month_end":
        return month_end
    if rolls == "quarter_end":
        return month_end & (calendar.dates.astype("datetime64[M]").astype(np.int64) % 3 == (2 + month_offset) % 3)
    return np.ones(len(calendar.dates), dtype=np.bool_)


@cache
def _event_positions(rolls: str) -> Positions:
    """Return the positions of all events of a kind in the expiry sessions."""
    dates = expiry_sessions().dates
    first, last = dates[0], dates[-1]
    if rolls == "before_meeting":
        days = events.fomc_statement_days(first, last)
    else:
        days = np.concatenate([events.payroll_days(first, last), events.cpi_days(first, last)])
    return np.searchsorted(dates, days)


def _expiry_positions(expires: str, month_offset: int) -> Positions:
    """Return the positions of all expiries of a kind in the expiry sessions, ascending."""
    known = expiry_sessions()
    if expires == "friday":
        return known.fridays
    if expires == "third_friday":
        return known.third_fridays
    if expires == "month_end":
        return known.month_ends
    if expires == "quarter_end":
        return known.quarter_ends(month_offset)
    return np.arange(len(known.dates))


def _check_names(rolls: str, expires: str) -> None:
    for key, value, choices in (("rolls", rolls, ROLL_RULES), ("expires", expires, EXPIRY_RULES)):
        if value not in choices:
            raise InputError(f"{key} = {value!r} is not known; use one of {', '.join(map(repr, choices))}")
    if expires == "after_event" and rolls not in EVENT_ROLLS:
        choices = " or ".join(map(repr, EVENT_ROLLS))
        raise InputError(f"expires = 'after_event' has no event with rolls = {rolls!r}; use rolls = {choices}")


def roll_fault(rolls: str, expires: str, ahead: int, month_offset: int, sessions_ahead: int) -> tuple[str, str] | None:
    """Return the number that a roll cannot have, and what is wrong with it, or None; the names are known ones.

    For (weekly, friday, 8, 0, 1): ("ahead", "is not possible with expires = 'friday'; use a whole number from 1 to 7").
    """
    most_ahead = _MOST_AHEAD[expires]
    if expires == "quarter_end" and month_offset:
        # These are no calendar quarter ends, so they are listed as month ends only.
        most_ahead = MONTH_ENDS_LISTED // 3
    most_sessions = SESSIONS_LISTED if rolls in EVENT_ROLLS else 1
    said = _outside(month_offset, range(3), "a quarter of three months")
    if said is None and month_offset and "quarter_end" not in (rolls, expires):
        said = (
            f"moves nothing with rolls = {rolls!r} and expires = {expires!r}; use 0, or 'quarter_end' for one of them"
        )
    faults = {
        "month_offset": said,
        "ahead": _outside(ahead, range(1, most_ahead + 1), f"expires = {expires!r}"),
        "sessions_ahead": _outside(sessions_ahead, range(1, most_sessions + 1), f"rolls = {rolls!r}"),
    }
    return next(((key, said) for key, said in faults.items() if said is not None), None)


def may_settle_at_next_close(rolls: str, expires: str, ahead: int, sessions_ahead: int) -> bool:
    """Return whether a roll may open what settles at the close of the very next session."""
    if expires == "after_event":
        return sessions_ahead == 1
    if ahead > 1 or expires == "third_friday":
        return False
    if expires == "friday":
        return rolls not in ("weekly", "monthly_expiry")
    return expires == "next_session" or rolls == "daily" or rolls in EVENT_ROLLS


def _outside(value: int, allowed: range, setting: str) -> str | None:
    # A float would be found in a range, and fail later as an index.
    if isinstance(value, int | np.integer) and value in allowed:
        return None
    choices = f"{allowed[0]}" if len(allowed) == 1 else f"a whole number from {allowed[0]} to {allowed[-1]}"
    return f"is not possible with {setting}; use {choices}"
