"""A population as the plain market keeps it: agents, orders on the way, account, and the impacts it has had."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

from twin.plain_random import Stream, stream_key

from flowsim.authoring.declaration import Strategy
from flowsim.authoring.view import View
from flowsim.config import Population, agent_parameters
from flowsim.config.population import Execution
from flowsim.engine.prepare import Market


@dataclass
class Trader:
    """One population: its agents, its orders on the way, its account, and the impacts it has had."""

    population: Population
    strategy: Strategy
    stream: Stream
    agents: list[tuple[object, object]]  # (parameters, state)
    due: dict[int, float]  # USD bn by day of execution
    backlog: float
    shares: float
    ahead: dict[int, float]  # USD bn by day that others trade ahead of it, less what they did before
    impacts: list[tuple[float, float]] = field(default_factory=list)  # (log return when new, business time)
    cash: float = 0.0
    today: float = 0.0

    @property
    def execution(self) -> Execution:
        """How its orders are worked."""
        return self.population.execution or Execution()

    def ask(self, observables: dict[str, float], path: int, counter: int) -> float:
        """Let every agent decide on what it sees, and return the sum of their orders."""
        total = 0.0
        for number, (params, state) in enumerate(self.agents):
            noise = self.stream.normals(path, counter, number // 2)[number % 2] if self.strategy.uses_noise else 0.0
            new, order = self.strategy.rule(View(**observables), params, state, noise)
            self.agents[number] = (params, new)
            total += order
        return total


def starting_traders(market: Market, path: int) -> list[Trader]:
    """Return the populations as they stand at the start of a market."""
    return [_trader(market, path, row, name) for row, name in enumerate(market.config.population)]


def _trader(market: Market, path: int, row: int, name: str) -> Trader:
    config, start, lane = market.config, market.start, path % 64
    population, where = config.population[name], "" if market.name == "equity" else f":{market.name}"
    strategy = config.strategies[population.strategy]
    parameters = agent_parameters(population, strategy).T.tolist()
    first, size = int(market.rules.state_at[row]), len(strategy.state_names) * population.agents
    states = start.agents.reshape(-1, 64)[first : first + size, lane].reshape(-1, population.agents).T.tolist()
    return Trader(
        population=population,
        strategy=strategy,
        stream=Stream(stream_key(config.seed, f"population:{name}{where}"), config.antithetic),
        agents=[(strategy.params(*p), strategy.state(*s)) for p, s in zip(parameters, states, strict=True)],
        due=defaultdict(float, enumerate(start.schedule[row, :, lane].tolist())),
        backlog=float(start.backlog[row, lane]),
        shares=float(start.shares[row, lane]),
        ahead=defaultdict(float),
    )
