"""From what a market is made of to the arrays that the engine steps."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from flowsim.authoring.declaration import Strategy
from flowsim.authoring.rows import CALENDAR_FIELDS, CLOCK_BAR, CLOCK_DAY, CLOCK_LAST_BAR, CLOCK_ROLL
from flowsim.clock import bars_in_session, execution_profile, session_calendar, volume_profile
from flowsim.clock.bars import FULL_DAY_MINUTES, HALF_DAY_MINUTES
from flowsim.config.spec import MarketSpec, PopulationSpec
from flowsim.kernel.marks import LANES
from flowsim.kernel.random import stream_key
from flowsim.market.arrays import Curves, Model, Rules, Timetable, floats
from flowsim.market.propagator import exponential_modes

CLOCKS = {"day": CLOCK_DAY, "bar": CLOCK_BAR, "last_bar": CLOCK_LAST_BAR, "roll": CLOCK_ROLL}
SESSIONS_PER_YEAR = 252.0
STATEMENT_MINUTE = 270
"""Minutes from the open to 14:00, when statements and minutes of the FOMC come out."""
NO_HALT_MINUTES = 35
"""The last minutes of a session, in which only the third circuit breaker acts: from 15:25, or 12:25 on a half day."""
HALT_MINUTES = 15
FULL, HALF = 0, 1


def build_model(spec: MarketSpec, start_price: float, replaying: bool) -> Model:
    """Return the market's parameters in the engine's units: per day, log, fractions."""
    market, value, policy = spec.market, spec.fundamental, spec.policy
    minutes = FULL_DAY_MINUTES / spec.time.bars_per_day
    return floats(
        Model(
            daily_drift=value.drift_pct_per_year / 100.0 / SESSIONS_PER_YEAR,
            daily_news_vol=value.daily_news_vol,
            pass_through=value.pass_through,
            jumps_per_day=value.jumps_per_year / SESSIONS_PER_YEAR,
            jump_mean=value.jump_mean_bp / 1e4,
            jump_vol=value.jump_vol_bp / 1e4,
            reflexivity=value.reflexivity,
            effect_per_bp=policy.price_effect_pct / 100.0 / 25.0 * policy.amplification,
            statement_bp=policy.statement_bp,
            minutes_bp=policy.minutes_bp,
            chair_bp=policy.chair_bp,
            governor_bp=policy.governor_bp,
            president_bp=policy.president_bp,
            chair_per_day=policy.chair_speeches_per_year / SESSIONS_PER_YEAR,
            governor_per_day=policy.governor_speeches_per_year / SESSIONS_PER_YEAR,
            president_per_day=policy.president_speeches_per_year / SESSIONS_PER_YEAR,
            first_expected_bp=-25.0 * policy.initial_cut_probability,
            multiplier=market.multiplier,
            market_cap_bn=market.market_cap_bn,
            adv_bn=market.adv_bn,
            depth_elasticity=market.depth_elasticity,
            depth_loading=spec.liquidity.depth_loading,
            most_thinning=-math.log(market.thinnest_depth),
            reference_vol=market.reference_vol,
            weight_0=market.depth_weights[0],
            weight_1=market.depth_weights[1],
            weight_2=market.depth_weights[2],
            weight_3=market.depth_weights[3],
            is_square_root=market.impact == "square_root",
            square_root_scale=market.square_root_prefactor / math.sqrt(SESSIONS_PER_YEAR),
            liquidity_keep=_daily_keep(spec.liquidity.half_life_days),
            liquidity_vol=spec.liquidity.vol,
            sentiment_keep=_daily_keep(spec.sentiment.half_life_days),
            sentiment_response=spec.sentiment.response,
            sentiment_threshold=spec.sentiment.threshold,
            sentiment_shock_vol=spec.sentiment.shock_vol,
            breakers=market.circuit_breakers and spec.time.bars_per_day > 1,
            halt_steps=math.ceil(HALT_MINUTES / minutes),
            start_price=start_price,
            replaying=replaying,
        )
    )


def build_curves(spec: MarketSpec) -> Curves:
    """Return the decay of the depth variances and of impact, and the market's own random streams."""
    market = spec.market
    if market.impact == "propagator":
        weights, rates = exponential_modes(market.propagator_exponent, market.propagator_cutoff_days)
    else:
        weights, rates = np.array([market.transient_share]), np.array([market.transient_decay_per_day])
    streams = ("news", "policy", "liquidity", "sentiment")
    return Curves(
        variance_keep=np.array([_daily_keep(days) for days in market.depth_half_lives_days]),
        mode_weight=weights,
        mode_rate=rates,
        keys=np.array([stream_key(spec.seed, f"market:{name}") for name in streams], np.uint64),
        mirror=int(spec.antithetic),
    )


def build_timetable(
    spec: MarketSpec, dates: np.ndarray, bars_per_day: int, given_return: np.ndarray | None = None
) -> Timetable:
    """Return the timetable of the sessions `dates` (days + 1,), of which the last is only looked ahead to.

    `given_return`, (days,) or (days, lanes), is the path to follow when replaying: one for all, or one for each lane.
    """
    calendar = session_calendar(dates)
    days = len(dates) - 1
    kind = calendar.half_day[:days].astype(np.int64)
    bars = np.array([bars_in_session(bars_per_day, half) for half in (False, True)])
    fraction, volume = _business_time(bars_per_day, bars, spec.market.overnight_share)
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
        spread=volume / volume.sum(axis=1, keepdims=True),
        calendar=np.ascontiguousarray(np.stack([getattr(calendar, name) for name in CALENDAR_FIELDS], axis=1)),
        release_sd=np.sqrt(release_variance),
        statement_step=np.where(calendar.is_meeting[:days], statement, -1),
        minutes_step=np.where(calendar.is_minutes[:days], statement, -1),
        scripted_cut=_scripted(spec.policy.script, dates[:days], "cut_probability", math.nan, until_last=True),
        liquidity_level=_scripted(spec.liquidity.script, dates[:days], "level", 0.0, until_last=False),
        last_halt_step=last_halt.astype(np.int64),
        given_return=_by_lane(given_return),
        steps_per_day=int(bars[FULL]) + 2,
    )


