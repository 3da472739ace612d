"""Closing prices of an index: read from a file, checked once, and handed on as arrays."""

import hashlib
import importlib.util
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from flowsim.clock import FIRST_DATE, DateLike, as_day, require_session, sessions
from flowsim.errors import InputError
from flowsim.files.daily_file import DailyTable, ascending_dates, listed_names, number_of, read_daily

DEFAULT_SOURCE = "arch.data.sp500"


@dataclass(frozen=True, eq=False)
class Prices:
    """Closes of one index, oldest first.

    `dates` is datetime64[D] of shape (n,), `close` float64 of shape (n,) in index points, and `source` the
    file's name. `rows`, shape (n,), says in which row of the file each close stands: the line of a CSV file,
    its header being line 1, or the row of a Parquet file; None counts from 1.
    """

    dates: NDArray[np.datetime64]
    close: NDArray[np.float64]
    source: str
    rows: NDArray[np.int64] | None = None

    def __len__(self) -> int:
        return len(self.dates)

    @property
    def digest(self) -> str:
        """Return the SHA-256 of dates and closes in hexadecimal, the same whatever file they came from."""
        content = self.dates.astype("<i8").tobytes() + self.close.astype("<f8").tobytes()
        return hashlib.sha256(content).hexdigest()

    def require_history(self, start: DateLike, n_sessions: int, why: str, *, name: str = "start") -> "Prices":
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

        Raises
        ------
        InputError
            If `start` is no NYSE session or outside the series, if the history before it is too short, or if
            those sessions have a gap or a date on which NYSE did not trade.
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
        window = Prices(self.dates[begin:end], self.close[begin:end], self.source, rows[begin:end])
        _require_no_gap(window.dates, day, rows[begin:end], self.source)
        return window

    def moved(self, session: DateLike, start: DateLike) -> "Prices":
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
        return Prices(dates, close, f"{self.source}, closes to {day} standing in")


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
    return _read(Path(folders[0]) / "data" / "sp500" / "sp500.csv.gz", DEFAULT_SOURCE)


def read_prices(path: str | Path, columns: Mapping[str, str] | None = None) -> Prices:
    """Return the closes in a CSV file (also gzipped) or a Parquet file.

    The file has a date column, named `date` in any case, and a `close`, or is a table of two columns of which
    the other one is the close, as Cboe publishes index histories. Any other column, adjusted closes among
    them, is left alone. `columns` says what else date and close are called, such as
    ``{"date": "Day", "close": "Last"}``. Dates are YYYY-MM-DD, with or without a time of day, or MM/DD/YYYY. Empty
    lines are passed over.

    Raises
    ------
    InputError
        If the file cannot be read as such a table, or one of its dates or closes is missing, wrong or out of
        order; the message names file, row, value and remedy.
    """
    return _read(Path(path), Path(path).name, columns)


def _read(path: Path, source: str, columns: Mapping[str, str] | None = None) -> Prices:
    def find_columns(given: list[str]) -> dict[str, str]:
        return _date_and_close(given, path, columns or {})

    table = read_daily(path, "daily closes", find_columns)
    # Row by row, so that the first fault of the file is named, be it of a date or of a close.
    checked = zip(ascending_dates(table, path), _closes(table, path), strict=True)
    values = np.fromiter(checked, [("date", np.int64), ("close", np.float64)])
    return Prices(values["date"].astype("datetime64[D]"), values["close"].copy(), source, np.array(table.rows))


def _closes(table: DailyTable, path: Path) -> Iterator[float]:
    remedy = "; give the index level as a positive number"
    for row, text in zip(table.rows, table.columns["close"], strict=True):
        close = number_of(text)
        if not text:
            raise InputError(f"{path}, row {row}: the close is empty{remedy} or remove the row")
        if close is None or math.isnan(close):
            raise InputError(f"{path}, row {row}: the close is '{text}', which is not a number{remedy}")
        if math.isinf(close) or close <= 0.0:
            raise InputError(f"{path}, row {row}: the close is {text}{remedy}")
        yield close


def _date_and_close(given: list[str], path: Path, named: Mapping[str, str]) -> dict[str, str]:
    """Return what the columns of dates and closes are called in a file, where `named` may say it."""
    called = {wanted: named.get(wanted, wanted).strip().lower() for wanted in ("date", "close")}
    found = {wanted: [name for name in given if name.strip().lower() == called[wanted]] for wanted in called}
    if "close" not in named and len(given) == 2 and len(found["date"]) == 1:
        found["close"] = [name for name in given if name not in found["date"]]
    for wanted, names in found.items():
        if len(names) != 1:
            raise InputError(
                f"{path} has {len(names) or 'no'} columns named {named.get(wanted, wanted)!r} among"
                f" {listed_names(given)}; name exactly one of them {wanted!r}"
            )
    return {wanted: names[0] for wanted, names in found.items()}


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
