"""Dealers hedge the other side of every option: before each bar, within it, through expiries and halts."""

import numpy as np
import pytest
from helpers.markets import market_config, population, simulated, with_company

from flowsim.config import Config
from flowsim.engine.prepare import prepare
from flowsim.options.arrays import DELTA, GAMMA

QUIET_NIGHTS = {"overnight_share": 1e-12}
NO_RELEASES = dict.fromkeys(("payrolls_bp", "cpi_bp", "gdp_bp"), 0)
NO_NEWS = NO_RELEASES | {"daily_news_vol": 0}
SILENT_FED = {"price_effect_pct": 0}
NET_GAMMA = 7
"""Column of the market table."""


def steps_of(config: Config) -> np.ndarray:
    """Return the number of steps of each day, the night included."""
    return prepare(config).timetable.bars + 1


def hedged_within_bars(customers: str, within_bar: float) -> Config:
    """Return a market whose dealers hedge within the bars alone; its impact is permanent and constant.

    multiplier / cap = 6 / 60,000 = 1e-4 per bn.
    """
    dealer = population("option_dealer", capital_bn=1e5, band=1.0, within_bar=within_bar)
    return market_config(
        {"customers": population(customers), "dealer": dealer, "noise": population("noise_trading")},
        market={"multiplier": 6, "depth_elasticity": 0, "transient_share": 0},
    )


@pytest.mark.parametrize("customers", ["put_hedging", "overwriting"])
@pytest.mark.parametrize("within_bar", [0.5, 1.0])
def test_a_move_is_what_others_did_over_one_plus_a_hundred_times_impact_times_gamma(
    customers: str, within_bar: float
) -> None:
    block, impact = simulated(hedged_within_bars(customers, within_bar), by_bar=True), 1e-4
    contribution, gamma = block.record.contribution, block.record.market[:, NET_GAMMA]
    bars = block.record.flow[:, 4].any(axis=1)
    others = contribution[:, [0, 1, 4]].sum(axis=1)
    move = others / (1.0 + 100.0 * impact * within_bar * gamma)
    np.testing.assert_allclose(block.log_returns[bars], move[bars], rtol=0, atol=1e-14)
    np.testing.assert_allclose(block.log_returns[~bars], others[~bars], rtol=0, atol=1e-14)
    # A move of 1 % is met by `gamma` bn of the opposite sign.
    np.testing.assert_allclose(
        block.record.flow[bars, 3], (-within_bar * 100.0 * gamma * move)[bars], rtol=1e-9, atol=1e-12
    )
    assert np.abs(move - others)[bars].max() > 1e-5


def test_dealers_are_long_gamma_where_calls_are_sold_and_short_where_puts_are_bought() -> None:
    sold, bought = (simulated(hedged_within_bars(customers, 1.0)) for customers in ("overwriting", "put_hedging"))
    assert sold.record.market[:, NET_GAMMA].min() > 0.0
    assert bought.record.market[:, NET_GAMMA].max() < 0.0
    for block in (sold, bought):
        dealers, customers = block.record.market[:, NET_GAMMA], block.options.record.sums[:, 0, GAMMA]
        np.testing.assert_array_equal(dealers, -customers)


def test_after_the_first_bar_dealers_hold_the_delta_of_the_close_before() -> None:
    # Nothing moves at night, and the time of a night is no business time: what was marked at the close still holds.
    buyers, dealer = population("month_end_hedging"), population("option_dealer", band=0, bars_between=1, within_bar=0)
    config = market_config(
        {"buyers": buyers, "dealer": dealer}, market=QUIET_NIGHTS, fundamental=NO_NEWS, policy=SILENT_FED
    )
    block = simulated(config, by_bar=True)
    nights = np.flatnonzero((np.abs(block.log_returns) < 1e-12).all(axis=1))
    assert len(nights) == 20
    held = block.record.exposure[nights[1:] + 1, 1]
    np.testing.assert_allclose(held, block.options.record.sums[:-1, 0, DELTA], rtol=1e-9, atol=1e-12)
    assert (np.abs(held[-1]) > 0.1).all()


