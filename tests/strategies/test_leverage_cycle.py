import math

import pytest

from flowsim.strategies.leverage_cycle import Demand, Fund, Traders, Wealth, leveraged_value, wandering_demand
from flowsim.testing import view_with

TRADERS = Traders(60_000.0, 0.99, 0.035)
FUND = Fund(120.0, 10.0, 4.0, 0.1, 100.0, 0.15, 0.005, 0.1, 1.0)


def below(share, **fields):
    """Return a view of a price below value by a share of value."""
    return view_with(fundamental_gap=-math.log1p(-share), **fields)


def test_demand_changes_before_the_first_bar_only():
    # 0.99 x 0.1 + 0.035 x 2 = 0.169: an order of 0.069 of 60,000 bn
    first, order_bn = wandering_demand(view_with(bar=0.0, inventory_bn=-6000.0), TRADERS, Demand(0.1, 0.1), 2.0)
    assert (first.log_demand, order_bn) == (pytest.approx(0.169), pytest.approx(0.069 * 60_000))
    later, order_bn = wandering_demand(view_with(bar=1.0, inventory_bn=-0.169 * 60_000), TRADERS, first, 2.0)
    assert (later, order_bn) == (first, pytest.approx(0.0, abs=1e-9))


def test_where_funds_hold_a_fifth_the_price_clears_the_market():
    # A sum of 1.1 on 0.8 of the stock: the price is 1.1 / 0.8. Orders moved it by what both ordered, over the market.
    held = Demand(math.log(1.1), math.log(1.1))
    after, _ = wandering_demand(view_with(bar=3.0, inventory_bn=-60_000 * (0.2 + held.ordered)), TRADERS, held, 0.0)
    assert math.exp(after.ordered + 0.2) == pytest.approx(1.1 / 0.8)


def test_a_fund_holds_the_mispricing_times_its_aggressiveness():
    # 10 % below value: leverage 10 x 0.1 = 1, stock worth its wealth: 1 / 0.9 of its capital at value
    after, order_bn = leveraged_value(below(0.1, bar=1.0), FUND, Wealth(close=0.9), 0.0)
    assert after.stock == pytest.approx(1.0 / 0.9)
    assert order_bn == pytest.approx(120.0 / 0.9)


def test_a_fund_at_its_limit_sells_into_a_fall():
    # wealth 1 and stock worth 4 at 0.6; at 0.57 wealth is 0.8 and may carry stock worth 3.2, of 3.8 that it has
    held = Wealth(wealth=1.0, stock_at_close=4.0 / 0.6, close=0.6, stock=4.0 / 0.6)
    after, order_bn = leveraged_value(below(0.43, bar=1.0), FUND, held, 0.0)
    assert after.stock * 0.57 == pytest.approx(3.2)
    assert order_bn == pytest.approx(-120.0 * 0.6 / 0.57)


def test_a_fund_above_value_holds_nothing():
    after, order_bn = leveraged_value(below(-0.05, bar=1.0), FUND, Wealth(stock=0.5), 0.0)
    assert after.stock == 0.0
    assert order_bn == pytest.approx(-60.0)


def test_a_good_session_brings_investors():
    # profit 0.1 on wealth 1; performance 0.1 x 0.1 = 0.01; inflow 0.15 x (0.01 - 0.005) = 0.00075
    held = Wealth(wealth=1.0, stock_at_close=1.0, close=0.8, stock=1.0)
    after, _ = leveraged_value(below(0.1, bar=0.0), FUND, held, 0.0)
    assert after.wealth == pytest.approx(1.10075)
    assert after.performance == pytest.approx(0.01)


def test_a_ruined_fund_sells_out_and_begins_anew_after_its_pause():
    held = Wealth(wealth=1.0, stock_at_close=4.0, close=0.8, stock=4.0)
    ruined, order_bn = leveraged_value(below(0.43, bar=0.0), FUND, held, 0.0)
    assert ruined.stock == 0.0
    assert order_bn == pytest.approx(-480.0)
    for _ in range(99):
        ruined, order_bn = leveraged_value(below(0.43, bar=0.0), FUND, ruined, 0.0)
        assert order_bn == 0.0
    again, order_bn = leveraged_value(below(0.43, bar=0.0), FUND, ruined, 0.0)
    assert again.wealth == 1.0
    assert again.stock * 0.57 == pytest.approx(4.0)
