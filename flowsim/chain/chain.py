"""A chain of option quotes: sorted by expiry and strike, with every fault of its source named.

`chain_file` reads what vendors write; here are its contracts (root, expiry, strike, cp, bid, ask), or those of the near
and the next term, as in Cboe's white paper (term, strike, call_bid, call_ask, put_bid, put_ask).

A file that cannot be understood is refused as a whole. A quote that cannot be true, such as a bid above its ask, is a
fault of its expiry, and counts when that expiry is used: real chains have some in expiries years away.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl
from numpy.typing import NDArray

from flowsim.chain.chain_faults import (
    fault_of_contract,
    fault_of_interest,
    fault_of_quote,
    fault_of_repetition,
    faults_of_days,
)
from flowsim.chain.chain_file import Quotes, QuotesLike, read_quotes
from flowsim.clock.sessions import session_table
from flowsim.errors import InputError
from flowsim.files.table import say_once

SETTLEMENT = {"SPX": datetime.time(9, 30), "SPXW": datetime.time(16, 0)}
"""When an expiry of each root settles, New York time: SPX on the opening, SPXW on the close."""
EARLY_CLOSE = datetime.time(13, 0)
"""The close of a half day."""

Floats = NDArray[np.float64]

_QUOTES = ("call_bid", "call_ask", "put_bid", "put_ask")


@dataclass(frozen=True, eq=False)
class Series:
    """The quotes of one expiry; arrays are float64 of shape (n,), strikes ascending, nan where there is no quote.

    `settlement` is New York time, None in a chain by term. Interest is the number of open contracts, 0 where none is
    given. `fault` is the first quote that cannot be true, a sentence.
    """

    label: str
    settlement: datetime.datetime | None
    strike: Floats
    call_bid: Floats
    call_ask: Floats
    put_bid: Floats
    put_ask: Floats
    call_interest: Floats
    put_interest: Floats
    fault: str | None = None

    @property
    def root(self) -> str:
        """Return SPX or SPXW, or the term of a chain by term."""
        return self.label.split(" ", 1)[0]

    def notes(self) -> list[str]:
        """Return what is passed over here, a sentence for calls and one for puts."""
        missing = {"call": np.isnan(self.call_bid), "put": np.isnan(self.put_bid)}
        return [
            f"{self.label}: {absent.sum()} of {len(absent)} strikes have no {side} quote, and are passed over on that"
            " side and for put-call parity"
            for side, absent in missing.items()
            if absent.any()
        ]


@dataclass(frozen=True, eq=False)
class Chain:
    """Quotes of one moment; `series` ascends by settlement, or is the near and the next term.

    `as_of` is the New York time that the source says, None if it says none. `has_interest` tells whether it has open
    interest, `interest_fault` what is wrong with that, and `day_faults`, by the label of an expiry,
    that none is on its day.
    """

    source: str
    series: tuple[Series, ...]
    as_of: datetime.datetime | None = None
    has_interest: bool = False
    interest_fault: str | None = None
    day_faults: Mapping[str, str] = field(default_factory=dict)

    @property
    def by_term(self) -> bool:
        """Return whether the chain names its terms and not its expiries."""
        return self.series[0].settlement is None


class Choice(NamedTuple):
    """Which quotes to take of a table with those of several paths of a run, or of several times; None for the only."""

    path: int | None = None
    as_of: datetime.datetime | None = None


ANY = Choice()


def read_chain(given: QuotesLike, choice: Choice = ANY, columns: Mapping[str, str] | None = None) -> Chain:
    """Return the chain in a file or a table, in any of the forms of docs/data.md.

    Parameters
    ----------
    given : path, or table of pandas, polars or arrow
        CSV, Parquet or Excel file of contracts with root, expiry, strike, side, bid and ask under the names that
        vendors give them, of calls and puts side by side, or of the near and the next term; or a folder of Parquet
        files. Contracts whose root is neither SPX nor SPXW are left out. A contract without bid and ask has no quote.
    choice : Choice
        Which quotes to take of several times, or of several paths of a run.
    columns : mapping, optional
        What else columns are called, such as ``{"bid": "Geld", "call_bid": "CB"}``.

    Raises
    ------
    InputError
        At the first fault; the message names source, row (from 1), value and remedy.
    """
    quotes = read_quotes(given, columns, choice.path)
    say_once(quotes.said)
    return _chain(quotes, choice)


def new_york_time(value: datetime.datetime | str, what: str) -> datetime.datetime:
    """Return a time in New York without a zone; one that has a zone is converted.

    Raises
    ------
    InputError
        If it is not a time, or a date alone; the message begins with `what`.
    """
    text = str(value).strip()
    try:
        time = datetime.datetime.fromisoformat(text)
    except ValueError:
        time = None
    if time is None or len(text) <= len("YYYY-MM-DD"):
        raise InputError(f"{what} = {value} is not a time; write it as 'YYYY-MM-DD HH:MM', New York time")
    return time if time.tzinfo is None else time.astimezone(ZoneInfo("America/New_York")).replace(tzinfo=None)


def _chain(quotes: Quotes, choice: Choice) -> Chain:
    source, table = quotes.source, quotes.contracts
    if table.is_empty():
        of_path = f" of path {choice.path}" if "path" in table.columns and choice.path is not None else ""
        raise InputError(f"{source} is empty{of_path}; it needs one row for each option")
    _require_one_path(table, source, choice)
    time, table = _one_time(table, source, choice)
    has_interest = "open_interest" in table.columns
    table = table if has_interest else table.with_columns(open_interest=pl.lit(None, pl.String))
    contracts = _of_terms(table) if "term" in table.columns else _of_roots(table, source)
    contracts = contracts.with_columns(
        pl.col("strike_given", "bid_given", "ask_given", "open_interest_given")
        .cast(pl.Float64, strict=False)
        .name.map(lambda name: name.removesuffix("_given"))
    ).sort("row", maintain_order=True)
    for fault in (fault_of_contract(by_term="term" in table.columns), fault_of_repetition()):
        faults = contracts.select("row", fault=fault).drop_nulls()
        if len(faults):
            raise InputError("{}, row {}: {}".format(source, *faults.row(0)))
    faults = contracts.select("row", fault=fault_of_interest()).drop_nulls()
    fault = "{}, row {}: {}".format(source, *faults.row(0)) if len(faults) else None
    return Chain(source, _series(contracts, source), time, has_interest, fault, faults_of_days(contracts, source))


def _of_roots(table: pl.DataFrame, source: str) -> pl.DataFrame:
    """Return the contracts that count, with `label` and `settlement`; their values are still as given."""
    roots = table["root"].str.to_uppercase()
    table = table.with_columns(roots).filter(roots.is_in(list(SETTLEMENT)))
    if table.is_empty():
        given = ", ".join(map(repr, roots.drop_nulls().unique().sort().to_list()[:5])) or "none"
        raise InputError(f"{source} has options on {given}; the index needs the roots SPX and SPXW")
    expiry = pl.col("expiry").str.to_date("%Y-%m-%d", strict=False)
    known = session_table()
    half_day = expiry.is_in(pl.Series(known.dates[known.half_day]).cast(pl.Date).implode())
    time = (
        pl.when(half_day & (pl.col("root") == "SPXW"))
        .then(pl.lit(EARLY_CLOSE))
        .otherwise(pl.col("root").replace_strict(SETTLEMENT, return_dtype=pl.Time))
    )
    side = pl.col("cp").str.to_uppercase().replace_strict({"C": "C", "CALL": "C", "P": "P", "PUT": "P"}, default=None)
    return table.select(
        "row",
        pl.format("{} {}", "root", expiry).alias("label"),
        expiry.dt.combine(time).alias("settlement"),
        side.alias("side"),
        pl.col("expiry", "cp", "strike", "bid", "ask", "open_interest").name.suffix("_given"),
    )


def _of_terms(table: pl.DataFrame) -> pl.DataFrame:
    """Return what `_of_roots` does of the near and the next term."""
    return table.select(
        "row",
        pl.col("term").str.to_lowercase().str.extract("^(near|next)$").alias("label"),
        pl.lit(None, pl.Datetime("us")).alias("settlement"),
        pl.col("cp").alias("side"),
        pl.col("term").alias("expiry_given"),
        pl.col("cp", "strike", "bid", "ask", "open_interest").name.suffix("_given"),
    )


def _series(contracts: pl.DataFrame, source: str) -> tuple[Series, ...]:
    no_quote = (pl.col("bid").fill_null(0.0) == 0.0) & (pl.col("ask").fill_null(0.0) == 0.0)
    no_quote &= pl.col("bid").is_null() | pl.col("ask").is_null()
    contracts = contracts.with_columns(
        pl.when(~no_quote).then(pl.col("bid", "ask")),
        fault=pl.format("{}, row {}: {}", pl.lit(source), "row", fault_of_quote()),
    )
    faults = contracts.group_by("label").agg(pl.col("fault").drop_nulls().first())
    calls, puts = (
        contracts.filter(side=side).select(
            "label", "settlement", "strike", pl.col("bid", "ask", "open_interest").name.prefix(prefix)
        )
        for side, prefix in (("C", "call_"), ("P", "put_"))
    )
    keys = ("label", "settlement", "strike")
    strikes = calls.join(puts, on=keys, how="full", coalesce=True, nulls_equal=True).join(faults, on="label")
    strikes = strikes.sort("settlement", "label", "strike")
    return tuple(
        Series(
            part["label"][0],
            part["settlement"][0],
            *(part[name].cast(pl.Float64).fill_null(np.nan).to_numpy() for name in ("strike", *_QUOTES)),
            *(part[f"{side}_open_interest"].fill_null(0.0).to_numpy() for side in ("call", "put")),
            fault=part["fault"][0],
        )
        for part in strikes.partition_by("label", maintain_order=True)
    )


def _require_one_path(table: pl.DataFrame, source: str, choice: Choice) -> None:
    if "path" not in table.columns:
        if choice.path is not None:
            raise InputError(f"{source} has no column 'path'; leave out `path`")
        return
    paths = table["path"].unique()
    if len(paths) > 1:
        raise InputError(f"{source} has quotes of {len(paths)} paths; choose one by `path`, such as {paths.min()}")


def _one_time(table: pl.DataFrame, source: str, choice: Choice) -> tuple[datetime.datetime | None, pl.DataFrame]:
    """Return when the quotes were taken, if the table says so, and those of that time alone."""
    times = table["as_of"].drop_nulls().unique().sort().to_list() if "as_of" in table.columns else []
    if len(times) < 2:
        return (new_york_time(times[0], f"{source}: as_of") if times else None), table
    if choice.as_of is not None:
        chosen = [time for time in times if new_york_time(time, f"{source}: as_of") == choice.as_of]
        if chosen:
            return choice.as_of, table.filter(pl.col("as_of").is_in(chosen))
    raise InputError(
        f"{source} has quotes of {len(times)} times as_of, such as {times[0]} and {times[1]}; choose one by `as_of`"
    )
