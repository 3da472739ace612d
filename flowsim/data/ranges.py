"""The high and the low of each session, where a file of prices has them."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np

from flowsim.data.columns import date_column
from flowsim.data.prices import Prices, PricesLike
from flowsim.data.words import DAILY
from flowsim.files.arrays import Days, Floats
from flowsim.files.daily_file import daily_table
from flowsim.files.numbers import number_of
from flowsim.files.table_file import read_table

HIGH, LOW = "high", "low"


class Ranges(NamedTuple):
    """Log of high over low by session, nan where one is missing or the two are equal."""

    dates: Days
    log_range: Floats

    def on(self, dates: Days) -> Floats:
        """Return the ranges of given sessions, nan where there is none."""
        place = np.searchsorted(self.dates, dates).clip(max=len(self.dates) - 1)
        return np.where(self.dates[place] == dates, self.log_range[place], np.nan)


def read_ranges(prices: PricesLike | None, date: str | None = None) -> Ranges | None:
    """Return the ranges of a file or table of prices, None where it has no columns called high and low.

    Parameters
    ----------
    prices : path or table
        As `flowsim.data.prices.read_prices` takes it; prices that are read already have no ranges.
    date : str, optional
        What its column of dates is called.
    """
    if prices is None or isinstance(prices, Prices):
        return None
    source = Path(prices).name if isinstance(prices, str | Path) else "prices"
    table = read_table(prices, "daily prices", DAILY, name=source)
    places = {name: table.find((name,)) for name in (HIGH, LOW)}
    if not all(places.values()):
        return None
    columns = {name: found[0] for name, found in places.items()}
    daily = daily_table(table, date_column(table, {} if date is None else {"date": date}), columns)
    high, low = (
        np.array([_value(text, daily.decimal_mark) for text in daily.columns[name]], float) for name in (HIGH, LOW)
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        ranges = np.where((high > low) & (low > 0.0), np.log(high / low), np.nan)
    return Ranges(np.array(daily.days, np.int64).astype("datetime64[D]"), ranges)


def _value(text: str, decimal_mark: str) -> float:
    number = number_of(text, decimal_mark)
    return float("nan") if number is None else number
