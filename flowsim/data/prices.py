"""Closes of an index: read from a file or a table as vendors write them, checked once, and handed on as arrays."""

from __future__ import annotations

import hashlib
import importlib.util
import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn, TypeAlias

import numpy as np
from numpy.typing import NDArray

from flowsim.clock import FIRST_DATE, LAST_DATE, DateLike, as_day, require_session, sessions
from flowsim.clock.sessions import session_table
from flowsim.data.columns import close_column, date_column, require_known_columns
from flowsim.data.weigh import EQUITY_INDEX, Kind, require_possible, weigh_closes
from flowsim.data.words import CLOSE, DAILY, DATE
from flowsim.errors import InputError
from flowsim.files.daily_file import DailyTable, daily_table, date_of
from flowsim.files.numbers import is_nothing, number_of
from flowsim.files.table import say_once
from flowsim.files.table_file import read_table

if TYPE_CHECKING:
    from flowsim.files.frames import Frame

DEFAULT_SOURCE = "arch.data.sp500"
_REMEDY = "; give the index level as a positive number"
PricesLike: TypeAlias = "Prices | str | Path | Frame"
"""What prices are taken from: read already, a path, or a table of pandas, polars or arrow."""


@dataclass(frozen=True, eq=False)
class Prices:
    """Closes of one index, oldest first.

    `dates` is datetime64[D] of shape (n,), `close` float64 of shape (n,) in index points, and `source` the
    file's name. `rows`, shape (n,), says in which row of the file each close stands: the line of a CSV file,
    its header being line 1, or the row of a sheet or of a Parquet file; None counts from 1. `read_as` is a sentence on
    how the file was read. Unless they are `trusted`, those that are used are weighed first.
    """

    dates: NDArray[np.datetime64]
    close: NDArray[np.float64]
    source: str
    rows: NDArray[np.int64] | None = None
    read_as: str = ""
    trusted: bool = True

    def __len__(self) -> int:
        return len(self.dates)

    @property
    def digest(self) -> str:
        """Return the SHA-256 of dates and closes in hexadecimal, the same whatever file they came from."""
        content = self.dates.astype("<i8").tobytes() + self.close.astype("<f8").tobytes()
        return hashlib.sha256(content).hexdigest()

    def require_history(
        self, start: DateLike, n_sessions: int, why: str, *, name: str = "start", kind: Kind = EQUITY_INDEX
    ) -> Prices:
        """Return the last `n_sessions` closes up to and including that of `start`.

        Parameters
        ----------
        start : date
            The last real session before the first simulated one.
        n_sessions : int
            At least 1.
        why : str
            What needs so much history, for the message, such as ``"the 252-day high of population cta"``.
        name : str
            What messages call `start`.
        kind : Kind
            What market they are of, unless they are trusted.

        Raises
        ------
        InputError
            If `start` is no NYSE session or outside the series, if the history before it is too short, or if
            those sessions have a gap or a date on which NYSE did not trade; or if the closes are not likely, or, though
            trusted, not possible.
        """
        day = as_day(start, name)
        if not self.dates[0] <= day <= self.dates[-1]:
            raise InputError(
                f"{self.source} has prices from {self.dates[0]} to {self.dates[-1]}, and {name} = {day} is outside;"
                f" choose a {name} within the file or a longer file"
            )
        require_session(day, name)
        end = int(np.searchsorted(self.dates, day, side="right"))
        if end < n_sessions:
            raise InputError(
                f"{self.source} has {end} sessions up to {name} = {day}, and {why} needs {n_sessions};"
                f" choose a later {name} or a file that begins earlier"
            )
        begin = end - n_sessions
        rows = np.arange(1, len(self) + 1) if self.rows is None else self.rows
        window = Prices(
            self.dates[begin:end], self.close[begin:end], self.source, rows[begin:end], trusted=self.trusted
        )
        _require_no_gap(window.dates, day, rows[begin:end], self.source)
        window.weighed(kind)
        require_possible(window.dates, window.close, rows[begin:end].tolist(), self.source)
        return window

    def weighed(self, kind: Kind = EQUITY_INDEX) -> Prices:
        """Return these prices, if they are likely ones of a market of their kind, or trusted.

        Raises
        ------
        InputError
            At the first that is not; see `flowsim.data.weigh`.
        """
        if not self.trusted:
            rows = range(1, len(self) + 1) if self.rows is None else self.rows.tolist()
            weigh_closes(self.dates, self.close, rows, self.source, kind)
        return self

    def moved(self, session: DateLike, start: DateLike) -> Prices:
        """Return the closes up to that of `session` on later dates: it falls on `start`, the others before it.

        Raises
        ------
        InputError
            If `session` is not in the series, or so many sessions before `start` are not known.
        """
        day, first = as_day(session, "history.stand_in"), as_day(start, "time.start")
        end = int(np.searchsorted(self.dates, day, side="right"))
        if end == 0 or self.dates[end - 1] != day:
            raise InputError(
                f"history.stand_in = {day} is no session of {self.source}, which runs from {self.dates[0]} to"
                f" {self.dates[-1]}; choose a session of it"
            )
        dates = sessions(FIRST_DATE, first).dates[-end:]
        close = self.close[end - len(dates) : end]
        return Prices(dates, close, f"{self.source}, closes to {day} standing in", trusted=self.trusted)


@cache
def default_prices() -> Prices:
    """Return the daily S&P 500 of 1999-2018 that is part of the `arch` package (Sheppard, "arch", data.sp500).

    Raises
    ------
    InputError
        If the package or its file is missing.
    """
    package = importlib.util.find_spec("arch")
    folders = package.submodule_search_locations if package else None
    if not folders:
        raise InputError(f"{DEFAULT_SOURCE} is not installed; install the package arch or name a file of prices")
    return _read(Path(folders[0]) / "data" / "sp500" / "sp500.csv.gz", {}, DEFAULT_SOURCE)


