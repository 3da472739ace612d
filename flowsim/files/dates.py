"""Dates as vendors and countries write them, a column at a time: which of day and month comes first is one answer."""

from __future__ import annotations

import datetime
import re
import unicodedata
from collections.abc import Callable, Sequence

from flowsim.errors import InputError

Day = int
"""Days since year 1, as `datetime.date.toordinal` counts them."""

_MONTHS = (
    "jan ene gen sty oca янв",
    "feb fev lut sub фев",
    "mar mrt maa мар",
    "apr avr abr kwi nis апр",
    "may mai mei mag maj май мая",
    "jun juin giu cze haz июн",
    "jul juil lug lip tem июл",
    "aug aou ago sie agu авг",
    "sep set wrz eyl сен",
    "oct okt ott out paz eki окт",
    "nov lis kas ноя",
    "dec dez dic des gru ara дек",
)
"""How the names of months begin in English, German, French, Spanish, Italian, Portuguese, Dutch, Polish, Scandinavian
languages, Turkish and Russian, without accents."""

_MONTH_OF = {begin: number for number, names in enumerate(_MONTHS, 1) for begin in names.split()}
_TIME = r"(?:(?:[T, @]|at|um|à|,)*\s*\d{1,2}[:.h]\d{2}.*)?"
_YEAR_FIRST = re.compile(rf"(\d{{4}})([-/.年])(\d{{1,2}})[-/.月](\d{{1,2}})日?{_TIME}", re.IGNORECASE)
_COMPACT = re.compile(r"((?:19|20)\d{2})(\d{2})(\d{2})(?:\.0)?")
_YEAR_LAST = re.compile(rf"(\d{{1,2}})([-/. ])(\d{{1,2}})[-/. ](\d{{4}}|\d{{2}}){_TIME}", re.IGNORECASE)
_SECONDS = re.compile(r"(-?\d{9,10}|\d{12,13})(?:\.0)?")
_SAMPLE = 400
_WORDS = re.compile(r"[^\W\d_]+|\d+")
_EPOCH = datetime.date(1970, 1, 1).toordinal()
_EXCEL = datetime.date(1899, 12, 30).toordinal()
_EXCEL_DAY = re.compile(r"([1-7]\d{4})(?:\.\d+)?")


class Forms:
    """The names that messages give to what a column of dates is written in."""

    YEAR_FIRST = "YYYY-MM-DD"
    COMPACT = "YYYYMMDD"
    MONTH_FIRST = "MM/DD/YYYY"
    DAY_FIRST = "DD/MM/YYYY"
    WORDS = "month by name"
    SECONDS = "seconds since 1970"
    EXCEL = "Excel's number of days"


Reader = Callable[[str], Day | None]


