"""Which sorts of days there are, and how variance, volume and the impact of a dollar spread over their steps.

Where the night is one step there are two: full sessions and half days. A market that never closes has one more for each
length of the night before a session (flowsim/clock/nights.py).
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from flowsim.clock import volume_profile
from flowsim.clock.bars import FULL_DAY_MINUTES, HALF_DAY_MINUTES, bars_in_session
from flowsim.clock.nights import LAST_BAR_HOURS, nights_before, usual_hours
from flowsim.config.asset import Hours
from flowsim.config.schema import Market
from flowsim.files.arrays import Days, Flags, Floats, Integers


class DayKinds(NamedTuple):
    """The sort of each day, and what the sorts are."""

    kind: Integers  # (days,) int64
    night_steps: Integers  # (kinds,) int64
    half_day: Flags  # (kinds,)
    over_a_closed_day: Flags  # (kinds,) whether a weekend or holiday lies in the night

    def session_bars(self, bars_per_day: int) -> Integers:
        """Return the regular bars of a session of each sort, int64 (kinds,)."""
        return np.array([bars_in_session(bars_per_day, bool(half)) for half in self.half_day])


class BusinessTime(NamedTuple):
    """Share of a day's variance, of its volume, and impact of a dollar by step, (kinds, steps)."""

    fraction: Floats
    volume: Floats
    thinness: Floats


def session_kinds(half_day: Flags) -> DayKinds:
    """Return the sorts of days (days,) whose night is one step: full sessions and half days."""
    one_night = np.ones(2, np.int64)
    return DayKinds(half_day.astype(np.int64), one_night, np.array([False, True]), np.zeros(2, bool))


def always_kinds(dates: Days, half_day: Flags) -> DayKinds:
    """Return the sorts of days (days,) whose night is cut into bars."""
    nights = nights_before(dates)
    rows = np.stack([nights.bars, half_day, nights.over_a_closed_day], axis=1).astype(np.int64)
    kinds, kind = np.unique(rows, axis=0, return_inverse=True)
    flags = kinds.astype(bool)
    return DayKinds(kind.reshape(-1).astype(np.int64), kinds[:, 0].copy(), flags[:, 1], flags[:, 2])


class Parts(NamedTuple):
    """What a full session, an hour of a weeknight, and one over a closed day have of a usual day."""

    session: float
    weeknight: float
    closed_day: float


def business_time(market: Market, kinds: DayKinds, bars_per_day: int, hours: Hours | None) -> BusinessTime:
    """Return how variance, volume and impact spread over the steps of each sort of day.

    Variance and volume are both U-shaped, and differ at night, when little trades and much happens, and in the closing
    auction, where it is the other way round. Impact is the standard deviation of a step over that of what trades in
    it, and 1 for an order that follows the volume of a usual day: so is the multiplier understood. A half day has the
    variance and the volume of its hours. `hours` are those of a market that never closes.
    """
    steps = int((kinds.night_steps + kinds.session_bars(bars_per_day)).max())
    fraction, volume, thinness = np.zeros((3, len(kinds.night_steps), steps))
    moved_in, traded_in = (None, None) if hours is None else parts_of(hours)
    usual = _usual_thinness(market, bars_per_day, hours)
    for kind, night in enumerate(kinds.night_steps.tolist()):
        half = bool(kinds.half_day[kind])
        length = HALF_DAY_MINUTES / FULL_DAY_MINUTES if half else 1.0
        traded = volume_profile(bars_per_day, half)
        moved = volume_profile(bars_per_day, half, market.auction_variance_share, market.edge_to_midday_variance)
        dark, session = slice(0, night), slice(night, night + len(traded))
        thinness[kind, session] = np.sqrt(moved / traded)
        if hours is None or moved_in is None or traded_in is None:
            fraction[kind, dark], volume[kind, dark] = market.overnight_share, market.overnight_volume
            fraction[kind, session], volume[kind, session] = (
                (1.0 - market.overnight_share) * length * moved,
                length * traded,
            )
            thinness[kind, dark] = night_thinness(market.overnight_share, market.overnight_volume)
            continue
        over, long = bool(kinds.over_a_closed_day[kind]), np.append(np.ones(night - 1), LAST_BAR_HOURS)
        fraction[kind, dark] = long * (moved_in.closed_day if over else moved_in.weeknight)
        volume[kind, dark] = long * (traded_in.closed_day if over else traded_in.weeknight)
        fraction[kind, session], volume[kind, session] = (
            moved_in.session * length * moved,
            traded_in.session * length * traded,
        )
        thinness[kind, dark] = math.sqrt(_ratio(hours, over))
    return BusinessTime(fraction, volume, thinness / usual)


def lead_fraction(lead: Market, kinds: DayKinds, bars_per_day: int) -> Floats:
    """Return the share of a day's business time of the first market's step that ends with each, (kinds, steps).

    Steps with which none of its own ends have 0.
    """
    steps = int((kinds.night_steps + kinds.session_bars(bars_per_day)).max())
    of_lead = business_time(lead, session_kinds(kinds.half_day), bars_per_day, None).fraction
    found = np.zeros((len(kinds.night_steps), steps))
    for kind, night in enumerate(kinds.night_steps.tolist()):
        own = of_lead[int(kinds.half_day[kind]), : steps - night + 1]
        found[kind, night - 1 : night - 1 + len(own)] = own
    return found


def parts_of(hours: Hours) -> tuple[Parts, Parts]:
    """Return the parts of variance and of volume; over the average session and the night before it they add up to 1."""
    there, full = usual_hours(), FULL_DAY_MINUTES / 60.0
    found = []
    for weeknight, closed in (
        (hours.night_variance, hours.weekend_variance),
        (hours.night_volume, hours.weekend_volume),
    ):
        whole = there.session + weeknight * there.weeknight + closed * there.closed_days
        found.append(Parts(full / whole, weeknight / whole, closed / whole))
    return found[0], found[1]


def night_thinness(variance: float, volume: float) -> float:
    """Impact of a dollar at night over the session's: nobody's where nothing trades."""
    return math.sqrt(variance / (1.0 - variance) / volume) if volume > 0.0 else 1.0


def _usual_thinness(market: Market, bars_per_day: int, hours: Hours | None) -> float:
    """Return what an order that follows the volume of a usual day would have to pay, over the middle of the session."""
    traded = volume_profile(bars_per_day, half_day=False)
    moved = volume_profile(bars_per_day, False, market.auction_variance_share, market.edge_to_midday_variance)
    in_session = float((traded * np.sqrt(moved / traded)).sum() / traded.sum())
    if hours is None:
        return in_session
    there, of_volume = usual_hours(), parts_of(hours)[1]
    full = there.session / (FULL_DAY_MINUTES / 60.0)
    night, closed = of_volume.weeknight * there.weeknight, of_volume.closed_day * there.closed_days
    outside = night * math.sqrt(_ratio(hours, False)) + closed * math.sqrt(_ratio(hours, True))
    return of_volume.session * full * in_session + outside


def _ratio(hours: Hours, over_a_closed_day: bool) -> float:
    """Return the variance of an hour outside the session over its volume, both over those of one in it."""
    if over_a_closed_day:
        return hours.weekend_variance / hours.weekend_volume
    return hours.night_variance / hours.night_volume
