"""Replay a given path past the rules: real history, or what a desk supposes of tomorrow.

The day, the kernels and the states are those of the simulation; the price is given and nobody moves it. A lane is a
path, so 64 suppositions are followed at the cost of one. Option programmes and dealers take part where that is asked
for: they are most of a day's work.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from flowsim.authoring.rows import IMPACT, RV_21, RV_63
from flowsim.clock import DateLike, sessions_after
from flowsim.config import Config, MarketSpec
from flowsim.data.prices import Prices
from flowsim.engine.compiling import compile_market
from flowsim.engine.faults import run_error
from flowsim.engine.histories_beside import kind_of
from flowsim.engine.parts import no_calls, registry_of
from flowsim.engine.prepare import required_history
from flowsim.engine.replay_options import OptionReplayer, ReplayedOptions, option_rows, wish_of
from flowsim.engine.run_days import BlockArrays, Engine
from flowsim.engine.warm_up import (
    addresses,
    live_up_to,
    schedule_from,
)
from flowsim.files.arrays import ByLane, Days, DaysByPaths, DaysByPopulationsByPaths, Floats, Lanes
from flowsim.kernel.marks import LANES
from flowsim.kernel.memory import copied_bundle, zeros
from flowsim.kernel.numba_backend.machine_code import Kernel
from flowsim.market.arrays import MarketState, Record, Rules, new_scratch
from flowsim.market.calls import FINE, Calls
from flowsim.market.model import build_model
from flowsim.market.records import new_record, no_record
from flowsim.market.registry import Registry
from flowsim.market.rules import build_rules
from flowsim.market.subsystem import Host
from flowsim.market.timetable import build_timetable
from flowsim.options.arrays import Book, Listing
from flowsim.options.subsystem import OPTION_MARKET


@dataclass(frozen=True, eq=False)
class WarmMarket:
    """A market whose rules have lived through a history, at its last close.

    `options` are what is listed on the coming sessions and the book, None where the option market is left out.
    """

    spec: MarketSpec
    registry: Registry
    kernels: list[Kernel]
    history: Prices
    state: MarketState
    rules: Rules
    options: tuple[Listing, Book] | None

    @property
    def populations(self) -> list[str]:
        """Names of the populations that trade, in the order of the spec."""
        return self.spec.names


class Followed(NamedTuple):
    """What the rules did along some paths; the last axis is the path.

    `flow` is what was traded in each session and `wanted` what the rules wished to hold at its close, both USD bn and
    of shape (days, populations, paths); `wanted` is nan for a rule without an exposure. For option programmes, which
    trade no stock, they are the delta of what they dealt at the close and of what they hold after it; dealers wish to
    hold the latter's sum. `rv_21` and `rv_63`, (days, paths), are realized volatilities, annualized fractions.
    `impact`, (days, paths), is what a small flow of the session moves by the law of the market, log return per USD bn,
    known at the close before. `state` is that after the last day, `options` None where the option market was left out.
    """

    dates: Days
    flow: DaysByPopulationsByPaths
    wanted: DaysByPopulationsByPaths
    rv_21: DaysByPaths
    rv_63: DaysByPaths
    impact: np.ndarray
    state: MarketState
    options: ReplayedOptions | None


def warm_market(
    config: Config, prices: Prices, as_of: DateLike, *, name: str = "`as_of`", options_ahead: int = 0
) -> WarmMarket:
    """Let the rules live through the history up to a close.

    `name` is what messages call the date. `options_ahead` is for how many sessions after it options are listed; with
    none, option programmes and dealers are left out.

    Raises
    ------
    InputError
        If the date is no session, outside the prices, or has too little history before it.
    """
    spec = config.spec().without_futures()
    if not (options_ahead and spec.options.listed):
        spec = spec.only(options=False)
    history = prices.require_history(as_of, *required_history(spec), name=name, kind=kind_of(config))
    registry, kernels = registry_of(spec), compile_market(spec)
    coming = sessions_after(history.dates[-1], max(options_ahead, 1)).dates
    state, (option_market,) = live_up_to(spec, registry, kernels, history, coming, (OPTION_MARKET,))
    options = None
    if spec.options.listed:
        listing = OPTION_MARKET.as_replayed(spec, option_market.known, shown_at_last=False)
        options = listing, option_market.state
    rules = build_rules(spec, registry, addresses(kernels), 1, 1)
    return WarmMarket(spec, registry, kernels, history, state, rules, options)


class PathReplayer:
    """The rules of a warm market along given paths: the calendar of the days to come, and arrays to work on.

    Where options are listed, it is for no more days than they are.
    """

    def __init__(self, warm: WarmMarket, days: int) -> None:
        self.warm = warm
        self.dates = sessions_after(warm.history.dates[-1], days + 1).dates
        self.given = zeros(days, LANES)
        self.timetable = build_timetable(warm.spec, self.dates, 1, self.given)._replace(replay_return=self.given)
        self.model = build_model(warm.spec, warm.registry, float(warm.history.close[-1]), replaying=True)
        self.scratch = new_scratch(warm.registry)
        self.record = new_record(1, warm.registry, ("flows",), by_step=False, every=1)
        self.held = _exposure_rows(warm.spec, warm.rules)
        self.no_options = no_calls(days)

    def follow(self, returns: Floats, paths: int) -> Followed:
        """Follow log returns of shape (days,) or (days, paths) from the last close; see `follow`."""
        warm, days, record = self.warm, len(returns), self.record
        state, options = copied_bundle(warm.state), None
        if warm.options is not None:
            known = warm.spec, warm.registry, self.timetable, warm.rules, self.model
            options = OptionReplayer(Host(*known, state, self.scratch), warm.options, (days, paths))
        engine = self._engine(state, record, self.no_options if options is None else options.calls)
        self.given[:days] = _in_lanes(returns)
        flow = np.empty((days, len(warm.populations), paths))
        wanted, vols, impact = np.full_like(flow, np.nan), np.empty((2, days, paths)), np.empty((days, paths))
        for day in range(days):
            record.row[0] = 0
            impact[day] = state.observables[IMPACT, :paths]
            self._step(engine, day, day + 1, paths)
            flow[day] = record.flow[0, warm.registry.first_population :, :paths]
            _wish(state, self.held, wanted[day])
            if options is not None:
                options.keep(day, flow[day], wanted[day])
            vols[:, day] = state.observables[[RV_21, RV_63], :paths]
        replayed = None if options is None else options.replayed
        return Followed(self.dates[:days], flow, wanted, vols[0], vols[1], impact, schedule_from(state, days), replayed)

    def move(self, state: MarketState, day: int, returns: Floats) -> None:
        """Move a state along log returns (days,) from the session `day` on, without options and keeping no record."""
        last = day + len(returns)
        self.given[day:last] = returns[:, None]
        self._step(self._engine(state, no_record(), self.no_options), day, last)

    def ask(self, state: MarketState, day: int, moves: Lanes) -> ByLane:
        """Return what the rules wish at the close of the session `day` after 64 log returns, (populations, 64).

        The state is left as it is, and options are left out.
        """
        moved, wanted = copied_bundle(state), np.full((len(self.warm.populations), LANES), np.nan)
        self.given[day] = moves
        self._step(self._engine(moved, no_record(), self.no_options), day, day + 1)
        _wish(moved, self.held, wanted)
        return wanted

    def _engine(self, state: MarketState, record: Record, call: Calls) -> Engine:
        known = self.timetable, self.warm.rules, self.model
        return Engine(BlockArrays(*known, state, self.scratch, record, call))

    def _step(self, engine: Engine, first: int, last: int, live: int = LANES) -> None:
        if engine.run_days(first, last, 0, live) != FINE:
            raise run_error(self.warm.spec, self.scratch.fault, self.dates, self.timetable.steps_per_day, None)


def follow(warm: WarmMarket, returns: Floats, *, paths: int = 1) -> Followed:
    """Replay log returns of shape (days,) or (days, up to 64 paths) past the rules; the warm market stays as it is.

    Raises
    ------
    RunError
        If a rule breaks.
    """
    return PathReplayer(warm, len(returns)).follow(returns, paths)


def wanted_now(warm: WarmMarket) -> Floats:
    """Return what the rules wish to hold at the last close, USD bn, (populations,); nan for one without an exposure."""
    wanted = np.full((len(warm.populations), 1), np.nan)
    _wish(warm.state, _exposure_rows(warm.spec, warm.rules), wanted)
    if warm.options is not None:
        wish_of(warm.options[1], option_rows(warm.spec), wanted)
    return wanted[:, 0]


def _wish(state: MarketState, held: list[tuple[int, Floats, int]], wanted: Floats) -> None:
    """Write what the rules wish to hold, USD bn, (populations, paths)."""
    agents = state.agents.reshape(-1, LANES)
    for row, capital, first in held:
        exposure = agents[first : first + len(capital), : wanted.shape[1]]
        # Not by a product of matrices, whose sums are taken in another order on another processor.
        wanted[row] = (capital[:, None] * exposure).sum(axis=0)


def _exposure_rows(spec: MarketSpec, rules: Rules) -> list[tuple[int, Floats, int]]:
    """Return population, capital of each agent (USD bn) and first row of the exposures, of those that have one."""
    rows = []
    for row, population in enumerate(spec.populations):
        if rules.exposure_row[row] >= 0:
            capital = population.parameter("capital_bn")
            rows.append((row, capital, int(rules.state_at[row] + rules.exposure_row[row] * population.agents)))
    return rows


def _in_lanes(returns: Floats) -> ByLane:
    """Return one path a lane; lanes beyond the last path repeat it."""
    by_path = returns.reshape(len(returns), -1)
    more = LANES - by_path.shape[1]
    return np.concatenate([by_path, np.repeat(by_path[:, -1:], more, axis=1)], axis=1)
