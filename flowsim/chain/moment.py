"""When quotes were taken, as files say it: a column of dates or times, or a line above the table in any language."""

from __future__ import annotations

import datetime
import re
from collections.abc import Sequence
from zoneinfo import ZoneInfo

import numpy as np

from flowsim.clock.sessions import session_table
from flowsim.files.dates import day_of, is_date

NEW_YORK = ZoneInfo("America/New_York")
END_OF_QUOTES = datetime.time(16, 15)
"""SPX options trade a quarter of an hour longer than stocks; on a half day too."""
END_OF_HALF_DAY = datetime.time(13, 15)

_TIME = re.compile(r"(\d{1,2})\s?[:.h時时시]\s?(\d{2})(?:[:.](\d{2})(?:\.\d+)?)?分?\s*([AaPp])?", re.ASCII)
_ZONE = re.compile(r"(?:UTC|GMT|Z)?\s*([+\-\u2212]\d{1,2})(?::?(\d{2}))?|\b(UTC|GMT|Z)\b", re.ASCII)
_SECONDS = re.compile(r"(\d{10})(?:\d{3})?(?:\.0+)?", re.ASCII)
_LABEL = re.compile(r"^[^\d:：]*[:：]\s*")
_HOURS = {
    "EDT EST ET": None,
    "CEST MESZ HAEC": 2,
    "CET MEZ BST WEST": 1,
    "CDT": -5,
    "CST MDT": -6,
    "MST PDT": -7,
    "PST": -8,
    "JST KST": 9,
    "HKT SGT AWST": 8,
    "AEST": 10,
    "AEDT": 11,
}
_HOURS_OF = {zone: hours for zones, hours in _HOURS.items() for zone in zones.split()}


def moment_of(text: str, time_of_day: datetime.time | None = None) -> datetime.datetime | None:
    """Return the New York time that a text is, None if it is none.

    A date alone is the end of quotes of that day, or `time_of_day`. A zone in the text counts; without one the time is
    New York's.
    """
    seconds = _SECONDS.fullmatch(text)
    if seconds:
        at = datetime.datetime.fromtimestamp(int(seconds[1]), datetime.UTC)
        return at.astimezone(NEW_YORK).replace(tzinfo=None)
    found = _TIME.search(text) if not is_date(text) or ":" in text else None
    date_text = text if found is None else text[: found.start()].rstrip(" ,T@")
    day = _day(date_text)
    if day is None and found is not None:
        day = _day(re.sub(r"^\s*[AaPp][Mm]?\s*", "", text[found.end() :]).strip(" ,"))
    if day is None:
        return None
    date = datetime.date.fromordinal(day)
    if found is None:
        return datetime.datetime.combine(date, time_of_day or end_of_quotes(date))
    hour, minute, second = int(found[1]), int(found[2]), int(found[3] or 0)
    if found[4]:
        hour = hour % 12 + (12 if found[4] in "Pp" else 0)
    if hour > 23 or minute > 59 or second > 59:
        return None
    time = datetime.datetime.combine(date, datetime.time(hour, minute, second))
    return _in_new_york(time, text[found.end() :])


def end_of_quotes(date: datetime.date) -> datetime.time:
    """Return when quotes of a day end, New York time."""
    known = session_table()
    half = known.dates[known.half_day]
    return END_OF_HALF_DAY if np.isin(np.datetime64(date), half) else END_OF_QUOTES


def moment_above(preamble: Sequence[Sequence[str]]) -> datetime.datetime | None:
    """Return the first date, with its time, that stands above a table."""
    for field in (field.strip() for line in preamble for field in line):
        if any(character.isdigit() for character in field):
            found = moment_of(_LABEL.sub("", field) if not field[:1].isdigit() else field)
            if found is not None and found.year >= 1990:
                return found
    return None


def _day(text: str) -> int | None:
    words = text.strip(" ,-")
    if is_date(words):
        return day_of(words)
    # 'August 21, 2025 at', '21 de agosto de 2025, ', '2025年8月21日 GMT-4'
    inner = re.search(r"\d{4}\s*[-/.年]\s*\d{1,2}\s*[-/.月]\s*\d{1,2}|\d{1,2}[-/.]\s?\d{1,2}[-/.]\s?\d{4}", words)
    shorter = inner[0].replace(" ", "") if inner else ""
    return day_of(shorter) if shorter and is_date(shorter) else None


def _in_new_york(time: datetime.datetime, after: str) -> datetime.datetime:
    for word in re.findall(r"[A-Za-z]+", after):
        if word.upper() in _HOURS_OF:
            hours = _HOURS_OF[word.upper()]
            return time if hours is None else _moved(time, hours * 60)
    zone = _ZONE.search(after)
    if zone is None:
        return time
    if zone[3]:
        return _moved(time, 0)
    hours = int(zone[1].replace("\u2212", "-"))
    return _moved(time, hours * 60 + (int(zone[2] or 0) if hours >= 0 else -int(zone[2] or 0)))


def _moved(time: datetime.datetime, minutes: int) -> datetime.datetime:
    zone = datetime.timezone(datetime.timedelta(minutes=minutes))
    return time.replace(tzinfo=zone).astimezone(NEW_YORK).replace(tzinfo=None)
