"""Lead the rules along a given path: real history, or what a desk supposes of tomorrow.

The day, the kernels and the states are those of the simulation; the price is given and nobody moves it. A lane is a
path, so 64 suppositions are followed at the cost of one. Option programmes stay out.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np

from flowsim.clock import DateLike, sessions_after
from flowsim.config import Config, agent_parameters
from flowsim.kernel.jit import LANES
from flowsim.market.arrays import Curves, MarketState, Rules, copy_state, new_scratch
from flowsim.market.build import build_curves, build_model, build_rules, build_timetable
from flowsim.market.compiling import compile_market
from flowsim.market.day import FINE, run_days
from flowsim.market.faults import run_error
from flowsim.market.prepare import required_history, trading
from flowsim.market.records import new_option_record, new_record
from flowsim.market.rows import FIRST_POPULATION, RV_21, RV_63
from flowsim.market.warm_up import addresses, live_through, new_options, option_call, schedule_from, without_options
from flowsim.options.arrays import OptionCall
from flowsim.options.build import build_listing, new_book
from flowsim.prices import Prices


@dataclass(frozen=True, eq=False)
class Standing:
    """Where the rules of a config stand at the last close of a history, which they have lived through."""

    config: Config
    kernels: list[Any]
    curves: Curves
    history: Prices
    state: MarketState
    rules: Rules

    @property
    def populations(self) -> list[str]:
        """Names of the populations that trade, in the order of the config."""
        return list(self.config.population)


class Followed(NamedTuple):
    """What the rules did along some paths; the last axis is the path.

    `flow` is what was traded in each session and `wanted` what the rules wished to hold at its close, both USD bn and
    of shape (days, populations, paths); `wanted` is nan for a rule without an exposure. `rv_21` and `rv_63`,
    (days, paths), are realized volatilities, annualized fractions. `state` is that after the last day.
    """

    dates: np.ndarray
    flow: np.ndarray
    wanted: np.ndarray
    rv_21: np.ndarray
    rv_63: np.ndarray
    state: MarketState


def stand(config: Config, prices: Prices, as_of: DateLike, *, name: str = "as_of") -> Standing:
    """Let the rules live through the history up to a close.

    `name` is what messages call the date.

    Raises
    ------
    InputError
        If the date is no session, outside the prices, or has too little history before it.
    """
    config = without_option_trade(trading(config))
    history = prices.require_history(as_of, *required_history(config), name=name)
    kernels, curves = compile_market(config), build_curves(config)
    state, _ = live_through(config, kernels, curves, history)
    return Standing(config, kernels, curves, history, state, build_rules(config, addresses(kernels), 1, 1))


def without_option_trade(config: Config) -> Config:
    """Return the config without options, the programmes that trade them, and the dealers who hedge them."""
    stock = {name: p for name, p in config.population.items() if not config.strategies[p.strategy].trades_options}
    return without_options(config).model_copy(update={"population": stock})


class Lead:
    """The rules of a standing on their way: the calendar of the days to come, and arrays to work on."""

    def __init__(self, standing: Standing, days: int) -> None:
        self.standing = standing
        self.dates = sessions_after(standing.history.dates[-1], days + 1).dates
        self.timetable = build_timetable(standing.config, self.dates, 1)
        self.model = build_model(standing.config, float(standing.history.close[-1]), replaying=True)
        self.scratch = new_scratch(len(standing.populations))
        self.record = new_record(1, len(standing.populations), ("flows",), by_step=False, every=1)
        self.held = _exposure_rows(standing.config, standing.rules)
        self.listing = build_listing(standing.config, self.dates)

    def along(self, returns: np.ndarray, paths: int) -> Followed:
        """Follow log returns of shape (days,) or (days, paths) from where the rules stand; see `follow`."""
        standing, days, record = self.standing, len(returns), self.record
        timetable = self.timetable._replace(given_return=_in_lanes(returns))
        state, call = copy_state(standing.state), self._no_options()
        flow = np.empty((days, len(standing.populations), paths))
        wanted, vols = np.full_like(flow, np.nan), np.empty((2, days, paths))
        for day in range(days):
            arrays = (timetable, standing.rules, self.model, standing.curves, state, self.scratch, record, call)
            if run_days(*arrays, day, day + 1, 0, LANES) != FINE:
                raise run_error(standing.config, self.scratch.fault, self.dates, timetable.steps_per_day, None)
            record.row[0] = 0
            flow[day] = record.flow[0, FIRST_POPULATION:, :paths]
            _wish(state, self.held, wanted[day])
            vols[:, day] = state.seen[[RV_21, RV_63], :paths]
        return Followed(self.dates[:days], flow, wanted, vols[0], vols[1], schedule_from(state, days))

    def _no_options(self) -> OptionCall:
        standing = self.standing
        listed = self.listing, new_book(self.listing, 0, np.zeros(1))
        kept = new_option_record(0, 0, ())
        options = (standing.config, standing.rules, standing.state, self.scratch, listed, kept)
        return option_call(new_options(*options, replaying=True))


def follow(standing: Standing, returns: np.ndarray, *, paths: int = 1) -> Followed:
    """Lead the rules along log returns of shape (days,) or (days, up to 64 paths); where they stand stays as it is.

    Raises
    ------
    RunError
        If a rule breaks.
    """
    return Lead(standing, len(returns)).along(returns, paths)


def wanted_now(standing: Standing) -> np.ndarray:
    """Return what the rules wish to hold where they stand, USD bn, (populations,); nan for one without an exposure."""
    wanted = np.full((len(standing.populations), 1), np.nan)
    _wish(standing.state, _exposure_rows(standing.config, standing.rules), wanted)
    return wanted[:, 0]


def _wish(state: MarketState, held: list[tuple[int, np.ndarray, int]], wanted: np.ndarray) -> None:
    """Write what the rules wish to hold, USD bn, (populations, paths)."""
    agents = state.agents.reshape(-1, LANES)
    for row, capital, first in held:
        wanted[row] = capital @ agents[first : first + len(capital), : wanted.shape[1]]


def moved_on(standing: Standing, prices: Prices, followed: Followed) -> Standing:
    """Return where the rules stand after real closes that they were led along; `prices` hold them."""
    end = int(np.searchsorted(prices.dates, followed.dates[-1])) + 1
    known = Prices(prices.dates[:end], prices.close[:end], prices.source)
    return replace(standing, history=known, state=followed.state)


def _exposure_rows(config: Config, rules: Rules) -> list[tuple[int, np.ndarray, int]]:
    """Return population, capital of each agent (USD bn) and first row of the exposures, of those that have one."""
    rows = []
    for row, population in enumerate(config.population.values()):
        if rules.exposure_row[row] >= 0:
            strategy = config.strategies[population.strategy]
            capital = agent_parameters(population, strategy)[strategy.parameter_names.index("capital_bn")]
            rows.append((row, capital, int(rules.state_at[row] + rules.exposure_row[row] * population.agents)))
    return rows


def _in_lanes(returns: np.ndarray) -> np.ndarray:
    """Return one path a lane; lanes beyond the last path repeat it."""
    by_path = returns.reshape(len(returns), -1)
    more = LANES - by_path.shape[1]
    return np.concatenate([by_path, np.repeat(by_path[:, -1:], more, axis=1)], axis=1)