def build_rules(
    spec: MarketSpec, kernels: Any, days: int, bars_per_day: int, anticipation: np.ndarray | None = None
) -> Rules:
    """Return the populations with their kernels and parameters, in the order of the spec."""
    populations = list(spec.populations)
    strategies = [population.strategy for population in populations]
    parameters = [population.parameters for population in populations]
    keys = [stream_key(spec.seed, f"population:{name}") for name in spec.names]
    providers = [row for row, strategy in enumerate(strategies) if strategy.provides_liquidity]
    n = len(populations)
    return Rules(
        kernels=kernels,
        clock=_integers(CLOCKS[s.clock] for s in strategies),
        agents=_integers(p.agents for p in populations),
        uses_noise=_integers(s.uses_noise for s in strategies),
        is_provider=_integers(s.provides_liquidity for s in strategies),
        felt=np.array([_felt(p) for p in populations], float),
        exposure_row=_integers(exposure_row(s) for s in strategies),
        key_0=np.array([key[0] for key in keys], np.uint64),
        key_1=np.array([key[1] for key in keys], np.uint64),
        params_at=_offsets([block.size for block in parameters]),
        state_at=_offsets([p.state_size for p in populations]),
        params=np.concatenate([block.ravel() for block in parameters]) if n else np.zeros(0),
        lag_days=_integers(p.execution.lag_days for p in populations),
        days=_integers(p.execution.days for p in populations),
        bar_weight=_bar_weights(populations, bars_per_day),
        participation_cap=np.array([_cap(p) for p in populations], float),
        anticipation=np.zeros((0, days)) if anticipation is None else anticipation,
        maker=providers[0] if providers else n,
        wishes_anew=_integers(s.provides_liquidity or s.hedges_options for s in strategies),
    )


def exposure_row(strategy: Strategy) -> int:
    """Return the row of the state field ``exposure``, or -1 where a strategy has none."""
    return strategy.state_names.index("exposure") if "exposure" in strategy.state_names else -1


def schedule_horizon(spec: MarketSpec) -> int:
    """Return how many days ahead an order can be scheduled, at most, plus one."""
    return 1 + max([p.execution.lag_days + p.execution.days for p in spec.populations], default=1)


def _cap(population: PopulationSpec) -> float:
    cap = population.execution.participation_cap
    return math.inf if cap >= 1.0 else cap


def _felt(population: PopulationSpec) -> float:
    """Return the share of a population's flow that the price feels: providers' own moves none."""
    return float(population.moves_price and not population.strategy.provides_liquidity)


def _by_lane(given_return: np.ndarray | None) -> np.ndarray:
    if given_return is None:
        return np.zeros((0, LANES))
    by_day = given_return if given_return.ndim == 2 else given_return[:, None]
    return np.ascontiguousarray(np.broadcast_to(by_day, (len(by_day), LANES)))


def _daily_keep(half_life_days: float) -> float:
    return math.exp(-math.log(2.0) / half_life_days)


def _integers(values: Any) -> np.ndarray:
    return np.array([int(value) for value in values], np.int64)


def _offsets(sizes: Sequence[int]) -> np.ndarray:
    return np.concatenate([[0], np.cumsum(sizes, dtype=np.int64)])[: len(sizes)].astype(np.int64)


def _business_time(bars_per_day: int, bars: np.ndarray, overnight: float) -> tuple[np.ndarray, np.ndarray]:
    """Share of a day's variance and of its volume by step; a half day has the variance and volume of its hours."""
    fraction, volume = np.zeros((2, bars[FULL] + 1)), np.zeros((2, bars[FULL] + 1))
    for kind, length in ((FULL, 1.0), (HALF, HALF_DAY_MINUTES / FULL_DAY_MINUTES)):
        profile = volume_profile(bars_per_day, kind == HALF)
        fraction[kind, 0] = overnight
        fraction[kind, 1 : 1 + len(profile)] = (1.0 - overnight) * length * profile
        volume[kind, 1 : 1 + len(profile)] = length * profile
    return fraction, volume


def _step_at(minute: int, bars_per_day: int, bars: np.ndarray) -> np.ndarray:
    """Step of the bar that holds a minute of the day, or the last bar of a session that is over by then."""
    return np.minimum(1 + minute * bars_per_day // FULL_DAY_MINUTES, bars).astype(np.int64)


def _bar_weights(populations: list[PopulationSpec], bars_per_day: int) -> np.ndarray:
    weights = np.zeros((len(populations), 2, bars_in_session(bars_per_day, half_day=False) + 1))
    for row, population in enumerate(populations):
        for kind in (FULL, HALF):
            profile = execution_profile(population.execution.profile, bars_per_day, kind == HALF)
            weights[row, kind, 1 : 1 + len(profile)] = profile
    return weights


def _scripted(script: Any, dates: np.ndarray, field: str, otherwise: float, *, until_last: bool) -> np.ndarray:
    """Value in force on each date: that of the last scripted date before or on it, else `otherwise`."""
    values = np.full(len(dates), otherwise)
    for entry in script:
        values[dates >= np.datetime64(entry.date)] = getattr(entry, field)
    if until_last and script:
        values[dates > np.datetime64(script[-1].date)] = otherwise
    return values
