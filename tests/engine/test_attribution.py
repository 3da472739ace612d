"""Every return is the sum of what its sources did: no residual, in any market, at any grain."""

import numpy as np
from helpers.markets import market_config, population, simulated, step_block
from helpers.random_markets import random_markets
from hypothesis import HealthCheck, given, settings

from flowsim.config import Config
from flowsim.engine.prepare import prepare

FEW = settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)


def test_one_trade_leaves_what_the_model_says() -> None:
    # One saver group buys 240 / 12 / 21 = 0.9524 bn each session in the last bar (turn_share 4 / 21 is no turn at
    # all). Depth is constant (depth_elasticity 0) and news are off: multiplier / cap = 5 / 50,000 = 1e-4 per bn.
    # A purchase moves the price by 0.9524e-4, of which half fades at 0.8 a day.
    savers = population("passive_inflow", agents=1, capital_bn=240, turn_share=4 / 21, execution={"profile": "close"})
    config = market_config(
        {"savers": savers},
        time={"start": "2018-12-06", "days": 3, "bars_per_day": 1},
        market={"market_cap_bn": 50_000, "depth_elasticity": 0, "transient_share": 0.5, "overnight_share": 0.25},
        fundamental=dict.fromkeys(("drift_pct_per_year", "daily_news_vol", "payrolls_bp", "cpi_bp", "gdp_bp"), 0),
        policy={"price_effect_pct": 0},
    )
    new = 240 / 12 / 21 * 1e-4
    after_one, after_two = 0.5 * np.exp(-0.8), 0.5 * np.exp(-1.6)
    daily = [new, new + new * (after_one - 0.5), new + new * (after_two - 0.5)]
    contribution = simulated(config).record.contribution[:, 2, 0]
    np.testing.assert_allclose(contribution, daily, rtol=1e-12)


@FEW
@given(config=random_markets())
def test_contributions_add_up_to_the_return_of_every_step(config: Config) -> None:
    block = simulated(config, by_bar=True)
    gap = block.record.contribution.sum(axis=1) - block.log_returns
    assert np.abs(gap).max() < 1e-12


@FEW
@given(config=random_markets())
def test_a_day_is_the_sum_of_its_steps(config: Config) -> None:
    market = prepare(config)
    by_bar, by_day = step_block(market, by_bar=True).record, step_block(market).record
    ends = np.cumsum(market.timetable.bars + 1)
    for table in ("flow", "contribution"):
        steps, days = getattr(by_bar, table), getattr(by_day, table)
        summed = np.add.reduceat(steps, np.concatenate([[0], ends[:-1]]), axis=0)
        np.testing.assert_allclose(days, summed, rtol=1e-12, atol=1e-12)
    np.testing.assert_array_equal(by_day.market[:, 0], by_bar.market[ends - 1, 0])


@FEW
@given(config=random_markets())
def test_returns_add_up_to_the_price(config: Config) -> None:
    market = prepare(config)
    block = step_block(market, by_bar=True)
    grown = market.history.close[-1] * np.exp(block.log_returns.cumsum(axis=0))
    np.testing.assert_allclose(block.prices, grown, rtol=1e-11)


def test_without_impact_only_news_and_policy_move_the_price() -> None:
    config = market_config({"noise": population("noise_trading")}, market={"multiplier": 0})
    record = simulated(config, by_bar=True).record
    assert (record.contribution[:, 2:] == 0.0).all()
    assert (record.flow[:, 2:] != 0.0).any()
    assert (record.flow[:, :2] == 0.0).all()
