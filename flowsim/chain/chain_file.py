"""Tables of option quotes: the columns of a CSV or Parquet file, or of a polars table, as text."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import polars as pl

from flowsim.errors import InputError
from flowsim.files.frames import frame_table
from flowsim.files.header import Vocabulary
from flowsim.files.table import Table
from flowsim.files.table_file import path_of, read_file

BY_CONTRACT = ("root", "expiry", "strike", "cp", "bid", "ask")
BY_TERM = ("term", "strike", "call_bid", "call_ask", "put_bid", "put_ask")
TIME, PATH = "as_of", "path"
"""Columns that a chain may have: when it was quoted, and of which simulated path it is."""

INTEREST = ("open_interest", "oi")
_KNOWN = {*BY_CONTRACT, *BY_TERM, TIME, PATH, *INTEREST}
_VOCABULARY = Vocabulary({name.replace("_", " ") for name in _KNOWN}, at_least=3)


def read_table(path: Path, run_path: int | None = None) -> pl.DataFrame:
    """Return the columns of a chain in a CSV file, also gzipped, or a Parquet file: see `text_columns`.

    Rows count from 1: the lines of a CSV file, its header being the first, or the rows of a Parquet file. A folder is
    all the Parquet files in it, the table of a run.

    Raises
    ------
    InputError
        If there is no such file, or it is not a table; the message names file, row and remedy.
    """
    if path_of(path).is_dir():
        return _folder_columns(path, run_path)
    table = read_file(path, "option quotes", _VOCABULARY, lambda table: list(_known_columns(table).values()))
    return _text_columns(table, run_path)


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


def text_columns(table: pl.DataFrame, source: str, run_path: int | None = None) -> pl.DataFrame:
    """Return `row`, from 1, and the columns that a chain may have, as text without blanks around it, null where empty.

    Names come out in lower case, and columns of other names are left out. A float becomes its shortest decimal, which
    is the quote that was meant: single precision holds a tick of 0.05 only nearly. Of a table with a column `path`,
    only the rows of `run_path` are left, if it is given.

    Raises
    ------
    InputError
        If a column is twice there, but for case and blanks in its name, or holds neither text, numbers nor dates.
    """
    return _text_columns(frame_table(table, source), run_path)


def _text_columns(table: Table, run_path: int | None) -> pl.DataFrame:
    columns = _known_columns(table)
    texts = {known: pl.Series(known, table.column(place), pl.String) for known, place in columns.items()}
    found = pl.DataFrame({"row": pl.Series(table.rows, dtype=pl.Int64), **texts})
    found = found.with_columns(pl.when(pl.col(pl.String) != "").then(pl.col(pl.String)))
    return found if run_path is None or PATH not in columns else found.filter(pl.col(PATH) == str(run_path))


def _known_columns(table: Table) -> dict[str, int]:
    """Return the columns that serve a chain: {name in lower case: position}."""
    found: dict[str, int] = {}
    for place, name in enumerate(_lower(table.names)):
        if name in _KNOWN:
            if name in found:
                count = sum(one == name for one in _lower(table.names))
                raise InputError(f"{table.source} has {count} columns named {name!r}; keep one of them")
            found[name] = place
    return found


def _lower(names: Iterable[tuple[str, ...]]) -> list[str]:
    return [" ".join(name).strip().lower() for name in names]
