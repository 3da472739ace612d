"""Let the rules live through real history, so that nothing of the start is guessed.

Averages, realized volatilities, trend states, positions, options and orders under way are what the same rules make of
the real closes, along which they run without moving the price. Subsystems join for the last sessions only.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence

import numpy as np

from flowsim.authoring.rows import ADV_BN, LOG_PRICE, MARKET_VOL, N_VIEW, PRICE, RING
from flowsim.authoring.view import View
from flowsim.clock import sessions_after
from flowsim.clock.year import SESSIONS_PER_YEAR, YEAR
from flowsim.config.spec import MarketSpec
from flowsim.data.prices import Prices
from flowsim.engine.faults import run_error
from flowsim.engine.parts import SUBSYSTEMS, Part, calls_of
from flowsim.engine.run_days import BlockArrays, Engine
from flowsim.engine.warm_cache import load_state, save_state, warm_state_name
from flowsim.files.arrays import Integers
from flowsim.kernel.array_functions import log
from flowsim.kernel.marks import LANES, PLAIN
from flowsim.kernel.memory import copied, copied_bundle
from flowsim.kernel.numba_backend.machine_code import Kernel
from flowsim.market.arrays import MarketState, new_scratch, new_state
from flowsim.market.calls import FINE
from flowsim.market.model import Model, build_model
from flowsim.market.records import no_record
from flowsim.market.registry import Registry
from flowsim.market.rules import build_rules, schedule_horizon
from flowsim.market.subsystem import Host, Subsystem
from flowsim.market.timetable import build_timetable

_log = logging.getLogger("flowsim")

WINDOW = YEAR
"""Longest window of the view, in sessions: it must be full before the first rule decides."""

DAYS_AT_ONCE = 10
"""Sessions between two moments at which an interrupt is heard; the first tell how long all of them take."""
WORTH_SAYING_SECONDS = 5.0


def live_through(
    spec: MarketSpec,
    registry: Registry,
    kernels: list[Kernel],
    history: Prices,
    parts: Sequence[Part] = (),
    days: int = 0,
) -> tuple[MarketState, list[Part]]:
    """Return state and subsystems after the rules have followed the real closes, without moving them.

    The subsystems join for the last `days` sessions of the history; their states are made anew.
    """
    log_close = log(history.close)
    n_returns = len(log_close) - 1
    joins = n_returns - days
    nobody, model = registry._replace(populations=()), _model(spec, registry, history)
    state = _opening_state(spec, nobody, model, history)
    _replay(spec.only(()), nobody, [], state, history, WINDOW - 1, WINDOW)
    state = with_populations(spec, registry, model, state)
    _replay(spec, registry, kernels, state, history, WINDOW, joins)
    state = schedule_from(state, joins - WINDOW)
    begun = [one._replace(state=one.subsystem.new_state(spec, one.known, log_close[: joins + 1])) for one in parts]
    _replay(spec, registry, kernels, state, history, joins, n_returns, begun)
    return schedule_from(state, n_returns - joins), begun


def live_up_to(
    spec: MarketSpec,
    registry: Registry,
    kernels: list[Kernel],
    history: Prices,
    coming: np.ndarray,
    subsystems: Sequence[Subsystem] = SUBSYSTEMS,
) -> tuple[MarketState, tuple[Part, ...]]:
    """Return the state after the history, and the subsystems with what is known of the days from its last close on.

    `coming` are the sessions after the history. A subsystem lays out what is known for both, so that what it holds has
    its place in both.
    """
    before = min(sessions_before(spec, subsystems), len(history) - 1 - WINDOW)
    dates = np.concatenate([history.dates[len(history) - 1 - before :], coming])
    known = {one.name: one.known(spec, dates) for one in subsystems}
    lives = [one for one in subsystems if before and one.sessions_before(spec)]
    past = [Part(one, one.days_of(known[one.name], 0, before), ()) for one in lives]
    name = warm_state_name(spec, history, coming, lives)
    state, there = _anywhere(spec, registry, _model(spec, registry, history), past)
    if not load_state(name, state, [one.state for one in there]):
        state, there = live_through(spec, registry, kernels, history, past, before)
        save_state(name, state, [one.state for one in there])
    moved = {one.subsystem.name: one.state for one in there}
    log_close = log(history.close)
    parts = []
    for one in subsystems:
        ahead = one.days_of(known[one.name], before, before + len(coming))
        begun = moved[one.name] if one.name in moved else one.new_state(spec, ahead, log_close)
        parts.append(Part(one, ahead, begun))
    return state, tuple(parts)


def sessions_before(spec: MarketSpec, subsystems: Sequence[Subsystem]) -> int:
    """Return how many sessions of history the subsystems live through."""
    return max((one.sessions_before(spec) for one in subsystems), default=0)


def _anywhere(
    spec: MarketSpec, registry: Registry, model: Model, parts: Sequence[Part]
) -> tuple[MarketState, list[Part]]:
    """Return state and subsystems of a market's sizes."""
    agents = sum(population.state_size for population in spec.populations)
    state = new_state(registry, len(model.impact.mode_rate), schedule_horizon(spec), agents)
    return state, [one._replace(state=one.subsystem.new_state(spec, one.known, np.zeros(1))) for one in parts]


