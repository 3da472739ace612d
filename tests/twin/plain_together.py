"""A market beside the first once more, in plain Python: its nights hour by hour, and the news that it shares.

What it shares it draws from the streams of the others, as anybody could who knows their names.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterator
from functools import cache
from zoneinfo import ZoneInfo

import numpy as np
from twin.plain_calendar import Session, _release_sd, plain_sessions
from twin.plain_market import PlainMarket
from twin.plain_observables import YEAR

from flowsim.clock import session_calendar, sessions, sessions_after, volume_profile
from flowsim.config import Config
from flowsim.engine.prepare import Market

NEW_YORK, HOUR = ZoneInfo("America/New_York"), dt.timedelta(hours=1)
WEEK = 168
"""Bars of the longest night: what the address of a draw leaves room for."""


def bars_of_night(before: dt.date, closed_early: bool, day: dt.date) -> Iterator[float]:
    """Yield the hours of each bar from a close to the next open, from full hour to full hour, on the clock of UTC."""
    close = dt.datetime.combine(before, dt.time(13 if closed_early else 16), NEW_YORK).astimezone(dt.UTC)
    opens = dt.datetime.combine(day, dt.time(9, 30), NEW_YORK).astimezone(dt.UTC)
    while close < opens:
        yield min(opens - close, HOUR) / HOUR
        close += HOUR


@cache
def usual_hours() -> tuple[float, float, float]:
    """Return the hours for each session of 2000 to 2029: in it, on weeknights, over days without a session."""
    known = sessions("1999-12-31", "2029-12-31")
    days, early = known.dates.tolist(), known.half_day.tolist()
    hours = [0.0, 0.0, 0.0]
    for place in range(1, len(days)):
        hours[0] += 3.5 if early[place] else 6.5
        over = (days[place] - days[place - 1]).days > 1
        hours[2 if over else 1] += math.fsum(bars_of_night(days[place - 1], early[place - 1], days[place]))
    return hours[0] / (len(days) - 1), hours[1] / (len(days) - 1), hours[2] / (len(days) - 1)


class PlainBeside(PlainMarket):
    """One path of a market beside the first one, whose config is `lead`."""

    def __init__(self, market: Market, lead: Config, path: int) -> None:
        self.name, self.asset, self.lead = market.name, lead.asset[market.name], lead
        super().__init__(market, path)
        days = sessions_after(np.datetime64(lead.time.start), len(self.sessions)).dates
        table = session_calendar(days)
        self.lead_sessions = plain_sessions(lead, days, self.bars_per_day)
        self.release_sd = [_release_sd(lead, table, day) for day in range(len(self.sessions))]
        self.lead_steps = self.bars_per_day + 2
        self.own_news = math.sqrt(1.0 - math.fsum(one * one for one in self.asset.news.values()))
        self.waiting_shared, self.night_moves = 0.0, {}
        if self.asset.clock == "always":
            self.steps_per_day = WEEK + self.bars_per_day + 1
            starts = [np.datetime64(lead.time.start).item(), *days.tolist()]
            early = [bool(session_calendar(np.array(starts[:1], "datetime64[D]")).half_day[0])]
            early += [session.half_day for session in self.sessions]
            nights = [list(bars_of_night(*one)) for one in zip(starts, early, days.tolist(), strict=False)]
            self.sessions = [
                self.never_closing(session, night, (day - before).days > 1)
                for session, night, before, day in zip(self.sessions, nights, starts, days.tolist(), strict=False)
            ]

    def stream(self, name: str):
        """Return a random stream: policy and liquidity are those of all, news and panic its own."""
        own = {"market:news", "market:sentiment", "market:activity"}
        return super().stream(f"market:{self.name}:{name.removeprefix('market:')}" if name in own else name)

    def never_closing(self, session: Session, night: list[float], over: bool) -> Session:
        """Return a session whose night is bars in which everybody trades."""
        hours, market = self.asset.hours, self.config.market
        in_session, weeknight, closed = usual_hours()
        profile = volume_profile(self.bars_per_day, session.half_day).tolist()
        moved = volume_profile(
            self.bars_per_day, session.half_day, market.auction_variance_share, market.edge_to_midday_variance
        ).tolist()
        length = 3.5 if session.half_day else 6.5
        day = in_session + hours.night_variance * weeknight + hours.weekend_variance * closed
        traded = in_session + hours.night_volume * weeknight + hours.weekend_volume * closed
        variance = hours.weekend_variance if over else hours.night_variance
        volume = hours.weekend_volume if over else hours.night_volume
        usual = self.usual_thinness(in_session, weeknight, closed) / traded
        shift = len(night) - 1
        return Session(
            date=session.date,
            bars=session.bars + shift,
            half_day=session.half_day,
            minutes=session.minutes,
            calendar=session.calendar,
            volume=[volume * bar / traded for bar in night] + [length * part / traded for part in profile],
            business_time=[variance * bar / day for bar in night] + [length * part / day for part in moved],
            thinness=[math.sqrt(variance / volume) / usual] * len(night)
            + [math.sqrt(b / a) / usual for a, b in zip(profile, moved, strict=True)],
            release_sd=0.0,
            statement_step=None if session.statement_step is None else session.statement_step + shift,
            minutes_step=None if session.minutes_step is None else session.minutes_step + shift,
            scripted_cut=session.scripted_cut,
            liquidity_level=session.liquidity_level,
            last_halt_step=session.last_halt_step + shift,
            night=len(night),
            quiet=0,
        )

    def usual_thinness(self, in_session: float, weeknight: float, closed: float) -> float:
        """Return the impact of an order that follows the volume of a usual day, by hours of the session."""
        hours, market = self.asset.hours, self.config.market
        traded = volume_profile(self.bars_per_day, False).tolist()
        moved = volume_profile(
            self.bars_per_day, False, market.auction_variance_share, market.edge_to_midday_variance
        ).tolist()
        middle = math.fsum(math.sqrt(a * b) for a, b in zip(traded, moved, strict=True))
        night = hours.night_volume * weeknight * math.sqrt(hours.night_variance / hours.night_volume)
        weekend = hours.weekend_volume * closed * math.sqrt(hours.weekend_variance / hours.weekend_volume)
        return in_session * middle + night + weekend

    def news_of_others(self, day: int, session: Session, step: int, trading: bool) -> list[float]:
        """Return what is told of the news of markets before it; what is told in a halt waits."""
        change = 0.0
        size = self.heat * math.sqrt(self.activity) * self.config.fundamental.daily_news_vol
        for other in (name for name in ("equity", *self.lead.asset) if name in self.asset.news):
            change += size * self.asset.news[other] * self.moved(other, day, session, step)
        change += self.release(day, session, step) + self.jump(day, session, step)
        self.value += change
        self.waiting_shared += self.config.fundamental.pass_through * change
        told, self.waiting_shared = (self.waiting_shared, 0.0) if trading else (0.0, self.waiting_shared)
        return [told]

    def moved(self, other: str, day: int, session: Session, step: int) -> float:
        """Return the root of the step's business time times the other market's draw in it."""
        name = "market:news" if other == "equity" else f"market:{other}:news"
        stream, share = super().stream(name), math.sqrt(session.business_time[step])
        if other != "equity" and self.lead.asset[other].clock == "always":
            return share * stream.normals(self.path, day * self.steps_per_day + step)[0]
        if session.quiet == 1 or step >= session.night:
            return share * stream.normals(self.path, day * self.lead_steps + step - session.night + 1)[0]
        if step == 0:
            self.night_moves[other] = list(self.bridge(name, day, session))
        return self.night_moves[other][step]

    def bridge(self, name: str, day: int, session: Session) -> Iterator[float]:
        """Yield how the other market's one draw of the night comes, bar by bar."""
        parts = session.business_time[: session.night]
        left = math.sqrt(math.fsum(parts)) * super().stream(name).normals(self.path, day * self.lead_steps)[0]
        for step, part in enumerate(parts[:-1]):
            share = part / math.fsum(parts[step:])
            y = super().stream(f"{name}:night").normals(self.path, day * self.steps_per_day + step)[0]
            moves = share * left + math.sqrt(part * (1.0 - share)) * y
            left -= moves
            yield moves
        yield left

    def release(self, day: int, session: Session, step: int) -> float:
        """Return what data say, in the bar that holds 8:30."""
        if step != max(session.night - 2, 0):
            return 0.0
        z = super().stream("market:news").normals(self.path, day * self.lead_steps)[1]
        return self.asset.release_loading * self.release_sd[day] * z

    def jump(self, day: int, session: Session, step: int) -> float:
        """Return the first market's jump; one of its night falls on the bar that its uniform draw is in."""
        value, lead, stream = self.lead.fundamental, self.lead_sessions[day], super().stream("market:news")
        lead_step = max(step - session.night + 1, 0)
        counter = day * self.lead_steps + lead_step
        rate = value.jumps_per_year / YEAR * lead.business_time[lead_step]
        night = session.business_time[: session.night]
        low, high = 0.0, 1.0
        if step < session.night:
            low, high = math.fsum(night[:step]) / math.fsum(night), math.fsum(night[: step + 1]) / math.fsum(night)
        if not rate * low <= stream.uniforms(self.path, counter, draw=1)[0] < rate * high:
            return 0.0
        z = stream.normals(self.path, counter, draw=2)[0]
        return self.asset.jump_loading * self.heat * (value.jump_mean_bp + value.jump_vol_bp * z) / 1e4

    def policy(self, session: Session, step: int, counter: int, trading: bool) -> float:
        """Move policy when the first market does: what is said at night is heard in the last bar before the open."""
        lead_step = step - session.night + 1
        if lead_step < 0:
            self.observables["easing_bp"] = self.easing_since_bar
            return 0.0
        day = counter // self.steps_per_day
        return super().policy(session, step, day * self.lead_steps + lead_step, trading)

    def policy_share(self, session: Session, step: int) -> float:
        """Return the business time of the first market's step."""
        lead = next(one for one in self.lead_sessions if one.date == session.date)
        return lead.business_time[step - session.night + 1]

    def counter_of_all(self, counter: int) -> int:
        """Return the address of the day's draw of system liquidity, which is one for all."""
        return (counter // self.steps_per_day + 1) * self.lead_steps - 1
