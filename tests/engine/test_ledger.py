"""Every buy has a seller: shares and cash close over all accounts, and positions are the sum of flows."""

import numpy as np
from helpers.markets import Block, market_config, population, simulated, step_block, with_company
from helpers.random_markets import random_markets
from hypothesis import HealthCheck, given, settings

from flowsim.config import Config
from flowsim.engine.prepare import prepare
from flowsim.options.arrays import VALUE

FEW = settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)


def closes(accounts: np.ndarray, axis: int) -> bool:
    """Whether accounts add up to nothing, relative to all that stands in them."""
    return bool((np.abs(accounts.sum(axis=axis)) <= 1e-9 * np.abs(accounts).sum(axis=axis) + 1e-12).all())


@FEW
@given(config=random_markets())
def test_shares_and_cash_of_all_accounts_add_up_to_nothing(config: Config) -> None:
    block = simulated(config, by_bar=True)
    assert closes(block.record.exposure, axis=1)
    assert closes(block.state.cash, axis=0)


@FEW
@given(config=random_markets())
def test_a_position_changes_by_the_flow_of_the_step(config: Config) -> None:
    market = prepare(config)
    record = step_block(market, by_bar=True).record
    shares = np.concatenate([market.start.shares[None], record.exposure])
    change, flow = np.diff(shares, axis=0), record.flow[:, 2:]
    provider = market.rules.is_provider == 1
    taken = flow[:, ~provider].sum(axis=1)
    laid_off = flow[:, provider].sum(axis=1)
    scale = 1e-9 * np.abs(shares).max()
    np.testing.assert_allclose(change[:, :-2][:, ~provider], flow[:, ~provider], rtol=0, atol=scale)
    np.testing.assert_allclose(change[:, market.rules.market_maker], laid_off - taken, rtol=0, atol=scale)
    np.testing.assert_allclose(change[:, -1], -laid_off, rtol=0, atol=scale)


@FEW
@given(config=random_markets())
def test_cash_pays_for_every_fill_at_the_price_of_its_step(config: Config) -> None:
    market = prepare(config)
    block = step_block(market, by_bar=True)
    relative_price = block.record.market[:, :1] / market.history.close[-1]
    paid = (block.record.flow[:, 2:] * relative_price).sum(axis=0)
    rules = [market.config.strategies[one.strategy] for one in market.config.population.values()]
    in_options = np.array([rule.trades_options for rule in rules], bool)
    others = (market.rules.is_provider == 0) & ~in_options
    cash, size = block.state.cash[:-2], np.abs(block.state.cash).max() + 1.0
    np.testing.assert_allclose(cash[others], -paid[others], rtol=0, atol=1e-9 * size)
    if any(rule.hedges_options for rule in rules):
        # Premiums and payoffs stay among customers and dealers, of whom only these trade stock.
        np.testing.assert_allclose(
            cash[in_options].sum(axis=0), -paid[in_options].sum(axis=0), rtol=0, atol=1e-9 * size
        )


def test_one_fill_is_booked_on_both_sides() -> None:
    # Savers buy 252 / 12 * 0.7 / 17 = 0.8647 bn in the one bar of 2018-12-07; the market maker sells them.
    savers = population("passive_inflow", agents=1, capital_bn=252, turn_share=0.3)
    config = market_config({"savers": savers}, time={"start": "2018-12-06", "days": 1, "bars_per_day": 1})
    market = prepare(config)
    block = step_block(market)
    bought = 252 / 12 * 0.7 / 17
    change = block.record.exposure[0, :, 0] - market.start.shares[:, 0]
    np.testing.assert_allclose(change, [bought, -bought, 0.0], atol=1e-12)
    price = block.prices[0, 0] / market.history.close[-1]
    np.testing.assert_allclose(block.state.cash[:, 0], [-bought * price, bought * price, 0.0], atol=1e-12)


# Demand so deep that it moves no volatility: what is paid at the roll is then what the surface is marked at after it.
DEEP = {"vega_depth_bn": 1000}


def value_at(block: Block, row: int) -> np.ndarray:
    """Return what the options of the first programme are worth at a close, USD bn of index at its start price."""
    return block.options.record.sums[row, 0, VALUE]


