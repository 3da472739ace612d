"""Bring a market to its start: from a config and real prices to everything that a block of paths needs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from flowsim.authoring.rows import CLOCK_ROLL, CUT_PROBABILITY, FUNDAMENTAL_GAP, INVENTORY_BN, LOG_PRICE, VIX9D
from flowsim.clock import require_session, sessions_after
from flowsim.config import Config, MarketSpec
from flowsim.config.asset import LEAD, MADE
from flowsim.data.prices import Prices, default_prices, read_prices
from flowsim.engine.anticipation import anticipates, foreseen
from flowsim.engine.compiling import compile_market
from flowsim.engine.histories_beside import histories_beside, kind_of
from flowsim.engine.memory import require_memory
from flowsim.engine.parts import BESIDE, SUBSYSTEMS, Part, bundles_of, calls_of, registry_of
from flowsim.engine.warm_up import WINDOW, addresses, live_up_to, sessions_before
from flowsim.errors import InputError
from flowsim.kernel.array_functions import log
from flowsim.kernel.memory import arrays_in, copied_bundle
from flowsim.kernel.numba_backend.machine_code import Kernel
from flowsim.market.arrays import MarketState, Rules, Scratch, Timetable, new_scratch
from flowsim.market.calls import Calls
from flowsim.market.model import Model, build_model
from flowsim.market.registry import Registry
from flowsim.market.rules import build_rules
from flowsim.market.subsystem import Host, Subsystem
from flowsim.market.timetable import build_timetable, kinds_of
from flowsim.options.arrays import N_TENORS, Book, Listing
from flowsim.options.real_start import start_at
from flowsim.options.subsystem import OPTION_MARKET


@dataclass(frozen=True, eq=False)
class Market:
    """A market at its start, ready to be stepped: every block of paths begins with a copy of `start` and `parts`."""

    config: Config
    spec: MarketSpec
    registry: Registry
    history: Prices
    dates: np.ndarray
    model: Model
    timetable: Timetable
    rules: Rules
    start: MarketState
    parts: tuple[Part, ...]
    kernels: list[Kernel]
    beside: tuple[Market, ...] = ()

    @property
    def name(self) -> str:
        """Name of the market among those of a run."""
        return self.spec.name

    @property
    def all(self) -> tuple[Market, ...]:
        """The market and those beside it, in the order of the config."""
        return (self, *self.beside)

    @property
    def populations(self) -> list[str]:
        """Names of the populations that trade, in the order of the spec."""
        return self.spec.names

    @property
    def sources(self) -> list[str]:
        """Names of the sources of a price move, in the order of the engine's rows."""
        return list(self.registry.sources)

    @property
    def source_rows(self) -> np.ndarray:
        """Rows of the sources that can move the price: all but the option programmes, which trade no stock."""
        shocks = np.ones(len(self.registry.shocks), bool)
        return np.flatnonzero(np.concatenate([shocks, self.rules.clock != CLOCK_ROLL]))

    @property
    def programmes(self) -> list[str]:
        """Names of the option programmes, in the order of the engine's rows."""
        return self.spec.programmes

    @property
    def hedger(self) -> str | None:
        """Name of the population that hedges the options, or None where nobody does."""
        row = self.spec.hedger
        return None if row < 0 else self.populations[row]

    @property
    def accounts(self) -> list[str]:
        """Names of the ledger's accounts, in the order of the engine's rows."""
        return list(self.registry.accounts)

    @property
    def subsystems(self) -> list[Subsystem]:
        """Subsystems, in the order in which they are called."""
        return [one.subsystem for one in self.parts]

    @property
    def listing(self) -> Listing:
        """What options are listed on the coming sessions."""
        return self._options.known

    @property
    def book(self) -> Book:
        """The book of the option market at the start."""
        return self._options.state

    @property
    def _options(self) -> Part:
        return next(one for one in self.parts if one.subsystem is OPTION_MARKET)

    @property
    def bytes_of_block(self) -> int:
        """Bytes of the state of a block of paths, of all markets, without what is recorded of it."""
        states = (self.start, *(one.state for one in self.parts))
        return sum(array.nbytes for array in arrays_in(states)) + sum(one.bytes_of_block for one in self.beside)

    def new_block(self) -> tuple[MarketState, Scratch, dict[str, Any]]:
        """Return state, work space and the subsystems' bundles of a block of paths at the start; it keeps no record."""
        state, scratch = copied_bundle(self.start), new_scratch(self.registry)
        host = Host(self.spec, self.registry, self.timetable, self.rules, self.model, state, scratch)
        return state, scratch, bundles_of(self.parts, host)

    def calls(self, bundles: Mapping[str, object]) -> Calls:
        """Return how the day of a block reaches its subsystems."""
        return calls_of(self.subsystems, bundles, len(self.dates))


def prepare(
    config: Config,
    prices: Prices | None = None,
    subsystems: Sequence[Subsystem] = SUBSYSTEMS,
    beside: Mapping[str, Prices] | None = None,
) -> Market:
    """Return the market of a config at its start date, with those beside it.

    Populations without capital are left out: they are switched off. `subsystems` are what the first market has beside
    populations, in the order in which they are called; `beside` are prices of other markets, by name.

    Raises
    ------
    InputError
        If a price history does not reach the start date, has gaps, or is too short for the longest lookback; or if
        the market needs more memory than there is.
    StrategyError
        If a rule does not compile.
    """
    config, known = config.active(), prices or configured_prices(config)
    lead = _prepared(config.of_market(LEAD), known, subsystems)
    if not config.asset and not beside:
        return lead
    closes = histories_beside(config, known, beside or {})
    others = (_prepared(config.of_market(name), closes[name], BESIDE) for name in config.asset)
    return replace(lead, beside=tuple(others))


