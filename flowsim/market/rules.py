"""The populations as the engine reads them: kernels, parameters, and how their orders are executed."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from flowsim.authoring.declaration import Strategy
from flowsim.authoring.rows import CLOCK_BAR, CLOCK_DAY, CLOCK_LAST_BAR, CLOCK_ROLL
from flowsim.clock import execution_profile
from flowsim.config.spec import MarketSpec, PopulationSpec
from flowsim.files.arrays import Floats
from flowsim.kernel.random import stream_key
from flowsim.market.arrays import Rules
from flowsim.market.day_kinds import DayKinds, session_kinds
from flowsim.market.registry import HOLDERS, MARKET_MAKER, Registry

CLOCKS = {"day": CLOCK_DAY, "bar": CLOCK_BAR, "last_bar": CLOCK_LAST_BAR, "roll": CLOCK_ROLL}


def build_rules(
    spec: MarketSpec,
    registry: Registry,
    kernels: Any,
    days: int,
    bars_per_day: int,
    anticipation: np.ndarray | None = None,
    kinds: DayKinds | None = None,
) -> Rules:
    """Return the populations with their kernels and parameters, in the order of the spec.

    `kernels` are addresses, or in plain Python callables; `anticipation`, (populations, days), is what is traded ahead
    of each day, USD bn, if anybody does. `kinds` are the sorts of days where nights are cut into bars.
    """
    kinds = kinds or session_kinds(np.zeros(0, bool))
    populations = list(spec.populations)
    strategies = [population.strategy for population in populations]
    parameters = [population.parameters for population in populations]
    keys = [stream_key(spec.seed, spec.stream_of(name)) for name in spec.names]
    providers = [row for row, strategy in enumerate(strategies) if strategy.provides_liquidity]
    n = len(populations)
    return Rules(
        kernels=kernels,
        clock=_integers(CLOCKS[s.clock] for s in strategies),
        agents=_integers(p.agents for p in populations),
        uses_noise=_integers(s.uses_noise for s in strategies),
        trades_overnight=_integers(s.trades_overnight for s in strategies),
        is_provider=_integers(s.provides_liquidity for s in strategies),
        impact_share=np.array([_impact_share(p) for p in populations], float),
        exposure_row=_integers(exposure_row(s) for s in strategies),
        key_0=np.array([key[0] for key in keys], np.uint64),
        key_1=np.array([key[1] for key in keys], np.uint64),
        params_at=_offsets([block.size for block in parameters]),
        state_at=_offsets([p.state_size for p in populations]),
        params=np.concatenate([block.ravel() for block in parameters]) if n else np.zeros(0),
        lag_days=_integers(p.execution.lag_days for p in populations),
        days=_integers(p.execution.days for p in populations),
        bar_weight=_bar_weights(populations, bars_per_day, kinds),
        participation_cap=np.array([_cap(p) for p in populations], float),
        anticipation=np.zeros((0, days)) if anticipation is None else anticipation,
        first_source=registry.first_population,
        market_maker=providers[0] if providers else registry.accounts.index(MARKET_MAKER),
        holders=registry.accounts.index(HOLDERS),
        no_backlog=_integers(s.provides_liquidity or s.hedges_options for s in strategies),
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


def _impact_share(population: PopulationSpec) -> float:
    """Return the share of a population's flow that the price feels: providers' own moves none."""
    return float(population.moves_price and not population.strategy.provides_liquidity)


def _integers(values: Any) -> np.ndarray:
    return np.array([int(value) for value in values], np.int64)


def _offsets(sizes: Sequence[int]) -> np.ndarray:
    return np.concatenate([[0], np.cumsum(sizes, dtype=np.int64)])[: len(sizes)].astype(np.int64)


def _bar_weights(populations: list[PopulationSpec], bars_per_day: int, kinds: DayKinds) -> Floats:
    """Return the share of a day's order that trades in each step, (populations, kinds, steps): none of it at night."""
    steps = int((kinds.night_steps + kinds.session_bars(bars_per_day)).max())
    weights = np.zeros((len(populations), len(kinds.night_steps), steps))
    for row, population in enumerate(populations):
        for kind, (night, half) in enumerate(zip(kinds.night_steps.tolist(), kinds.half_day.tolist(), strict=True)):
            profile = execution_profile(population.execution.profile, bars_per_day, half)
            weights[row, kind, night : night + len(profile)] = profile
    return weights
