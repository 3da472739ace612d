"""Columns that have a type, as text: Parquet files, and tables of polars, pandas and arrow."""

from __future__ import annotations

import datetime
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeGuard

import polars as pl

from flowsim.errors import InputError
from flowsim.files.table import Table

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

    Frame = pd.DataFrame | pd.Series | pl.DataFrame | pl.LazyFrame | pa.Table
    """A table in memory."""


def parquet_table(content: bytes, source: str, needed: Callable[[Table], list[int]] | None = None) -> Table:
    """Return the table in a Parquet file; of a wide one only the columns that are `needed` are read.

    Raises
    ------
    InputError
        If it is damaged.
    """
    import pyarrow
    import pyarrow.parquet

    try:
        # polars would abort with a trace of its own on a damaged file.
        file = pyarrow.parquet.ParquetFile(pyarrow.BufferReader(content))
        n_rows, names = file.metadata.num_rows, file.schema_arrow.names

        def column(position: int) -> list[str]:
            try:
                return texts_of(
                    pl.Series(names[position], file.read([names[position]])[names[position]].combine_chunks()), source
                )
            except (pyarrow.ArrowException, OSError, ValueError):
                raise InputError(f"{source} is a damaged Parquet file; write it again") from None

        table = Table(source, [_words(name) for name in names], range(1, n_rows + 1), column)
        for position in needed(table) if needed is not None else ():
            file.read([names[position]])
    except (pyarrow.ArrowException, OSError, ValueError):
        raise InputError(f"{source} is a damaged Parquet file; write it again") from None
    return table


def frame_table(given: Frame, source: str) -> Table:
    """Return the table in memory of polars, pandas or arrow.

    Of a pandas table the index is a column too, if it has a name or holds dates, and a name of several levels, as
    yfinance gives them, is one name for each.

    Raises
    ------
    InputError
        If polars cannot hold it.
    """
    if _is_of_pandas(given):
        names, columns = _from_pandas(given)
    else:
        frame = given.collect() if isinstance(given, pl.LazyFrame) else given
        if not isinstance(frame, pl.DataFrame):
            frame = pl.DataFrame(frame)
        names, columns = [_words(name) for name in frame.columns], frame.get_columns()
    n_rows = len(columns[0]) if columns else 0
    return Table(source, names, range(1, n_rows + 1), lambda position: texts_of(columns[position], source))


def texts_of(values: pl.Series, source: str) -> list[str]:
    """Return the values of a column as text, empty for null; a float as its shortest decimal.

    Of times past those that Python knows, as in a column of the wrong time unit, the text is empty.

    Raises
    ------
    InputError
        If it holds neither text, numbers nor dates.
    """
    if values.dtype.is_nested() or isinstance(values.dtype, pl.Binary | pl.Duration | pl.Object):
        raise InputError(
            f"{source}: the column {values.name!r} is of type {values.dtype}; it must hold dates, numbers or text"
        )
    if isinstance(values.dtype, pl.Date | pl.Datetime):
        # Printing such a date makes polars abort, and so does asking for its year.
        known = values.to_physical().is_between(*_known_times(values.dtype)).fill_null(value=False)
        values = pl.select(pl.when(known).then(values)).to_series()
    return values.cast(pl.String).fill_null("").str.strip_chars().to_list()


def _known_times(kind: pl.Date | pl.Datetime) -> tuple[int, int]:
    """Return the first and the last time of Python in the units that polars keeps a kind of date in."""
    per_day = _PER_DAY[kind.time_unit] if isinstance(kind, pl.Datetime) else 1
    first, last = (datetime.date(year, 1, 2).toordinal() for year in (datetime.MINYEAR, datetime.MAXYEAR))
    reach = 2**63 - 1
    return max((first - _EPOCH) * per_day, -reach), min((last - _EPOCH) * per_day, reach)


_EPOCH = datetime.date(1970, 1, 1).toordinal()
_PER_DAY = {"ms": 86_400_000, "us": 86_400_000_000, "ns": 86_400_000_000_000}


def _is_of_pandas(given: Frame) -> TypeGuard[pd.DataFrame | pd.Series]:
    # Whoever holds such a table has imported pandas, which takes a second and is not imported to ask.
    pandas = sys.modules.get("pandas")
    return pandas is not None and isinstance(given, pandas.DataFrame | pandas.Series)


def _words(name: object) -> tuple[str, ...]:
    """Return the names that a column has: one, or one for each level."""
    levels = name if isinstance(name, tuple) else (name,)
    words = (str(level).strip() for level in levels)
    return tuple(word for word in words if word and word != "None" and not word.startswith("Unnamed: "))


def _from_pandas(given: pd.DataFrame | pd.Series) -> tuple[list[tuple[str, ...]], list[pl.Series]]:
    import pandas as pd

    frame = given.to_frame() if isinstance(given, pd.Series) else given
    index = [frame.index.get_level_values(level) for level in range(frame.index.nlevels)]
    kept = [level for level in index if level.name is not None or isinstance(level, pd.DatetimeIndex | pd.PeriodIndex)]
    names = [_words("Date" if level.name is None else level.name) for level in kept]
    columns = [level.to_series() for level in kept] + [frame.iloc[:, place] for place in range(frame.shape[1])]
    return names + [_words(name) for name in frame.columns], [_typed(column) for column in columns]


def _typed(column: pd.Series) -> pl.Series:
    name = str(column.name)
    if isinstance(column.dtype, sys.modules["pandas"].PeriodDtype):
        column = column.dt.to_timestamp()
    try:
        return pl.from_pandas(column.reset_index(drop=True)).rename(name)
    except (TypeError, ValueError, NotImplementedError, pl.exceptions.PolarsError):
        # Objects of several kinds, which are read as text as everything is.
        return pl.Series(name, [None if value is None else str(value) for value in column], pl.String)
