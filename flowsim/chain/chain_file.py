"""Tables of option quotes: the columns of a CSV or Parquet file, or of a polars table, as text."""

from __future__ import annotations

import datetime
from pathlib import Path

import polars as pl

from flowsim.errors import InputError
from flowsim.files.table_file import content_of, csv_rows, is_parquet, parquet_columns

BY_CONTRACT = ("root", "expiry", "strike", "cp", "bid", "ask")
BY_TERM = ("term", "strike", "call_bid", "call_ask", "put_bid", "put_ask")
TIME, PATH = "as_of", "path"
"""Columns that a chain may have: when it was quoted, and of which simulated path it is."""

INTEREST = ("open_interest", "oi")
_KNOWN = {*BY_CONTRACT, *BY_TERM, TIME, PATH, *INTEREST}


def read_table(path: Path, run_path: int | None = None) -> pl.DataFrame:
    """Return the columns of a chain in a CSV file, also gzipped, or a Parquet file: see `text_columns`.

    Rows count from 1: the lines of a CSV file, its header being the first, or the rows of a Parquet file. A folder is
    all the Parquet files in it, the table of a run.

    Raises
    ------
    InputError
        If there is no such file, or it is not a table; the message names file, row and remedy.
    """
    if path.is_dir():
        return _folder_columns(path, run_path)
    content = content_of(path, "option quotes")
    return (_parquet_table if is_parquet(content) else _csv_table)(content, path, run_path)


def _folder_columns(folder: Path, run_path: int | None) -> pl.DataFrame:
    files = sorted(folder.glob("*.parquet"))
    if not files:
        raise InputError(f"{folder}: no Parquet file in this folder; name the chain of a run, RUN/chain, or a file")
    tables = [read_table(file, run_path) for file in files]
    return pl.concat([table for table in tables if len(table)] or tables[:1])


def read_interest(path: Path) -> pl.DataFrame:
    """Return root, expiry (Date), side ("C" or "P"), strike and interest (contracts) of a chain file.

    Rows whose expiry, side or strike cannot be read are those that `read_chain` refuses.

    Raises
    ------
    InputError
        If the file has no column open_interest (or oi), or one of its numbers is none.
    """
    table = read_table(path)
    found = [name for name in INTEREST if name in table.columns]
    if not found:
        raise InputError(
            f"{path} has no open interest, a column named open_interest or oi; add it, or leave out the chain"
        )
    contracts = pl.col(found[0]).cast(pl.Float64, strict=False)
    wrong = table.filter(
        pl.col(found[0]).is_not_null() & ~(contracts.is_finite() & (contracts >= 0)).fill_null(value=False)
    )
    if len(wrong):
        raise InputError(
            f"{path}, row {wrong['row'][0]}: open interest is '{wrong[found[0]][0]}'; give contracts as a number from 0"
        )
    day = pl.col("expiry")
    expiry = pl.coalesce(
        day.str.extract(r"^(\d{4}-\d{2}-\d{2})").str.to_date("%Y-%m-%d", strict=False),
        day.str.extract(r"^(\d{1,2}/\d{1,2}/\d{4})").str.to_date("%m/%d/%Y", strict=False),
    )
    return table.select(
        pl.col("root").str.to_uppercase(),
        expiry.alias("expiry"),
        side=pl.col("cp").str.to_uppercase().str.slice(0, 1),
        strike=pl.col("strike").cast(pl.Float64, strict=False),
        interest=contracts.fill_null(0.0),
    )


def text_columns(table: pl.DataFrame, rows: pl.Series, source: str, run_path: int | None = None) -> pl.DataFrame:
    """Return `row` and the columns that a chain may have, as text without blanks around it, null where empty.

    Names come out in lower case, and columns of other names are left out. A float becomes its shortest decimal, which
    is the quote that was meant: single precision holds a tick of 0.05 only nearly. Of a table with a column `path`,
    only the rows of `run_path` are left, if it is given.

    Raises
    ------
    InputError
        If a column is twice there, but for case and blanks in its name, or holds neither text, numbers nor dates.
    """
    names = _known_columns(table.columns, source)
    of_path = next((given for given, known in names.items() if known == PATH), None)
    if run_path is not None and of_path is not None:
        kept = table[of_path].cast(pl.String).str.strip_chars() == str(run_path)
        table, rows = table.filter(kept), rows.filter(kept)
    columns = {"row": rows.rename("row")}
    for given, known in names.items():
        try:
            text = _within_calendar(table[given]).cast(pl.String).str.strip_chars()
        except pl.exceptions.PolarsError:
            raise InputError(
                f"{source}: the column {given!r} is of type {table[given].dtype}; it must hold text, numbers or dates"
            ) from None
        columns[known] = text.set(text == "", None).rename(known)
    return pl.DataFrame(list(columns.values()))


def _within_calendar(column: pl.Series) -> pl.Series:
    """Return a column without times past those that Python knows, which polars would abort on printing."""
    if not isinstance(column.dtype, pl.Date | pl.Datetime):
        return column
    within = column.dt.year().is_between(datetime.MINYEAR, datetime.MAXYEAR).fill_null(value=False)
    return column.set(~within, None)


def _known_columns(names: list[str], source: str) -> dict[str, str]:
    """Return the columns that serve a chain: {name as given: name in lower case}."""
    found = {name: name.strip().lower() for name in names if name.strip().lower() in _KNOWN}
    for known in found.values():
        count = sum(name.strip().lower() == known for name in names)
        if count > 1:
            raise InputError(f"{source} has {count} columns named {known!r}; keep one of them")
    return found


def _parquet_table(content: bytes, path: Path, run_path: int | None) -> pl.DataFrame:
    def find_columns(names: list[str]) -> dict[str, str]:
        return {given: given for given in _known_columns(names, str(path))}

    n_rows, columns = parquet_columns(content, path, find_columns)
    rows = pl.int_range(1, n_rows + 1, eager=True)
    return text_columns(pl.DataFrame(list(columns.values())), rows, str(path), run_path)


def _csv_table(content: bytes, path: Path, run_path: int | None) -> pl.DataFrame:
    lines = list(csv_rows(content, path))
    if not lines:
        raise InputError(f"{path} is empty; it needs a header line and one line for each option")
    (_, header), *records = lines
    found = _known_columns(header, str(path))
    positions = {given: header.index(given) for given in found}
    table = pl.DataFrame(
        {given: [fields[i] for _, fields in records] for given, i in positions.items()}, dict.fromkeys(found, pl.String)
    )
    return text_columns(table, pl.Series([row for row, _ in records], dtype=pl.Int64), str(path), run_path)