def read_prices(prices: PricesLike, columns: Mapping[str, str] | None = None, *, trust_data: bool = False) -> Prices:
    """Return the closes of an index in a file or a table, in any of the forms of docs/data.md.

    Parameters
    ----------
    prices : path, table of pandas, polars or arrow, or Prices, which are returned as they are
        CSV, Parquet or Excel file with a column of dates and one of closes, under the names that vendors give them, or
        any two columns of which one holds dates. Adjusted closes are left alone. Newest first is turned round; days on
        which NYSE is closed are passed over where they have no value.
    columns : mapping, optional
        What else date and close are called, such as ``{"date": "Day", "close": "Px"}``, or their numbers from 1.
    trust_data : bool
        Take closes that no market of their kind is likely to have had.

    Raises
    ------
    InputError
        If it cannot be read as such a table, or one of its dates or closes is missing, wrong or out of order; the
        message names file, row, value and remedy.
    """
    if isinstance(prices, Prices):
        return replace(prices, trusted=True) if trust_data and not prices.trusted else prices
    source = Path(prices).name if isinstance(prices, str | Path) else "prices"
    found = _read(prices, columns or {}, source)
    say_once(found.read_as)
    return replace(found, trusted=trust_data)


def prices_of(prices: PricesLike | None, *, trust_data: bool = False) -> Prices | None:
    """Return prices from what `read_prices` takes, if there is anything."""
    return None if prices is None else read_prices(prices, trust_data=trust_data)


def _read(prices: str | Path | Frame, columns: Mapping[str, str], source: str) -> Prices:
    require_known_columns(columns, (DATE, CLOSE))
    table = read_table(prices, "daily closes", DAILY, name="prices")
    date = date_column(table, columns)
    close = close_column(table, date, columns)
    daily = daily_table(table, date, {CLOSE: close})
    rows, days, closes = _valued(daily)
    dates = np.array(days, np.int64).astype("datetime64[D]")
    passed = len(daily.days) - len(days)
    said = [
        f"{table.source}: {len(dates):,} closes from {dates[0]} to {dates[-1]} in '{table.called(close)}'",
        daily.said,
        *(["decimal commas"] if daily.decimal_mark == "," else []),
        *([f"{passed} closed day{'s' if passed > 1 else ''} without a value passed over"] if passed else []),
    ]
    return Prices(dates, np.array(closes), source, np.array(rows), "; ".join(said))


def _valued(daily: DailyTable) -> tuple[list[int], list[int], list[float]]:
    """Return row, day and close of the rows that have a close; one without is fine on a day without trade."""
    texts = daily.columns[CLOSE]
    plain = _plain_numbers(texts)
    if plain is not None:
        return daily.rows, daily.days, plain
    rows, days, closes = [], [], []
    sessions: set[int] | None = None
    for row, day, text in zip(daily.rows, daily.days, texts, strict=True):
        close = number_of(text, daily.decimal_mark)
        if is_nothing(text):
            sessions = _sessions() if sessions is None else sessions
            if day in sessions:
                _refuse_nothing(daily.source, row, day, text)
            continue
        if close is None or not 0.0 < close < math.inf:
            reason = f"'{text}', which is not a number" if close is None or math.isnan(close) else text
            raise InputError(f"{daily.source}, row {row}: the close is {reason}{_REMEDY}")
        rows.append(row)
        days.append(day)
        closes.append(close)
    if not closes:
        raise InputError(f"{daily.source} has no close in any of its {len(texts):,} rows{_REMEDY} in each")
    return rows, days, closes


def _plain_numbers(texts: list[str]) -> list[float] | None:
    """Return the closes where each is written as Python writes numbers, which is soon seen."""
    try:
        closes = [float(text) for text in texts]
    except ValueError:
        return None
    within = all(0.0 < close < math.inf for close in closes)
    return closes if within and not any("_" in text for text in texts) else None


def _sessions() -> set[int]:
    dates = session_table().dates
    return set(dates[(dates >= FIRST_DATE) & (dates <= LAST_DATE)].astype(np.int64).tolist())


def _refuse_nothing(source: str, row: int, day: int, text: str) -> NoReturn:
    shown = f"'{text}'" if text else "empty"
    raise InputError(
        f"{source}, row {row}: the close is {shown} on {date_of(day)}, on which NYSE traded{_REMEDY}, or remove the row"
    )


def _require_no_gap(dates: NDArray[np.datetime64], last: np.datetime64, rows: NDArray[np.int64], source: str) -> None:
    if dates[0] < FIRST_DATE:
        raise InputError(
            f"{source}: the history up to start = {last} begins on {dates[0]}, before the NYSE calendar;"
            f" choose a start whose history begins on {FIRST_DATE} or later"
        )
    expected = sessions(dates[0], last).dates
    closed = np.flatnonzero(~np.isin(dates, expected, assume_unique=True))
    if len(closed):
        day = dates[closed[0]]
        raise InputError(
            f"{source}, row {rows[closed[0]]}: {day} ({day.item():%A}) is not an NYSE session; remove the row"
        )
    missing = expected[~np.isin(expected, dates, assume_unique=True)]
    if len(missing):
        before = np.searchsorted(dates, missing[0]) - 1
        raise InputError(
            f"{source}: the NYSE session {missing[0]} is missing after row {rows[before]} ({dates[before]});"
            " add its close"
        )
