"""What a market is made of is resolved once, and a smaller market is made in one place."""

import numpy as np
import pytest
from helpers.markets import market_config, population

from flowsim.config import agent_parameters, load
from flowsim.config.spec import MarketSpec


@pytest.fixture(scope="module")
def spec() -> MarketSpec:
    return load("us_equity").spec()


def test_populations_stand_in_the_order_of_the_config_and_those_without_capital_are_left_out():
    config = market_config({name: population("cta") for name in ("late", "idle", "early")})
    assert config.override("population.idle.capital_bn = 0").spec().names == ["late", "early"]
    assert list(config.override("population.idle.capital_bn = 0").active().population) == ["late", "early"]


def test_every_agent_has_the_parameters_that_the_config_draws_for_it(spec):
    config = load("us_equity")
    for one in spec.populations:
        drawn = agent_parameters(config.population[one.name], one.strategy)
        np.testing.assert_array_equal(one.parameters, drawn)
        assert one.parameters.shape == (len(one.strategy.parameter_names), one.agents)
        assert one.parameter("capital_bn").sum() == pytest.approx(config.population[one.name].capital_bn)


def test_a_market_without_options_has_neither_programmes_nor_dealers_and_lists_none(spec):
    stock = spec.only(options=False)
    assert spec.programmes
    assert spec.names[spec.hedger] == "dealer"
    assert (stock.programmes, stock.hedger, stock.options.listed) == ([], -1, False)
    assert stock.names == [name for name in spec.names if name not in {*spec.programmes, "dealer"}]


def test_chosen_populations_keep_the_order_of_the_market(spec):
    chosen = spec.only(reversed(spec.names[:3]))
    assert chosen.names == spec.names[:3]
    assert chosen.options.listed
    assert spec.only(()).names == []


def test_a_market_is_named_by_all_but_its_seed():
    config = market_config({"trend": population("cta"), "noise": population("noise_trading")})
    digests = {config.override(f"seed = {seed}").spec().digest_without_seed for seed in (1, 2)}
    assert len(digests) == 1
    for setting in ("market.adv_bn = 401", "population.trend.agents = 3", "population.trend.anticipated = 0.5"):
        digests.add(config.override(setting).spec().digest_without_seed)
    assert len(digests) == 4