def test_what_expires_at_the_close_is_unwound_in_the_last_bar() -> None:
    dealer = population("option_dealer", band=0, bars_between=1, within_bar=0)
    config = market_config({"traders": population("zero_day_trading"), "dealer": dealer})
    held = simulated(config, by_bar=True).record.exposure[:, 1]
    closes = np.cumsum(steps_of(config)) - 1
    np.testing.assert_allclose(held[closes], 0.0, rtol=0, atol=1e-9)
    assert (np.abs(held).max(axis=0) > 0.1).all()


def test_a_band_leaves_dealers_no_farther_from_their_hedge_than_it_is_wide() -> None:
    # Of 100 bn, 2 %: at most 2 bn are lacking after each bar's trade, and no trade is smaller.
    buyers = population("month_end_hedging")
    dealer = population("option_dealer", capital_bn=100, band=0.02, bars_between=1, within_bar=0)
    traded = simulated(market_config({"buyers": buyers, "dealer": dealer}), by_bar=True).record.flow[:, 3]
    assert (np.abs(traded[traded != 0.0]) > 2.0).all()
    assert (traded != 0.0).any(axis=0).all()


def test_dealers_who_hedge_every_fourth_bar_trade_in_those_and_in_the_last() -> None:
    # Bars 0, 4, 8 and 12 of 13, which is the last; a half day has 7, and its last is bar 6.
    dealer = population("option_dealer", band=0, bars_between=4, within_bar=0)
    config = market_config(with_company({"buyers": population("month_end_hedging"), "dealer": dealer}))
    traded = simulated(config, by_bar=True).record.flow[:, 3].any(axis=1)
    for steps, day in zip(steps_of(config), np.split(traded, np.cumsum(steps_of(config))), strict=False):
        due = {1, 5, 9, 13} if steps == 14 else {1, 5, 7}
        assert set(np.flatnonzero(day)) <= due
    assert traded.sum() > 4 * 15


def test_a_hedge_that_a_halt_prevents_is_made_once_when_trading_resumes() -> None:
    # Falls of 15 % halt the market for a quarter of an hour, three bars of five minutes, in which dealers cannot trade.
    # With no impact and no hedging within bars, holdings then go to the delta of the new price, and not beyond it.
    dealer = population("option_dealer", band=0, bars_between=1, within_bar=0)
    config = market_config(
        {"buyers": population("put_hedging"), "dealer": dealer},
        time={"days": 10, "bars_per_day": 78},
        market={"multiplier": 0},
        fundamental=NO_RELEASES
        | {"drift_pct_per_year": 0, "daily_news_vol": 0}
        | {"jumps_per_year": 60, "jump_mean_bp": -1500, "jump_vol_bp": 0},
        policy=SILENT_FED,
    )
    record = simulated(config, by_bar=True).record
    nights = np.concatenate([[0], np.cumsum(steps_of(config))])
    rows, paths = np.nonzero(record.contribution[:, 0] < -0.1)
    checked = 0
    for row, path in zip(rows, paths, strict=True):
        left = nights[nights > row].min() - row
        if row in nights or left < 6 or (record.contribution[row + 1 : row + 6, 0, path] < 0).any():
            continue
        flow, held = record.flow[row + 1 : row + 6, 3, path], record.exposure[row : row + 6, 1, path]
        if (flow[:3] != 0.0).any():
            continue  # after 15:25 nothing is halted
        # Later bars change the hedge by the passing of five minutes alone.
        assert abs(flow[4]) <= 0.01 + 0.01 * abs(flow[3])
        assert held[4] == pytest.approx(held[0] + flow[3])
        checked += abs(flow[3]) > 1.0
    assert checked > 20
