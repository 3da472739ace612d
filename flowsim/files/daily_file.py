"""Tables of daily values on disk: the forms of CSV and Parquet that are read, and what can be wrong with them.

A file is read as text first, whatever it holds, so that what is wrong can be shown as it was given. Nothing here needs
polars unless a Parquet file is read: the history of most runs is a CSV file, and polars takes long to import.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from flowsim.errors import InputError
from flowsim.files.table_file import FindColumns, content_of, csv_rows, is_parquet, parquet_columns

if TYPE_CHECKING:
    import polars as pl

LONGEST_NAME = 40
"""Characters of a column's name that a message shows."""

_FIRST_DAY = datetime.date(1970, 1, 1).toordinal()
_ISO_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[T ].*)?")
_US_DATE = re.compile(r"([0-9]{1,2})/([0-9]{1,2})/([0-9]{4})")


class DailyTable(NamedTuple):
    """Columns as text without blanks around it, empty where there is no value.

    `rows` count from 1: the lines of a CSV file, its header being the first, or the rows of a Parquet file.
    """

    rows: list[int]
    columns: dict[str, list[str]]


def read_daily(path: Path, what: str, find_columns: FindColumns) -> DailyTable:
    """Return columns of a CSV file (also gzipped) or a Parquet file, one row for each day; `what` is in it.

    Raises
    ------
    InputError
        If the file cannot be read as such a table; the message names file, row where there is one, and remedy.
    """
    content = content_of(path, what)
    return (_from_parquet if is_parquet(content) else _from_csv)(content, path, find_columns)


def ascending_dates(table: DailyTable, path: Path) -> Iterator[int]:
    """Yield the date of each row, from the column `date`, in days since 1970 as numpy counts them.

    Raises
    ------
    InputError
        At the first row whose date is none, or does not come after the one before.
    """
    before: datetime.date | None = None
    for row, text in zip(table.rows, table.columns["date"], strict=True):
        date = _date(text)
        if date is None:
            raise InputError(f"{path}, row {row}: the date is '{text}'; write it as YYYY-MM-DD or MM/DD/YYYY")
        if date == before:
            raise InputError(f"{path}, row {row}: the date {date} is there twice; keep one of the two rows")
        if before is not None and date < before:
            raise InputError(f"{path}, row {row}: the date {date} comes after {before}; sort the rows, oldest first")
        yield date.toordinal() - _FIRST_DAY
        before = date


def listed_names(given: list[str]) -> str:
    """Return names of columns for a message; the first line of a file that is no table can be of any length."""
    return ", ".join(repr(name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 3]}...") for name in given)


def number_of(text: str) -> float | None:
    """Return the number that a text is, or None; Python's underscores between digits are no part of one."""
    try:
        return None if "_" in text else float(text)
    except ValueError:
        return None


def _date(text: str) -> datetime.date | None:
    """Return the date that a text is, with or without a time of day, or None."""
    try:
        if _ISO_DATE.fullmatch(text):
            return datetime.date.fromisoformat(text[:10])
        if found := _US_DATE.fullmatch(text):
            month, day, year = map(int, found.groups())
            return datetime.date(year, month, day)
    except ValueError:
        pass
    return None


def _from_csv(content: bytes, path: Path, find_columns: FindColumns) -> DailyTable:
    records = csv_rows(content, path)
    _, header = next(records, (0, []))
    found = find_columns(header) if header else {}
    table = DailyTable([], {name: [] for name in found})
    columns = [(header.index(found[name]), values) for name, values in table.columns.items()]
    for row, fields in records:
        table.rows.append(row)
        for place, values in columns:
            values.append(fields[place].strip())
    if not table.rows:
        raise InputError(f"{path} is empty; it needs a header line and one line for each day")
    return table


def _from_parquet(content: bytes, path: Path, find_columns: FindColumns) -> DailyTable:
    import polars as pl

    n_rows, columns = parquet_columns(content, path, find_columns)
    if n_rows == 0:
        raise InputError(f"{path} is empty; it needs one row for each day")
    for values in columns.values():
        if values.dtype.is_nested() or isinstance(values.dtype, pl.Binary | pl.Duration):
            raise InputError(
                f"{path}: the column {values.name!r} is of type {values.dtype}; it must hold dates, numbers or text"
            )
    return DailyTable(list(range(1, n_rows + 1)), {name: _texts(values) for name, values in columns.items()})


def _texts(values: pl.Series) -> list[str]:
    """Return the values of a column as text; of times, their date, which is empty if Python knows none of that year."""
    import polars as pl

    if isinstance(values.dtype, pl.Date | pl.Datetime):
        dates = values.dt.date()
        # Printing a date past those that Python knows, as in a column of the wrong time unit, makes polars abort.
        values = dates.set(~dates.is_between(datetime.date.min, datetime.date.max), None)
    return values.cast(pl.String).fill_null("").str.strip_chars().to_list()