def test_a_put_is_paid_for_at_the_close_and_pays_at_the_close_of_its_last_session() -> None:
    # Buyers of 50 bn roll puts 10 % in the money at each month end. Those of 2018-10-31 are struck at 1.1 x 2,711.74 =
    # 2,982.9, so at 2,985; those of 2018-11-30 at 1.1 times that close. Both settle at the next month end's close. A
    # structure of notional 1 is an index at its start price, 2,737.80, so a point is worth 50 / 2,737.80 bn.
    buyers = population("month_end_hedging", agents=1, capital_bn=50, strike=1.1)
    tables = {"time": {"start": "2018-11-29", "days": 20}, "options": DEEP}
    market = prepare(market_config(with_company({"buyers": buyers}), **tables))
    assert market.dates[[0, 19]].astype(str).tolist() == ["2018-11-30", "2018-12-31"]
    first, before, last = (step_block(market, days=days) for days in (1, 19, 20))
    point, price = 50.0 / 2737.80, last.prices
    paid = value_at(first, 0) * price[0] / 2737.80
    np.testing.assert_allclose(first.state.cash[0], (2985.0 - price[0]) * point - paid, rtol=1e-6)
    np.testing.assert_array_equal(before.state.cash[0], first.state.cash[0])
    strike = 5.0 * np.round(1.1 * price[0] / 5.0)
    assert (strike > price[19]).any()
    paid = value_at(last, 19) * price[19] / 2737.80
    received = np.maximum(strike - price[19], 0.0) * point
    np.testing.assert_allclose(last.state.cash[0] - before.state.cash[0], received - paid, rtol=1e-6, atol=1e-6)


def test_a_monthly_put_is_settled_on_the_opening_and_not_on_the_close() -> None:
    # Puts bought on 2018-10-19 at 1.1 x 2,767.78 = 3,044.6, so at 3,045, settle on the opening of 2018-11-16.
    buyers = population("put_hedging", agents=1, capital_bn=50, strike=1.1, months_ahead=1)
    market = prepare(market_config(with_company({"buyers": buyers}), time={"days": 1}, options=DEEP))
    block = step_block(market, by_bar=True)
    opening, close, start = block.prices[0], block.prices[-1], market.history.close[-1]
    received, paid = 50.0 * (3045.0 - opening) / start, value_at(block, 0) * close / start
    np.testing.assert_allclose(block.state.cash[0], received - paid, rtol=1e-6)
    assert np.abs(opening / close - 1.0).max() > 1e-3


def test_the_call_of_a_collar_pays_for_its_puts() -> None:
    # Opened on 2018-09-28 at 2,913.98: long the put at 0.95 of it (2,768.3, so 2,770), short the one at 0.80 (2,330).
    # On 2018-12-31, near 2,486 again, the first pays, and a new collar is opened at no cost but the rounding of the
    # call's strike: 2.5 points at most, times a delta below 0.4, which is 0.04 % of 30 bn.
    fund = population("collar", agents=1, capital_bn=30, upper_strike=0.95, lower_strike=0.8, month_offset=0)
    market = prepare(market_config(with_company({"fund": fund}), time={"start": "2018-12-28", "days": 1}))
    block = step_block(market)
    received = 30.0 * (2770.0 - block.prices[0]) / market.history.close[-1]
    assert received.min() > 2.0
    np.testing.assert_allclose(block.state.cash[0], received, rtol=0, atol=0.0125)
    call = np.exp(block.options.book.log_strike[2]) / block.prices[0]
    assert ((call > 1.02) & (call < 1.10)).all()


def test_providers_lay_off_to_holders_and_move_no_price() -> None:
    traders = {"noise": population("noise_trading")}
    alone = simulated(market_config(traders), by_bar=True)
    both = simulated(market_config(traders | {"desk": population("liquidity_provider")}), by_bar=True)
    np.testing.assert_array_equal(alone.prices, both.prices)
    laid_off = both.record.flow[:, 3]
    assert (laid_off != 0.0).any()
    np.testing.assert_allclose(np.diff(both.record.exposure[:, -1], axis=0), -laid_off[1:], atol=1e-9)
    assert (both.record.contribution[:, 3] == 0.0).all()


def test_inventory_never_exceeds_capacity_after_the_desk_has_traded() -> None:
    # A desk that lays off beyond 5 bn at once holds at most what it took in the same bar on top of that.
    traders = {
        "noise": population("noise_trading", capital_bn=200),
        "desk": population("liquidity_provider", capital_bn=5),
    }
    record = simulated(market_config(traders), by_bar=True).record
    inventory, taken = np.abs(record.exposure[:, 1]), np.abs(record.flow[:, 2])
    bars = taken > 0
    assert (inventory[bars] <= 5 + taken[bars] + 1e-9).all()
    assert inventory.max() > 5
