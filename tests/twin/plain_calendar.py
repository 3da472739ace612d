"""What the clock and the scripts of a config say about each session, one readable record a day."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass

import numpy as np

from flowsim.authoring.view import View
from flowsim.clock import bars_in_session, execution_profile, session_calendar, volume_profile
from flowsim.config import Config

CALENDAR_FIELDS = View._fields[View._fields.index("weekday") :]


@dataclass(frozen=True)
class Session:
    """One session: the first `night` steps are the night, `quiet` of them without a market, and `bars` is the last."""

    date: dt.date
    bars: int
    half_day: bool
    minutes: float
    calendar: dict[str, float]
    volume: list[float]  # share of a full day's volume by step
    business_time: list[float]  # share of a full day's variance by step
    thinness: list[float]  # impact by step, over that of an order which follows the volume of a full session
    release_sd: float
    statement_step: int | None
    minutes_step: int | None
    scripted_cut: float | None
    liquidity_level: float
    last_halt_step: int
    night: int = 1
    quiet: int = 1

    def slice_of(self, profile: str, bars_per_day: int) -> list[float]:
        """Return the share of a day's order that trades in each step."""
        return [0.0] * self.night + execution_profile(profile, bars_per_day, self.half_day).tolist()


def plain_sessions(config: Config, dates: np.ndarray, bars_per_day: int) -> list[Session]:
    """Return the sessions of consecutive dates."""
    table = session_calendar(dates)
    return [_session(config, table, day, bars_per_day) for day in range(len(dates))]


def _session(config: Config, table: object, day: int, bars_per_day: int) -> Session:
    half, date = bool(table.half_day[day]), table.dates[day].item()
    bars = bars_in_session(bars_per_day, half)
    full_minutes = 390.0 / bars_per_day
    length = 210.0 / 390.0 if half else 1.0
    market = config.market
    traded = volume_profile(bars_per_day, half).tolist()
    moved = _variance_profile(config, bars_per_day, half)
    whole_day = zip(
        volume_profile(bars_per_day, False).tolist(), _variance_profile(config, bars_per_day, False), strict=True
    )
    usual = math.fsum(math.sqrt(share * variance) for share, variance in whole_day)
    night = market.overnight_share
    dark = market.overnight_volume > 0.0 and math.sqrt(night / (1.0 - night) / market.overnight_volume)
    two_o_clock = _step_that_holds(270.0, full_minutes, bars)
    return Session(
        date=date,
        bars=bars,
        half_day=half,
        minutes=full_minutes,
        calendar={name: float(getattr(table, name)[day]) for name in CALENDAR_FIELDS},
        volume=[market.overnight_volume, *(length * share for share in traded)],
        business_time=[night, *((1.0 - night) * length * share for share in moved)],
        thinness=[dark / usual, *(math.sqrt(b / a) / usual for a, b in zip(traded, moved, strict=True))],
        release_sd=_release_sd(config, table, day),
        statement_step=two_o_clock if table.is_meeting[day] else None,
        minutes_step=two_o_clock if table.is_minutes[day] else None,
        scripted_cut=_scripted_cut(config, date),
        liquidity_level=_scripted_level(config, date),
        last_halt_step=math.ceil((length * 390.0 - 35.0) / full_minutes),
    )


def _variance_profile(config: Config, bars_per_day: int, half: bool) -> list[float]:
    """Return the share of a session's variance that comes in each bar."""
    market = config.market
    return volume_profile(bars_per_day, half, market.auction_variance_share, market.edge_to_midday_variance).tolist()


def _step_that_holds(minute: float, bar_minutes: float, bars: int) -> int:
    """Return the bar that holds a minute after the open, or the last one of a session that is over by then."""
    return next((step for step in range(1, bars + 1) if step * bar_minutes > minute), bars)


def _release_sd(config: Config, table: object, day: int) -> float:
    value = config.fundamental
    sizes = (
        value.payrolls_bp * table.is_payrolls[day],
        value.cpi_bp * table.is_cpi[day],
        value.gdp_bp * table.is_gdp[day],
    )
    return math.hypot(*sizes) / 1e4


def _scripted_cut(config: Config, date: dt.date) -> float | None:
    """Return the odds in force: those last scripted, up to the last date of the script."""
    script = config.policy.script
    if not script or not script[0].date <= date <= script[-1].date:
        return None
    return [entry.cut_probability for entry in script if entry.date <= date][-1]


def _scripted_level(config: Config, date: dt.date) -> float:
    return ([0.0] + [entry.level for entry in config.liquidity.script if entry.date <= date])[-1]
