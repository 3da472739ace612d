"""What the clock and the scripts say about each day, as the engine reads it."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from flowsim.authoring.rows import CALENDAR_FIELDS
from flowsim.clock import bars_in_session, session_calendar, volume_profile
from flowsim.clock.bars import FULL_DAY_MINUTES, HALF_DAY_MINUTES
from flowsim.config.spec import MarketSpec
from flowsim.kernel.marks import LANES
from flowsim.market.arrays import Timetable

STATEMENT_MINUTE = 270
"""Minutes from the open to 14:00, when statements and minutes of the FOMC come out."""
NO_HALT_MINUTES = 35
"""The last minutes of a session, in which only the third circuit breaker acts: from 15:25, or 12:25 on a half day."""
FULL, HALF = 0, 1


def build_timetable(
    spec: MarketSpec, dates: np.ndarray, bars_per_day: int, replay_return: np.ndarray | None = None
) -> Timetable:
    """Return the timetable of the sessions `dates` (days + 1,), of which the last is only looked ahead to.

    `replay_return`, (days,) or (days, lanes), is the path to follow when replaying: one for all, or one for each lane.
    """
    calendar = session_calendar(dates)
    days = len(dates) - 1
    kind = calendar.half_day[:days].astype(np.int64)
    bars = np.array([bars_in_session(bars_per_day, half) for half in (False, True)])
    fraction, volume, thinness = _business_time(spec, bars_per_day, bars)
    in_session = np.where(np.arange(volume.shape[1]) > 0, volume, 0.0)
    value = spec.fundamental
    surprises = (
        (calendar.is_payrolls, value.payrolls_bp),
        (calendar.is_cpi, value.cpi_bp),
        (calendar.is_gdp, value.gdp_bp),
    )
    release_variance = sum((size / 1e4) ** 2 * day[:days] for day, size in surprises)
    statement = _step_at(STATEMENT_MINUTE, bars_per_day, bars)[kind]
    minutes = np.array([FULL_DAY_MINUTES, HALF_DAY_MINUTES])
    last_halt = np.ceil((minutes - NO_HALT_MINUTES) * bars_per_day / FULL_DAY_MINUTES)
    return Timetable(
        bars=bars[kind],
        kind=kind,
        fraction=fraction,
        volume=volume,
        volume_share=in_session / in_session.sum(axis=1, keepdims=True),
        thinness=thinness,
        elapsed=_before(fraction),
        calendar=np.ascontiguousarray(np.stack([getattr(calendar, name) for name in CALENDAR_FIELDS], axis=1)),
        release_sd=np.sqrt(release_variance),
        statement_step=np.where(calendar.is_meeting[:days], statement, -1),
        minutes_step=np.where(calendar.is_minutes[:days], statement, -1),
        scripted_cut=_scripted(spec.policy.script, dates[:days], "cut_probability", math.nan, until_last=True),
        liquidity_level=_scripted(spec.liquidity.script, dates[:days], "level", 0.0, until_last=False),
        last_halt_step=last_halt.astype(np.int64),
        replay_return=_by_lane(replay_return),
        steps_per_day=int(bars[FULL]) + 2,
    )


def _before(fraction: np.ndarray) -> np.ndarray:
    """Return the sum of all shares before each, added up one by one."""
    return np.concatenate([np.zeros((len(fraction), 1)), np.cumsum(fraction, axis=1)[:, :-1]], axis=1)


def _by_lane(replay_return: np.ndarray | None) -> np.ndarray:
    if replay_return is None:
        return np.zeros((0, LANES))
    by_day = replay_return if replay_return.ndim == 2 else replay_return[:, None]
    return np.ascontiguousarray(np.broadcast_to(by_day, (len(by_day), LANES)))


def _business_time(spec: MarketSpec, bars_per_day: int, bars: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Share of a day's variance, of its volume, and impact of a dollar by step; a half day has those of its hours.

    Variance and volume are both U-shaped, and differ at night, when little trades and much happens, and in the closing
    auction, where it is the other way round. Impact is the standard deviation of a step over that of what trades in
    it, and 1 for an order that follows the volume of a full session: so is the multiplier understood.
    """
    market = spec.market
    fraction, volume, thinness = np.zeros((3, 2, bars[FULL] + 1))
    thinness[:, 0] = _night_thinness(market.overnight_share, market.overnight_volume)
    usual = 1.0
    for kind, length in ((FULL, 1.0), (HALF, HALF_DAY_MINUTES / FULL_DAY_MINUTES)):
        half = kind == HALF
        traded = volume_profile(bars_per_day, half)
        moved = volume_profile(bars_per_day, half, market.auction_variance_share, market.edge_to_midday_variance)
        session = slice(1, 1 + len(traded))
        fraction[kind, 0], fraction[kind, session] = (
            market.overnight_share,
            (1.0 - market.overnight_share) * length * moved,
        )
        volume[kind, 0], volume[kind, session] = market.overnight_volume, length * traded
        thinness[kind, session] = np.sqrt(moved / traded)
        usual = (traded * thinness[kind, session]).sum() / traded.sum() if kind == FULL else usual
    return fraction, volume, thinness / usual


def _night_thinness(variance: float, volume: float) -> float:
    """Impact of a dollar at night over the session's: nobody's where nothing trades."""
    return math.sqrt(variance / (1.0 - variance) / volume) if volume > 0.0 else 1.0


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
