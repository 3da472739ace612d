import numpy as np
import pytest

from flowsim.clock import sessions
from flowsim.strategies.passive_inflow import Saved, Savers, passive_inflow
from flowsim.testing import Market, view_with

# 1200 bn a year is 100 a month: 30 at its turn, 70 on the other 17 sessions.
SAVERS = Savers(capital_bn=1200.0, turn_share=0.3)


@pytest.mark.parametrize(
    ("since_month_end", "to_month_end", "expected_bn"),
    [
        (21, 0, 7.5),  # 30 / 4 on the last session
        (1, 20, 7.5),  # and on the first three
        (3, 18, 7.5),
        (4, 17, 70 / 17),
        (20, 1, 70 / 17),
    ],
)
def test_more_is_saved_at_the_turn_of_the_month(since_month_end, to_month_end, expected_bn):
    view = view_with(sessions_since_month_end=float(since_month_end), sessions_to_month_end=float(to_month_end))
    saved, order_bn = passive_inflow(view, SAVERS, Saved(0.5), 0.0)
    assert order_bn == pytest.approx(expected_bn)
    assert saved.so_far == pytest.approx(0.5 + expected_bn / 1200.0)


def test_a_year_of_252_sessions_adds_up_to_the_capital(lived):
    dates = sessions("2017-06-01", "2020-01-02").dates
    decided, savings = lived(passive_inflow, Market(dates, np.zeros(len(dates))), SAVERS)
    # What is decided at one close trades in the next session.
    traded = decided[1:].astype("datetime64[Y]") == np.datetime64("2019")
    assert np.count_nonzero(traded) == 252
    assert savings["order_bn"][:-1][traded].sum() == pytest.approx(1200.0)
