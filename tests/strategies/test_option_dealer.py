"""Dealers trade what they lack to be hedged: when it is time, and outside their band."""

import pytest

from flowsim.strategies.option_dealer import Desk, Hedged, option_dealer
from flowsim.testing import view_with

DESK = Desk(capital_bn=100.0, band=0.02, bars_between=4.0, within_bar=1.0)


def hedge(desk, gap_bn, bar=0.0, bars_left=13.0):
    hedged, order_bn = option_dealer(
        view_with(hedge_gap_bn=gap_bn, bar=bar, bars_left=bars_left), desk, Hedged(7.0), 0.0
    )
    assert hedged.so_far_bn == 7.0 + order_bn
    return order_bn


@pytest.mark.parametrize(
    ("gap_bn", "order_bn"),
    [
        (1.9, 0.0),  # the band is 2 % of 100 bn
        (2.0, 0.0),
        (2.1, 2.1),  # outside of it all is hedged, and not to the band's edge
        (-2.1, -2.1),
        (-40.0, -40.0),
        (0.0, 0.0),
    ],
)
def test_a_gap_inside_the_band_is_left_and_one_outside_is_closed(gap_bn, order_bn):
    assert hedge(DESK, gap_bn) == order_bn


def test_a_desk_without_a_band_closes_any_gap():
    assert hedge(DESK._replace(band=0.0), 0.01) == 0.01


@pytest.mark.parametrize("bar", range(13))
def test_every_fourth_bar_is_one_for_hedging_and_so_is_the_last(bar):
    # Bars 0, 4 and 8 of 13, and 12, the last.
    due = bar in (0, 4, 8, 12)
    assert hedge(DESK, 5.0, bar=float(bar), bars_left=13.0 - bar) == (5.0 if due else 0.0)


def test_the_last_bar_of_a_half_day_is_one_for_hedging():
    assert hedge(DESK, 5.0, bar=6.0, bars_left=1.0) == 5.0
    assert hedge(DESK, 5.0, bar=6.0, bars_left=7.0) == 0.0


def test_what_is_hedged_within_the_bar_does_not_change_what_is_ordered_before_it():
    assert hedge(DESK._replace(within_bar=0.0), 5.0) == hedge(DESK, 5.0) == 5.0


def test_the_default_desk_hedges_in_every_bar_and_most_of_the_move_within_it(agents_of):
    (desk,) = agents_of("dealer")
    assert (desk.band, desk.bars_between) == (0.0, 1.0)
    assert 0.5 < desk.within_bar < 1.0
