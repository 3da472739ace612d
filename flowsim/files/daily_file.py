"""Tables of daily values: their dates, oldest first, and the texts and numbers that belong to them."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from flowsim.errors import InputError
from flowsim.files.dates import Forms, days_of
from flowsim.files.numbers import decimal_mark
from flowsim.files.table import Table

FIRST_DAY = datetime.date(1970, 1, 1).toordinal()


class DailyTable(NamedTuple):
    """Columns of text, oldest day first, empty where there is no value.

    `rows` are those of the file, `days` count from 1970, `decimal_mark` begins the decimals of numbers, and `said`
    tells how the dates were read.
    """

    source: str
    rows: list[int]
    days: list[int]
    columns: dict[str, list[str]]
    decimal_mark: str
    said: str


def daily_table(table: Table, date_column: int, columns: dict[str, int]) -> DailyTable:
    """Return the columns of a table by date; one with the newest day first is turned round.

    Raises
    ------
    InputError
        At the first row whose date is none, is there twice, or is out of order, and for a table without rows.
    """
    source = table.source
    texts = table.column(date_column)
    if not texts:
        raise InputError(f"{source} is empty; it needs a header line and one row for each day")
    rows = list(table.rows)
    days, form = days_of(texts, rows, source)
    found = {name: table.column(position) for name, position in columns.items()}
    mark = decimal_mark((text for values in found.values() for text in values), table.decimal_comma_likely)
    said = f"dates in '{table.called(date_column)}' as {form}"
    if _newest_first(days):
        rows.reverse()
        days.reverse()
        found = {name: values[::-1] for name, values in found.items()}
        said += ", newest first and turned round"
    _require_ascending(days, rows, source, form)
    return DailyTable(source, rows, [day - FIRST_DAY for day in days], found, mark, said)


def date_of(day: int) -> datetime.date:
    """Return the date of a day counted from 1970."""
    return datetime.date.fromordinal(day + FIRST_DAY)


def _newest_first(days: Sequence[int]) -> bool:
    falls = sum(later < earlier for earlier, later in pairwise(days))
    return falls > (len(days) - 1) // 2


def _require_ascending(days: Sequence[int], rows: Sequence[int], source: str, form: str) -> None:
    for place, (before, day) in enumerate(pairwise(days), 1):
        if before < day:
            continue
        row, date = rows[place], datetime.date.fromordinal(day)
        if day == before:
            raise InputError(f"{source}, row {row}: the date {date} is there twice; keep one of the two rows")
        other = " (read as MM/DD/YYYY)" if form == Forms.MONTH_FIRST else ""
        before_it = datetime.date.fromordinal(before)
        raise InputError(f"{source}, row {row}: the date {date}{other} comes after {before_it}; sort the rows by date")
