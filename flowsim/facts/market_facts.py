"""The facts of the real market that ship with the package: S&P 500 and VIX family, with 95 % intervals, by sample."""

from __future__ import annotations

import csv
import io
from functools import cache
from importlib.resources import files
from typing import NamedTuple

import numpy as np


class Interval(NamedTuple):
    """A value and the ends of its 95 % interval, nan where there is none."""

    value: float
    low: float
    high: float

    def holds(self, value: float) -> bool:
        """Return whether a value lies inside, the ends included."""
        return self.low <= value <= self.high

    @property
    def has_ends(self) -> bool:
        """Whether there is an interval around the value."""
        return bool(np.isfinite(self.low) and np.isfinite(self.high))


SAMPLES = {
    "1950-2026": (np.datetime64("1950-01-03"), np.datetime64("2026-08-21")),
    "1990-2026": (np.datetime64("1990-01-02"), np.datetime64("2026-08-21")),
    "2010-2019": (np.datetime64("2010-01-04"), np.datetime64("2019-12-31")),
    "2020-2026": (np.datetime64("2020-01-02"), np.datetime64("2026-08-21")),
}
"""First and last day of the samples; the shipped table holds all but the first, which has no volatility index."""
LONG, RECENT = "1990-2026", ("2010-2019", "2020-2026")


@cache
def market_facts() -> dict[str, dict[str, Interval]]:
    """Return {sample: {fact: value and interval}} of the real market, of the facts that a market is fitted to."""
    return _read("market_facts.csv")


@cache
def conditional_facts() -> dict[str, dict[str, Interval]]:
    """Return the same of facts that no market was fitted to; a sample need not have each of them."""
    return _read("conditional_facts.csv")


@cache
def futures_facts() -> dict[str, dict[str, Interval]]:
    """Return the same of facts of VIX futures, of the one sample of which their prices are at hand."""
    return _read("futures_facts.csv")


def _read(name: str) -> dict[str, dict[str, Interval]]:
    text = files("flowsim.facts").joinpath(name).read_text(encoding="utf-8")
    found: dict[str, dict[str, Interval]] = {}
    for row in csv.DictReader(io.StringIO(text)):
        numbers = (float(row[column] or "nan") for column in ("value", "low", "high"))
        found.setdefault(row["sample"], {})[row["fact"]] = Interval(*numbers)
    return found
