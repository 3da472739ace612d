"""The calendar of the option market as arrays: which expiries are marked on each day, and what holds which slot.

Row i of every array is marked at the close of `closes[i]` and in force during the next session. A *close position* is
where a session stands among all on which options can expire. A *settlement* is a session and whether the contract
settles at its close or on its opening, as one integer that sorts in time: see `settlement`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from flowsim.clock import Rolls, cpi_days, fomc_statement_days, payroll_days
from flowsim.clock.bars import FULL_DAY_MINUTES, HALF_DAY_MINUTES
from flowsim.clock.expiries import expiry_sessions
from flowsim.clock.sessions import session_table
from flowsim.clock.year import MINUTES_PER_DAY
from flowsim.files.arrays import Flags, Floats, Integers
from flowsim.kernel.array_functions import exp, log, power
from flowsim.options.arrays import N_TENORS, TENOR_DAYS

OPEN_MINUTE, CLOSE_MINUTE, EARLY_CLOSE_MINUTE = 570.0, 960.0, 780.0
HALF_DAY_LACKS = 1.0 - HALF_DAY_MINUTES / FULL_DAY_MINUTES
"""Part of a full session's trading time that a half day does not have."""


def settlement(session: np.ndarray, at_close: np.ndarray | bool) -> np.ndarray:
    """Return a settlement at the close (True) or on the opening of a session, int64; zero stands for none."""
    return 2 * session + at_close


def session_of(settlements: np.ndarray) -> np.ndarray:
    """Return the position of the session of each settlement."""
    return settlements // 2


def at_close(settlements: np.ndarray) -> np.ndarray:
    """Return whether each settles at the close, and not on the opening."""
    return settlements % 2 == 1


def last_full_session(settlements: np.ndarray) -> np.ndarray:
    """Return the position of the last session that a contract lives through whole."""
    return session_of(settlements) - ~at_close(settlements)


@dataclass(frozen=True, eq=False)
class MarkedExpiries:
    """The expiries that are marked at each close, in the order of their settlement; arrays are (closes, expiries)."""

    n_expiries: Integers  # (closes,) how many of a row count
    settlements: Integers  # zero where none is
    sessions_left: Floats  # business time to settlement, in full sessions
    minutes: Floats  # calendar time to settlement
    event_variance: Floats  # of scheduled events until then, above its mean

    def columns(self, rows: np.ndarray, settlements: np.ndarray) -> np.ndarray:
        """Return the column of each settlement in its row; the shapes of `rows` and `settlements` are broadcast."""
        marked = self.settlements[rows]
        return np.count_nonzero((marked > 0) & (marked < settlements[..., None]), axis=-1)


@dataclass(frozen=True, eq=False)
class Holding:
    """The slots of one client: roll r opens structure number `tranche[r]`, marked in rows `first[r]` to `last[r]`."""

    tranches: int
    tranche: np.ndarray
    first: np.ndarray
    last: np.ndarray
    settles: Flags  # whether it does so within the rows
    settlements: np.ndarray


