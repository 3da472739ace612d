"""What the clock and the scripts say about each day, as the engine reads it."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from flowsim.authoring.rows import CALENDAR_FIELDS
from flowsim.clock import Calendar, bars_in_session, session_calendar
from flowsim.clock.bars import FULL_DAY_MINUTES, HALF_DAY_MINUTES
from flowsim.clock.nights import LONGEST_NIGHT_BARS
from flowsim.config.asset import Hours
from flowsim.config.schema import Fundamental
from flowsim.config.spec import MarketSpec
from flowsim.files.arrays import Days, Floats
from flowsim.kernel.marks import LANES
from flowsim.market.arrays import Timetable
from flowsim.market.day_kinds import DayKinds, always_kinds, business_time, lead_fraction, session_kinds

STATEMENT_MINUTE = 270
"""Minutes from the open to 14:00, when statements and minutes of the FOMC come out."""
NO_HALT_MINUTES = 35
"""The last minutes of a session, in which only the third circuit breaker acts: from 15:25, or 12:25 on a half day."""


def build_timetable(spec: MarketSpec, dates: Days, bars_per_day: int, replay_return: Floats | None = None) -> Timetable:
    """Return the timetable of the sessions `dates` (days + 1,), of which the last is only looked ahead to.

    `replay_return`, (days,) or (days, lanes), is the path to follow when replaying: one for all, or one for each lane.
    The night of every market is then one step.
    """
    calendar, days = session_calendar(dates), len(dates) - 1
    hours = spec.hours if replay_return is None else None
    kinds = kinds_of(dates, hours)
    bars = kinds.session_bars(bars_per_day)
    fraction, volume, thinness = business_time(spec.market, kinds, bars_per_day, hours)
    steps, before = np.arange(fraction.shape[1]), kinds.night_steps - 1
    lead_step = np.maximum(steps - before[:, None], -1)
    in_session = np.where(steps > before[:, None], volume, 0.0)
    statement = before + _step_at(STATEMENT_MINUTE, bars_per_day, bars)
    minutes = np.where(kinds.half_day, HALF_DAY_MINUTES, FULL_DAY_MINUTES)
    last_halt = before + np.ceil((minutes - NO_HALT_MINUTES) * bars_per_day / FULL_DAY_MINUTES)
    full_day = bars_in_session(bars_per_day, half_day=False)
    return Timetable(
        bars=(before + bars)[kinds.kind],
        kind=kinds.kind,
        night_steps=kinds.night_steps,
        fraction=fraction,
        volume=volume,
        volume_share=in_session / in_session.sum(axis=1, keepdims=True),
        thinness=thinness,
        elapsed=_before(fraction),
        calendar=np.ascontiguousarray(np.stack([getattr(calendar, name) for name in CALENDAR_FIELDS], axis=1)),
        release_sd=release_sd(spec.fundamental, calendar)[:days],
        statement_step=np.where(calendar.is_meeting[:days], statement[kinds.kind], -1),
        minutes_step=np.where(calendar.is_minutes[:days], statement[kinds.kind], -1),
        scripted_cut=_scripted(spec.policy.script, dates[:days], "cut_probability", math.nan, until_last=True),
        liquidity_level=_scripted(spec.liquidity.script, dates[:days], "level", 0.0, until_last=False),
        last_halt_step=last_halt.astype(np.int64),
        replay_return=_by_lane(replay_return),
        steps_per_day=full_day + 1 + (1 if hours is None else LONGEST_NIGHT_BARS),
        quiet_steps=int(hours is None),
        lead_step=lead_step,
        lead_fraction=fraction if spec.beside is None else lead_fraction(spec.beside.lead_hours, kinds, bars_per_day),
        lead_steps_per_day=full_day + 2,
    )


def kinds_of(dates: Days, hours: Hours | None) -> DayKinds:
    """Return the sorts of the sessions `dates` (days + 1,), of which the last is only looked ahead to."""
    half_day = session_calendar(dates).half_day[:-1]
    return session_kinds(half_day) if hours is None else always_kinds(dates[:-1], half_day)


def release_sd(value: Fundamental, calendar: Calendar) -> Floats:
    """Return the standard deviation of the data surprise of each session, log value."""
    surprises = (
        (calendar.is_payrolls, value.payrolls_bp),
        (calendar.is_cpi, value.cpi_bp),
        (calendar.is_gdp, value.gdp_bp),
    )
    return np.sqrt(sum((size / 1e4) ** 2 * day for day, size in surprises))


def _before(fraction: np.ndarray) -> np.ndarray:
    """Return the sum of all shares before each, added up one by one."""
    return np.concatenate([np.zeros((len(fraction), 1)), np.cumsum(fraction, axis=1)[:, :-1]], axis=1)


def _by_lane(replay_return: np.ndarray | None) -> np.ndarray:
    if replay_return is None:
        return np.zeros((0, LANES))
    by_day = replay_return if replay_return.ndim == 2 else replay_return[:, None]
    return np.ascontiguousarray(np.broadcast_to(by_day, (len(by_day), LANES)))


def _step_at(minute: int, bars_per_day: int, bars: np.ndarray) -> np.ndarray:
    """Step of the bar that holds a minute of the day, or the last bar of a session that is over by then."""
    return np.minimum(1 + minute * bars_per_day // FULL_DAY_MINUTES, bars).astype(np.int64)


def _scripted(script: Any, dates: np.ndarray, field: str, otherwise: float, *, until_last: bool) -> np.ndarray:
    """Value in force on each date: that of the last scripted date before or on it, else `otherwise`."""
    values = np.full(len(dates), otherwise)
    for entry in script:
        values[dates >= np.datetime64(entry.date)] = getattr(entry, field)
    if until_last and script:
        values[dates > np.datetime64(script[-1].date)] = otherwise
    return values
