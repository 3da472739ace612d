"""Bring a market to its start: the rules live through real history before the first simulated day.

Averages, realized volatilities, trend states, positions and orders under way are not guessed: the same rules run along
the real closes, without moving the price, until the start date. What they then hold is where the simulation begins.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from flowsim.clock import require_session, sessions_after
from flowsim.config import Config, agent_parameters
from flowsim.kernel.jit import LANES, PLAIN
from flowsim.kernel.rule_kernel import block_kernel
from flowsim.market.arrays import (
    Curves,
    MarketState,
    Model,
    Record,
    Rules,
    Timetable,
    copy_state,
    new_scratch,
    new_state,
    zeros,
)
from flowsim.market.build import build_curves, build_model, build_rules, build_timetable, schedule_horizon
from flowsim.market.day import FINE, run_days
from flowsim.market.faults import run_error
from flowsim.market.liquidity import TRADING_DAYS
from flowsim.market.recording import MARKET_COLUMNS
from flowsim.market.rows import (
    ADV_BN,
    CUT_PROBABILITY,
    FIRST_POPULATION,
    FUNDAMENTAL_GAP,
    INVENTORY_BN,
    LOG_PRICE,
    MARKET_VOL,
    PRICE,
    RING,
)
from flowsim.prices import Prices, default_prices, read_prices
from flowsim.strategy import View

WINDOW = 252
"""Longest window of the view, in sessions: it must be full before the first rule decides."""


@dataclass(frozen=True, eq=False)
class Market:
    """A market at its start, ready to be stepped: every block of paths begins with a copy of `start`."""

    config: Config
    history: Prices
    dates: np.ndarray
    model: Model
    curves: Curves
    timetable: Timetable
    rules: Rules
    start: MarketState
    kernels: list[Any]

    @property
    def populations(self) -> list[str]:
        """Names of the populations that trade, in the order of the config."""
        return list(self.config.population)

    @property
    def sources(self) -> list[str]:
        """Names of the sources of a price move, in the order of the engine's rows."""
        return ["news", "policy", *self.populations]

    @property
    def accounts(self) -> list[str]:
        """Names of the ledger's accounts, in the order of the engine's rows."""
        return [*self.populations, "market_maker", "holders"]


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
    config = _trading(config)
    start = np.datetime64(config.time.start)
    require_session(start, "time.start")
    needed, why = required_history(config)
    history = (prices or configured_prices(config)).require_history(start, needed, why)
    kernels = [block_kernel(config.strategies[p.strategy]) for p in config.population.values()]
    model = build_model(config, float(history.close[-1]), replaying=False)
    curves = build_curves(config)
    state = live_through(config, kernels, curves, history)
    days = config.time.days
    dates = sessions_after(start, days + 1).dates
    bars = config.time.bars_per_day
    anticipation = foreseen(config, kernels, curves, state, start, history) if anticipates(config) else None
    rules = build_rules(config, addresses(kernels), days, bars, anticipation)
    begin(config, state, model, rules.maker)
    return Market(
        config=config,
        history=history,
        dates=dates[:days],
        model=model,
        curves=curves,
        timetable=build_timetable(config, dates, bars),
        rules=rules,
        start=state,
        kernels=kernels,
    )


def configured_prices(config: Config) -> Prices:
    """Return the price history that the config names."""
    return default_prices() if config.history.prices == "sp500" else read_prices(config.history.prices)


def required_history(config: Config) -> tuple[int, str]:
    """Return the sessions of history that a config needs, and what needs them."""
    longest, why = 1.0, "the longest window that a rule can see"
    for name, population in config.population.items():
        strategy = config.strategies[population.strategy]
        for agent in agent_parameters(population, strategy).T:
            lookback = strategy.lookback_days(strategy.params(*agent))
            if lookback > longest:
                longest, why = lookback, f"population.{name} (lookback {lookback:.0f} sessions)"
    return WINDOW + 1 + int(np.ceil(longest)), why


