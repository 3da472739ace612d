import pytest

from flowsim.strategies.liquidity import Bought, Programme, liquidity_flow
from flowsim.testing import view_with


@pytest.mark.parametrize(("state", "expected_bn"), [(1.0, 8.0 / 21.0), (-0.5, -4.0 / 21.0), (0.0, 0.0)])
def test_a_month_of_state_one_buys_what_passes_through(state, expected_bn):
    # 40 bn a month, of which 20 % reach equities: 8 bn over 21 sessions.
    bought, order_bn = liquidity_flow(view_with(liquidity=state), Programme(40.0, 0.2), Bought(), 0.0)
    assert order_bn == pytest.approx(expected_bn)
    assert bought.so_far == pytest.approx(expected_bn / 40.0)