def _prepared(config: Config, prices: Prices, subsystems: Sequence[Subsystem]) -> Market:
    """Return one market at its start date."""
    spec = config.spec()
    start = np.datetime64(config.time.start)
    require_session(start, "time.start")
    subsystems = [one for one in subsystems if one.takes_part(spec)]
    needed, why = required_history(spec, subsystems)
    history = prices.require_history(start, needed, why, kind=kind_of(config))
    registry = registry_of(spec, subsystems)
    dates = sessions_after(start, spec.time.days + 1).dates
    require_memory(spec, np.concatenate([history.dates[-sessions_before(spec, subsystems) - 1 :], dates]))
    kernels = compile_market(spec, registry.view)
    model = build_model(spec, registry, float(history.close[-1]), replaying=False)
    days = spec.time.days
    _require_chain_dates(spec, dates[:days])
    state, parts = live_up_to(spec, registry, kernels, history, dates[:days], subsystems)
    bars = spec.time.bars_per_day
    anticipation = foreseen(spec, registry, kernels, state, start, history) if anticipates(spec) else None
    rules = build_rules(spec, registry, addresses(kernels), days, bars, anticipation, kinds_of(dates, spec.hours))
    begin(spec, state, model, rules)
    if spec.options.listed:
        book = next(one.state for one in parts if one.subsystem is OPTION_MARKET)
        start_at(spec, book, state.observables[VIX9D : VIX9D + N_TENORS])
    return Market(
        config=config,
        spec=spec,
        registry=registry,
        history=history,
        dates=dates[:days],
        model=model,
        timetable=build_timetable(spec, dates, bars),
        rules=rules,
        start=state,
        parts=parts,
        kernels=kernels,
    )


def _require_chain_dates(spec: MarketSpec, dates: np.ndarray) -> None:
    """Refuse a chain of a date that the run does not come to, or of a market without options."""
    for position, date in enumerate(spec.record.chain_dates):
        key = f"record.chain_dates[{position}] = {date}"
        if not spec.options.listed:
            raise InputError(
                f"{key} has no chain, as no options are listed; set options.listed = true, or leave it out"
            )
        if not dates[0] <= np.datetime64(date) <= dates[-1]:
            raise InputError(
                f"{key} is not a session of the run, which goes from {dates[0]} to {dates[-1]}; choose one that is"
            )


def configured_prices(config: Config) -> Prices:
    """Return the price history that the config names, moved to the start if it ends before and has a stand-in.

    Raises
    ------
    InputError
        If it cannot be read, or the config is of a market beside the first that names none.
    """
    if config.history.prices == MADE:
        raise InputError(f"{config.name} names no closes of its own; give them by `prices`, or by its key prices")
    named = default_prices() if config.history.prices == "sp500" else read_prices(config.history.prices)
    stand_in, start = config.history.stand_in, np.datetime64(config.time.start)
    return named if stand_in is None or start <= named.dates[-1] else named.moved(stand_in, start)


def required_history(spec: MarketSpec, subsystems: Sequence[Subsystem] = SUBSYSTEMS) -> tuple[int, str]:
    """Return the sessions of history that a market needs, and what needs them."""
    longest, why = 1.0, "the longest window that a rule can see"
    for one in subsystems:
        if one.sessions_before(spec) > longest:
            longest, why = float(one.sessions_before(spec)), one.why_before
    for population in spec.populations:
        strategy = population.strategy
        for agent in population.parameters.T:
            lookback = strategy.lookback_days(strategy.params(*agent))
            if lookback > longest:
                longest, why = lookback, f"population.{population.name} (lookback {lookback:.0f} sessions)"
    return WINDOW + 1 + int(np.ceil(longest)), why


def begin(spec: MarketSpec, state: MarketState, model: Model, rules: Rules) -> None:
    """Set what starts at the start: value, policy, and the ledger.

    Exposures and hedges stay what the rules hold. Whoever only adds up purchases starts from zero, and long-term
    holders are on the other side of it all.
    """
    gap = float(log(1.0 + spec.fundamental.initial_gap_pct / 100.0))
    state.news.log_value[:] = state.observables[LOG_PRICE] + gap
    state.observables[FUNDAMENTAL_GAP] = gap
    state.policy.expected_bp[:] = model.policy.first_expected_bp
    state.observables[CUT_PROBABILITY] = spec.policy.initial_cut_probability
    state.impact.transient[:] = 0.0
    for row, population in enumerate(spec.populations):
        strategy = population.strategy
        keeps = "exposure" in strategy.state_names or strategy.provides_liquidity or strategy.hedges_options
        if not keeps:
            state.shares[row] = 0.0
    state.shares[len(spec.populations) :] = 0.0
    state.shares[rules.holders] = -state.shares[: rules.holders].sum(axis=0)
    state.observables[INVENTORY_BN] = state.shares[rules.market_maker]
    state.cash[:] = 0.0
