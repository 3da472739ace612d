"""Closes of volatility indices on disk: one column for each index, days without a close left empty."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from flowsim.data.columns import date_column, index_columns, require_known_columns
from flowsim.data.weigh import weigh_volatility
from flowsim.data.words import CLOSE, DAILY, DATE, INDICES
from flowsim.errors import InputError
from flowsim.files.arrays import Days, Floats
from flowsim.files.daily_file import DailyTable, daily_table
from flowsim.files.numbers import is_nothing, number_of
from flowsim.files.table import say_once
from flowsim.files.table_file import read_table

if TYPE_CHECKING:
    from flowsim.files.frames import Frame

VolatilityLike: TypeAlias = "Volatility | str | Path | Frame | Sequence[str | Path | Frame]"
"""What volatility is taken from: read already, or one or several paths or tables of pandas, polars or arrow."""


@dataclass(frozen=True, eq=False)
class Volatility:
    """Closes of volatility indices in points, oldest first.

    `dates` is datetime64[D] of shape (n,); `indices` holds float64 of shape (n,) for each index of the file, nan where
    it has no close; `source` is the file's name, or those of several. `read_as` is a sentence on how each was read.
    """

    dates: Days
    indices: dict[str, Floats]
    source: str
    read_as: str = ""

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


def read_volatility(
    volatility: str | Path | Frame | Sequence[str | Path | Frame],
    columns: Mapping[str, str] | None = None,
    *,
    trust_data: bool = False,
) -> Volatility:
    """Return the closes of VIX1D, VIX9D, VIX, VIX3M and VIX6M in one or several files or tables.

    Parameters
    ----------
    volatility : path, or table of pandas, polars or arrow, or several of these
        CSV, Parquet or Excel file with a column of dates and columns named as the indices; or of one index with a
        column of closes and a file name that tells which, such as Cboe's ``VIX_History.csv``. A day without a close is
        an empty field.
    columns : mapping, optional
        What else date and indices are called, such as ``{"VIX": "Close"}``.
    trust_data : bool
        Take closes outside 2 to 200 points.

    Raises
    ------
    InputError
        If one is no such table, one of its dates or closes is wrong or out of order, or two have the same index; the
        message names file, row, value and remedy.
    """
    several = isinstance(volatility, list | tuple)
    parts = [_read(one, columns or {}, trust_data) for one in (volatility if several else [volatility])]
    if not parts:
        raise InputError("volatility names no file; name one or several")
    for part in parts:
        say_once(part.read_as)
    return parts[0] if len(parts) == 1 else _together(parts)


def volatility_of(volatility: VolatilityLike | None, *, trust_data: bool = False) -> Volatility | None:
    """Return volatility from what `read_volatility` takes; None, and what is read already, as it is."""
    if volatility is None or isinstance(volatility, Volatility):
        return volatility
    return read_volatility(volatility, trust_data=trust_data)


def _read(volatility: str | Path | Frame, columns: Mapping[str, str], trust_data: bool) -> Volatility:
    require_known_columns(columns, (DATE, CLOSE, *INDICES))
    table = read_table(volatility, "volatility indices", DAILY, name="volatility")
    date = date_column(table, columns)
    found = index_columns(table, date, columns)
    daily = daily_table(table, date, found)
    dates = np.array(daily.days, np.int64).astype("datetime64[D]")
    indices = {name: closes_in(name, daily) for name in INDICES if name in found}
    if not trust_data:
        for name, closes in indices.items():
            weigh_volatility(name, closes, dates, daily.rows, table.source)
    named = ", ".join(f"{name} in '{table.called(place)}'" for name, place in found.items())
    said = f"{table.source}: {named} from {dates[0]} to {dates[-1]}; {daily.said}"
    source = Path(volatility).name if isinstance(volatility, str | Path) else table.source
    return Volatility(dates, indices, source, said + ("; decimal commas" if daily.decimal_mark == "," else ""))


def closes_in(name: str, daily: DailyTable) -> Floats:
    """Return a column of prices in points, (n,), nan where it is empty.

    Raises
    ------
    InputError
        At the first that is no positive number.
    """
    closes = []
    for row, text in zip(daily.rows, daily.columns[name], strict=True):
        close = math.nan if is_nothing(text) else number_of(text, daily.decimal_mark)
        if close is None or not (math.isnan(close) or 0.0 < close < math.inf):
            raise InputError(
                f"{daily.source}, row {row}: {name} is '{text}'; give it in points as a positive number, or leave it"
                " empty"
            )
        closes.append(close)
    return np.array(closes)


def _together(parts: Sequence[Volatility]) -> Volatility:
    """Return the indices of several files on all their dates.

    Raises
    ------
    InputError
        If two of them have the same index.
    """
    dates = np.unique(np.concatenate([part.dates for part in parts]))
    indices: dict[str, Floats] = {}
    origin: dict[str, str] = {}
    for part in parts:
        for name, values in part.indices.items():
            if name in indices:
                raise InputError(f"{origin[name]} and {part.source} both have {name}; name one of them")
            indices[name] = np.full(len(dates), np.nan)
            indices[name][np.searchsorted(dates, part.dates)] = values
            origin[name] = part.source
    ordered = {name: indices[name] for name in INDICES if name in indices}
    return Volatility(dates, ordered, ", ".join(part.source for part in parts), "; ".join(p.read_as for p in parts))
