import pytest

from flowsim.strategies.liquidity_provider import Desk, LaidOff, liquidity_provider
from flowsim.testing import view_with


@pytest.mark.parametrize(
    ("inventory_bn", "day_fraction", "expected_bn"),
    [
        (8.0, 1.0, -4.0),  # a half-life of one day: half of it goes in a day
        (-8.0, 1.0, 4.0),
        (8.0, 2.0, -6.0),  # three quarters in two
        (8.0, 0.5, -8.0 * (1.0 - 0.5**0.5)),
        (0.0, 1.0, 0.0),
        (400.0, 1.0, -250.0),  # 200 bn would be left, but capacity is 150
        (-400.0, 1.0, 250.0),
    ],
)
def test_inventory_halves_in_its_half_life_and_never_exceeds_capacity(inventory_bn, day_fraction, expected_bn):
    view = view_with(inventory_bn=inventory_bn, day_fraction=day_fraction)
    laid_off, order_bn = liquidity_provider(view, Desk(150.0, 1.0), LaidOff(), 0.0)
    assert order_bn == pytest.approx(expected_bn)
    assert laid_off.so_far_bn == order_bn
