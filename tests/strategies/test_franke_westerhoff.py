import math

import pytest

from flowsim.strategies.franke_westerhoff import Camps, Market, two_camps
from flowsim.testing import view_with

PUBLISHED = Market(120.0, 1.0, 0.12, 1.5, 0.758, 2.087, -0.327, 1.79, 18.43)


def test_without_an_edge_half_of_the_traders_are_in_each_camp():
    # half of phi x 0.1 and half of chi x 0.02, times 120 bn: 120 x (0.006 + 0.015) = 2.52
    view = view_with(fundamental_gap=0.1, day_return=0.02)
    _, order_bn = two_camps(view, PUBLISHED, Camps(0.0), 0.0)
    assert order_bn == pytest.approx(2.52)


def test_fundamentalists_alone_demand_the_gap_with_their_noise():
    # an attraction of 40 leaves no chartist: 120 x (0.12 x 0.1 + 0.758 x 2)
    view = view_with(fundamental_gap=0.1, day_return=0.02)
    _, order_bn = two_camps(view, PUBLISHED, Camps(40.0), 2.0)
    assert order_bn == pytest.approx(120.0 * (0.012 + 1.516))


def test_the_noise_of_two_equal_camps_adds_up_by_variance():
    _, order_bn = two_camps(view_with(fundamental_gap=0.0, day_return=0.0), PUBLISHED, Camps(0.0), 1.0)
    assert order_bn == pytest.approx(120.0 * math.sqrt(0.379**2 + 1.0435**2))


def test_attraction_adds_herding_predisposition_and_misalignment():
    # half of each camp: no herding; -0.327 + 18.43 x 0.2^2 = 0.4102
    after, _ = two_camps(view_with(fundamental_gap=-0.2, day_return=0.0), PUBLISHED, Camps(0.0), 0.0)
    assert after.attraction == pytest.approx(0.4102)


def test_the_larger_camp_draws_the_smaller():
    # attraction ln 3: three quarters are fundamentalists, and 1.79 x (0.75 - 0.25) - 0.327 = 0.568
    after, _ = two_camps(view_with(fundamental_gap=0.0, day_return=0.0), PUBLISHED, Camps(math.log(3.0)), 0.0)
    assert after.attraction == pytest.approx(0.568)
