"""How much each programme deals at a roll, which contracts that buys, and on which real dates."""

import math
from itertools import pairwise

import numpy as np
import pytest

from flowsim.clock import roll_calendar, sessions
from flowsim.strategies.option_customers import (
    CallSeller,
    CollarFund,
    Crowd,
    EventBuyer,
    MonthEndBuyer,
    PutBuyer,
    SameDayTrader,
    Traded,
    VolSeller,
    WeeklyBuyer,
    collar,
    meeting_hedging,
    month_end_hedging,
    option_noise_trading,
    overwriting,
    put_hedging,
    release_hedging,
    vol_selling,
    weekly_buying,
    zero_day_trading,
)
from flowsim.strategy import ZERO_COST
from flowsim.testing import view_with

AUTUMN = sessions("2018-09-04", "2018-12-31").dates


def deal(rule, client, noise=0.0, **fields):
    """Return what a client deals in at one roll, USD bn, having checked that it is booked over its capital."""
    traded, order_bn = rule(view_with(**fields), client, Traded(2.0), noise)
    assert traded.so_far == pytest.approx(2.0 + order_bn / client.capital_bn)
    return order_bn


def opened(rule, client, dates=AUTUMN):
    """Return the dates of rolls and of expiries of a client, as text."""
    structure = rule.__flowsim_strategy__.structure

    def whole(count):
        return round(getattr(client, count)) if isinstance(count, str) else count

    rolls = roll_calendar(
        dates,
        structure.rolls,
        structure.expires,
        ahead=whole(structure.ahead),
        month_offset=whole(structure.offset),
        sessions_ahead=whole(structure.sessions_ahead),
    )
    return list(zip(dates[rolls.days].astype(str).tolist(), rolls.expiry_dates.astype(str).tolist(), strict=True))


def legs_of(rule):
    return [(leg.kind, leg.strike, leg.quantity) for leg in rule.__flowsim_strategy__.structure.legs]


def in_force(rule, client, on):
    """Return the notional that a client holds after the close of a day, USD bn."""
    held = [expiry for roll, expiry in opened(rule, client) if roll <= on < expiry]
    return len(held) * deal(rule, client, rv_21=0.158)


def test_a_put_buyer_of_three_months_replaces_a_third_each_month():
    client = PutBuyer(capital_bn=90.0, strike=0.95, months_ahead=3.0)
    assert deal(put_hedging, client) == pytest.approx(30.0)
    assert opened(put_hedging, client) == [
        ("2018-09-21", "2018-12-21"),
        ("2018-10-19", "2019-01-18"),
        ("2018-11-16", "2019-02-15"),
        ("2018-12-21", "2019-03-15"),
    ]
    assert legs_of(put_hedging) == [("put", "strike", 1.0)]
    # Three thirds from the third roll on, also where the first runs out.
    for day in ("2018-11-16", "2018-12-20", "2018-12-21"):
        assert in_force(put_hedging, client, day) == pytest.approx(90.0)


def test_an_overwriter_of_four_weeks_sells_calls_on_a_quarter_each_week():
    client = CallSeller(capital_bn=100.0, strike=1.03, weeks_ahead=4.0)
    assert deal(overwriting, client) == pytest.approx(25.0)
    assert legs_of(overwriting) == [("call", "strike", -1.0)]
    # 2018-11-22 is Thanksgiving; 2018-12-21 is the last Friday whose calls run out in the year after.
    assert opened(overwriting, client)[-3:] == [
        ("2018-12-14", "2019-01-11"),
        ("2018-12-21", "2019-01-18"),
        ("2018-12-28", "2019-01-25"),
    ]
    assert in_force(overwriting, client, "2018-11-23") == pytest.approx(100.0)


def test_a_collar_is_reset_each_quarter_its_put_spread_paid_for_by_a_call():
    fund = CollarFund(capital_bn=20.0, upper_strike=0.95, lower_strike=0.80, month_offset=0.0)
    assert deal(collar, fund) == 20.0
    assert legs_of(collar) == [("put", "upper_strike", 1.0), ("put", "lower_strike", -1.0), ("call", ZERO_COST, -1.0)]
    assert opened(collar, fund) == [("2018-09-28", "2018-12-31"), ("2018-12-31", "2019-03-29")]
    assert opened(collar, fund._replace(month_offset=1.0)) == [("2018-10-31", "2019-01-31")]
    assert opened(collar, fund._replace(month_offset=2.0)) == [("2018-11-30", "2019-02-28")]


def test_a_month_end_buyer_is_always_hedged_to_the_next_month_end():
    client = MonthEndBuyer(capital_bn=20.0, strike=0.95)
    assert deal(month_end_hedging, client) == 20.0
    assert legs_of(month_end_hedging) == [("put", "strike", 1.0)]
    ends = ["2018-09-28", "2018-10-31", "2018-11-30", "2018-12-31", "2019-01-31"]
    assert opened(month_end_hedging, client) == list(pairwise(ends))


def test_a_meeting_is_hedged_some_sessions_before_to_the_close_of_its_day():
    # FOMC statements of autumn 2018: 26 September, 8 November, 19 December.
    client = EventBuyer(capital_bn=10.0, strike=0.98, days_before=2.0)
    assert deal(meeting_hedging, client) == 10.0
    assert legs_of(meeting_hedging) == [("put", "strike", 1.0)]
    assert opened(meeting_hedging, client) == [
        ("2018-09-24", "2018-09-26"),
        ("2018-11-06", "2018-11-08"),
        ("2018-12-17", "2018-12-19"),
    ]


