"""News that a market shares with markets before it: drawn again at their address, so that nobody's draws move.

    dv = heat * daily_vol * sqrt(f * activity) * sum over markets i of correlation_i * z_i      beside its own news
         + release_loading * release_sd * z'            what the first market's data said
         + jump_loading * heat * jump                   what made the first market jump; heat and activity are its own

z_i are the very draws of market i. No market waits for another, reads another or writes into another: their order, and
whether they are there at all, cannot matter.

In the night of a market that never closes the first has one draw Z and it has n bars. With F the business time of the
whole night and R what is left of sqrt(F) Z, each bar takes, from draws y of a stream for nights,

    sqrt(f) z = f / g * R + sqrt(f (1 - f / g)) * y        g = business time that is left of the night; the last takes R

which are independent normals that add up to sqrt(F) Z: a Brownian bridge (Glasserman 2003, "Monte Carlo Methods in
Financial Engineering", section 3.1). So bitcoin moves on Saturday with what stocks open at on Monday.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from flowsim.clock import session_calendar
from flowsim.clock.nights import BARS_TO_RELEASES
from flowsim.clock.year import SESSIONS_PER_YEAR
from flowsim.config.asset import LEAD
from flowsim.config.spec import Beside, MarketSpec
from flowsim.files.arrays import ByLane, Days, Floats, Integers, Lanes
from flowsim.kernel.functions import sqrt
from flowsim.kernel.lanes import fill
from flowsim.kernel.marks import LANES, inline
from flowsim.kernel.memory import zeros
from flowsim.kernel.random import normals, stream_key, uniforms
from flowsim.market.arrays import Timetable
from flowsim.market.fundamental import reach_the_price
from flowsim.market.phases import NEWS
from flowsim.market.subsystem import Host, Subsystem
from flowsim.market.timetable import release_sd


class Factors(NamedTuple):
    """The markets whose news are shared."""

    weight: Floats  # (factors,) daily volatility of the market's news times their correlation
    key: np.ndarray  # (factors, 2) uint64, of the news
    night_key: np.ndarray  # (factors, 2) uint64, of the course that they take in a night cut into bars
    bridged: Integers  # (factors,) int64, 1 where the other's night is one step and that of the market is not


class SharedNewsState(NamedTuple):
    """What of a night's news is to come, and what has not reached the price."""

    left: ByLane  # (factors, lanes) of sqrt(business time of the night) times its draw
    pending: Lanes  # (lanes,)


class SharedNews(NamedTuple):
    """Everything that the kernel works on."""

    factors: Factors
    release_loading: float
    release_sd: Floats  # (days,) of the first market, log value
    release_step: Integers  # (kinds,) int64, step in which data are heard
    jump_loading: float
    jumps_per_day: float  # of the first market
    jump_mean: float
    jump_vol: float
    lead_key: np.ndarray  # (2,) uint64
    pass_through: float
    source: int  # row among the sources of a price move
    replaying: int
    mirror: int
    timetable: Timetable
    state: SharedNewsState
    shock: ByLane
    trading: Lanes
    log_value: Lanes
    heat: Lanes
    activity: Lanes


def tell(news, phase, day, step, path0, live):
    """Tell the step's news that others have too; return 0."""
    if news.replaying == 1:
        return 0
    told = news.shock[news.source]
    fill(told, 0.0)
    kind = news.timetable.kind[day]
    for factor in range(news.factors.weight.size):
        if news.factors.bridged[factor] == 1 and step < news.timetable.night_steps[kind]:
            tell_in_the_night(news, told, factor, kind, day, step, path0)
        else:
            tell_at_once(news, told, factor, kind, day, step, path0)
    if news.release_loading != 0.0 and step == news.release_step[kind] and news.release_sd[day] > 0.0:
        tell_release(news, told, day, path0)
    if news.jump_loading != 0.0 and news.jumps_per_day > 0.0:
        tell_jump(news, told, kind, day, step, path0)
    reach_the_price(news.pass_through, news.log_value, news.state.pending, news.trading, told)
    return 0


@inline
def tell_at_once(news, told, factor, kind, day, step, path0):
    """Add the draw that the other market has in this step."""
    timetable, factors = news.timetable, news.factors
    counter = day * timetable.lead_steps_per_day + timetable.lead_step[kind, step]
    if timetable.quiet_steps == 0 and factors.bridged[factor] == 0:
        counter = day * timetable.steps_per_day + step
    size = factors.weight[factor] * sqrt(timetable.fraction[kind, step])
    for lane in range(LANES):
        z, _ = normals(path0 + lane, counter, 0, 0, factors.key[factor, 0], factors.key[factor, 1], news.mirror)
        told[lane] += news.heat[lane] * sqrt(news.activity[lane]) * size * z


@inline
def tell_in_the_night(news, told, factor, kind, day, step, path0):
    """Add this bar's part of the one draw that the other market has in the night."""
    timetable, factors, left = news.timetable, news.factors, news.state.left[factor]
    night, weight = timetable.night_steps[kind], factors.weight[factor]
    if step == 0:
        counter, whole = day * timetable.lead_steps_per_day, sqrt(timetable.elapsed[kind, night])
        for lane in range(LANES):
            z, _ = normals(path0 + lane, counter, 0, 0, factors.key[factor, 0], factors.key[factor, 1], news.mirror)
            left[lane] = whole * z
    to_come = timetable.elapsed[kind, night] - timetable.elapsed[kind, step]
    share = timetable.fraction[kind, step] / to_come if step < night - 1 else 1.0
    spread = sqrt(timetable.fraction[kind, step] * (1.0 - share))
    counter = day * timetable.steps_per_day + step
    key_0, key_1 = factors.night_key[factor, 0], factors.night_key[factor, 1]
    for lane in range(LANES):
        y, _ = normals(path0 + lane, counter, 0, 0, key_0, key_1, news.mirror)
        moved = share * left[lane] + spread * y
        left[lane] -= moved
        told[lane] += news.heat[lane] * sqrt(news.activity[lane]) * weight * moved


