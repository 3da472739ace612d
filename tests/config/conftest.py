from collections.abc import Callable
from pathlib import Path

import pytest

from flowsim.config import load
from flowsim.errors import ConfigError

TOY_STRATEGIES = '''
"""Rules for tests: one on the day clock with every kind of parameter, one on the bar clock, and a desk and a customer
of the option market."""

from flowsim.strategy import Annotated, Field, Leg, NamedTuple, Structure, View, strategy

Capital = Annotated[float, Field("capital", "USD bn", 0.0)]


class Follower(NamedTuple):
    capital_bn: Capital
    span_days: Annotated[float, Field("length of the average", "sessions", 2.0, 500.0)]
    target_vol: Annotated[float, Field("volatility aimed at", "annualized, as a fraction", 0.0, 1.0)]
    lookback: Annotated[float, Field("window", "sessions", choices=(21.0, 63.0))] = 21.0


class Fund(NamedTuple):
    capital_bn: Annotated[float, Field("capital", "USD bn", 0.5)]


class Customer(NamedTuple):
    capital_bn: Capital
    strike: Annotated[float, Field("strike over the index", "", 0.5, 1.5)]


class Desk(NamedTuple):
    capital_bn: Capital
    within_bar: Annotated[float, Field("part hedged within a bar", "", 0.0, 1.0)]


class Nothing(NamedTuple):
    exposure: float = 0.0


@strategy(clock="day", source="a test")
def toy_follower(view: View, params: Follower, state: Nothing, noise: float) -> tuple[Nothing, float]:
    return state, 0.0


@strategy(clock="bar", source="a test")
def toy_hedger(view: View, params: Fund, state: Nothing, noise: float) -> tuple[Nothing, float]:
    return state, 0.0


@strategy(clock="day", source="a test", provides_liquidity=True)
def toy_provider(view: View, params: Fund, state: Nothing, noise: float) -> tuple[Nothing, float]:
    return state, 0.0


@strategy(clock="roll", source="a test", structure=Structure("month_end", "month_end", (Leg("put", "strike"),)))
def toy_customer(view: View, params: Customer, state: Nothing, noise: float) -> tuple[Nothing, float]:
    return state, 1.0


@strategy(clock="bar", source="a test", hedges_options=True)
def toy_dealer(view: View, params: Desk, state: Nothing, noise: float) -> tuple[Nothing, float]:
    return state, view.hedge_gap_bn
'''

MARKET = """
extends = "plain"
strategy_folders = ["rules"]

[population.follower]
strategy = "toy_follower"
agents = 4
capital_bn = 80
target_vol = [0.05, 0.10]
span_days = { dist = "lognormal", median = 120, sigma = 0.3 }

[population.hedger]
strategy = "toy_hedger"
agents = 2
capital_bn = 10
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the working directory of a user who has strategies of their own in rules/, and a config, market.toml."""
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "toy.py").write_text(TOY_STRATEGIES)
    (tmp_path / "market.toml").write_text(MARKET)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def problems_with(folder: Path) -> Callable[..., list[str]]:
    """Return a function that gives the problems of market.toml with settings applied."""

    def problems(*settings: str, source: str = "market.toml") -> list[str]:
        with pytest.raises(ConfigError) as caught:
            load(source, settings)
        return caught.value.problems

    return problems
