"""Real NYSE sessions: which days trade, and which of them close early."""

import datetime
import warnings
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from flowsim.errors import InputError
from flowsim.files import cache

# The first session of 1970: exchange_calendars leaves out the regular holidays of earlier years.
FIRST_DATE = np.datetime64("1970-01-02")
LAST_DATE = np.datetime64("2060-12-31")

# The table reaches half a year further, so that the last dates still have a next meeting and a next expiry.
_TABLE_LAST = np.datetime64("2061-06-30")
_ROW = np.dtype([("date", "<M8[D]"), ("half_day", "?")])

DateLike = str | datetime.date | np.datetime64


@dataclass(frozen=True, eq=False)
class Sessions:
    """Consecutive NYSE sessions.

    `dates` is datetime64[D] of shape (n,); `half_day` is bool of shape (n,), true where the session closes
    early.
    """

    dates: NDArray[np.datetime64]
    half_day: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.dates)


def as_day(value: DateLike, what: str) -> np.datetime64:
    """Return `value` as datetime64[D].

    Raises
    ------
    InputError
        If `value` is not a date; the message begins with `what`, the name of the option or key.
    """
    try:
        if isinstance(value, np.datetime64):
            day = value.astype("datetime64[D]")
        elif isinstance(value, datetime.date):
            day = np.datetime64(value.isoformat()[:10])
        else:
            day = np.datetime64(datetime.date.fromisoformat(value))
    except (TypeError, ValueError):
        day = np.datetime64("NaT")
    if np.isnat(day):
        raise InputError(f"{what} = {value} is not a date; write it as YYYY-MM-DD")
    return day


def sessions(first: DateLike, last: DateLike) -> Sessions:
    """Return the NYSE sessions from `first` to `last`, both included.

    Half days are all early closes: 13:00 today, and until 1992 some at 14:00. Normal hours are taken as 390
    minutes throughout, though the exchange opened at 10:00 until 1985 and closed at 15:30 until 1974.

    Raises
    ------
    InputError
        If a date cannot be read or lies outside 1970-01-02 to 2060-12-31.
    """
    table = session_table()
    begin = np.searchsorted(table.dates, _supported(first, "first"))
    end = np.searchsorted(table.dates, _supported(last, "last"), side="right")
    return Sessions(table.dates[begin:end], table.half_day[begin:end])


def sessions_after(date: DateLike, n_sessions: int) -> Sessions:
    """Return the `n_sessions` sessions that follow `date`, which is not among them.

    Raises
    ------
    InputError
        If they end after 2060-12-31.
    """
    table = session_table()
    begin = int(np.searchsorted(table.dates, _supported(date, "date"), side="right"))
    left = int(np.searchsorted(table.dates, LAST_DATE, side="right")) - begin
    if n_sessions > left:
        raise InputError(
            f"{n_sessions} sessions after {date} end after {LAST_DATE}, the last date known;"
            f" ask for at most {left} or begin earlier"
        )
    return Sessions(table.dates[begin : begin + n_sessions], table.half_day[begin : begin + n_sessions])


def require_session(date: DateLike, what: str) -> np.datetime64:
    """Return `date` as datetime64[D] if NYSE trades on it.

    Raises
    ------
    InputError
        If it does not; the message begins with `what` (such as ``time.start``) and names the nearest
        sessions.
    """
    day = _supported(date, what)
    table = session_table()
    position = np.searchsorted(table.dates, day)
    if table.dates[position] == day:
        return day
    before, after = table.dates[position - 1 : position + 1]
    raise InputError(f"{what} = {day} is not an NYSE session; the nearest are {before} and {after}")


def is_session(day: datetime.date) -> bool:
    """Tell whether NYSE trades on a day; one beyond the calendar is taken for one, but for weekends."""
    if not FIRST_DATE <= np.datetime64(day) <= LAST_DATE:
        return day.weekday() < 5
    return len(sessions(day, day)) == 1


def session_before(day: datetime.date) -> datetime.date:
    """Return the last session before a day."""
    before = day - datetime.timedelta(1)
    while not is_session(before):
        before -= datetime.timedelta(1)
    return before


@lru_cache(maxsize=1)
def session_table() -> Sessions:
    """Return every session known: the supported range and half a year after it.

    The table is kept on disk for each version of exchange_calendars, whose import alone takes half a second.
    """
    # importlib.metadata takes as long to import as the rest of a warm call.
    from importlib.metadata import version

    name = f"nyse-sessions-{FIRST_DATE}-{_TABLE_LAST}-exchange_calendars-{version('exchange_calendars')}"
    content = cache.load(name)
    if content is None:
        content = _computed_table().tobytes()
        cache.store(name, content)
    rows = np.frombuffer(content, dtype=_ROW)
    table = Sessions(rows["date"].copy(), rows["half_day"].copy())
    table.dates.flags.writeable = False
    table.half_day.flags.writeable = False
    return table


def _computed_table() -> np.ndarray:
    import exchange_calendars

    with warnings.catch_warnings():
        # Its version 4.13 makes calls that pandas 3.1 deprecates, which is nothing to the user.
        warnings.simplefilter("ignore", DeprecationWarning)
        # Without start and end the library covers twenty years back and one ahead of the day it is called.
        nyse = exchange_calendars.get_calendar("XNYS", start=str(FIRST_DATE), end=str(_TABLE_LAST))
    rows = np.empty(len(nyse.sessions), dtype=_ROW)
    rows["date"] = nyse.sessions.to_numpy().astype("datetime64[D]")
    rows["half_day"] = nyse.sessions.isin(nyse.early_closes)
    return rows


def _supported(value: DateLike, what: str) -> np.datetime64:
    day = as_day(value, what)
    if not FIRST_DATE <= day <= LAST_DATE:
        raise InputError(f"{what} = {day} is outside the NYSE calendar; choose a date from {FIRST_DATE} to {LAST_DATE}")
    return day