def test_releases_are_hedged_to_the_close_of_their_day():
    # Payrolls on Friday 7 December 2018; 5 December was a day of mourning, so a session before is the 6th, two the 4th.
    client = EventBuyer(capital_bn=10.0, strike=0.98, days_before=1.0)
    assert deal(release_hedging, client) == 10.0
    assert legs_of(release_hedging) == [("put", "strike", 1.0)]
    assert ("2018-12-06", "2018-12-07") in opened(release_hedging, client)
    assert ("2018-12-04", "2018-12-07") in opened(release_hedging, client._replace(days_before=2.0))
    # Payrolls and consumer prices, each once a month.
    assert len(opened(release_hedging, client)) == 8


def test_weekly_buyers_deal_in_a_lognormal_size_and_more_in_a_panic():
    client = WeeklyBuyer(capital_bn=10.0, put_strike=0.98, call_strike=1.01, spread=0.4, fear=0.1)
    assert deal(weekly_buying, client, sentiment=0.0) == 10.0
    # exp(0.4 x 1.5) = 1.8221; a panic of 5 units adds a half.
    assert deal(weekly_buying, client, noise=1.5, sentiment=5.0) == pytest.approx(10.0 * 1.8221 * 1.5, abs=1e-3)
    # Two puts to a call, from Friday to Friday; the Friday after Thanksgiving is a session.
    assert legs_of(weekly_buying) == [("put", "put_strike", 1.0), ("call", "call_strike", 0.5)]
    assert ("2018-11-16", "2018-11-23") in opened(weekly_buying, client)
    assert len(opened(weekly_buying, client)) == 17


def test_same_day_traders_lean_to_selling_and_buy_more_in_a_panic():
    client = SameDayTrader(capital_bn=10.0, put_strike=0.995, call_strike=1.005, lean=-0.3, spread=1.0, fear=0.1)
    assert deal(zero_day_trading, client, sentiment=0.0) == pytest.approx(-3.0)
    # -0.3 + 1.0 x 0.5 + 0.1 x 2 = 0.4 of 10 bn.
    assert deal(zero_day_trading, client, noise=0.5, sentiment=2.0) == pytest.approx(4.0)
    assert legs_of(zero_day_trading) == [("put", "put_strike", 1.0), ("call", "call_strike", 1.0)]
    rolls = opened(zero_day_trading, client)
    assert [roll for roll, _ in rolls] == AUTUMN.astype(str).tolist()
    assert rolls[:2] == [("2018-09-04", "2018-09-05"), ("2018-09-05", "2018-09-06")]


def test_the_crowd_buys_or_sells_its_draw():
    crowd = Crowd(capital_bn=8.0, strike=0.98, weeks_ahead=2.0)
    assert deal(option_noise_trading, crowd, noise=-1.25) == -10.0
    assert legs_of(option_noise_trading) == [("put", "strike", 1.0)]
    # The second Friday after a Monday, a Thursday, and a Friday.
    rolls = dict(opened(option_noise_trading, crowd))
    assert [rolls[day] for day in ("2018-10-01", "2018-10-04", "2018-10-05")] == [
        "2018-10-12",
        "2018-10-12",
        "2018-10-19",
    ]


@pytest.mark.parametrize(
    ("rv_21", "order_bn"),
    [
        (0.158, 20.0),  # the usual volatility: a quarter of 80 bn each week
        (0.316, 10.0),  # twice as much: half of it
        (0.08, 20.0),  # never more than the usual
        (0.0, 20.0),  # nor in a flat market
    ],
)
def test_sellers_of_volatility_sell_less_of_it_when_it_is_high(rv_21, order_bn):
    client = VolSeller(capital_bn=80.0, put_strike=0.95, call_strike=1.02, weeks_ahead=4.0)
    assert deal(vol_selling, client, rv_21=rv_21) == pytest.approx(order_bn)
    assert legs_of(vol_selling) == [("put", "put_strike", -1.0), ("call", "call_strike", -1.0)]
    assert in_force(vol_selling, client, "2018-11-23") == pytest.approx(80.0)


def test_the_default_collars_are_of_three_funds_a_month_apart_with_25_to_35_bn(agents_of):
    funds = agents_of("collar")
    assert sorted(fund.month_offset for fund in funds) == [0.0, 1.0, 2.0]
    assert 25.0 <= sum(fund.capital_bn for fund in funds) <= 35.0
    rolls = sorted(roll for fund in funds for roll, _ in opened(collar, fund))
    assert rolls == ["2018-09-28", "2018-10-31", "2018-11-30", "2018-12-31"]


def test_over_many_rolls_random_sizes_have_the_spread_that_is_asked_for():
    client = WeeklyBuyer(capital_bn=10.0, put_strike=0.98, call_strike=1.01, spread=0.4, fear=0.0)
    noise = np.random.default_rng(5).standard_normal(20_000).tolist()
    sizes = [math.log(deal(weekly_buying, client, noise=draw, sentiment=0.0)) for draw in noise]
    # The standard error of a standard deviation is 0.4 / sqrt(2 n) = 0.002; 4.89 of them, one false alarm in a million.
    assert np.std(sizes) == pytest.approx(0.4, abs=0.0098)
