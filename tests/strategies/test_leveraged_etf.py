import math

import pytest

from flowsim.strategies.leveraged_etf import Fund, Rebalanced, leveraged_etf, start
from flowsim.testing import view_with


@pytest.mark.parametrize(
    ("leverage", "move", "order_bn"),
    [
        (3.0, 0.01, 0.6),  # 3 x 2 x 10 x 1 %
        (2.0, 0.01, 0.2),  # 2 x 1 x 10 x 1 %
        (-1.0, 0.01, 0.2),  # -1 x -2 x 10 x 1 %: an inverse fund buys rises too
        (-3.0, -0.05, -6.0),  # -3 x -4 x 10 x -5 %
    ],
)
def test_a_fund_of_10_bn_trades_l_times_l_minus_one_times_the_move(leverage, move, order_bn):
    view = view_with(log_price=8.0 + math.log1p(move))
    _, traded_bn = leveraged_etf(view, Fund(10.0, leverage), Rebalanced(8.0), 0.0)
    assert traded_bn == pytest.approx(order_bn)


def test_the_trade_gives_the_fund_its_leverage_back():
    # 10 bn at 3 x hold 30 bn of stock. After +2 %: 30.6 bn of stock on 10.6 bn of assets, which call for 31.8 bn.
    _, order_bn = leveraged_etf(view_with(log_price=math.log(1.02)), Fund(10.0, 3.0), Rebalanced(0.0), 0.0)
    assert 30.6 + order_bn == pytest.approx(3.0 * 10.6)


def test_what_is_rebalanced_is_done_and_only_the_move_since_then_counts():
    fund, held = Fund(10.0, 2.0), start(view_with(log_price=8.0), Fund(10.0, 2.0))
    held, _ = leveraged_etf(view_with(log_price=8.1), fund, held, 0.0)
    assert leveraged_etf(view_with(log_price=8.1), fund, held, 0.0)[1] == 0.0


def test_all_us_funds_trade_3_to_3_6_bn_for_one_percent(agents_of):
    # Citi and Nomura on 2025-04-09: 28.5 and 34.3 bn for +9.5 %.
    view = view_with(log_price=math.log(1.01))
    total_bn = sum(leveraged_etf(view, fund, Rebalanced(0.0), 0.0)[1] for fund in agents_of("leveraged_etf"))
    assert 3.0 <= total_bn <= 3.6
