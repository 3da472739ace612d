"""Is what was read likely? Every bound on data from outside, in one place; `trust_data` insists on what it refuses.

What cannot be understood is refused where it is read. Here is what can be understood and is hardly true: a close in
other units, a split that nobody adjusted, a stale column, a chain of another day. docs/data.md gives the reasons.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from flowsim.clock.sessions import is_session, session_before
from flowsim.errors import InputError
from flowsim.files.arrays import Days, Floats

INSIST = ", or insist with `trust_data=True`"
CHAINS_AGREE_PCT = 2.0
CARRY_PCT = 6.0
"""Forwards of a chain, and its spot and a close, differ by less, and by as much a year between them."""
RATES_APART = 5.0
LOWEST_INDEX, HIGHEST_INDEX = 2.0, 200.0
"""Points of a volatility index: the lowest and the highest VIX were 9.1 and 82.7 by the close, and 89.5 in a day."""
SMALLEST_CLOSE, LARGEST_CLOSE = 1e-9, 1e15
MOST_IN_A_DAY = 2.7
"""Times a close, up or down: a market whose price moves by a factor of e in one step has diverged."""


class Kind(NamedTuple):
    """What closes of one kind of market have never done.

    `fall_pct` and `rise_pct` in a day, `same` closes in a row, a median outside `lowest` to `highest`, and, if it keeps
    office hours, a close on a weekend.
    """

    name: str
    fall_pct: float
    rise_pct: float
    same: int
    lowest: float
    highest: float
    weekends: bool


EQUITY_INDEX = Kind("an equity index", 25.0, 20.0, 6, 0.5, 10e6, weekends=False)
"""The S&P 500 lost 20.5 % on 1987-10-19, and gained 16.6 % on 1933-03-15."""
CRYPTO = Kind("a crypto currency", 60.0, 60.0, 6, 1e-6, 10e6, weekends=True)
"""Bitcoin lost 46 % on 2020-03-12."""
TRADED = Kind("a market with sessions", 40.0, 40.0, 6, 1e-6, 10e6, weekends=True)
"""Gold lost 13 % on 1980-01-22, and silver 36 % on 2026-01-30: bounds for whatever is no equity index."""


def weigh_closes(dates: Days, close: Floats, rows: Sequence[int], source: str, kind: Kind = EQUITY_INDEX) -> None:
    """Refuse closes that a market of their kind hardly had.

    Raises
    ------
    InputError
        At the first move out of bounds, or run of the same closes, or where all are of other units.
    """
    if not kind.weekends:
        _weigh_weekdays(dates, rows, source, kind)
    median = float(np.median(close))
    if not kind.lowest <= median <= kind.highest:
        raise InputError(
            f"{source}: half of its {len(close):,} closes are above {median:,.4g}, as in row {rows[0]}, "
            f"{close[0]:,.10g}; {kind.name} lies between {kind.lowest:g} and {kind.highest:,.0f}; name the"
            f" column of closes (`columns={{'close': 'NAME'}}`), give index points{INSIST}"
        )
    move = 100.0 * (close[1:] / close[:-1] - 1.0)
    wild = np.flatnonzero((move < -kind.fall_pct) | (move > kind.rise_pct))
    if len(wild):
        at = int(wild[0]) + 1
        verb, bound = ("falls", kind.fall_pct) if move[at - 1] < 0.0 else ("rises", kind.rise_pct)
        raise InputError(
            f"{source}, row {rows[at]}: the close {verb} by {abs(move[at - 1]):,.1f} % in a day, from"
            f" {close[at - 1]:,.10g} to {close[at]:,.10g} on {dates[at]}, and {kind.name} not by more than {bound:g} %;"
            f" {_likely(float(close[at] / close[at - 1]))}{INSIST}"
        )
    _weigh_moves(close, dates, rows, source, kind)


def require_possible(dates: Days, close: Floats, rows: Sequence[int], source: str) -> None:
    """Refuse closes along which no market can be stepped, whoever insists on them.

    Raises
    ------
    InputError
        At the first that is no size of an index, or that the one before cannot have become in a day.
    """
    sizes = np.flatnonzero((close < SMALLEST_CLOSE) | (close > LARGEST_CLOSE))
    if len(sizes):
        at = int(sizes[0])
        raise InputError(
            f"{source}, row {rows[at]}: the close is {close[at]:g} on {dates[at]}, and no index lies outside"
            f" {SMALLEST_CLOSE:g} to {LARGEST_CLOSE:g}; give index points"
        )
    ratio = close[1:] / close[:-1]
    wild = np.flatnonzero((ratio > MOST_IN_A_DAY) | (ratio < 1.0 / MOST_IN_A_DAY))
    if len(wild):
        at = int(wild[0]) + 1
        raise InputError(
            f"{source}, row {rows[at]}: the close goes from {close[at - 1]:,.10g} to {close[at]:,.10g} in a day, on"
            f" {dates[at]}, and no market here moves by more than {MOST_IN_A_DAY:g} times;"
            f" {_likely(float(close[at] / close[at - 1]))}"
        )


def _weigh_weekdays(dates: Days, rows: Sequence[int], source: str, kind: Kind) -> None:
    # Day 0 of 1970 was a Thursday. Until 1952 NYSE traded on Saturdays.
    weekday = (dates.astype(np.int64) + 3) % 7
    closed = np.flatnonzero((weekday >= 5) & (dates >= np.datetime64("1952-10-01")))
    if len(closed):
        day = dates[closed[0]].item()
        raise InputError(
            f"{source}, row {rows[closed[0]]}: {day} is a {day:%A}, and {kind.name} does not trade on weekends; remove"
            f" the row{INSIST}"
        )


def _weigh_moves(close: Floats, dates: Days, rows: Sequence[int], source: str, kind: Kind) -> None:
    changes = np.flatnonzero(np.diff(close) != 0.0) + 1
    starts = np.concatenate([[0], changes])
    lengths = np.diff(np.concatenate([starts, [len(close)]]))
    stale = np.flatnonzero(lengths >= kind.same)
    if len(stale):
        first, length = int(starts[stale[0]]), int(lengths[stale[0]])
        raise InputError(
            f"{source}, row {rows[first]}: the close is {close[first]:,.10g} on {length} days from {dates[first]} to"
            f" {dates[first + length - 1]}, and {kind.name} is not the same {kind.same} times in a row; give what it"
            f" closed at, or remove days on which it did not trade{INSIST}"
        )


def _likely(ratio: float) -> str:
    """Return the remedy that a ratio of two closes suggests."""
    if any(abs(ratio * unit - 1.0) < 0.2 for unit in (0.01, 100.0, 0.001, 1000.0)):
        return "bring the rows to one unit"
    if any(abs(ratio * split - 1.0) < 0.1 for split in (2.0, 3.0, 4.0, 5.0, 10.0, 0.5, 0.1)):
        return "adjust what is before a split, if it is one, or mend the row"
    return "mend the row"


def weigh_volatility(name: str, close: Floats, dates: Days, rows: Sequence[int], source: str) -> None:
    """Refuse closes of a volatility index that are none; nan is no close.

    Raises
    ------
    InputError
        At the first outside 2 to 200 points.
    """
    wild = np.flatnonzero((close < LOWEST_INDEX) | (close > HIGHEST_INDEX))
    if len(wild):
        at = int(wild[0])
        raise InputError(
            f"{source}, row {rows[at]}: {name} is {close[at]:g} on {dates[at]}, and lies between {LOWEST_INDEX:g} and"
            f" {HIGHEST_INDEX:g} points; give it in points, not as a fraction or a price{INSIST}"
        )


def weigh_rates(near_pct: float, next_pct: float) -> None:
    """Refuse two rates of one day that are of other units, or of other days.

    Raises
    ------
    InputError
        If they lie more than 5 points apart.
    """
    if abs(near_pct - next_pct) > RATES_APART:
        raise InputError(
            f"rate_pct = {near_pct:g}, {next_pct:g}: rates of two expiries weeks"
            f" apart differ by {abs(near_pct - next_pct):g} points, and hardly by more than {RATES_APART:g}; give both"
            f" in % a year{INSIST}"
        )


def weigh_session(time: datetime.datetime, name: str, source: str) -> None:
    """Refuse a time of quotes on a day without trade.

    Raises
    ------
    InputError
        If its day is no session.
    """
    day = time.date()
    if not is_session(day):
        raise InputError(
            f"{source}: {name} = {time:%Y-%m-%d %H:%M} is a {day:%A} on which NYSE is closed; give the session on which"
            f" the quotes were taken, such as {session_before(day)} 16:15{INSIST}"
        )


def weigh_forwards(one: tuple[str, float], other: tuple[str, float], years: float, place: str) -> None:
    """Refuse two levels of one index, each with what it is called, that lie `years` apart and do not agree.

    Raises
    ------
    InputError
        If they differ by more than 2 %, and 6 % for each year between them.
    """
    (first, level), (second, against) = one, other
    apart, bound = 100.0 * abs(level / against - 1.0), CHAINS_AGREE_PCT + CARRY_PCT * years
    if apart > bound:
        raise InputError(
            f"{place}: {first} is {level:,.2f}, and {second} is {against:,.2f}, {apart:.1f} % apart, and not within"
            f" {bound:.1f} %; check dates, roots and units, and mend the quotes where call and put are nearest{INSIST}"
        )
