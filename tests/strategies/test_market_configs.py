"""Configs drawn for users' tests load, run, and hold the strategies that were asked for."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowsim.authoring.declaration import Strategy
from flowsim.authoring.discovery import discover, rules_in
from flowsim.config import Config
from flowsim.ensemble.simulation import simulate
from flowsim.testing import configs

OWN = """
from flowsim.strategy import Annotated, Field, NamedTuple, View, strategy


class Desk(NamedTuple):
    capital_bn: Annotated[float, Field("capital", "USD bn", 0.0)]


class Held(NamedTuple):
    position: float = 0.0


@strategy(clock="day", source="none", laws=(), examples=(Desk(10.0),))
def contrarian(view: View, desk: Desk, held: Held, noise: float) -> tuple[Held, float]:
    \"""Hold against the last return.\"""
    wanted = -10.0 * view.day_return
    return Held(wanted), (wanted - held.position) * desk.capital_bn
"""


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Strategy:
    file: Path = tmp_path_factory.mktemp("rules") / "contrarian.py"
    file.write_text(OWN)
    [rule] = rules_in(file)
    return rule


@settings(max_examples=12)
@given(configs(days=3))
def test_any_config_runs(config: Config) -> None:
    market = simulate(config, 2, threads=1).market.collect()
    assert len(market) == 2 * 3
    assert market["price"].is_finite().all()


@given(st.data(), st.sampled_from(sorted(discover())))
def test_what_is_required_is_among_the_populations(data: st.DataObject, name: str) -> None:
    config = data.draw(configs(discover()[name]))
    assert name in {population.strategy for population in config.population.values()}
    assert len(config.population) <= 1 + 3 + 1


@settings(max_examples=3)
@given(st.data())
def test_a_rule_of_ones_own_trades_in_the_market_that_is_drawn(own: Strategy, data: st.DataObject) -> None:
    config = data.draw(configs(own, days=3))
    sources = simulate(config, 1, threads=1).flows.collect()["source"].unique()
    assert ("contrarian" in sources) == (config.population["contrarian"].capital_bn > 0.0)
