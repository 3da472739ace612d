"""Fundamental value: a random walk with drift, scheduled data releases, and jumps.

    dv = drift * f + daily_vol * sqrt(f * activity) * heat * z    f = the step's share of a day
         + release_sd * z' + reflexivity * return_63d             on the step of a data release
         + heat * jump                                            Poisson, normal size

    heat = min((market_vol / reference_vol)^vol_elasticity, 1 / thinnest depth)     at the last close

News reaches the price with pass-through phi: c_news = phi * dv. `reflexivity` lets data follow past prices, so that
"data lag prices" is something to switch on, measure and refute; it is 0 in the plain market.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from flowsim.authoring.rows import FUNDAMENTAL_GAP, LOG_PRICE, MARKET_VOL, RETURN_63D
from flowsim.clock.year import SESSIONS_PER_YEAR
from flowsim.config.spec import MarketSpec
from flowsim.files.arrays import Lanes
from flowsim.kernel.functions import exp, log, sqrt
from flowsim.kernel.marks import LANES, inline
from flowsim.kernel.memory import zeros
from flowsim.kernel.random import normals, stream_key, uniforms


class NewsModel(NamedTuple):
    """What moves value, per day and as log changes; see the config's table `fundamental`."""

    daily_drift: float
    daily_vol: float
    pass_through: float
    jumps_per_day: float
    jump_mean: float
    jump_vol: float
    reflexivity: float
    vol_elasticity: float
    reference_vol: float  # annualized fraction
    most_heated: float  # log
    key: np.ndarray  # (2,) uint64, of the random stream
    source: int  # row among the sources of a price move


class NewsState(NamedTuple):
    """Value, and what has not reached the price."""

    log_value: Lanes  # (lanes,)
    pending: Lanes  # (lanes,) news of a halt, waiting
    heat: Lanes  # (lanes,) size of the day's news over that of a usual day


def build_news(spec: MarketSpec, source: int) -> NewsModel:
    """Return what moves value, with the row of news among the sources."""
    value = spec.fundamental
    return NewsModel(
        daily_drift=value.drift_pct_per_year / 100.0 / SESSIONS_PER_YEAR,
        daily_vol=value.daily_news_vol if spec.beside is None else value.daily_news_vol * spec.beside.own_news,
        pass_through=value.pass_through,
        jumps_per_day=value.jumps_per_year / SESSIONS_PER_YEAR,
        jump_mean=value.jump_mean_bp / 1e4,
        jump_vol=value.jump_vol_bp / 1e4,
        reflexivity=value.reflexivity,
        vol_elasticity=value.vol_elasticity,
        reference_vol=spec.market.reference_vol,
        most_heated=-float(log(spec.market.thinnest_depth)),
        key=np.array(stream_key(spec.seed, spec.stream("news")), np.uint64),
        source=source,
    )


def new_news_state() -> NewsState:
    """Allocate the state of one block, all zero."""
    return NewsState(log_value=zeros(LANES), pending=zeros(LANES), heat=zeros(LANES))


@inline
def move_value(timetable, model, news, state, scratch, day, step, path0):
    """Move the fundamental value of every path, and pass it on to the price as news.

    When replaying, the night's news is the real return of the day, and value keeps its distance from the price.
    """
    told = scratch.shock[news.source]
    if model.replaying == 1:
        at_night = 1.0 if step == 0 else 0.0
        for lane in range(LANES):
            given = at_night * timetable.replay_return[day, lane]
            state.news.log_value[lane] = (
                state.observables[FUNDAMENTAL_GAP, lane] + state.observables[LOG_PRICE, lane] + given
            )
            told[lane] = given
        return
    if step == 0:
        find_heat(news, state.news.heat, state.observables[MARKET_VOL])
    fraction = timetable.fraction[timetable.kind[day], step]
    release_sd = timetable.release_sd[day] if step == 0 else 0.0
    counter = day * timetable.steps_per_day + step
    key_0, key_1 = news.key[0], news.key[1]
    return_63d = state.observables[RETURN_63D]
    for lane in range(LANES):
        z_news, z_release = normals(path0 + lane, counter, 0, 0, key_0, key_1, model.mirror)
        change = diffusion(fraction, state.news.heat[lane] * sqrt(state.activity.activity[lane]) * z_news, news)
        change += release(release_sd, return_63d[lane], z_release, news) if release_sd > 0.0 else 0.0
        told[lane] = change
    if news.jumps_per_day > 0.0:
        for lane in range(LANES):
            u, _ = uniforms(path0 + lane, counter, 0, 1, key_0, key_1)
            z_jump, _ = normals(path0 + lane, counter, 0, 2, key_0, key_1, model.mirror)
            told[lane] += state.news.heat[lane] * jump(fraction, u, z_jump, news)
    reach_the_price(news.pass_through, state.news.log_value, state.news.pending, scratch.trading, told)


@inline
def find_heat(news, heat, market_vol):
    """Set how large the day's news is: as at the reference volatility, unless news has the market's state."""
    for lane in range(LANES):
        heat[lane] = 1.0
        if news.vol_elasticity > 0.0:
            hotter = news.vol_elasticity * log(market_vol[lane] / news.reference_vol)
            heat[lane] = exp(min(hotter, news.most_heated))


@inline
def reach_the_price(pass_through, log_value, pending, trading, told):
    """Turn the change of value into news of the step; during a halt it waits."""
    for lane in range(LANES):
        change = told[lane]
        log_value[lane] += change
        waiting = pending[lane] + pass_through * change
        told[lane] = waiting if trading[lane] > 0.0 else 0.0
        pending[lane] = 0.0 if trading[lane] > 0.0 else waiting


@inline
def diffusion(fraction: float, z: float, news) -> float:
    """Return the change of log value over a step from drift and unscheduled news."""
    return news.daily_drift * fraction + news.daily_vol * sqrt(fraction) * z


@inline
def release(release_sd: float, return_63d: float, z: float, news) -> float:
    """Return the surprise of the data released on this step, in log value."""
    return release_sd * z + news.reflexivity * return_63d


@inline
def jump(fraction: float, u: float, z: float, news) -> float:
    """Return a jump of log value: with probability `jumps_per_day` * fraction a normal draw, else nothing."""
    return news.jump_mean + news.jump_vol * z if u < news.jumps_per_day * fraction else 0.0
