"""Which two expiries an index is made of: the weekly roll, closed Fridays, third Fridays, the March cycle."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowsim.chain.indices import INDICES, bracket
from flowsim.clock import sessions
from flowsim.errors import InputError

SPX, SPXW = time(9, 30), time(16, 0)


def at(day: str, settling: time = SPXW) -> datetime:
    return datetime.combine(date.fromisoformat(day), settling)


def listing(first: date, days: int) -> list[datetime]:
    """SPXW on every session, and SPX on third Fridays or the session before."""
    days_open = sessions(first, first + timedelta(days)).dates.tolist()
    return [datetime.combine(day, SPXW) for day in days_open] + [
        datetime.combine(day, SPX) for day in days_open if 15 <= friday_of(day).day <= 21 and ends_week(day)
    ]


def friday_of(day: date) -> date:
    return day + timedelta(4 - day.weekday())


def ends_week(day: date) -> bool:
    return sessions(day, friday_of(day)).dates.tolist() == [day]


@pytest.mark.parametrize(
    ("as_of", "near", "next_"),
    [
        # The white paper's example: on the second Tuesday of October, expiries in 24 and 31 days; on the day after in
        # 30 and 37, at whatever hour.
        (datetime(2014, 10, 14, 9, 46), at("2014-11-07"), at("2014-11-14")),
        (datetime(2014, 10, 15, 9, 46), at("2014-11-14"), at("2014-11-21", SPX)),
        (datetime(2014, 10, 15, 16, 15), at("2014-11-14"), at("2014-11-21", SPX)),
        # Friday, Monday after: 28 and 35 days, 25 and 32.
        (datetime(2014, 10, 17, 16, 15), at("2014-11-14"), at("2014-11-21", SPX)),
        (datetime(2014, 10, 20, 9, 30), at("2014-11-14"), at("2014-11-21", SPX)),
    ],
)
def test_the_vix_rolls_to_the_next_friday_on_wednesdays(as_of, near, next_):
    assert bracket(listing(as_of.date(), 60), as_of, INDICES["VIX"]) == (near, next_)


@given(st.dates(date(2015, 1, 5), date(2030, 1, 1)), st.sampled_from(["VIX", "VIX9D"]))
def test_on_any_day_the_pair_ends_its_weeks_around_the_target_and_is_spx_in_the_third(day, name):
    index = INDICES[name]
    near, next_ = bracket(listing(day, 60), datetime.combine(day, time(9)), index)
    ahead, further = ((end.date() - day).days for end in (near, next_))
    assert index.target_days - 7 <= ahead <= index.target_days < further <= index.target_days + 8
    for end in (near, next_):
        assert ends_week(end.date())
        assert (end.time() == SPX) == (15 <= friday_of(end.date()).day <= 21)
    assert (friday_of(next_.date()) - friday_of(near.date())).days == 7


def test_a_closed_friday_expires_on_the_thursday_before():
    # Good Friday was 15 April 2022, a third Friday, and 29 March 2024 was one that was not; 4 July 2025 was a Friday.
    for as_of, thursday in (
        (datetime(2022, 3, 14, 12), at("2022-04-14", SPX)),
        (datetime(2024, 2, 28, 12), at("2024-03-28")),
        (datetime(2025, 6, 3, 12), at("2025-07-03")),
    ):
        assert thursday in bracket(listing(as_of.date(), 60), as_of, INDICES["VIX"])
    # An ordinary Thursday is none.
    with pytest.raises(InputError, match="VIX needs an expiry"):
        bracket([at("2024-02-29"), at("2024-03-07"), at("2024-03-14")], datetime(2024, 2, 6, 16), INDICES["VIX"])


def test_the_longer_indices_take_morning_settled_third_fridays_and_the_year_the_march_cycle():
    as_of = datetime(2024, 2, 6, 16, 15)
    ends = listing(as_of.date(), 500)
    assert bracket(ends, as_of, INDICES["VIX3M"]) == (at("2024-04-19", SPX), at("2024-05-17", SPX))
    assert bracket(ends, as_of, INDICES["VIX6M"]) == (at("2024-07-19", SPX), at("2024-08-16", SPX))
    assert bracket(ends, as_of, INDICES["VIX1Y"]) == (at("2024-12-20", SPX), at("2025-03-21", SPX))


def test_an_expiry_of_the_same_day_that_has_settled_is_past():
    ends = [at("2024-02-16", SPX), at("2024-06-21", SPX)]
    assert bracket(ends, datetime(2024, 2, 16, 9), INDICES["VIX3M"]) == tuple(ends)
    with pytest.raises(InputError, match="needs an expiry from 2024-02-16 to 2024-05-19 among the third Fridays"):
        bracket(ends, datetime(2024, 2, 16, 10), INDICES["VIX3M"])