def days_of(texts: Sequence[str], rows: Sequence[int], source: str, what: str = "date") -> tuple[list[Day], str]:
    """Return the days that a column of texts is, and the form that it is written in.

    A day and a month that could both be either are told apart by the other dates of the column: by numbers above 12,
    then by weekends, then as in the United States.

    Raises
    ------
    InputError
        At the first text that is no date, or not one in the form of those before it.
    """
    few = texts[:: max(1, len(texts) // _SAMPLE)]
    form = form_of(few)
    days = [_READERS[form](text) for text in texts]
    if None in days and len(few) < len(texts):
        form = form_of(texts)
        days = [_READERS[form](text) for text in texts]
    for row, text, day in zip(rows, texts, days, strict=True):
        if day is None:
            alone = form_of([text])
            hint = f"the others are {form}" if alone != form and day_of(text) is not None else "write it as YYYY-MM-DD"
            raise InputError(f"{source}, row {row}: the {what} is '{text}'; {hint}")
    return [day for day in days if day is not None], form


def form_of(texts: Sequence[str]) -> str:
    """Return the form of most of the texts, which need not be dates."""
    sample = [text for text in texts if text]
    counts = {form: sum(read(text) is not None for text in sample) for form, read in _READERS.items()}
    best = max(counts.values(), default=0)
    fitting = [form for form, count in counts.items() if count == best]
    if Forms.MONTH_FIRST in fitting and Forms.DAY_FIRST in fitting:
        separators = {found[2] for text in sample if (found := _YEAR_LAST.fullmatch(text))}
        if separators == {"."}:
            return Forms.DAY_FIRST
        weekends = {form: sum(_is_weekend(_READERS[form](text)) for text in sample) for form in fitting}
        return min((Forms.MONTH_FIRST, Forms.DAY_FIRST), key=lambda form: weekends[form])
    return fitting[0]


def read_as(text: str, form: str) -> Day | None:
    """Return the day that a text is in a form, None if it is not in it."""
    return _READERS[form](text)


def is_date(text: str) -> bool:
    """Tell whether a text is a date by itself; a bare number is one only as YYYYMMDD."""
    forms = (Forms.YEAR_FIRST, Forms.COMPACT, Forms.MONTH_FIRST, Forms.DAY_FIRST, Forms.WORDS)
    return bool(text) and any(_READERS[form](text) is not None for form in forms)


def day_of(text: str) -> Day | None:
    """Return the day of a text by itself, in whatever form; None if it is none."""
    return _READERS[form_of([text])](text)


def _is_weekend(day: Day | None) -> bool:
    # Day 1 was a Monday.
    return day is not None and (day - 1) % 7 >= 5


def _day(year: str, month: int | str, day: str) -> Day | None:
    number = int(year)
    if len(year) == 2:
        number += 1900 if number >= 70 else 2000
    try:
        return datetime.date(number, int(month), int(day)).toordinal()
    except ValueError:
        return None


def _year_first(text: str) -> Day | None:
    if len(text) == len("YYYY-MM-DD") and text[4] == text[7] == "-":
        try:
            return datetime.date.fromisoformat(text).toordinal()
        except ValueError:
            pass
    found = _YEAR_FIRST.fullmatch(text)
    return _day(found[1], found[3], found[4]) if found else None


def _compact(text: str) -> Day | None:
    found = _COMPACT.fullmatch(text)
    return _day(found[1], found[2], found[3]) if found else None


def _month_first(text: str) -> Day | None:
    found = _YEAR_LAST.fullmatch(text)
    return _day(found[4], found[1], found[3]) if found else None


def _day_first(text: str) -> Day | None:
    found = _YEAR_LAST.fullmatch(text)
    return _day(found[4], found[3], found[1]) if found else None


def _by_name(text: str) -> Day | None:
    """Return the day of 'Sep 26, 2025', '26 septembre 2025', '26-Sep-25' or 'Fri Sep 26 2025'."""
    words = _WORDS.findall(re.split(r"\d{1,2}[:h]\d{2}", text, maxsplit=1)[0])
    numbers = [word for word in words if word.isdecimal()]
    months = [month for word in words if not word.isdecimal() and (month := month_of(word))]
    if len(months) != 1 or len(numbers) not in (2, 3) or len(words) > 7:
        return None
    day, year = (numbers[1], numbers[0]) if len(numbers[0]) == 4 else (numbers[0], numbers[1])
    return _day(year, months[0], day) if len(year) in (2, 4) and len(day) <= 2 else None


def month_of(word: str) -> int | None:
    """Return the number of a month from its name, in a dozen languages, also shortened to three letters or four."""
    letters = unicodedata.normalize("NFKD", word.casefold())
    letters = "".join(letter for letter in letters if letter == "̆" or not unicodedata.combining(letter))
    letters = unicodedata.normalize("NFC", letters)
    return _MONTH_OF.get(letters[:4]) or _MONTH_OF.get(letters[:3])


def _seconds(text: str) -> Day | None:
    found = _SECONDS.fullmatch(text)
    if not found:
        return None
    seconds = int(found[1]) if len(found[1]) <= 10 else int(found[1]) // 1000
    return _EPOCH + seconds // 86_400


def _excel(text: str) -> Day | None:
    found = _EXCEL_DAY.fullmatch(text)
    return _EXCEL + int(found[1]) if found else None


_READERS: dict[str, Reader] = {
    Forms.YEAR_FIRST: _year_first,
    Forms.COMPACT: _compact,
    Forms.MONTH_FIRST: _month_first,
    Forms.DAY_FIRST: _day_first,
    Forms.WORDS: _by_name,
    Forms.SECONDS: _seconds,
    Forms.EXCEL: _excel,
}
