"""Tables of option quotes as vendors write them, brought to one form: text columns, one row for each contract."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias, TypeVar

import polars as pl

from flowsim.chain.layout import Layout, layout_of, symbol_of
from flowsim.chain.moment import moment_above
from flowsim.chain.normal_form import (
    iso_expiries,
    moments,
    plain_numbers,
    root_by_settlement,
    root_named,
    side_named,
    unit_of_strikes,
)
from flowsim.chain.words import CHAIN
from flowsim.errors import InputError
from flowsim.files.table import Table
from flowsim.files.table_file import is_frame, path_of, read_table

if TYPE_CHECKING:
    from flowsim.files.frames import Frame

BY_CONTRACT = ("root", "expiry", "strike", "cp", "bid", "ask")
BY_TERM = ("term", "strike", "call_bid", "call_ask", "put_bid", "put_ask")
TIME, PATH = "as_of", "path"
"""Columns that a chain may have: when it was quoted, and of which simulated path it is."""

QuotesLike: TypeAlias = "str | Path | Frame | Any"
"""A path, a table of pandas, polars or arrow, or what yfinance's `option_chain` returns."""


One = TypeVar("One")


class Quotes(NamedTuple):
    """`contracts` has `row`, root or term, expiry, cp, strike, bid, ask, open_interest and as_of, all but row as text.

    It has those that the source has, and `path` for a run. `said` is a sentence on what was read as what.
    """

    source: str
    contracts: pl.DataFrame
    said: str


def read_quotes(given: QuotesLike, columns: Mapping[str, str] | None = None, run_path: int | None = None) -> Quotes:
    """Return the quotes in a file or a table, in any of the forms of docs/data.md.

    Rows count from 1: the lines of a CSV file, its header being the first, or the rows of a table. A folder is all the
    Parquet files in it, the table of a run; of one with a column `path` only the rows of `run_path` are left, if it is
    given.

    Raises
    ------
    InputError
        If there is no such file, or it is not a table of quotes; the message names source, row and remedy.
    """
    if isinstance(given, str | Path) and path_of(given).is_dir():
        return _folder(Path(given), columns, run_path)
    parts = [getattr(given, side) for side in ("calls", "puts")] if hasattr(given, "calls") else [given]
    quotes = [_quotes(_table(part), columns or {}, run_path) for part in parts]
    return quotes[0] if len(quotes) == 1 else _joined(quotes, "the chain")


def _table(given: QuotesLike) -> Table:
    if isinstance(given, str | Path) or is_frame(given):
        return read_table(given, "option quotes", CHAIN, name="the chain")
    raise InputError(f"the chain is of type {type(given).__name__}; give a path, or a table of pandas, polars or arrow")


def _folder(folder: Path, columns: Mapping[str, str] | None, run_path: int | None) -> Quotes:
    files = sorted(folder.glob("*.parquet"))
    if not files:
        raise InputError(f"{folder}: no Parquet file in this folder; name the chain of a run, RUN/chain, or a file")
    quotes = [read_quotes(file, columns, run_path) for file in files]
    return _joined([part for part in quotes if len(part.contracts)] or quotes[:1], str(folder))


def _joined(quotes: list[Quotes], source: str) -> Quotes:
    table = pl.concat([part.contracts for part in quotes], how="diagonal")
    return Quotes(source, table, quotes[0].said)


def _quotes(table: Table, columns: Mapping[str, str], run_path: int | None) -> Quotes:
    layout = layout_of(table, columns)
    _require_columns(table, layout)
    if run_path is not None and PATH in layout.once:
        kept = [text == str(run_path) for text in table.column(layout.once[PATH])]
        table = _rows_kept(table, kept)
    said: list[str] = []
    by_side = [
        _side(table, layout, side, quote) for side, quote in layout.sides.items() if side or len(layout.sides) == 1
    ]
    contracts = pl.concat(by_side, how="diagonal")
    contracts, marks = plain_numbers(contracts, table.decimal_comma_likely)
    said += [f"calls and puts side by side in {len(table.rows):,} rows"] if len(by_side) > 1 else []
    said += marks
    if "expiry" in contracts.columns:
        for step in (iso_expiries, unit_of_strikes, root_by_settlement):
            contracts, sentences = step(contracts)
            said += sentences
    contracts, sentences = moments(contracts, moment_above(table.preamble), layout.moment)
    said += sentences
    contracts = contracts.drop("underlying", "am_settlement", strict=False)
    contracts = contracts.with_columns(pl.when(pl.col(pl.String) != "").then(pl.col(pl.String)))
    return Quotes(table.source, contracts, _sentence(table, layout, contracts, said))


