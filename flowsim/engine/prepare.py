"""Bring a market to its start: from a config and real prices to everything that a block of paths needs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from flowsim.authoring.rows import CLOCK_ROLL, CUT_PROBABILITY, FUNDAMENTAL_GAP, INVENTORY_BN, LOG_PRICE
from flowsim.clock import require_session, sessions_after
from flowsim.config import Config, MarketSpec
from flowsim.data.prices import Prices, default_prices, read_prices
from flowsim.engine.anticipation import anticipates, foreseen
from flowsim.engine.compiling import compile_market
from flowsim.engine.warm_up import OPTION_SESSIONS, WINDOW, addresses, live_up_to, new_options
from flowsim.errors import InputError
from flowsim.kernel.array_functions import log
from flowsim.kernel.memory import copied_bundle
from flowsim.market.arrays import MarketState, Rules, Scratch, Timetable, new_scratch
from flowsim.market.model import Model, build_model
from flowsim.market.records import new_option_record
from flowsim.market.registry import Registry
from flowsim.market.rules import build_rules
from flowsim.market.timetable import build_timetable
from flowsim.options.arrays import Book, Listing, Options


@dataclass(frozen=True, eq=False)
class Market:
    """A market at its start, ready to be stepped: every block of paths begins with a copy of `start` and `book`."""

    config: Config
    spec: MarketSpec
    registry: Registry
    history: Prices
    dates: np.ndarray
    model: Model
    timetable: Timetable
    rules: Rules
    start: MarketState
    listing: Listing
    book: Book
    kernels: list[Any]

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

    def new_block(self) -> tuple[MarketState, Scratch, Options]:
        """Return the state, work space and option market of a block of paths at the start; it keeps no record."""
        state, scratch = copied_bundle(self.start), new_scratch(self.registry)
        listed = self.listing, copied_bundle(self.book)
        kept = new_option_record(0, len(self.programmes), ())
        return state, scratch, new_options(self.spec, self.rules, state, scratch, listed, kept)


def prepare(config: Config, prices: Prices | None = None) -> Market:
    """Return the market of a config at its start date.

    Populations without capital are left out: they are switched off.

    Raises
    ------
    InputError
        If the price history does not reach the start date, has gaps, or is too short for the longest lookback.
    StrategyError
        If a rule does not compile.
    """
    config = config.active()
    spec = config.spec()
    start = np.datetime64(config.time.start)
    require_session(start, "time.start")
    needed, why = required_history(spec)
    history = (prices or configured_prices(config)).require_history(start, needed, why)
    registry, kernels = Registry(tuple(spec.names)), compile_market(spec)
    model = build_model(spec, registry, float(history.close[-1]), replaying=False)
    days = spec.time.days
    dates = sessions_after(start, days + 1).dates
    _require_chain_dates(spec, dates[:days])
    state, listing, book = live_up_to(spec, registry, kernels, history, dates[:days])
    bars = spec.time.bars_per_day
    anticipation = foreseen(spec, registry, kernels, state, start, history) if anticipates(spec) else None
    rules = build_rules(spec, registry, addresses(kernels), days, bars, anticipation)
    begin(spec, state, model, rules)
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
        listing=listing,
        book=book,
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
    """Return the price history that the config names, moved to the start if it ends before and has a stand-in."""
    named = default_prices() if config.history.prices == "sp500" else read_prices(config.history.prices)
    stand_in, start = config.history.stand_in, np.datetime64(config.time.start)
    return named if stand_in is None or start <= named.dates[-1] else named.moved(stand_in, start)


def required_history(spec: MarketSpec) -> tuple[int, str]:
    """Return the sessions of history that a market needs, and what needs them."""
    longest, why = 1.0, "the longest window that a rule can see"
    if spec.options.listed:
        longest, why = float(OPTION_SESSIONS), "what options are held at the start"
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
    state.news.log_value[:] = state.seen[LOG_PRICE] + gap
    state.seen[FUNDAMENTAL_GAP] = gap
    state.policy.expected_bp[:] = model.policy.first_expected_bp
    state.seen[CUT_PROBABILITY] = spec.policy.initial_cut_probability
    state.impact.transient[:] = 0.0
    for row, population in enumerate(spec.populations):
        strategy = population.strategy
        keeps = "exposure" in strategy.state_names or strategy.provides_liquidity or strategy.hedges_options
        if not keeps:
            state.shares[row] = 0.0
    state.shares[len(spec.populations) :] = 0.0
    state.shares[rules.holders] = -state.shares[: rules.holders].sum(axis=0)
    state.seen[INVENTORY_BN] = state.shares[rules.maker]
    state.cash[:] = 0.0
