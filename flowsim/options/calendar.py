"""The calendar of the option market as arrays: which expiries are marked on each day, and what holds which slot.

A *mark* is a close: row i of every array is marked at the close of `closes[i]` and in force during the next session.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache

import numpy as np

from flowsim.clock import Rolls, cpi_days, fomc_statement_days, payroll_days
from flowsim.clock.bars import FULL_DAY_MINUTES, HALF_DAY_MINUTES
from flowsim.clock.expiries import expiry_sessions
from flowsim.clock.sessions import session_table
from flowsim.options.arrays import N_TENORS, TENOR_DAYS

MINUTES_IN_DAY = 1440.0
OPEN_MINUTE, CLOSE_MINUTE, EARLY_CLOSE_MINUTE = 570.0, 960.0, 780.0
HALF_DAY_LACKS = 1.0 - HALF_DAY_MINUTES / FULL_DAY_MINUTES
"""Part of a full session's trading time that a half day does not have."""
SESSIONS_PER_YEAR = 252.0


@dataclass(frozen=True, eq=False)
class Marks:
    """The expiries that are marked at each close, in the order of their settlement; each has shape (marks, expiries).

    `n_expiries` (marks,) of them count. Keys are twice the position of the session among all on which options can
    expire, plus 1 for a settlement at the close.
    """

    n_expiries: np.ndarray
    keys: np.ndarray
    sessions_left: np.ndarray
    minutes: np.ndarray
    event_variance: np.ndarray

    def columns(self, rows: np.ndarray, keys: np.ndarray) -> np.ndarray:
        """Return the column of each key at the mark in its row; the shapes of `rows` and `keys` are broadcast."""
        marked = self.keys[rows]
        return np.count_nonzero((marked > 0) & (marked < keys[..., None]), axis=-1)


@dataclass(frozen=True, eq=False)
class Holding:
    """The slots of one client: roll r opens structure number `tranche[r]`, marked in rows `first[r]` to `last[r]`."""

    tranches: int
    tranche: np.ndarray
    first: np.ndarray
    last: np.ndarray
    settles: np.ndarray  # whether it does so within the rows
    keys: np.ndarray


def holding(rolls: Rolls, here: np.ndarray) -> Holding:
    """Return which slots the rolls of a client use; `here` (marks,) are positions of the closes."""
    position = rolls.expiry_index + here[0]
    # A contract that settles at the open of a session is held through the row of that session too.
    last = rolls.expiry_index - 1
    until = np.searchsorted(rolls.days, rolls.expiry_index, side="left")
    tranches = int((until - np.arange(len(rolls))).max(initial=1))
    return Holding(
        tranches=tranches,
        tranche=np.arange(len(rolls)) % tranches,
        first=rolls.days,
        last=np.minimum(last, len(here) - 1),
        settles=last < len(here) - 1,
        keys=2 * position + ~rolls.am_settled,
    )


@cache
def _half_days() -> np.ndarray:
    """Return whether each session on which options can expire closes early."""
    known = session_table()
    return np.isin(expiry_sessions().dates, known.dates[known.half_day], assume_unique=True)


@cache
def _minutes_of_close() -> np.ndarray:
    return np.where(_half_days(), EARLY_CLOSE_MINUTE, CLOSE_MINUTE)


@cache
def _half_days_by_end() -> np.ndarray:
    """Return how many half days there have been by the end of each session."""
    return np.cumsum(_half_days())


def positions(closes: np.ndarray) -> np.ndarray:
    """Return where sessions stand among all on which options can expire."""
    return np.searchsorted(expiry_sessions().dates, closes)


def minutes_between(here: np.ndarray, keys: np.ndarray) -> np.ndarray:
    """Return the calendar minutes from each close to the settlement of each key."""
    dates, close = expiry_sessions().dates, _minutes_of_close()
    session = keys // 2
    settles = np.where(keys % 2 == 1, close[session], OPEN_MINUTE)
    n_days = (dates[session] - dates[here]).astype(np.int64)
    return n_days * MINUTES_IN_DAY + settles - close[here]


def closing_time(date: np.datetime64) -> np.datetime64:
    """Return when a session closes, datetime64[m], New York time."""
    minutes = int(_minutes_of_close()[positions(np.array([date]))[0]])
    return date.astype("datetime64[m]") + np.timedelta64(minutes, "m")