def _rows_kept(table: Table, kept: list[bool]) -> Table:
    def chosen(values: Iterable[One]) -> list[One]:
        return [value for value, keep in zip(values, kept, strict=True) if keep]

    return Table(
        table.source,
        table.names,
        chosen(table.rows),
        lambda place: chosen(table.column(place)),
        table.preamble,
        table.decimal_comma_likely,
    )


def _side(table: Table, layout: Layout, side: str, quote: Mapping[str, int]) -> pl.DataFrame:
    """Return the contracts of one side of the rows, or of all rows where each is a contract."""
    places = layout.once | dict(quote)
    found = {name: pl.Series(name, table.column(place), pl.String) for name, place in places.items()}
    found["row"] = pl.Series("row", list(table.rows), pl.Int64)
    if side:
        found["cp"] = pl.Series("cp", [side] * len(table.rows), pl.String)
    symbols = _symbols_of_side(table, layout, side)
    if symbols:
        read = [symbol_of(text) for text in symbols]
        values = {
            "root": [symbol.root if symbol else "" for symbol in read],
            "expiry": [symbol.expiry if symbol else "" for symbol in read],
            "cp": [symbol.side if symbol else "" for symbol in read],
            "strike": [f"{symbol.strike:g}" if symbol and symbol.strike else "" for symbol in read],
        }
        for name, texts in values.items():
            # What the symbol says counts for the root; everything else also where the table has no column of it.
            if name not in found and any(texts):
                found[name] = pl.Series(name, texts, pl.String)
    if "root" in found:
        found["root"] = root_named(found["root"])
    elif "underlying" in found:
        found["underlying"] = root_named(found["underlying"])
    if "cp" in found:
        found["cp"] = side_named(found["cp"])
    return pl.DataFrame(found)


def _symbols_of_side(table: Table, layout: Layout, side: str) -> list[str]:
    if not layout.symbols:
        return []
    if not side or len(layout.symbols) == 1:
        return table.column(layout.symbols[0])
    return table.column(layout.symbols["CP".index(side)])


def _require_columns(table: Table, layout: Layout) -> None:
    """Refuse a table that lacks what a chain is made of."""
    by_term = "term" in layout.once
    have = set(layout.once) | ({"root", "expiry", "cp", "strike"} if layout.symbols else set())
    have |= {"root"} if "underlying" in have or "am_settlement" in have else set()
    quotes = {
        f"{ {'C': 'call_', 'P': 'put_'}.get(side, '') }{name}" for side, quote in layout.sides.items() for name in quote
    }
    side_by_side = by_term or any(layout.sides)
    wanted = BY_TERM if by_term else BY_CONTRACT
    if side_by_side and not by_term:
        wanted = ("expiry", *BY_TERM[1:])
    missing = [name for name in wanted if name not in have | quotes]
    if missing:
        raise InputError(
            f"{table.source} has no column {', '.join(map(repr, missing))}; give {', '.join(BY_CONTRACT)} for each"
            f" contract, or {', '.join(BY_TERM)} for each strike"
        )


def _sentence(table: Table, layout: Layout, contracts: pl.DataFrame, said: list[str]) -> str:
    kinds = "terms" if "term" in layout.once else "contracts"
    quoted = {name: place for quote in layout.sides.values() for name, place in quote.items()}
    named = ", ".join(f"{name} in '{table.called(quoted[name])}'" for name in ("bid", "ask") if name in quoted)
    return "; ".join([f"{table.source}: {len(contracts):,} {kinds}, {named}", *said])
