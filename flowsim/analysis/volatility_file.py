"""Closes of volatility indices on disk: one column for each index, days without a close left empty."""

from __future__ import annotations

import csv
import datetime
import io
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from flowsim.analysis.closes import Days, Floats
from flowsim.errors import InputError
from flowsim.price_file import date_of, decoded

INDICES = ("VIX9D", "VIX", "VIX3M", "VIX6M")
DATE = "date"


@dataclass(frozen=True, eq=False)
class Volatility:
    """Closes of volatility indices in points, oldest first.

    `dates` is datetime64[D] of shape (n,); `indices` holds float64 of shape (n,) for each index of the file, nan where
    it has no close; `source` is the file's name.
    """

    dates: Days
    indices: dict[str, Floats]
    source: str

    def on(self, dates: Days) -> dict[str, Floats]:
        """Return the closes on the given dates, nan where the file has none.

        Raises
        ------
        InputError
            If the file has none of these dates.
        """
        place = np.searchsorted(self.dates, dates).clip(max=len(self.dates) - 1)
        there = self.dates[place] == dates
        if not there.any():
            raise InputError(
                f"{self.source} has closes from {self.dates[0]} to {self.dates[-1]}, none of them on a date of the"
                f" prices, {dates[0]} to {dates[-1]}; name files of the same days"
            )
        return {name: np.where(there, values[place], np.nan) for name, values in self.indices.items()}


def read_volatility(path: str | Path) -> Volatility:
    """Return the closes of VIX9D, VIX, VIX3M and VIX6M in a CSV file (also gzipped) or a Parquet file.

    The file has a column `date` and one or more columns named as the indices, in any case; other columns are left
    alone. Dates are YYYY-MM-DD, with or without a time of day, or MM/DD/YYYY. A day without a close is an empty field.

    Raises
    ------
    InputError
        If the file is no such table, or one of its dates or closes is wrong or out of order; the message names file,
        row, value and remedy.
    """
    path = Path(path)
    if not path.is_file():
        raise InputError(f"{path}: no such file; name a CSV or Parquet file of volatility indices")
    try:
        content = path.read_bytes()
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror}); check its permissions") from None
    table = _parquet_columns(content, path) if content.startswith(b"PAR1") else _csv_columns(content, path)
    names = [name for name in INDICES if name in table.columns]
    closes = {name: pl.col(name).cast(pl.Float64, strict=False) for name in names}
    faults = [_fault_of_date(), *(_fault_of_close(name, close) for name, close in closes.items())]
    fault = table.select("row", fault=pl.coalesce(faults)).drop_nulls()
    if len(fault):
        raise InputError(f"{path}, row {fault['row'][0]}: {fault['fault'][0]}")
    table = table.select(date_of(pl.col(DATE), pl.String()), **closes)
    return Volatility(
        dates=table[DATE].to_numpy().astype("datetime64[D]"),
        indices={name: table[name].to_numpy().astype(float) for name in names},
        source=path.name,
    )


def _parquet_columns(content: bytes, path: Path) -> pl.DataFrame:
    import pyarrow
    import pyarrow.parquet

    try:
        # polars would abort with a trace of its own on a damaged file.
        file = pyarrow.parquet.ParquetFile(pyarrow.BufferReader(content))
        found = _columns_of(file.schema_arrow.names, path)
        read = file.read(list(found.values()))
        columns = {name: _within_calendar(pl.Series(read[given])) for name, given in found.items()}
    except (pyarrow.ArrowException, OSError, ValueError):
        raise InputError(f"{path} is a damaged Parquet file; write it again") from None
    for name, values in columns.items():
        if values.dtype.is_nested():
            raise InputError(
                f"{path}: the column {found[name]!r} is of type {values.dtype}; it must hold one value a row"
            )
    return _as_text(pl.int_range(1, file.metadata.num_rows + 1, eager=True), columns, path)


def _within_calendar(column: pl.Series) -> pl.Series:
    """Return a column without times past those that Python knows, which polars would abort on printing."""
    if not isinstance(column.dtype, pl.Date | pl.Datetime):
        return column
    return column.set(~column.dt.year().is_between(datetime.MINYEAR, datetime.MAXYEAR), None)


def _csv_columns(content: bytes, path: Path) -> pl.DataFrame:
    # The csv module, unlike polars, says on which line each record stands.
    reader = csv.reader(io.StringIO(decoded(content, path), newline=None))
    try:
        lines = [(reader.line_num, fields) for fields in reader if any(map(str.strip, fields))]
    except csv.Error as error:
        raise InputError(f"{path}, row {reader.line_num}: not a line of a CSV file ({error}); mend it") from None
    if not lines:
        raise InputError(f"{path} is empty; it needs a header line and one line for each day")
    (_, header), *records = lines
    found = _columns_of(header, path)
    for row, fields in records:
        if len(fields) != len(header):
            raise InputError(
                f"{path}, row {row}: {len(fields)} fields where the header has {len(header)}; write one value for"
                " each column, numbers without thousands separators, and nothing between commas where there is none"
            )
    places = {name: header.index(given) for name, given in found.items()}
    columns = {
        name: pl.Series([fields[place] for _, fields in records], dtype=pl.String) for name, place in places.items()
    }
    return _as_text(pl.Series([row for row, _ in records], dtype=pl.Int64), columns, path)


def _as_text(row: pl.Series, columns: dict[str, pl.Series], path: Path) -> pl.DataFrame:
    """Return the columns as text without blanks around it, null where empty."""
    if len(row) == 0:
        raise InputError(f"{path} is empty; it needs one row for each day")
    text = {name: values.cast(pl.String).str.strip_chars() for name, values in columns.items()}
    return pl.DataFrame({"row": row, **{name: values.set(values == "", None) for name, values in text.items()}})


def _columns_of(given: list[str], path: Path) -> dict[str, str]:
    """Return what the columns are called in the file: the date's, and those of the indices that are there."""
    found = {}
    for name in (DATE, *INDICES):
        same = [column for column in given if column.strip().lower() == name.lower()]
        if len(same) > 1:
            raise InputError(f"{path} has {len(same)} columns named {name!r}; keep one of them")
        if same:
            found[name] = same[0]
    if DATE not in found or len(found) == 1:
        wanted = DATE if DATE not in found else " or ".join(INDICES)
        raise InputError(f"{path} has no column named {wanted} among {', '.join(map(repr, given))}; name it so")
    return found


def _fault_of_date() -> pl.Expr:
    """Return what is wrong with the date of each row and how to mend it, or null."""
    given = pl.col(DATE)
    date = date_of(given, pl.String())
    before = date.shift(1)
    return (
        pl.when(date.is_null())
        .then(pl.format("the date is '{}'; write it as YYYY-MM-DD or MM/DD/YYYY", given.fill_null("")))
        .when(date == before)
        .then(pl.format("the date {} is there twice; keep one of the two rows", date))
        .when(date < before)
        .then(pl.format("the date {} comes after {}; sort the rows, oldest first", date, before))
    )


def _fault_of_close(name: str, close: pl.Expr) -> pl.Expr:
    """Return what is wrong with an index in each row and how to mend it, or null."""
    is_level = (close.is_finite() & (close > 0.0)).fill_null(value=False)
    remedy = pl.lit("; give it in points as a positive number, or leave it empty")
    return pl.when(pl.col(name).is_not_null() & ~is_level).then(
        pl.format("{} is '{}'{}", pl.lit(name), pl.col(name), remedy)
    )
