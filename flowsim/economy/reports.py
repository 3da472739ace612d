"""On which sessions a quarter ends, and on which the market hears of it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from flowsim.clock import gdp_days, sessions_after
from flowsim.clock.weekdays import ONE_DAY, WEDNESDAY, months_between, nth_weekday
from flowsim.config.macro import SOURCES

REPORT_DAYS = 29
"""Calendar days from a quarter's end to the session on which builders have reported: the peak of the season."""
NONE = -1


class Reports(NamedTuple):
    """By day of the run, the quarter concerned, counted from the layer's first; -1 for none."""

    ends: np.ndarray  # (days,) int64, the quarter that ends at the close
    budgets: np.ndarray  # (days,) int64, the quarter whose budgets are known
    news: np.ndarray  # (sources, days) int64, the quarter whose news is told


def quarter_of(dates: np.ndarray) -> np.ndarray:
    """Return the number of each date's quarter, as `flowsim.macro.quarters` counts."""
    months = dates.astype("datetime64[M]").astype(np.int64) + 12 * 1970
    return months // 3


def build_reports(dates: np.ndarray, first: int) -> Reports:
    """Return what ends and is told on each of the sessions `dates`; quarters are counted from number `first`."""
    after = np.concatenate([dates[1:], sessions_after(dates[-1], 1).dates])
    here = quarter_of(dates)
    ends = np.where(quarter_of(after) != here, here - first, NONE)
    reported = _told(dates, first, _builders_report)
    credit = _told(dates, first, _refunding)
    by_source = {"capex": reported, "power": reported, "credit": credit, "support": credit}
    by_source["growth"] = _told(dates, first, gdp_days)
    return Reports(ends, reported, np.stack([by_source[name] for name in SOURCES]))


def _told(dates: np.ndarray, first: int, days_of) -> np.ndarray:
    """Return, by session, the quarter before the one in which a report's day lies that is told then."""
    told = np.full(len(dates), NONE, np.int64)
    begin, end = dates[0] - 10 * ONE_DAY, dates[-1]
    for day in days_of(begin, end):
        place = int(np.searchsorted(dates, day))
        if place < len(dates) and (place > 0 or dates[0] == day):
            told[place] = int(quarter_of(np.array([day]))[0]) - 1 - first
    return np.maximum(told, NONE)


def _builders_report(begin: np.datetime64, end: np.datetime64) -> np.ndarray:
    months = months_between(begin - 2 * REPORT_DAYS * ONE_DAY, end)
    starts = months[months.astype(np.int64) % 3 == 0].astype("datetime64[D]")
    days = starts + (REPORT_DAYS - 1) * ONE_DAY
    return days[(days >= begin) & (days <= end)]


def _refunding(begin: np.datetime64, end: np.datetime64) -> np.ndarray:
    """Return the Wednesdays of the Treasury's quarterly refunding: the first of February, May, August, November."""
    months = months_between(begin, end)
    days = nth_weekday(months[months.astype(np.int64) % 3 == 1], WEDNESDAY, 1)
    return days[(days >= begin) & (days <= end)]