@inline
def tell_release(news, told, day, path0):
    """Add what the data say for this market."""
    counter, size = day * news.timetable.lead_steps_per_day, news.release_loading * news.release_sd[day]
    for lane in range(LANES):
        _, z = normals(path0 + lane, counter, 0, 0, news.lead_key[0], news.lead_key[1], news.mirror)
        told[lane] += size * z


@inline
def tell_jump(news, told, kind, day, step, path0):
    """Add the first market's jump in this step: one of its night falls on a bar by how small its uniform draw is."""
    timetable = news.timetable
    night, lead_step, after = timetable.night_steps[kind], max(timetable.lead_step[kind, step], 0), 1.0
    chance, before = news.jumps_per_day * timetable.lead_fraction[kind, max(step, night - 1)], 0.0
    if step < night:
        before = timetable.elapsed[kind, step] / timetable.elapsed[kind, night]
    if step < night - 1:
        after = timetable.elapsed[kind, step + 1] / timetable.elapsed[kind, night]
    counter = day * timetable.lead_steps_per_day + lead_step
    for lane in range(LANES):
        u, _ = uniforms(path0 + lane, counter, 0, 1, news.lead_key[0], news.lead_key[1])
        z, _ = normals(path0 + lane, counter, 0, 2, news.lead_key[0], news.lead_key[1], news.mirror)
        size = news.heat[lane] * (news.jump_mean + news.jump_vol * z)
        told[lane] += news.jump_loading * size if chance * before <= u < chance * after else 0.0


class SharedNewsMarket(Subsystem):
    """News of others, as a part of a market beside the first."""

    name = "shared_news"
    phases = (NEWS,)
    work = staticmethod(tell)
    sources = ("shared_news",)

    def known(self, spec: MarketSpec, dates: Days) -> Floats:
        """Return how much the first market's data surprise on each of the sessions, of which the first is left out."""
        return release_sd(_beside(spec).lead, session_calendar(dates))[1:]

    def days_of(self, known: Floats, first: int, last: int) -> Floats:
        """Return what is known of the days from one up to another."""
        return known[first:last].copy()

    def new_state(self, spec: MarketSpec, known: Floats, log_close: Floats) -> SharedNewsState:
        """Return the state of one block: nothing is left to tell."""
        return SharedNewsState(zeros(len(_beside(spec).loadings), LANES), zeros(LANES))

    def bundle(self, host: Host, known: Floats, state: SharedNewsState) -> SharedNews:
        """Return what the kernel works on."""
        spec, beside, timetable = host.spec, _beside(host.spec), host.timetable
        return SharedNews(
            factors=_factors(spec, beside),
            release_loading=beside.release_loading,
            release_sd=known,
            release_step=np.maximum(timetable.night_steps - BARS_TO_RELEASES, 0),
            jump_loading=beside.jump_loading,
            jumps_per_day=beside.lead.jumps_per_year / SESSIONS_PER_YEAR,
            jump_mean=beside.lead.jump_mean_bp / 1e4,
            jump_vol=beside.lead.jump_vol_bp / 1e4,
            lead_key=_key(spec, LEAD),
            pass_through=spec.fundamental.pass_through,
            source=host.registry.sources.index(self.name),
            replaying=host.model.replaying,
            mirror=host.model.mirror,
            timetable=timetable,
            state=state,
            shock=host.scratch.shock,
            trading=host.scratch.trading,
            log_value=host.state.news.log_value,
            heat=host.state.news.heat,
            activity=host.state.activity.activity,
        )

    def in_force(self, bundle: SharedNews, days: int) -> Integers:
        """Return 1 for each day, int64 (days + 1,), where anything is shared."""
        shares = bundle.factors.weight.size > 0 or bundle.release_loading != 0.0 or bundle.jump_loading != 0.0
        return np.full(days + 1, int(shares), np.int64)


SHARED_NEWS = SharedNewsMarket()


def _beside(spec: MarketSpec) -> Beside:
    assert spec.beside is not None
    return spec.beside


def _factors(spec: MarketSpec, beside: Beside) -> Factors:
    loadings = beside.loadings
    return Factors(
        weight=np.array([spec.fundamental.daily_news_vol * one.correlation for one in loadings], float),
        key=np.array([_key(spec, one.market) for one in loadings], np.uint64).reshape(-1, 2),
        night_key=np.array([_key(spec, one.market, ":night") for one in loadings], np.uint64).reshape(-1, 2),
        bridged=np.array([int(beside.hours is not None and not one.never_closes) for one in loadings], np.int64),
    )


def _key(spec: MarketSpec, market: str, more: str = "") -> np.ndarray:
    name = "market:news" if market == LEAD else f"market:{market}:news"
    return np.array(stream_key(spec.seed, name + more), np.uint64)
