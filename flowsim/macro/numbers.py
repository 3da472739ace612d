"""Every number of the layer: read from dated tables with its unit, range, status and source, and laid out by quarter.

A parameter is an array over quarters, so that a scenario can change any of them from a date on.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple

import numpy as np

from flowsim.errors import InputError
from flowsim.files.arrays import Floats
from flowsim.files.nearest import nearest
from flowsim.macro.parameters import TABLES, Numbers
from flowsim.macro.quarters import quarter_number

COMPANIES = ("software", "search", "retail", "social", "leveraged")
"""Kinds of builders: what they earn with, or that they owe much."""
N_COMPANIES = len(COMPANIES)
GROUP_NAMES = ("top", "middle", "bottom")
STATUSES = ("filed", "published", "derived", "choice")


MEMBERS = {"builders": COMPANIES, "households": GROUP_NAMES}


class Number(NamedTuple):
    """One number with what is known of it; `start` is the quarter from which it holds, empty for always."""

    key: str
    start: str
    value: float
    unit: str
    low: float | None
    high: float | None
    status: str
    as_of: str
    source: str
    meaning: str

    @property
    def place(self) -> str:
        """Its key, with the quarter from which it holds."""
        return f"{self.key} from {self.start}" if self.start else self.key


class Change(NamedTuple):
    """A setting of a parameter from a quarter on; `start` None is from the beginning, over the whole script."""

    key: str
    start: int | None
    value: float


@cache
def numbers_in(table: str) -> tuple[Number, ...]:
    """Return the numbers of a shipped table: numbers, sheet_2026 or sheet_2018."""
    text = files("flowsim.macro").joinpath(f"{table}.csv").read_text(encoding="utf-8")
    return tuple(_number(row) for row in csv.reader(io.StringIO(text.partition("\n")[2])))


def _number(row: Sequence[str]) -> Number:
    key, start, value, unit, low, high, *known = row
    return Number(key, start, float(value), unit, _or_none(low), _or_none(high), *known)


def _or_none(text: str) -> float | None:
    return float(text) if text else None


def keys() -> list[str]:
    """Return the key of every parameter in order, each once."""
    return list(dict.fromkeys(one.key for one in numbers_in("numbers")))


def laid_out(first: int, quarters: int, changes: Iterable[Change] = ()) -> Numbers:
    """Return every parameter for so many quarters from `first`.

    Raises
    ------
    InputError
        If a change names no parameter, or sets one to a negative number or a fraction above 1.
    """
    by_key: dict[str, Floats] = {}
    for one in numbers_in("numbers"):
        values = by_key.setdefault(one.key, np.zeros(quarters))
        start = quarter_number(one.start, one.key) - first if one.start else 0
        values[max(start, 0) :] = one.value
    for change in changes:
        if change.key not in by_key:
            raise InputError(f"{change.key} is no number of the macro layer; {nearest(change.key, by_key)}")
        _require_sensible(change)
        by_key[change.key][max((change.start or first) - first, 0) :] = change.value
    return Numbers(*(_table(name, by_key) for name in TABLES))


def _require_sensible(change: Change) -> None:
    unit = next(one.unit for one in numbers_in("numbers") if one.key == change.key)
    most = 1.0 if unit == "fraction" else np.inf
    if not (np.isfinite(change.value) and 0.0 <= change.value <= most):
        wanted = "from 0 to 1" if unit == "fraction" else "of 0 or more"
        raise InputError(f"{change.key} = {change.value:g} ({unit}); give a number {wanted}")


def _table(name: str, by_key: Mapping[str, Floats]) -> Any:
    def field(key: str) -> Floats:
        if name not in MEMBERS:
            return by_key[f"{name}.{key}"]
        return np.ascontiguousarray([by_key[f"{name}.{member}.{key}"] for member in MEMBERS[name]])

    return TABLES[name](*(field(key) for key in TABLES[name]._fields))


def sheet(name: str) -> dict[str, float]:
    """Return a start sheet as values by key."""
    return {one.key: one.value for one in numbers_in(name)}
