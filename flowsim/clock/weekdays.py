"""Arithmetic on weekdays: the third Friday of each month, the last Wednesday, the next Saturday."""

import numpy as np
from numpy.typing import NDArray

MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY, SATURDAY, SUNDAY = range(7)
ONE_DAY = np.timedelta64(1, "D")
ONE_MONTH = np.timedelta64(1, "M")

Days = NDArray[np.datetime64]


def weekday_of(days: Days) -> NDArray[np.int64]:
    """Return the weekday of each day, 0 = Monday."""
    return (days.astype("datetime64[D]").astype(np.int64) + THURSDAY) % 7  # 1970-01-01 was a Thursday


def on_or_after(days: Days, weekday: int) -> Days:
    """Return the first day on or after each of `days` that falls on `weekday`."""
    return days + (weekday - weekday_of(days)) % 7 * ONE_DAY


def day_of_month(months: Days, day: int) -> Days:
    """Return the given day (1 = first) of each month; `months` is datetime64[M]."""
    return np.add(months.astype("datetime64[D]"), (day - 1) * ONE_DAY)


def nth_weekday(months: Days, weekday: int, nth: int) -> Days:
    """Return the nth (1 = first) such weekday of each month; `months` is datetime64[M]."""
    return on_or_after(months.astype("datetime64[D]"), weekday) + (nth - 1) * 7 * ONE_DAY


def last_weekday(months: Days, weekday: int) -> Days:
    """Return the last such weekday of each month; `months` is datetime64[M]."""
    return nth_weekday(months + ONE_MONTH, weekday, 1) - 7 * ONE_DAY


def months_between(first: np.datetime64, last: np.datetime64) -> Days:
    """Return every month from that of the day `first` to that of the day `last`, as datetime64[M]."""
    return np.arange(first.astype("datetime64[M]"), last.astype("datetime64[M]") + ONE_MONTH)


def within(days: Days, first: np.datetime64, last: np.datetime64) -> Days:
    """Return those of `days` from `first` to `last`, both included."""
    return days[(days >= first) & (days <= last)]