def _replay(
    spec: MarketSpec,
    registry: Registry,
    kernels: list[Kernel],
    state: MarketState,
    history: Prices,
    first: int,
    last: int,
    parts: Sequence[Part] = (),
) -> None:
    """Step a state along the returns from `first` up to `last`, keeping no record; their days count from 0.

    Raises
    ------
    RunError
        If a rule breaks.
    """
    if last == first:
        return
    dates = np.concatenate([history.dates[1:], sessions_after(history.dates[-1], 1).dates])[first : last + 1]
    returns = np.diff(log(history.close))[first:last]
    model = _model(spec, registry, history)
    timetable = build_timetable(spec, dates, 1, returns)
    rules = build_rules(spec, registry, addresses(kernels), len(returns), 1)
    scratch = new_scratch(registry)
    host = Host(spec, registry, timetable, rules, model, state, scratch)
    bundles = {
        one.subsystem.name: one.subsystem.bundle(
            host, one.subsystem.as_replayed(spec, one.known, shown_at_last=True), one.state
        )
        for one in parts
    }
    subsystems = [one.subsystem for one in parts]
    calls = calls_of(subsystems, bundles, len(returns))
    engine = Engine(BlockArrays(timetable, rules, model, state, scratch, no_record(), calls))
    began, told = time.perf_counter(), False
    for day in range(0, len(returns), DAYS_AT_ONCE):
        until = min(day + DAYS_AT_ONCE, len(returns))
        if engine.run_days(day, until, 0, LANES) != FINE:
            raise run_error(spec, scratch.fault, dates, timetable.steps_per_day, None, subsystems)
        left = (time.perf_counter() - began) * (len(returns) - until) / until
        if left > WORTH_SAYING_SECONDS and not told:
            _say_how_long(spec, len(returns), left)
            told = True


def _say_how_long(spec: MarketSpec, sessions: int, seconds: float) -> None:
    agents = sum(one.agents for one in spec.populations)
    _log.info(
        "%s agents live through %s real sessions before the start: about %.0f s; where they stand is kept for the next"
        " start",
        f"{agents:,}",
        f"{sessions:,}",
        seconds,
    )


def addresses(kernels: list[Kernel]) -> list[Kernel] | Integers:
    """Return what the engine calls: addresses of compiled kernels, or the kernels themselves in plain Python."""
    return list(kernels) if PLAIN else np.array([kernel.address for kernel in kernels], np.int64)


def with_populations(spec: MarketSpec, registry: Registry, model: Model, state: MarketState) -> MarketState:
    """Return a state with room for the populations of a market, each agent at its rule's first state."""
    view = View(*state.observables[:N_VIEW, 0].tolist())
    blocks = []
    for population in spec.populations:
        strategy = population.strategy
        first = [strategy.first_state(view, strategy.params(*agent)) for agent in population.parameters.T.tolist()]
        by_agent = np.array(first, float).reshape(population.agents, len(strategy.state_names))
        # Customers of the option market are asked one by one, so each has its own block of rows.
        blocks.append((by_agent if strategy.structure is not None else by_agent.T).ravel())
    agents = np.concatenate(blocks) if blocks else np.zeros(0)
    grown = new_state(registry, len(model.impact.mode_rate), schedule_horizon(spec), agents.size)
    kept = {name: getattr(state, name) for name in MarketState._fields if name in _MARKET_WIDE}
    return copied_bundle(grown._replace(agents=np.repeat(agents, LANES), **kept))


_MARKET_WIDE = ("observables", "closes", "n_closes", "news", "policy", "depth", "liquidity", "breakers")


def _model(spec: MarketSpec, registry: Registry, history: Prices) -> Model:
    return build_model(spec, registry, float(history.close[-1]), replaying=True)


def _opening_state(spec: MarketSpec, registry: Registry, model: Model, history: Prices) -> MarketState:
    """Fill the ring with the first closes of the history; variances start at their mean square."""
    state, keep = new_state(registry, len(model.impact.mode_rate), 2, 0), model.depth.variance_keep[:, None]
    log_close = log(history.close[:WINDOW])
    squares = np.diff(log_close) ** 2
    state.closes[:] = log_close[0]
    state.closes[:WINDOW] = log_close[:, None]
    state.n_closes[0] = WINDOW
    variances = state.depth.variances
    variances[:] = squares.mean()
    for square in squares:
        variances[:] = keep * variances + (1.0 - keep) * square
    state.observables[LOG_PRICE] = log_close[-1]
    state.observables[PRICE] = history.close[WINDOW - 1]
    state.observables[ADV_BN] = spec.market.adv_bn
    weighted = np.array(spec.market.depth_weights)[:, None] * variances
    state.observables[MARKET_VOL] = np.sqrt(SESSIONS_PER_YEAR * weighted.sum(axis=0))
    assert WINDOW < RING
    return state


def schedule_from(state: MarketState, day: int) -> MarketState:
    """Turn the ring of scheduled orders so that `day` becomes day 0."""
    return state._replace(schedule=copied(np.roll(state.schedule, -day, axis=1)))