def live_through(config: Config, kernels: list[Any], curves: Curves, history: Prices) -> MarketState:
    """Return the state after the rules have followed the real closes up to the last one, without moving them."""
    log_close = _log(history.close)
    returns = np.diff(log_close)
    model = build_model(config, float(history.close[-1]), replaying=True)
    dates = np.concatenate([history.dates[1:], sessions_after(history.dates[-1], 1).dates])
    timetable = build_timetable(config, dates, 1, returns)
    nobody = build_rules(_without_populations(config), addresses([]), len(returns), 1)
    state = _opening_state(config, curves, history)
    replay(timetable, nobody, model, curves, state, WINDOW - 1, WINDOW)
    rules = build_rules(config, addresses(kernels), len(returns), 1)
    state = with_populations(config, curves, state)
    fault = replay(timetable, rules, model, curves, state, WINDOW, len(returns))
    if fault is not None:
        raise run_error(config, fault, dates, timetable.steps_per_day, None)
    return _schedule_from(state, len(returns))


def replay(
    timetable: Timetable, rules: Rules, model: Model, curves: Curves, state: MarketState, first: int, last: int
) -> np.ndarray | None:
    """Step a state along given returns, keeping no record; return what broke (`Scratch.fault`), or None."""
    scratch = new_scratch(len(rules.clock))
    status = run_days(timetable, rules, model, curves, state, scratch, no_record(), first, last, 0, LANES)
    return None if status == FINE else scratch.fault


def addresses(kernels: list[Any]) -> Any:
    """Return what the engine calls: addresses of compiled kernels, or the kernels themselves in plain Python."""
    return list(kernels) if PLAIN else np.array([kernel.address for kernel in kernels], np.int64)


def no_record() -> Record:
    """Return a record that keeps nothing."""
    return new_record(0, 0, (), by_step=False, every=1 << 40)


def new_record(rows: int, n_populations: int, tables: tuple[str, ...], *, by_step: bool, every: int) -> Record:
    """Allocate the record of a chunk of days; a table that is not asked for has no rows."""

    def block(table: str, columns: int) -> np.ndarray:
        return zeros(rows if table in tables else 0, columns, LANES)

    return Record(
        by_step=int(by_step),
        every=every,
        market=block("market", len(MARKET_COLUMNS)),
        flow=block("flows", n_populations + FIRST_POPULATION),
        contribution=block("flows", n_populations + FIRST_POPULATION),
        exposure=block("positions", n_populations + 2),
        agents_long=block("positions", n_populations),
        agents_short=block("positions", n_populations),
        row=np.zeros(1, np.int64),
        log_price=zeros(LANES),
    )


def with_populations(config: Config, curves: Curves, state: MarketState) -> MarketState:
    """Return a state with room for the populations of a config, each agent at its rule's first state."""
    view = View(*state.seen[:, 0].tolist())
    blocks = []
    for population in config.population.values():
        strategy = config.strategies[population.strategy]
        parameters = agent_parameters(population, strategy)
        first = [strategy.first_state(view, strategy.params(*agent)) for agent in parameters.T.tolist()]
        blocks.append(np.array(first, float).reshape(population.agents, len(strategy.state_names)).T.ravel())
    agents = np.concatenate(blocks) if blocks else np.zeros(0)
    grown = new_state(len(config.population), len(curves.mode_rate), schedule_horizon(config), agents.size)
    kept = {name: getattr(state, name) for name in MarketState._fields if name in _MARKET_WIDE}
    return copy_state(grown._replace(agents=np.repeat(agents, LANES), **kept))


_MARKET_WIDE = (
    "seen",
    "closes",
    "n_closes",
    "variances",
    "log_value",
    "expected_bp",
    "liquidity",
    "pent_up",
    "easing",
    "breaker",
)


def begin(config: Config, state: MarketState, model: Model, maker: int) -> None:
    """Set what starts at the start: value, policy, and the ledger.

    Exposures stay what the rules hold. Whoever only adds up purchases starts from zero, and long-term holders are on
    the other side of it all.
    """
    gap = np.log1p(config.fundamental.initial_gap_pct / 100.0)
    state.log_value[:] = state.seen[LOG_PRICE] + gap
    state.seen[FUNDAMENTAL_GAP] = gap
    state.expected_bp[:] = model.first_expected_bp
    state.seen[CUT_PROBABILITY] = config.policy.initial_cut_probability
    state.transient[:] = 0.0
    for row, population in enumerate(config.population.values()):
        strategy = config.strategies[population.strategy]
        if "exposure" not in strategy.state_names and not strategy.provides_liquidity:
            state.shares[row] = 0.0
    state.shares[len(config.population)] = 0.0
    state.shares[-1] = -state.shares[:-1].sum(axis=0)
    state.seen[INVENTORY_BN] = state.shares[maker]
    state.cash[:] = 0.0


