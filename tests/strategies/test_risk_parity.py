import numpy as np
import pytest

from flowsim.strategies.risk_parity import Fund, Held, risk_parity, start
from flowsim.strategies.vol_target import Fund as VolTargetFund
from flowsim.strategies.vol_target import vol_target
from flowsim.testing import view_with

FUND = Fund(capital_bn=100.0, equity_risk=0.05, cap=0.7, half_life_days=1.0, rebalance_weekday=2.0)


def test_on_its_weekday_the_fund_moves_to_its_risk_over_slow_volatility():
    # A half-life of one day keeps half: 0.5 x 1e-4 + 0.5 x 2 %^2 = 2.5e-4; sqrt(252 x 2.5e-4) = 25.1 %.
    # 5 % / 25.1 % = 0.1992; from 0.3 the fund sells 10.08 bn.
    held, order_bn = risk_parity(view_with(day_return=-0.02, weekday=2.0), FUND, Held(0.3, 1e-4), 0.0)
    assert held.variance == pytest.approx(2.5e-4)
    assert (held.exposure, order_bn) == pytest.approx((0.1992, -10.08), abs=5e-3)


def test_on_another_day_it_only_watches():
    held, order_bn = risk_parity(view_with(day_return=-0.02, weekday=3.0), FUND, Held(0.3, 1e-4), 0.0)
    assert (held.exposure, order_bn) == (0.3, 0.0)
    assert held.variance == pytest.approx(2.5e-4)


def test_after_a_half_life_without_a_move_half_of_the_variance_is_left():
    fund = FUND._replace(half_life_days=60.0)
    held = Held(0.0, 4e-4)
    for _ in range(60):
        held, _ = risk_parity(view_with(day_return=0.0, weekday=0.0), fund, held, 0.0)
    assert held.variance == pytest.approx(2e-4)


def test_it_starts_at_the_last_quarter_and_holds_at_most_its_cap():
    # 5 % / 5 % = 1, above 0.7.
    held = start(view_with(rv_63=0.05), FUND)
    assert held.variance == pytest.approx(0.05**2 / 252.0)
    held, order_bn = risk_parity(view_with(day_return=0.0, weekday=2.0), FUND, held, 0.0)
    assert (held.exposure, order_bn) == (0.7, 70.0)


def test_it_goes_on_selling_when_vol_control_has_stopped(lived, zigzag):
    # Moves of 0.5 % until day 300, 1.5 % from then on: the month of vol control is full 21 days later.
    market = zigzag(np.where(np.arange(400) < 300, 0.005, 0.015))
    _, parity = lived(risk_parity, market, FUND._replace(cap=10.0, half_life_days=60.0))
    _, control = lived(vol_target, market, VolTargetFund(100.0, 0.05, 10.0, 0.0))
    later = slice(300 - 254 + 21, None)
    assert np.abs(control["order_bn"][later]).max() < 1e-9
    assert parity["order_bn"][later].min() < -0.1
    assert parity["order_bn"][later].max() <= 0.0
    # One trade a week.
    assert 1 <= np.count_nonzero(parity["order_bn"][-10:]) <= 2
