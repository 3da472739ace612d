import numpy as np
import polars as pl
import pytest

from flowsim.clock import sessions_after
from flowsim.config import agent_parameters, load
from flowsim.data.prices import Prices, read_prices
from flowsim.testing import Market, live, views_along


@pytest.fixture(scope="session")
def index(shared_folder) -> Prices:
    """Return the real S&P 500 since 1990."""
    prices = read_prices(shared_folder / "data" / "spx_daily.csv")
    recent = prices.dates >= np.datetime64("1990-01-02")
    return Prices(prices.dates[recent], prices.close[recent], prices.source)


@pytest.fixture(scope="session")
def published(shared_folder):
    """Return a function that reads a table of published figures as rows."""
    return lambda name: pl.read_csv(shared_folder / "facts" / name).rows(named=True)


@pytest.fixture(scope="session")
def agents_of():
    """Return a function that gives the parameters of every agent of a population of the config us_equity."""

    def agents(name: str, *settings: str) -> list[object]:
        config = load("us_equity", [f"population.{name}.{setting}" for setting in settings])
        population = config.population[name]
        strategy = config.strategies[population.strategy]
        return [strategy.params(*row) for row in agent_parameters(population, strategy).T.tolist()]

    return agents


@pytest.fixture(scope="session")
def lived():
    """Return a function that runs one agent along a market: dates of decisions, and orders and state by field."""

    def run(rule: object, market: Market, agent: object) -> tuple[object, dict[str, object]]:
        strategy = rule.__flowsim_strategy__
        decisions = live(strategy, agent, views_along(market, strategy.clock))
        columns = {field: np.array([getattr(d.after, field) for d in decisions]) for field in strategy.state_names}
        return market.dates[-len(decisions) :], {"order_bn": np.array([d.order_bn for d in decisions]), **columns}

    return run


@pytest.fixture(scope="session")
def zigzag():
    """Return a function that makes a market whose price goes up and down in turn, by given daily moves."""

    def market(moves: object, first: str = "2019-01-02") -> Market:
        signs = np.where(np.arange(len(moves)) % 2 == 0, 1.0, -1.0)
        return Market(sessions_after(first, len(moves)).dates, np.log(5000.0) + np.cumsum(signs * np.asarray(moves)))

    return market
