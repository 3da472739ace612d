"""Nobody's random numbers depend on anybody else: arms of an experiment share every draw that they both make."""

import numpy as np
import pytest
from helpers.markets import BUILT_IN, PROGRAMMES, Block, market_config, population, simulated

from flowsim.config import Config

NOISE, OTHER_NOISE = population("noise_trading", agents=3), population("noise_trading", capital_bn=10)
TREND, VALUE = population("cta"), population("value_investing")
CROWD = population("option_noise_trading", weeks_ahead=3, agents=2)
OUTSIDE = {
    "liquidity": {"vol": 1.0, "depth_loading": 0.3},
    "sentiment": {"shock_vol": 0.5},
    "fundamental": {"jumps_per_year": 50},
}
NEWS, POLICY = 0, 1


def run(populations: dict, seed: int = 1, multiplier: float = 5.0) -> tuple[Config, Block]:
    # Breakers are off, because a halt is what one population can do to the hour of another's trades.
    market = {"multiplier": multiplier, "circuit_breakers": False}
    config = market_config(populations, seed=seed, market=market, **OUTSIDE)
    return config, simulated(config, by_bar=True)


def flow_of(name: str, arm: tuple[Config, Block]) -> np.ndarray:
    config, block = arm
    return block.record.flow[:, 2 + list(config.population).index(name)]


def held_by(name: str, arm: tuple[Config, Block]) -> np.ndarray:
    """Return what a programme has bought of each contract that it holds at the end, (slots, paths)."""
    listing, book = arm[1].options.listing, arm[1].options.book
    programmes = [name for name, one in arm[0].population.items() if one.strategy in PROGRAMMES]
    return book.quantity[listing.slot_programme == programmes.index(name)]


@pytest.mark.parametrize("other", sorted(BUILT_IN))
def test_no_population_moves_anybody_elses_draws(other: str) -> None:
    alone = run({"noise": NOISE})
    beside = run({"noise": NOISE, "other": population(other)})
    before = run({"other": population(other), "noise": NOISE})
    for arm in (beside, before):
        np.testing.assert_array_equal(flow_of("noise", alone), flow_of("noise", arm))
        for source in (NEWS, POLICY):
            np.testing.assert_array_equal(
                alone[1].record.contribution[:, source], arm[1].record.contribution[:, source]
            )


@pytest.fixture(scope="module")
def crowd() -> tuple[Config, Block]:
    return run({"crowd": CROWD, "noise": NOISE})


DEALER = {"dealer": population("option_dealer")}
COMPANY = {name: {"customers": population(name)} | DEALER for name in PROGRAMMES} | {"nobody": DEALER}


@pytest.mark.parametrize("company", COMPANY)
def test_neither_a_programme_nor_the_dealer_moves_what_others_draw(company: str, crowd: tuple[Config, Block]) -> None:
    beside = run(COMPANY[company] | {"crowd": CROWD, "noise": NOISE})
    np.testing.assert_array_equal(flow_of("noise", crowd), flow_of("noise", beside))
    np.testing.assert_array_equal(held_by("crowd", crowd), held_by("crowd", beside))
    assert (held_by("crowd", crowd) != 0.0).all(axis=1).sum() > 20


def test_a_customer_more_leaves_the_draws_of_the_others() -> None:
    # Customers deal in capital / agents each, so two of 10 bn and three of 10 bn share their first two.
    two, three = (
        held_by("crowd", run({"crowd": CROWD | {"agents": agents, "capital_bn": 10 * agents}})) for agents in (2, 3)
    )
    np.testing.assert_array_equal(two, three[: len(two)])
    added = three[len(two) :]
    assert len(added) * 2 == len(two)
    held = (added != 0.0).any(axis=1)
    # Below 4.89 standard errors, as below.
    for own in (two[: len(added)], two[len(added) :]):
        correlation = np.corrcoef(own[held].ravel(), added[held].ravel())[0, 1]
        assert abs(correlation) < 4.89 / np.sqrt(added[held].size)


def test_the_draws_of_a_customer_follow_its_programmes_name_and_the_seed() -> None:
    base, named = held_by("crowd", run({"crowd": CROWD})), held_by("others", run({"others": CROWD}))
    held = (base != 0.0).all(axis=1)
    assert (base != named)[held].all()
    assert (base != held_by("crowd", run({"crowd": CROWD}, seed=2)))[held].all()


def test_without_impact_the_price_is_the_same_with_anybody_or_nobody() -> None:
    nobody = run({}, multiplier=0)[1]
    everybody = run({name: population(name) for name in BUILT_IN if name != "liquidity_provider"}, multiplier=0)[1]
    np.testing.assert_array_equal(nobody.prices, everybody.prices)


def test_switching_a_population_off_is_the_same_as_leaving_it_out() -> None:
    off = run({"trend": TREND | {"capital_bn": 0}, "noise": NOISE, "value": VALUE})[1]
    out = run({"noise": NOISE, "value": VALUE})[1]
    for table in ("market", "flow", "contribution", "exposure"):
        np.testing.assert_array_equal(getattr(off.record, table), getattr(out.record, table))


def test_two_populations_of_one_strategy_draw_from_streams_of_their_own() -> None:
    arm = run({"noise": NOISE, "others": OTHER_NOISE})
    first, second = flow_of("noise", arm)[1::14].ravel(), flow_of("others", arm)[1::14].ravel()
    # Below 4.89 standard errors, 1 / sqrt(n): a false alarm one time in a million.
    assert abs(np.corrcoef(first, second)[0, 1]) < 4.89 / np.sqrt(first.size)


def test_an_agent_more_leaves_the_draws_of_the_others() -> None:
    # Agents trade capital / agents each, so three of 10 bn and four of 10 bn share their first three.
    three, four, none = (
        run({"noise": population("noise_trading", agents=agents, capital_bn=10.0 * agents)}) for agents in (3, 4, 5)
    )
    fourth, fifth = flow_of("noise", four) - flow_of("noise", three), flow_of("noise", none) - flow_of("noise", four)
    bars = fourth[:, 0] != 0
    # What the fourth and the fifth add are draws of the same size, unrelated; standard errors as above.
    ratio = fourth[bars].std() / fifth[bars].std()
    assert ratio == pytest.approx(1.0, abs=4.89 / np.sqrt(bars.sum() * 64))
    correlation = np.corrcoef(fourth[bars].ravel(), fifth[bars].ravel())[0, 1]
    assert abs(correlation) < 4.89 / np.sqrt(bars.sum() * 64)


def test_the_draws_of_a_population_follow_its_name_and_the_seed() -> None:
    base = flow_of("noise", run({"noise": NOISE}))
    assert (flow_of("renamed", run({"renamed": NOISE})) != base)[1].all()
    assert (flow_of("noise", run({"noise": NOISE}, seed=2)) != base)[1].all()


def test_the_states_of_the_market_keep_their_draws_whoever_trades() -> None:
    columns = {"fundamental": 2, "liquidity": 3, "cut_probability": 5}
    alone, beside = run({})[1], run({"noise": NOISE, "trend": TREND})[1]
    for name, column in columns.items():
        np.testing.assert_array_equal(alone.record.market[:, column], beside.record.market[:, column], err_msg=name)
