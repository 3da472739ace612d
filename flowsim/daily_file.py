"""Tables of daily values on disk: the forms of CSV and Parquet that are read, and what can be wrong with them.

A file is read as text first, whatever it holds, so that what is wrong can be shown as it was given. Nothing here needs
polars unless a Parquet file is read: the history of most runs is a CSV file, and polars takes long to import.
"""

from __future__ import annotations

import csv
import datetime
import gzip
import io
import re
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from flowsim.errors import InputError

if TYPE_CHECKING:
    import polars as pl

FindColumns = Callable[[list[str], Path], dict[str, str]]
"""Says what each wanted column is called, from the names in the file; raises InputError where one is not there."""

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
    if not path.is_file():
        raise InputError(f"{path}: no such file; name a CSV or Parquet file of {what}")
    try:
        content = path.read_bytes()
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror}); check its permissions") from None
    if content.startswith(b"PAR1"):
        return _from_parquet(content, path, find_columns)
    return _from_csv(_decoded(content, path), path, find_columns)


def ascending_dates(table: DailyTable, path: Path) -> Iterator[int]:
    """Yield the date of each row, from the column `date`, in days since 1970 as numpy counts them.

    Raises
    ------
    InputError
        At the first row whose date is none, or does not come after the one before.
    """
    before = datetime.date.min
    for row, text in zip(table.rows, table.columns["date"], strict=True):
        date = _date(text)
        if date is None:
            raise InputError(f"{path}, row {row}: the date is '{text}'; write it as YYYY-MM-DD or MM/DD/YYYY")
        if date == before:
            raise InputError(f"{path}, row {row}: the date {date} is there twice; keep one of the two rows")
        if date < before:
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


def _from_csv(text: str, path: Path, find_columns: FindColumns) -> DailyTable:
    # The csv module, unlike polars, says on which line each record stands.
    reader = csv.reader(io.StringIO(text, newline=None))
    records = (fields for fields in reader if any(map(str.strip, fields)))
    try:
        header = next(records, [])
        found = find_columns(header, path) if header else {}
        table = DailyTable([], {name: [] for name in found})
        columns = [(header.index(found[name]), values) for name, values in table.columns.items()]
        for fields in records:
            if len(fields) != len(header):
                raise InputError(
                    f"{path}, row {reader.line_num}: {len(fields)} fields where the header has {len(header)}; write one"
                    " value for each column, numbers without thousands separators"
                )
            table.rows.append(reader.line_num)
            for place, values in columns:
                values.append(fields[place].strip())
    except csv.Error as error:
        raise InputError(f"{path}, row {reader.line_num}: not a line of a CSV file ({error}); mend it") from None
    if not table.rows:
        raise InputError(f"{path} is empty; it needs a header line and one line for each day")
    return table


def _from_parquet(content: bytes, path: Path, find_columns: FindColumns) -> DailyTable:
    import polars as pl
    import pyarrow
    import pyarrow.parquet

    try:
        # polars would abort with a trace of its own on a damaged file.
        file = pyarrow.parquet.ParquetFile(pyarrow.BufferReader(content))
        found = find_columns(file.schema_arrow.names, path)
        read = file.read(list(found.values()))
        columns = {name: pl.Series(read[given]) for name, given in found.items()}
    except (pyarrow.ArrowException, OSError, ValueError):
        raise InputError(f"{path} is a damaged Parquet file; write it again") from None
    if file.metadata.num_rows == 0:
        raise InputError(f"{path} is empty; it needs one row for each day")
    for name, values in columns.items():
        if values.dtype.is_nested() or isinstance(values.dtype, pl.Binary | pl.Duration):
            raise InputError(
                f"{path}: the column {found[name]!r} is of type {values.dtype}; it must hold dates, numbers or text"
            )
    rows = list(range(1, file.metadata.num_rows + 1))
    return DailyTable(rows, {name: _texts(values) for name, values in columns.items()})


def _texts(values: pl.Series) -> list[str]:
    """Return the values of a column as text; of times, their date, which is empty if Python knows none of that year."""
    import polars as pl

    if isinstance(values.dtype, pl.Date | pl.Datetime):
        dates = values.dt.date()
        # Printing a date past those that Python knows, as in a column of the wrong time unit, makes polars abort.
        values = dates.set(~dates.is_between(datetime.date.min, datetime.date.max), None)
    return values.cast(pl.String).fill_null("").str.strip_chars().to_list()


def _decoded(content: bytes, path: Path) -> str:
    """Return the text of a CSV file, gzipped or not."""
    try:
        plain = gzip.decompress(content) if content.startswith(b"\x1f\x8b") else content
        text = plain.decode("utf-8-sig")
    except (OSError, EOFError, UnicodeDecodeError, zlib.error):
        text = "\0"
    if "\0" in text:
        raise InputError(f"{path} is not a CSV or Parquet file; save the table as one of these")
    return text
