"""The indices of the VIX family: how far each looks ahead, on which clock, and which two expiries it is made of."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Literal, NamedTuple

from flowsim.chain.chain import SETTLEMENT
from flowsim.chain.expiry_days import FRIDAY, friday_of
from flowsim.clock.sessions import sessions
from flowsim.clock.year import MINUTES_PER_DAY, MINUTES_PER_YEAR, SESSIONS_PER_YEAR
from flowsim.errors import InputError

WEEKLYS_FROM = date(2014, 10, 6)
"""Since then Cboe computes VIX from Fridays, SPXW among them; before, from the first two third Fridays."""
A_WEEK = 7
"""Days that the near one of those was ahead at least (Cboe 2009, "The CBOE Volatility Index - VIX", white paper)."""

Expiries = Literal["Fridays", "third Fridays", "quarterly third Fridays", "next two third Fridays", "sessions"]


class Index(NamedTuple):
    """One index: the days it looks ahead, and which expiries it is made of.

    `expiries` are the Fridays, of which the third in a month is the morning-settled one; or the third Fridays; or those
    of March, June, September and December; or, until October 2014, the first two third Fridays at least a week ahead,
    whatever the target; or the closes of all sessions. None is used that lies further than `reach_days` from the
    target. Days are of the calendar, but for an index of sessions, on whose clock closed days take no time.
    """

    name: str
    target_days: int
    expiries: Expiries
    reach_days: int

    @property
    def of_sessions(self) -> bool:
        """Whether its clock stands still on closed days."""
        return self.expiries == "sessions"

    @property
    def minutes_a_year(self) -> float:
        """Minutes that its variance is annualized by."""
        return MINUTES_PER_DAY * SESSIONS_PER_YEAR if self.of_sessions else MINUTES_PER_YEAR

    def minutes_to(self, settlement: datetime, as_of: datetime) -> float:
        """Return the minutes to a settlement on its clock; those of the wall, so a change to summer time takes none."""
        whole = (settlement - as_of).total_seconds() / 60.0
        if not self.of_sessions or settlement.date() == as_of.date():
            return whole
        ahead = (settlement.date() - as_of.date()).days
        trading = len(sessions(as_of.date() + timedelta(1), settlement.date()))
        return whole - (ahead - trading) * MINUTES_PER_DAY

    def on(self, day: date) -> Index:
        """Return the index by the rule of a day."""
        if self.name == "VIX" and day < WEEKLYS_FROM:
            return self._replace(expiries="next two third Fridays", reach_days=70)
        return self


INDICES = {
    index.name: index
    for index in (
        Index("VIX1D", 1, "sessions", 4),
        Index("VIX9D", 9, "Fridays", 8),
        Index("VIX", 30, "Fridays", 8),
        Index("VIX3M", 93, "third Fridays", 100),
        Index("VIX6M", 184, "third Fridays", 100),
        Index("VIX1Y", 366, "quarterly third Fridays", 100),
    )
}


def bracket(
    settlements: Sequence[datetime], as_of: datetime, index: Index, source: str = "the listing"
) -> tuple[datetime, datetime]:
    """Return the two expiries that an index is interpolated between.

    The near term is the last that serves the index and is no more than its target of calendar days ahead, the next term
    the first beyond: on the Wednesday in the white paper's example those in 30 and in 37 days. That of VIX1D is the
    last no more than a day of minutes ahead: today's until it settles.

    Parameters
    ----------
    settlements : sequence of datetime
        At least one, New York time; 09:30 is an SPX expiry, settled in the morning, and a close one of SPXW.
    as_of : datetime
        When the quotes were taken, New York time.
    index : Index
        One of `INDICES`.
    source : str
        What lists them, for the message.

    Raises
    ------
    InputError
        If the listing has no such pair.
    """
    last = max(settlements)
    if last <= as_of:
        raise InputError(
            f"{source}: as_of = {as_of:%Y-%m-%d %H:%M} is past the last expiry, {last:%Y-%m-%d}; give the time at which"
            " the quotes were taken"
        )
    index = index.on(as_of.date())
    serving = [end for end in sorted(settlements) if end > as_of and _serves(end, index)]
    days = {end: _days_ahead(end, as_of, index) for end in serving}
    target, reach = index.target_days, index.reach_days
    if index.expiries == "next two third Fridays":
        return _first_two(days, as_of, index, source)
    near = [settlement for settlement, ahead in days.items() if target - reach <= ahead <= target]
    next_ = [settlement for settlement, ahead in days.items() if target < ahead <= target + reach]
    for found, nearest, farthest in ((near, target - reach, target), (next_, target + 1, target + reach)):
        if not found:
            first_day, last_day = _day(as_of, max(nearest, 0), index), _day(as_of, farthest, index)
            raise InputError(_missing(index, first_day, last_day, as_of, source))
    return near[-1], next_[0]


def _first_two(days: dict[datetime, float], as_of: datetime, index: Index, source: str) -> tuple[datetime, datetime]:
    far_enough = [settlement for settlement, ahead in days.items() if ahead >= A_WEEK]
    if len(far_enough) < 2 or days[far_enough[1]] > index.reach_days:
        first_day, last_day = _day(as_of, A_WEEK, index), _day(as_of, index.reach_days, index)
        raise InputError(_missing(index, first_day, last_day, as_of, source, "two expiries"))
    return far_enough[0], far_enough[1]


def _missing(index: Index, first: date, last: date, as_of: datetime, source: str, what: str = "an expiry") -> str:
    kinds = "sessions" if index.of_sessions else "third Fridays" if "third" in index.expiries else index.expiries
    kinds = index.expiries if index.expiries == "quarterly third Fridays" else kinds
    are = "there is none" if what == "an expiry" else "there are none"
    return (
        f"{source}: {index.name} needs {what} from {first} to {last} among the {kinds} ({_settling(index)}), and {are};"
        f" add its quotes, or check as_of = {as_of:%Y-%m-%d %H:%M}"
    )


def _days_ahead(settlement: datetime, as_of: datetime, index: Index) -> float:
    if index.of_sessions:
        return index.minutes_to(settlement, as_of) / MINUTES_PER_DAY
    return (settlement.date() - as_of.date()).days


def _day(as_of: datetime, ahead: int, index: Index) -> date:
    """Return the day that is so many days ahead on the clock of an index."""
    if not index.of_sessions or ahead == 0:
        return as_of.date() + timedelta(ahead)
    return sessions(as_of.date() + timedelta(1), as_of.date() + timedelta(15)).dates[ahead - 1].item()


def _settling(index: Index) -> str:
    third = "SPX, settled at 09:30"
    if index.of_sessions:
        return "SPXW, settled at the close"
    return f"SPXW, settled at the close, but on the third {third}" if index.expiries == "Fridays" else third


def _serves(settlement: datetime, index: Index) -> bool:
    """Return whether an expiry is of the kind that an index is made of."""
    morning = settlement.time() == SETTLEMENT["SPX"]
    if index.of_sessions:
        return not morning
    day = friday_of(settlement.date())
    third = day.weekday() == FRIDAY and 15 <= day.day <= 21
    if index.expiries == "Fridays":
        return day.weekday() == FRIDAY and morning == third
    return morning and third and (index.expiries != "quarterly third Fridays" or day.month % 3 == 0)
