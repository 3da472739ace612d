import math

import numpy as np
import pytest
from hypothesis import given, settings

from flowsim.clock import sessions_after
from flowsim.config import load
from flowsim.engine.prepare import prepare
from flowsim.strategy import View
from flowsim.testing import Market, markets, view_of, view_with, views_along

# 254 sessions up to Friday 2024-06-28, the last of a quarter.
DATES = sessions_after("2023-06-26", 254).dates


def test_a_market_that_moves_by_one_percent_a_day_has_a_volatility_of_sixteen_percent():
    # Up and down 1 % in turn: sqrt(252) * 1 % = 15.87 % in every window, and no return over an even one.
    log_close = np.log(5000.0) + 0.01 * (np.arange(254) % 2)
    view = view_of(np.exp(log_close), DATES)
    assert view.price == pytest.approx(5050.25, abs=0.01)
    assert [view.rv_5, view.rv_21, view.rv_126] == pytest.approx([0.1587] * 3, abs=1e-4)
    assert [view.day_return, view.return_5d, view.return_126d] == pytest.approx([0.01, 0.01, 0.0])
    assert view.high_21d - view.low_252d == pytest.approx(0.01)


def test_after_the_close_the_calendar_is_that_of_the_next_session():
    view = view_of(np.full(254, 5000.0), DATES)
    assert DATES[-1] == np.datetime64("2024-06-28")
    # Monday, 1 July 2024: the first session of a quarter of 92 days.
    assert (view.weekday, view.sessions_since_month_end, view.days_since_quarter_end) == (0.0, 1.0, 1.0)
    assert view.days_to_quarter_end == 91.0


def test_in_a_session_the_calendar_is_its_own_and_windows_end_at_the_close_before():
    log_close = np.concatenate([np.zeros(253), [-0.1]])
    view = view_of(np.exp(log_close), DATES, clock="bar")
    assert (view.log_price, view.day_return) == pytest.approx((-0.1, -0.1))
    assert (view.rv_5, view.low_21d, view.return_5d) == (0.0, 0.0, 0.0)
    assert (view.weekday, view.sessions_to_quarter_end) == (4.0, 0.0)


def test_what_a_view_is_not_given_is_nan():
    view = view_with(rv_21=0.2)
    assert view.rv_21 == 0.2
    assert all(math.isnan(number) for name, number in view._asdict().items() if name != "rv_21")


def test_a_rule_is_shown_here_what_the_engine_shows_it():
    market = prepare(load("plain"))
    engine = View(*market.start.observables[: len(View._fields), 0].tolist())
    here = views_along(Market(market.history.dates, np.log(market.history.close)))[-1]
    elsewhere = View._fields[View._fields.index("market_vol") : View._fields.index("weekday")]
    for name in View._fields:
        if name not in (*elsewhere, "step_return"):
            assert getattr(here, name) == pytest.approx(getattr(engine, name), rel=1e-9, abs=1e-12), name


@given(markets())
@settings(max_examples=30)
def test_every_drawn_view_is_finite_and_fits_together(market):
    for view in views_along(market):
        assert np.isfinite(view).all()
        assert view.low_252d <= view.low_21d <= view.log_price <= view.high_21d <= view.high_252d
        assert view.high_126d - view.low_126d >= abs(view.return_63d) - 1e-9
        assert view.rv_126 * math.sqrt(126) >= view.rv_63 * math.sqrt(63) - 1e-9


def test_drawn_markets_are_sometimes_flat_and_sometimes_wild():
    volatilities = []

    @given(markets())
    @settings(max_examples=60, derandomize=True, database=None)
    def collect(market):
        volatilities.append(views_along(market)[-1].rv_63)

    collect()
    assert min(volatilities) == 0.0
    assert max(volatilities) > 0.6