def index_terms(here: np.ndarray) -> np.ndarray:
    """Return the keys of the near and the next term of each index at each close, (marks, tenors, 2).

    The near term is the last expiry that serves the index and is no further ahead than its target, the next the first
    beyond. The 9-day and 30-day indices use Fridays, of which the third settles at the open; the others third Fridays,
    the 366-day one those of the quarterly cycle. See docs/vix.md.
    """
    known = expiry_sessions()
    third = np.isin(known.fridays, known.third_fridays)
    fridays = 2 * known.fridays + ~third
    months = 2 * known.third_fridays
    kinds = (fridays, fridays, months, months, months[2::3])
    terms = np.empty((len(here), N_TENORS, 2), np.int64)
    for tenor, (days, keys) in enumerate(zip(TENOR_DAYS, kinds, strict=True)):
        target = known.dates[here] + np.timedelta64(int(days), "D")
        beyond = np.searchsorted(known.dates[keys // 2], target, side="right")
        terms[:, tenor, 0], terms[:, tenor, 1] = keys[beyond - 1], keys[beyond]
    return terms


def marks(here: np.ndarray, terms: np.ndarray, held: list[Holding], overnight: float, events: np.ndarray) -> Marks:
    """Return the expiries that each close needs: those that are held, and those of the indices."""
    needed = [terms.reshape(len(here), -1)]
    for one in held:
        for number in range(one.tranches):
            mine = np.flatnonzero(one.tranche == number)
            keys = np.zeros(len(here), np.int64)
            for roll in mine:
                keys[one.first[roll] : one.last[roll] + 1] = one.keys[roll]
            needed.append(keys[:, None])
    every = np.sort(np.concatenate(needed, axis=1), axis=1)
    fresh = np.concatenate([every[:, :1] > 0, (every[:, 1:] != every[:, :-1]) & (every[:, 1:] > 0)], axis=1)
    n_expiries = fresh.sum(axis=1)
    keys = np.zeros((len(here), int(n_expiries.max())), np.int64)
    row, _ = np.nonzero(fresh)
    keys[row, (np.cumsum(fresh, axis=1) - 1)[fresh]] = every[fresh]
    return Marks(
        n_expiries=n_expiries,
        keys=keys,
        sessions_left=sessions_between(here[:, None], keys, overnight),
        minutes=minutes_between(here[:, None], keys),
        event_variance=events_between(here[:, None], keys, events, overnight),
    )


def sessions_between(here: np.ndarray, keys: np.ndarray, overnight: float) -> np.ndarray:
    """Return the business time to each settlement in full sessions; that of one at the open ends with the night.

    A half day has a whole night and the trading time of its hours, as in the market's own clock.
    """
    last = keys // 2 - (keys % 2 == 0)
    half_days = _half_days_by_end()[last] - _half_days_by_end()[here]
    nights = np.where(keys % 2 == 0, overnight, 0.0)
    return last - here + nights - half_days * (1.0 - overnight) * HALF_DAY_LACKS


def event_variances(meeting_move: float, release_move: float) -> np.ndarray:
    """Return the cumulated variance of scheduled events by the end of each expiry session."""
    dates = expiry_sessions().dates
    total = np.zeros(len(dates))
    first, last = dates[0], dates[-1]
    for days, move in (
        (fomc_statement_days(first, last), meeting_move),
        (payroll_days(first, last), release_move),
        (cpi_days(first, last), release_move),
    ):
        np.add.at(total, np.minimum(np.searchsorted(dates, days), len(dates) - 1), move * move)
    return np.cumsum(total)


def events_between(here: np.ndarray, keys: np.ndarray, events: np.ndarray, overnight: float) -> np.ndarray:
    """Return the event variance to each settlement, less what it is on average over so long a time."""
    last, first = keys // 2 - (keys % 2 == 0), here.min()
    mean = (events[-1] - events[first]) / sessions_between(first, np.array(2 * len(events) - 1), overnight)
    return events[last] - events[here] - mean * sessions_between(here, keys, overnight)


def at_target(values: np.ndarray, minutes: np.ndarray) -> np.ndarray:
    """Interpolate near and next (marks, tenors, 2) to the target as the index does, (marks, tenors)."""
    target = MINUTES_IN_DAY * np.array(TENOR_DAYS)
    share = (target - minutes[..., 0]) / (minutes[..., 1] - minutes[..., 0])
    return (1.0 - share) * values[..., 0] + share * values[..., 1]


def pillar_weights(sessions_left: np.ndarray, pillars: np.ndarray) -> np.ndarray:
    """Return each pillar's weight in an expiry's total variance, (marks, expiries, tenors).

    Total variance is linear in business time between the pillars (marks, tenors), zero at the mark, and goes on beyond
    the last pillar as it did before it.
    """
    edges = np.concatenate([np.zeros((len(pillars), 1)), pillars], axis=1)
    weights = np.zeros((*sessions_left.shape, N_TENORS + 1))
    upper = np.clip(np.count_nonzero(edges[:, None, :] < sessions_left[:, :, None], axis=2), 1, N_TENORS)
    after, before = np.take_along_axis(edges, upper, axis=1), np.take_along_axis(edges, upper - 1, axis=1)
    share = (sessions_left - before) / (after - before)
    np.put_along_axis(weights, upper[:, :, None] - 1, 1.0 - share[:, :, None], axis=2)
    np.put_along_axis(weights, upper[:, :, None], share[:, :, None], axis=2)
    return np.ascontiguousarray(weights[:, :, 1:])


def tenor_loading(years: np.ndarray) -> np.ndarray:
    """Return what a shock that moves one month by a point moves other tenors by: T^-0.4, as measured 2011-2026."""
    return (np.maximum(years, 1.0 / 365.0) * 365.0 / 30.0) ** -0.4


def demand_reach(years: np.ndarray, tenor_years: np.ndarray, reach: float) -> np.ndarray:
    """Return the effect of a vega at each expiry on each pillar, (marks, expiries, tenors)."""
    here, there = np.maximum(years, 1.0 / 365.0)[..., None], tenor_years[:, None, :]
    return tenor_loading(here) * tenor_loading(there) * np.exp(-np.abs(np.log(here / there)) / reach)


def extrapolated(shorter: tuple[float, ...], longer: tuple[float, ...]) -> list[float]:
    """Return the loadings of the last tenor from those of the two before it, in a straight line of log time."""
    stretch = math.log(TENOR_DAYS[4] / TENOR_DAYS[3]) / math.log(TENOR_DAYS[3] / TENOR_DAYS[2])
    return [b + stretch * (b - a) for a, b in zip(shorter, longer, strict=True)]
