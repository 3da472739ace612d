"""What a market is made of, resolved: a config's settings, and its populations with the parameters of every agent.

Builders of arrays take this and ask no config. A smaller market, without some populations or without options, is made
here and nowhere else: `MarketSpec.only`.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from flowsim.authoring.declaration import Strategy
from flowsim.config.asset import LEAD, Hours
from flowsim.config.described import Table
from flowsim.config.draws import agent_parameters
from flowsim.config.macro import Macro
from flowsim.config.population import Execution, Population
from flowsim.config.schema import (
    Fundamental,
    Liquidity,
    Market,
    Options,
    Policy,
    Record,
    Sentiment,
    Time,
    VixFutures,
    VixProducts,
)


@dataclass(frozen=True, eq=False)
class PopulationSpec:
    """A population that trades: its rule, the parameters of every agent, and how its orders are worked."""

    name: str
    strategy: Strategy
    agents: int
    parameters: NDArray[np.float64]  # (fields, agents), rows in the order of `strategy.parameter_names`
    moves_price: bool
    anticipated: float  # fraction of a predictable flow that liquidity providers trade ahead of
    execution: Execution

    def parameter(self, name: str) -> NDArray[np.float64]:
        """Return one parameter of every agent, shape (agents,)."""
        return self.parameters[self.strategy.parameter_names.index(name)]

    @property
    def state_size(self) -> int:
        """Numbers of state that all its agents have together."""
        return self.agents * len(self.strategy.state_names)


class Loading(NamedTuple):
    """A market whose news another one shares, their correlation, and whether it never closes."""

    market: str
    correlation: float
    never_closes: bool


@dataclass(frozen=True, eq=False)
class Beside:
    """What a market beside the first one has of the others, and `hours` if it never closes."""

    name: str
    hours: Hours | None
    loadings: tuple[Loading, ...]
    release_loading: float
    jump_loading: float
    lead: Fundamental  # of the first market
    lead_hours: Market

    @property
    def own_news(self) -> float:
        """Standard deviation of what is its own in its news, as a part of the whole."""
        return math.sqrt(max(1.0 - math.fsum(one.correlation * one.correlation for one in self.loadings), 0.0))


@dataclass(frozen=True, eq=False)
class MarketSpec:
    """A market to build: settings as the config has them, and the populations that trade, in its order."""

    seed: int
    antithetic: bool
    strategy_folders: tuple[Path, ...]
    time: Time
    market: Market
    fundamental: Fundamental
    policy: Policy
    liquidity: Liquidity
    sentiment: Sentiment
    options: Options
    macro: Macro | None
    record: Record
    populations: tuple[PopulationSpec, ...]
    vix_futures: VixFutures | None = None
    vix_products: VixProducts | None = None
    beside: Beside | None = None

    @property
    def name(self) -> str:
        """Name of the market among those of a run."""
        return LEAD if self.beside is None else self.beside.name

    @property
    def hours(self) -> Hours | None:
        """The hours outside the session, where the market never closes."""
        return None if self.beside is None else self.beside.hours

    def stream(self, what: str) -> str:
        """Return the name of a random stream of the market's own, such as ``market:news`` or ``market:btc:news``."""
        return f"market:{what}" if self.beside is None else f"market:{self.beside.name}:{what}"

    def stream_of(self, population: str) -> str:
        """Return the name of a population's random stream."""
        return f"population:{population}" + ("" if self.beside is None else f":{self.beside.name}")

    @property
    def names(self) -> list[str]:
        """Names of the populations."""
        return [population.name for population in self.populations]

    @property
    def programmes(self) -> list[str]:
        """Names of the option programmes: populations whose strategy deals in a structure of options."""
        return [population.name for population in self.populations if population.strategy.structure is not None]

    @property
    def hedger(self) -> int:
        """Row of the population that hedges the options, -1 for none."""
        hedges = [population.strategy.hedges_options for population in self.populations]
        return hedges.index(True) if True in hedges else -1

    def population(self, name: str) -> PopulationSpec:
        """Return a population by name."""
        return self.populations[self.names.index(name)]

    def only(self, populations: Iterable[str] | None = None, *, options: bool = True) -> MarketSpec:
        """Return a smaller market.

        Parameters
        ----------
        populations : iterable of str, optional
            Names of those to keep, in the order that they have; all by default.
        options : bool
            False lists no options, and leaves out the programmes that trade them and the dealers who hedge them.
        """
        kept = set(self.names if populations is None else populations)
        chosen = [one for one in self.populations if one.name in kept]
        if options:
            return replace(self, populations=tuple(chosen))
        unlisted = self.options.model_copy(update={"listed": False})
        stock = tuple(one for one in chosen if not one.strategy.trades_options)
        return replace(self.without_futures(), populations=stock, options=unlisted)

    def without_futures(self) -> MarketSpec:
        """Return the market without VIX futures and who trades them."""
        return replace(self, vix_futures=None, vix_products=None)

    @property
    def digest_without_seed(self) -> str:
        """SHA-256, in hexadecimal, of all settings, populations and texts of rules, but of no random stream's key."""
        digest = hashlib.sha256()
        for field in fields(self):
            value = getattr(self, field.name)
            if isinstance(value, Table):
                digest.update(f"{field.name} {value.model_dump_json()}\n".encode())
        digest.update(f"{self.antithetic}\n".encode())
        for one in self.populations:
            rule = f"{one.strategy.name} {one.strategy.text_digest} {one.agents} {one.moves_price} {one.anticipated!r}"
            digest.update(f"{one.name} {rule} {one.execution.model_dump_json()}\n".encode())
            digest.update(np.ascontiguousarray(one.parameters).tobytes())
        return digest.hexdigest()


def population_specs(
    populations: Mapping[str, Population], strategies: Mapping[str, Strategy]
) -> tuple[PopulationSpec, ...]:
    """Return the populations with capital, resolved; those without are switched off."""
    return tuple(
        PopulationSpec(
            name=name,
            strategy=strategies[one.strategy],
            agents=one.agents,
            parameters=agent_parameters(one, strategies[one.strategy]),
            moves_price=one.moves_price,
            anticipated=one.anticipated,
            execution=one.execution or Execution(),
        )
        for name, one in populations.items()
        if one.capital_bn > 0.0
    )
