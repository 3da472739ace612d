"""Tables of daily closes on disk: the forms of CSV and Parquet that are read, and what can be wrong with them."""

import csv
import datetime
import gzip
import io
import zlib
from collections.abc import Mapping
from pathlib import Path

import polars as pl

from flowsim.errors import InputError

_ISO_DATE = r"^(\d{4}-\d{2}-\d{2})(?:[T ].*)?$"
_US_DATE = r"^(\d{1,2}/\d{1,2}/\d{4})$"
LONGEST_NAME = 40
"""Characters of a column's name that a message shows."""


def read_closes(path: Path, named: Mapping[str, str]) -> pl.DataFrame:
    """Return the columns `row` (Int64), `date` (Date) and `close` (Float64) of a CSV or Parquet file.

    Rows count from 1: the lines of a CSV file, its header being the first, or the rows of a Parquet file. Dates
    ascend, and closes are finite and positive. `named` says what "date" and "close" are called in the file, where it is
    neither of these.

    Raises
    ------
    InputError
        At the first fault; the message names file, row, value and remedy.
    """
    if not path.is_file():
        raise InputError(f"{path}: no such file; name a CSV or Parquet file of daily closes")
    try:
        content = path.read_bytes()
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror}); check its permissions") from None
    table = (
        _parquet_columns(content, path, named) if content.startswith(b"PAR1") else _csv_columns(content, path, named)
    )
    table = table.with_columns(
        date=date_of(pl.col("date_given"), table.schema["date_given"]),
        close=pl.col("close_given").cast(pl.Float64, strict=False),
    )
    faults = table.select("row", fault=_fault()).drop_nulls()
    if len(faults):
        row, fault = faults.row(0)
        raise InputError(f"{path}, row {row}: {fault}")
    return table.select("row", "date", "close")


def _parquet_columns(content: bytes, path: Path, named: Mapping[str, str]) -> pl.DataFrame:
    import pyarrow
    import pyarrow.parquet

    try:
        # polars would abort with a trace of its own on a damaged file.
        file = pyarrow.parquet.ParquetFile(pyarrow.BufferReader(content))
        date, close = _date_and_close(file.schema_arrow.names, path, named)
        table = file.read([date, close])
        dates, closes = pl.Series(table[date]), pl.Series(table[close])
    except (pyarrow.ArrowException, OSError, ValueError):
        raise InputError(f"{path} is a damaged Parquet file; write it again") from None
    if len(dates) == 0:
        raise InputError(f"{path} is empty; it needs one row for each session")
    if not isinstance(dates.dtype, pl.Date | pl.Datetime | pl.String):
        raise InputError(f"{path}: the column {date!r} is of type {dates.dtype}; it must hold dates")
    if not (closes.dtype.is_numeric() or isinstance(closes.dtype, pl.String)):
        raise InputError(f"{path}: the column {close!r} is of type {closes.dtype}; it must hold numbers")
    return _columns(pl.int_range(1, len(dates) + 1, eager=True), dates, closes)


def _csv_columns(content: bytes, path: Path, named: Mapping[str, str]) -> pl.DataFrame:
    # The csv module, unlike polars, says on which line each record stands.
    reader = csv.reader(io.StringIO(decoded(content, path), newline=None))
    try:
        lines = [(reader.line_num, fields) for fields in reader if any(map(str.strip, fields))]
    except csv.Error as error:
        raise InputError(f"{path}, row {reader.line_num}: not a line of a CSV file ({error}); mend it") from None
    if len(lines) < 2:
        raise InputError(f"{path} is empty; it needs a header line and one line for each session")
    header = lines[0][1]
    names = _date_and_close(header, path, named)
    for row, fields in lines:
        if len(fields) != len(header):
            raise InputError(
                f"{path}, row {row}: {len(fields)} fields where the header has {len(header)}; write one value for"
                " each column, numbers without thousands separators"
            )
    date, close = map(header.index, names)
    return _columns(
        pl.Series([row for row, _ in lines[1:]]),
        pl.Series([fields[date] for _, fields in lines[1:]]),
        pl.Series([fields[close] for _, fields in lines[1:]]),
    )


