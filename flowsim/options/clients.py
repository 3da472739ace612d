"""The customers of the option market: the agents of its programmes, what they deal in, and on which days they roll."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

from flowsim.authoring.declaration import Strategy
from flowsim.authoring.structure import ZERO_COST, Leg, Structure
from flowsim.clock import Rolls
from flowsim.config.spec import MarketSpec, PopulationSpec
from flowsim.files.arrays import Integers
from flowsim.kernel.random import stream_key
from flowsim.options.arrays import Clients


@dataclass(frozen=True)
class Client:
    """One agent of a programme: its parameters, and the calendar of its rolls."""

    name: str
    strategy: Strategy
    agent: int
    parameters: dict[str, float]

    @property
    def legs(self) -> tuple[Leg, ...]:
        """The contracts that it opens at each roll."""
        return self._structure.legs

    def rolls(self, closes: np.ndarray) -> Rolls:
        """Return its roll calendar over the closes.

        Raises
        ------
        InputError
            If a number of the structure is none that the calendar can have.
        """
        return self._structure.calendar(closes, self.parameters)

    @property
    def _structure(self) -> Structure:
        structure = self.strategy.structure
        assert structure is not None
        return structure


def clients_of(spec: MarketSpec) -> list[Client]:
    """Return the agents of all programmes, in the order of the spec."""
    found = []
    for population in spec.populations:
        if population.strategy.structure is not None:
            for agent, row in enumerate(population.parameters.T.tolist()):
                named = dict(zip(population.strategy.parameter_names, row, strict=True))
                found.append(Client(population.name, population.strategy, agent, named))
    return found


def build_clients(
    spec: MarketSpec, kernels: Integers | list[Callable[..., None]], state_at: np.ndarray, market_maker: int
) -> Clients:
    """Return the customers; `kernels` and `state_at` are the populations', `market_maker` an account."""
    clients, programmes = clients_of(spec), spec.programmes
    names = spec.names
    legs = [leg for client in clients for leg in client.legs]
    owners = [client for client in clients for _ in client.legs]
    rows = [names.index(client.name) for client in clients]
    parameters = [np.array(list(client.parameters.values())) for client in clients]
    keys = [stream_key(spec.seed, f"population:{client.name}:{client.agent}") for client in clients]
    hedger = spec.hedger
    called = [kernels[row] for row in rows]
    sizes = [len(client.strategy.state_names) for client in clients]
    return Clients(
        kernels=called if isinstance(kernels, list) else np.array(called, np.int64),
        programme=_integers(programmes.index(client.name) for client in clients),
        programme_account=_integers(names.index(name) for name in programmes),
        uses_noise=_integers(client.strategy.uses_noise for client in clients),
        key_0=np.array([key[0] for key in keys], np.uint64),
        key_1=np.array([key[1] for key in keys], np.uint64),
        params_at=_integers(np.cumsum([0, *(len(p) for p in parameters)])[: len(clients)]),
        state_at=_integers(state_at[row] + c.agent * size for row, c, size in zip(rows, clients, sizes, strict=True)),
        params=np.concatenate(parameters) if parameters else np.zeros(0),
        legs_from=_integers(np.cumsum([0, *(len(client.legs) for client in clients)])),
        leg_call=np.array([float(leg.kind == "call") for leg in legs]),
        leg_strike=np.array([_strike(leg.strike, owner) for leg, owner in zip(legs, owners, strict=True)]),
        leg_quantity=np.array([float(leg.quantity) for leg in legs]),
        dealer=hedger if hedger >= 0 else market_maker,
        hedger=hedger,
        within_bar=_within_bar(spec.populations[hedger]) if hedger >= 0 else 0.0,
    )


def _strike(strike: str, client: Client) -> float:
    return 0.0 if strike == ZERO_COST else client.parameters[strike]


def _within_bar(population: PopulationSpec) -> float:
    return float(population.parameter("within_bar")[0]) if population.moves_price else 0.0


def _integers(values: Iterable[int]) -> np.ndarray:
    return np.array([int(value) for value in values], np.int64)