def holding(rolls: Rolls, close_positions: np.ndarray) -> Holding:
    """Return which slots the rolls of a client use; `close_positions` (closes,)."""
    # A contract that settles at the open of a session is held through the row of that session too.
    last = rolls.expiry_index - 1
    until = np.searchsorted(rolls.days, rolls.expiry_index, side="left")
    tranches = int((until - np.arange(len(rolls))).max(initial=1))
    return Holding(
        tranches=tranches,
        tranche=np.arange(len(rolls)) % tranches,
        first=rolls.days,
        last=np.minimum(last, len(close_positions) - 1),
        settles=last < len(close_positions) - 1,
        settlements=settlement(rolls.expiry_index + close_positions[0], ~rolls.am_settled),
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


def minutes_between(close_positions: np.ndarray, settlements: np.ndarray) -> np.ndarray:
    """Return the calendar minutes from each close to each settlement."""
    dates, close = expiry_sessions().dates, _minutes_of_close()
    session = session_of(settlements)
    settles = np.where(at_close(settlements), close[session], OPEN_MINUTE)
    n_days = (dates[session] - dates[close_positions]).astype(np.int64)
    return n_days * MINUTES_PER_DAY + settles - close[close_positions]


def closing_time(date: np.datetime64) -> np.datetime64:
    """Return when a session closes, datetime64[m], New York time."""
    minutes = int(_minutes_of_close()[positions(np.array([date]))[0]])
    return date.astype("datetime64[m]") + np.timedelta64(minutes, "m")


def index_terms(close_positions: np.ndarray) -> np.ndarray:
    """Return the settlements of the near and the next term of each index at each close, (closes, tenors, 2).

    The near term is the last expiry that serves the index and is no further ahead than its target, the next the first
    beyond. The 9-day and 30-day indices use Fridays, of which the third settles at the open; the others third Fridays,
    the 366-day one those of the quarterly cycle. See docs/vix.md.
    """
    known = expiry_sessions()
    third = np.isin(known.fridays, known.third_fridays)
    fridays = settlement(known.fridays, ~third)
    months = settlement(known.third_fridays, False)
    kinds = (fridays, fridays, months, months, months[2::3])
    terms = np.empty((len(close_positions), N_TENORS, 2), np.int64)
    for tenor, (days, settlements) in enumerate(zip(TENOR_DAYS, kinds, strict=True)):
        target = known.dates[close_positions] + np.timedelta64(int(days), "D")
        beyond = np.searchsorted(known.dates[session_of(settlements)], target, side="right")
        terms[:, tenor, 0], terms[:, tenor, 1] = settlements[beyond - 1], settlements[beyond]
    return terms


def marked_expiries(
    close_positions: np.ndarray, terms: np.ndarray, held: list[Holding], overnight: float, events: np.ndarray
) -> MarkedExpiries:
    """Return the expiries that each close needs: those that are held, and those of the indices."""
    needed = [terms.reshape(len(close_positions), -1)]
    for one in held:
        for number in range(one.tranches):
            mine = np.flatnonzero(one.tranche == number)
            settles = np.zeros(len(close_positions), np.int64)
            for roll in mine:
                settles[one.first[roll] : one.last[roll] + 1] = one.settlements[roll]
            needed.append(settles[:, None])
    ordered = np.sort(np.concatenate(needed, axis=1), axis=1)
    changes = np.concatenate([np.full((len(close_positions), 1), True), ordered[:, 1:] != ordered[:, :-1]], axis=1)
    is_first = changes & (ordered > 0)
    n_expiries = is_first.sum(axis=1)
    settlements = np.zeros((len(close_positions), int(n_expiries.max())), np.int64)
    row, _ = np.nonzero(is_first)
    settlements[row, (np.cumsum(is_first, axis=1) - 1)[is_first]] = ordered[is_first]
    return MarkedExpiries(
        n_expiries=n_expiries,
        settlements=settlements,
        sessions_left=sessions_between(close_positions[:, None], settlements, overnight),
        minutes=minutes_between(close_positions[:, None], settlements),
        event_variance=events_between(close_positions[:, None], settlements, events, overnight),
    )


def sessions_between(close_positions: np.ndarray, settlements: np.ndarray, overnight: float) -> np.ndarray:
    """Return the business time to each settlement in full sessions; that of one at the open ends with the night.

    A half day has a whole night and the trading time of its hours, as in the market's own clock.
    """
    last = last_full_session(settlements)
    half_days = _half_days_by_end()[last] - _half_days_by_end()[close_positions]
    nights = np.where(at_close(settlements), 0.0, overnight)
    return last - close_positions + nights - half_days * (1.0 - overnight) * HALF_DAY_LACKS


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


def events_between(
    close_positions: np.ndarray, settlements: np.ndarray, events: np.ndarray, overnight: float
) -> np.ndarray:
    """Return the event variance to each settlement, less what it is on average over so long a time."""
    last, first = last_full_session(settlements), close_positions.min()
    mean = (events[-1] - events[first]) / sessions_between(
        first, settlement(np.array(len(events) - 1), True), overnight
    )
    return events[last] - events[close_positions] - mean * sessions_between(close_positions, settlements, overnight)


def at_target(values: np.ndarray, minutes: np.ndarray) -> np.ndarray:
    """Interpolate near and next (closes, tenors, 2) to the target as the index does, (closes, tenors)."""
    target = MINUTES_PER_DAY * np.array(TENOR_DAYS)
    share = (target - minutes[..., 0]) / (minutes[..., 1] - minutes[..., 0])
    return (1.0 - share) * values[..., 0] + share * values[..., 1]


def pillar_weights(sessions_left: np.ndarray, pillars: np.ndarray) -> np.ndarray:
    """Return each pillar's weight in an expiry's total variance, (closes, expiries, tenors).

    Total variance is linear in business time between the pillars (closes, tenors), zero at the mark, and goes on beyond
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
    return power(np.maximum(years, 1.0 / 365.0) * 365.0 / 30.0, -0.4)


def demand_reach(years: np.ndarray, tenor_years: np.ndarray, reach: float) -> np.ndarray:
    """Return the effect of a vega at each expiry on each pillar, (closes, expiries, tenors)."""
    expiry, pillar = np.maximum(years, 1.0 / 365.0)[..., None], tenor_years[:, None, :]
    return tenor_loading(expiry) * tenor_loading(pillar) * exp(-np.abs(log(expiry / pillar)) / reach)


def guest_reach(days: np.ndarray, tenor_years: np.ndarray, reach: float) -> np.ndarray:
    """Return the effect of a vega in futures that settle in so many days, (closes, futures), on each pillar.

    A future is on the 30 days after its settlement. Who sells it buys the options that end with them and sells those
    that end before (Carr & Wu 2006, "A Tale of Two Indices"): (T + 30) / 30 of the one, T / 30 of the other.
    """
    ends = demand_reach((days + 30.0) / 365.0, tenor_years, reach) * ((days + 30.0) / 30.0)[..., None]
    return ends - demand_reach(days / 365.0, tenor_years, reach) * (days / 30.0)[..., None]


def extrapolated(shorter: tuple[float, ...], longer: tuple[float, ...]) -> list[float]:
    """Return the loadings of the last tenor from those of the two before it, in a straight line of log time."""
    stretch = float(log(TENOR_DAYS[4] / TENOR_DAYS[3]) / log(TENOR_DAYS[3] / TENOR_DAYS[2]))
    return [b + stretch * (b - a) for a, b in zip(shorter, longer, strict=True)]
