import pytest

from flowsim.strategies.share_sales import Issuance, Sold, share_sales
from flowsim.testing import view_with


def test_a_session_sells_its_part_of_a_year_whatever_the_price():
    for price in (100.0, 5000.0):
        sold, order_bn = share_sales(view_with(price=price), Issuance(252.0), Sold(0.25), 0.0)
        assert order_bn == pytest.approx(-1.0)
        assert sold.so_far == pytest.approx(0.25 + 1.0 / 252.0)
