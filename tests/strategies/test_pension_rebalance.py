import math

import pytest

from flowsim.strategies.pension_rebalance import Fund, Held, pension_rebalance, start
from flowsim.testing import view_with

MONTHLY = Fund(capital_bn=1000.0, equity_weight=0.6, share=0.5, sessions_ahead=3.0, quarterly=0.0)
RALLY = math.log(1.10)
# 60 of stock and 40 of bonds; stock up 10 %: 66 / 106 = 0.62264.
DRIFTED = 66.0 / 106.0


def decide(fund, weight, day_return, to_month_end, to_quarter_end):
    view = view_with(day_return=day_return, sessions_to_month_end=to_month_end, sessions_to_quarter_end=to_quarter_end)
    return pension_rebalance(view, fund, Held(weight), 0.0)


def test_after_a_rally_the_fund_sells_half_of_the_drift_three_sessions_before_the_month_ends():
    # 0.5 x (0.6 - 0.62264) x 1000 bn = -11.32 bn.
    held, order_bn = decide(MONTHLY, 0.6, RALLY, to_month_end=3.0, to_quarter_end=24.0)
    assert order_bn == pytest.approx(-11.32, abs=0.01)
    assert held.weight == pytest.approx((0.6 + DRIFTED) / 2)


def test_on_other_days_the_weight_drifts_and_nothing_is_traded():
    held, order_bn = decide(MONTHLY, 0.6, RALLY, to_month_end=4.0, to_quarter_end=3.0)
    assert order_bn == 0.0
    assert held.weight == pytest.approx(DRIFTED)


def test_a_fall_is_bought():
    # Stock down 10 %: 54 / 94 = 0.57447; 0.5 x 0.02553 x 1000 bn = 12.77 bn.
    assert decide(MONTHLY, 0.6, math.log(0.9), 3.0, 3.0)[1] == pytest.approx(12.77, abs=0.01)


def test_a_quarterly_fund_waits_for_the_quarter():
    quarterly = MONTHLY._replace(quarterly=1.0)
    assert decide(quarterly, DRIFTED, 0.0, to_month_end=3.0, to_quarter_end=24.0)[1] == 0.0
    assert decide(quarterly, DRIFTED, 0.0, to_month_end=3.0, to_quarter_end=3.0)[1] == pytest.approx(-11.32, abs=0.01)


def test_a_fund_starts_at_its_strategic_weight():
    assert start(view_with(), MONTHLY) == Held(0.6)


def test_the_default_population_sells_3_bn_at_month_end_and_6_at_quarter_end_for_one_percent_up(agents_of):
    # Half of 8000 bn is monthly, and takes away 0.3 of a drift of 0.6 x 0.4 x 1 %: 4000 x 0.3 x 0.0024 = 2.9 bn;
    # at a quarter's end all 8000 bn trade: 5.8 bn.
    at_quarter_end = [
        decide(fund, 0.6, 0.01, fund.sessions_ahead, fund.sessions_ahead)[1] for fund in agents_of("pension")
    ]
    at_month_end = [decide(fund, 0.6, 0.01, fund.sessions_ahead, 40.0)[1] for fund in agents_of("pension")]
    assert sum(at_month_end) == pytest.approx(-2.9, abs=0.1)
    assert sum(at_quarter_end) == pytest.approx(-5.8, abs=0.1)
