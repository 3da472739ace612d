"""Closes of volatility indices on disk: one column for each index, days without a close left empty."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from flowsim.errors import InputError
from flowsim.files.arrays import Days, Floats
from flowsim.files.daily_file import DailyTable, ascending_dates, listed_names, number_of, read_daily

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
    table = read_daily(path, "volatility indices", lambda given: _columns_of(given, path))
    names = [name for name in INDICES if name in table.columns]
    # Row by row, so that the first fault of the file is named, whichever column it is in.
    checked = zip(ascending_dates(table, path), *(_closes(name, table, path) for name in names), strict=True)
    values = np.fromiter(checked, [(DATE, np.int64), *((name, np.float64) for name in names)])
    return Volatility(values[DATE].astype("datetime64[D]"), {name: values[name].copy() for name in names}, path.name)


def _closes(name: str, table: DailyTable, path: Path) -> Iterator[float]:
    for row, text in zip(table.rows, table.columns[name], strict=True):
        close = number_of(text) if text else math.nan
        if close is None or (text and not 0.0 < close < math.inf):
            raise InputError(
                f"{path}, row {row}: {name} is '{text}'; give it in points as a positive number, or leave it empty"
            )
        yield close


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
        raise InputError(f"{path} has no column named {wanted} among {listed_names(given)}; name it so")
    return found
