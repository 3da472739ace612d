"""A market that starts at real closes of the volatility indices, and at a depth that nobody sees."""

import numpy as np
import pytest
from helpers.markets import market_config, population, simulated, step_block

from flowsim.authoring.rows import IMPACT, LIQUIDITY, VIX9D
from flowsim.config import Config
from flowsim.engine.prepare import Market, prepare
from flowsim.errors import ConfigError, InputError
from flowsim.options.arrays import FIRST_PROGRAMME, N_TENORS
from flowsim.options.real_start import beyond_marked

OTHERS = {"others": population("option_noise_trading", capital_bn=0.001)}
POINTS = [31.0, 27.0, 26.0, 25.0]


def listed(populations: dict, **options: object) -> Config:
    return market_config(populations, time={"start": "2018-06-29", "days": 63}, options={"listed": True} | options)


@pytest.fixture(scope="module")
def market() -> Market:
    return prepare(listed(OTHERS, initial_points=POINTS))


def test_rules_see_the_real_indices_at_the_start_and_their_parts_add_up_to_them(market: Market) -> None:
    shown = market.start.observables[VIX9D : VIX9D + N_TENORS]
    np.testing.assert_allclose(shown[:4], np.repeat(np.array(POINTS)[:, None], 64, axis=1))
    np.testing.assert_allclose(market.book.parts.sum(axis=1), market.book.points, rtol=1e-9)
    plain = prepare(listed(OTHERS))
    beyond = market.book.points - plain.book.points
    np.testing.assert_allclose(market.book.parts[:, FIRST_PROGRAMME] - plain.book.parts[:, FIRST_PROGRAMME], beyond)


def test_what_they_have_beyond_the_marked_ones_goes_by_half_within_the_time_that_they_look_ahead(market) -> None:
    gap = market.book.carried[:, 0]
    for days in (1, 21):
        book = step_block(market, days=days).options.book
        left = gap * 0.5 ** (days / np.array([6.214, 20.71, 64.21, 127.0, 252.7]))
        np.testing.assert_allclose(book.carried, np.repeat(left[:, None], 64, axis=1), rtol=1e-3)
        marked = step_block(prepare(listed(OTHERS)), days=days).options.book
        # An index is interpolated between two expiries, where the curve bends.
        np.testing.assert_allclose(np.median(book.points - marked.points, axis=1), left, rtol=0.2, atol=0.4)


def test_an_index_that_is_not_known_goes_with_the_vix_and_a_year_with_the_longest() -> None:
    marked = np.array([14.0, 15.0, 16.0, 17.0, 18.0])
    found = beyond_marked(np.array([0.0, 18.0, 0.0, 0.0]), marked)
    assert found[1] == 3.0
    assert found[0] > 3.0 > found[2] > found[3] > found[4] > 0.0
    found = beyond_marked(np.array([20.0, 18.0, 17.0, 17.5]), marked)
    assert found[:4].tolist() == [6.0, 3.0, 1.0, 0.5]
    assert 0.0 < found[4] < 0.5


def test_points_need_somebody_whose_demand_they_are_and_the_vix() -> None:
    with pytest.raises(InputError, match=r"options\.initial_points: .* no population does; add one"):
        prepare(listed({"hedgers": population("put_hedging")}, initial_points=POINTS))
    for points in ([20.0, 0.0, 21.0, 22.0], [20.0, 21.0]):
        with pytest.raises(ConfigError, match="give VIX9D, VIX, VIX3M and VIX6M"):
            listed(OTHERS, initial_points=points)


def test_a_depth_that_nobody_sees_is_drawn_path_by_path_before_the_first_step() -> None:
    liquidity = {"vol": 0.0, "half_life_days": 25200, "depth_loading": 0.2, "initial_vol": 0.7}
    found = simulated(market_config({}, time={"days": 1}, liquidity=liquidity)).state.liquidity.deviation
    other = simulated(market_config({}, time={"days": 1}, liquidity=liquidity), path0=64).state.liquidity.deviation
    drawn = np.concatenate([found, other])
    assert len(np.unique(drawn)) == 128
    assert drawn.std() == pytest.approx(0.7, abs=0.13)
    assert drawn.mean() == pytest.approx(0.0, abs=0.19)


def test_drawn_depth_moves_impact_on_the_first_day() -> None:
    liquidity = {"vol": 0.0, "depth_loading": 0.5, "initial_vol": 1.0}
    config = market_config({"noise": population("noise_trading")}, time={"days": 1}, liquidity=liquidity)
    state = simulated(config).state
    known = state.observables[IMPACT] * np.exp(0.5 * state.observables[LIQUIDITY])
    assert state.observables[IMPACT].std() > 0.2 * state.observables[IMPACT].mean()
    assert known.std() < 0.2 * known.mean()
