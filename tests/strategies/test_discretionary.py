import pytest

from flowsim.strategies.discretionary import (
    Crowd,
    DipBuyer,
    Holder,
    Investor,
    Position,
    ToneTrader,
    Traded,
    dip_buying,
    noise_trading,
    panic_selling,
    tone_trading,
    value_investing,
)
from flowsim.testing import view_with


def test_noise_over_a_quarter_of_a_day_has_half_of_a_day_s_deviation():
    # sqrt(0.25) x 2 sigma x 48 bn.
    traded, order_bn = noise_trading(view_with(day_fraction=0.25), Crowd(48.0), Traded(), 2.0)
    assert order_bn == pytest.approx(48.0)
    assert traded.so_far == pytest.approx(1.0)


@pytest.mark.parametrize(("gap", "expected_bn"), [(0.10, 0.5), (-0.10, -0.5), (0.9, 2.5), (-0.9, -2.5)])
def test_value_buys_in_proportion_to_the_gap_up_to_the_largest(gap, expected_bn):
    # 0.05 a day x 10 % x 1000 bn x a tenth of a day = 0.5 bn; beyond a gap of 50 %, 2.5 bn.
    investor = Investor(1000.0, aggressiveness=0.05, largest_gap=0.5)
    _, order_bn = value_investing(view_with(fundamental_gap=gap, day_fraction=0.1), investor, Traded(), 0.0)
    assert order_bn == pytest.approx(expected_bn)


DIP_BUYER = DipBuyer(100.0, threshold=0.05, full_at=0.10, exit_half_life_days=20.0)


@pytest.mark.parametrize(("fall", "exposure"), [(0.04, 0.0), (0.05, 0.0), (0.10, 0.5), (0.15, 1.0), (0.30, 1.0)])
def test_dip_buyers_enter_beyond_the_threshold_and_are_all_in_at_the_full_fall(fall, exposure):
    held, order_bn = dip_buying(view_with(high_21d=8.0, log_price=8.0 - fall), DIP_BUYER, Position(), 0.0)
    assert held.exposure == pytest.approx(exposure)
    assert order_bn == pytest.approx(100.0 * exposure)


def test_dip_buyers_leave_with_their_half_life_once_the_dip_is_over():
    held = Position(0.8)
    for _ in range(20):
        held, order_bn = dip_buying(view_with(high_21d=8.0, log_price=8.0), DIP_BUYER, held, 0.0)
        assert order_bn < 0.0
    assert held.exposure == pytest.approx(0.4)


def test_tone_traders_buy_easing_sell_tightening_and_give_it_back():
    trader = ToneTrader(50.0, response=0.4, half_life_days=2.0)
    # 25 bp of easing: 0.4 x 50 bn; two days on, half of it is left; then 12.5 bp of tightening take 0.2.
    held, order_bn = tone_trading(view_with(easing_bp=25.0, day_fraction=0.1), trader, Position(), 0.0)
    assert (held.exposure, order_bn) == pytest.approx((0.4, 20.0))
    held, order_bn = tone_trading(view_with(easing_bp=0.0, day_fraction=2.0), trader, held, 0.0)
    assert (held.exposure, order_bn) == pytest.approx((0.2, -10.0))
    held, order_bn = tone_trading(view_with(easing_bp=-12.5, day_fraction=0.0), trader, held, 0.0)
    assert (held.exposure, order_bn) == pytest.approx((0.0, -10.0))


@pytest.mark.parametrize(("sentiment", "exposure"), [(0.0, 0.0), (1.0, -0.2), (5.0, -1.0), (9.0, -1.0)])
def test_panic_sells_in_proportion_and_buys_back_as_it_fades(sentiment, exposure):
    held, order_bn = panic_selling(view_with(sentiment=sentiment), Holder(100.0, full_at=5.0), Position(), 0.0)
    assert (held.exposure, order_bn) == pytest.approx((exposure, 100.0 * exposure))
    _, order_bn = panic_selling(view_with(sentiment=0.0), Holder(100.0, full_at=5.0), held, 0.0)
    assert order_bn == pytest.approx(-100.0 * exposure)