def _columns(row: pl.Series, date: pl.Series, close: pl.Series) -> pl.DataFrame:
    """Return the columns as they were given, text without blanks around it and times without the time of day."""
    if not isinstance(date.dtype, pl.String):
        date = date.dt.date()
        # Printing a date past those that Python knows, as in a column of the wrong time unit, makes polars abort.
        date = date.set(~date.is_between(datetime.date.min, datetime.date.max), None)
    table = pl.DataFrame({"row": row, "date_given": date, "close_given": close})
    return table.with_columns(pl.col(pl.String).str.strip_chars())


def decoded(content: bytes, path: Path) -> str:
    """Return the text of a CSV file, gzipped or not.

    Raises
    ------
    InputError
        If the bytes are no text.
    """
    try:
        plain = gzip.decompress(content) if content.startswith(b"\x1f\x8b") else content
        text = plain.decode("utf-8-sig")
    except (OSError, EOFError, UnicodeDecodeError, zlib.error):
        text = "\0"
    if "\0" in text:
        raise InputError(f"{path} is not a CSV or Parquet file; save the closes as one of these")
    return text


def _date_and_close(columns: list[str], path: Path, named: Mapping[str, str]) -> tuple[str, str]:
    """Return the names of the two columns that hold dates and closes."""
    called = {wanted: named.get(wanted, wanted).strip().lower() for wanted in ("date", "close")}
    found = {wanted: [name for name in columns if name.strip().lower() == called[wanted]] for wanted in called}
    if "close" not in named and len(columns) == 2 and len(found["date"]) == 1:
        found["close"] = [name for name in columns if name not in found["date"]]
    for wanted, names in found.items():
        if len(names) != 1:
            raise InputError(
                f"{path} has {len(names) or 'no'} columns named {named.get(wanted, wanted)!r} among"
                f" {', '.join(repr(_shortened(name)) for name in columns)}; name exactly one of them {wanted!r}"
            )
    return found["date"][0], found["close"][0]


def _shortened(name: str) -> str:
    """Return a name as it fits into a message: the first line of a file that is no table can be of any length."""
    return name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 3]}..."


def date_of(given: pl.Expr, kind: pl.DataType) -> pl.Expr:
    """Return the column `date_given` as dates, null where the text is none."""
    if isinstance(kind, pl.Date):
        return given
    return pl.coalesce(
        given.str.extract(_ISO_DATE).str.to_date("%Y-%m-%d", strict=False),
        given.str.extract(_US_DATE).str.to_date("%m/%d/%Y", strict=False),
    )


def _fault() -> pl.Expr:
    """Return what is wrong with each row and how to mend it, or null."""
    date, close, before = pl.col("date"), pl.col("close"), pl.col("date").shift(1)
    date_given = pl.col("date_given").cast(pl.String).fill_null("")
    close_given = pl.col("close_given").cast(pl.String).fill_null("")
    remedy = "; give the index level as a positive number"
    return (
        pl.when(date.is_null())
        .then(pl.format("the date is '{}'; write it as YYYY-MM-DD or MM/DD/YYYY", date_given))
        .when(close_given == "")
        .then(pl.lit(f"the close is empty{remedy} or remove the row"))
        .when(close.is_null() | close.is_nan())
        .then(pl.format("the close is '{}', which is not a number{}", close_given, pl.lit(remedy)))
        .when(close.is_infinite() | (close <= 0.0))
        .then(pl.format("the close is {}{}", close_given, pl.lit(remedy)))
        .when(date == before)
        .then(pl.format("the date {} is there twice; keep one of the two rows", date))
        .when(date < before)
        .then(pl.format("the date {} comes after {}; sort the rows, oldest first", date, before))
    )