def anticipates(config: Config) -> bool:
    """Tell whether liquidity providers trade ahead of anybody."""
    return any(population.anticipated > 0.0 for population in config.population.values())


def foreseen(
    config: Config, kernels: list[Any], curves: Curves, state: MarketState, start: np.datetime64, history: Prices
) -> np.ndarray:
    """Return what is traded ahead of each day less what was traded ahead before, USD bn, (populations, days).

    What one can foresee of a flow is what the same rules would do on the coming dates if the market stayed as
    volatile as it is and went nowhere: days of plus and minus one daily volatility in turn. Each day's foreseen flow is
    spread evenly over the `anticipation_days` before it, so impact comes earlier and none is made or lost.
    """
    ahead, days = config.market.anticipation_days, config.time.days
    dates = sessions_after(start, days + ahead + 1).dates
    daily_vol = np.sqrt(np.mean(np.diff(_log(history.close[-64:])) ** 2))
    returns = daily_vol * np.where(np.arange(days + ahead) % 2 == 0, 1.0, -1.0)
    timetable = build_timetable(config, dates, 1, returns)
    rules = build_rules(config, addresses(kernels), days + ahead, 1)
    record = new_record(days + ahead, len(config.population), ("flows",), by_step=False, every=1)
    model = build_model(config, float(history.close[-1]), replaying=True)
    scratch = new_scratch(len(config.population))
    arrays = (timetable, rules, model, curves, copy_state(state), scratch, record)
    if run_days(*arrays, 0, days + ahead, 0, LANES) != FINE:
        raise run_error(config, scratch.fault, dates, timetable.steps_per_day, None)
    flow = record.flow[:, FIRST_POPULATION:, 0].T
    share = np.array([population.anticipated for population in config.population.values()])[:, None]
    total = np.concatenate([np.zeros((len(share), 1)), np.cumsum(flow, axis=1)], axis=1)
    coming = (total[:, ahead + 1 :][:, :days] - total[:, 1 : days + 1]) / ahead
    return np.ascontiguousarray(share * (coming - flow[:, :days]))


def _trading(config: Config) -> Config:
    trading = {name: population for name, population in config.population.items() if population.capital_bn > 0.0}
    return config.model_copy(update={"population": trading})


def _log(values: np.ndarray) -> np.ndarray:
    """Logarithms one by one: numpy's own differ in the last bit between processors."""
    return np.array([math.log(value) for value in values])


def _without_populations(config: Config) -> Config:
    return config.model_copy(update={"population": {}})


def _opening_state(config: Config, curves: Curves, history: Prices) -> MarketState:
    """Fill the ring with the first closes of the history; variances start at their mean square."""
    state = new_state(0, len(curves.mode_rate), 2, 0)
    log_close = _log(history.close[:WINDOW])
    squares = np.diff(log_close) ** 2
    state.closes[:] = log_close[0]
    state.closes[:WINDOW] = log_close[:, None]
    state.n_closes[0] = WINDOW
    state.variances[:] = squares.mean()
    for square in squares:
        state.variances[:] = (
            curves.variance_keep[:, None] * state.variances + (1.0 - curves.variance_keep[:, None]) * square
        )
    state.seen[LOG_PRICE] = log_close[-1]
    state.seen[PRICE] = history.close[WINDOW - 1]
    state.seen[ADV_BN] = config.market.adv_bn
    state.seen[MARKET_VOL] = np.sqrt(TRADING_DAYS * np.dot(config.market.depth_weights, state.variances[:, 0]))
    assert WINDOW < RING
    return state


def _schedule_from(state: MarketState, day: int) -> MarketState:
    """Turn the ring of scheduled orders so that `day` becomes day 0."""
    return state._replace(schedule=np.ascontiguousarray(np.roll(state.schedule, -day, axis=1)))
