import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowsim.clock import (
    EVENT_ROLLS,
    EXPIRY_RULES,
    FIRST_DATE,
    LAST_DATE,
    ROLL_RULES,
    listed_expiries,
    roll_calendar,
    sessions,
    sessions_after,
)
from flowsim.clock.sessions import session_table
from flowsim.errors import InputError

DATES = sessions(FIRST_DATE, LAST_DATE).dates
KNOWN = session_table().dates
MOST_AHEAD = {"next_session": 21, "friday": 7, "third_friday": 13, "month_end": 6, "quarter_end": 4, "after_event": 1}


def pairs(first, last, rolls, expires, **numbers):
    """Roll and expiry dates of a span, as text."""
    dates = sessions(first, last).dates
    calendar = roll_calendar(dates, rolls, expires, **numbers)
    return list(zip(dates[calendar.days].astype(str).tolist(), calendar.expiry_dates.astype(str).tolist(), strict=True))


@st.composite
def programmes(draw):
    """Any programme that the rules allow, as arguments of roll_calendar after the dates."""
    rolls = draw(st.sampled_from(ROLL_RULES))
    possible = [expires for expires in EXPIRY_RULES if expires != "after_event" or rolls in EVENT_ROLLS]
    expires = draw(st.sampled_from(possible))
    offset = draw(st.integers(0, 2)) if "quarter_end" in (rolls, expires) else 0
    most = 2 if expires == "quarter_end" and offset else MOST_AHEAD[expires]
    numbers = {"ahead": draw(st.integers(1, most)), "month_offset": offset}
    if rolls in EVENT_ROLLS:
        numbers["sessions_ahead"] = draw(st.integers(1, 21))
    return (rolls, expires), numbers


@st.composite
def spans(draw):
    begin = draw(st.integers(0, len(DATES) - 1))
    return begin, min(len(DATES), begin + draw(st.integers(1, 700)))


def test_a_quarter_end_collar_rolls_from_june_to_september_2025():
    # June has 20 sessions from the 2nd, its last at index 19; July 22, August 21, September 21: 19 + 64 = 83.
    calendar = roll_calendar(sessions("2025-06-02", "2025-07-31").dates, "quarter_end", "quarter_end")
    assert calendar.days.tolist() == [19]
    assert calendar.expiry_dates.astype(str).tolist() == ["2025-09-30"]
    assert calendar.am_settled.tolist() == [False]
    assert calendar.expiry_index.tolist() == [83]


@pytest.mark.parametrize(
    ("month_offset", "expected"),
    [
        (0, [("2024-12-31", "2025-03-31"), ("2025-03-31", "2025-06-30"), ("2025-06-30", "2025-09-30")]),
        (1, [("2025-01-31", "2025-04-30"), ("2025-04-30", "2025-07-31")]),
        (2, [("2025-02-28", "2025-05-30"), ("2025-05-30", "2025-08-29")]),
    ],
)
def test_sister_funds_reset_one_and_two_months_after_the_quarter(month_offset, expected):
    assert pairs("2024-12-02", "2025-06-30", "quarter_end", "quarter_end", month_offset=month_offset) == expected


def test_an_overwriter_rolls_on_the_third_friday_into_the_next():
    # 19 April 2019 was Good Friday.
    assert pairs("2019-03-01", "2019-04-30", "monthly_expiry", "third_friday") == [
        ("2019-03-15", "2019-04-18"),
        ("2019-04-18", "2019-05-17"),
    ]
    assert pairs("2024-09-03", "2024-09-30", "monthly_expiry", "third_friday") == [("2024-09-20", "2024-10-18")]


def test_only_third_fridays_settle_on_the_opening():
    dates = sessions("2024-01-02", "2024-12-31").dates
    for expires in EXPIRY_RULES[:-1]:
        assert set(roll_calendar(dates, "weekly", expires).am_settled) == {expires == "third_friday"}


def test_a_weekly_seller_rolls_on_the_last_session_of_the_week():
    # Good Friday 2025 moves the roll and the expiry to Thursday; the Friday after Thanksgiving is a half day.
    assert pairs("2025-04-07", "2025-04-17", "weekly", "friday") == [
        ("2025-04-11", "2025-04-17"),
        ("2025-04-17", "2025-04-25"),
    ]
    assert pairs("2024-11-18", "2024-11-29", "weekly", "friday", ahead=2) == [
        ("2024-11-22", "2024-12-06"),
        ("2024-11-29", "2024-12-13"),
    ]


def test_tomorrows_options_skip_thanksgiving_and_the_new_year():
    assert pairs("2024-11-26", "2024-11-29", "daily", "next_session") == [
        ("2024-11-26", "2024-11-27"),
        ("2024-11-27", "2024-11-29"),
        ("2024-11-29", "2024-12-02"),
    ]
    assert pairs("2024-12-31", "2024-12-31", "daily", "next_session") == [("2024-12-31", "2025-01-02")]


def test_a_month_end_hedge_of_three_months_rolls_on_a_half_day():
    assert pairs("2024-11-01", "2024-11-29", "month_end", "month_end", ahead=3) == [("2024-11-29", "2025-02-28")]


@pytest.mark.parametrize(
    ("expires", "expiry"), [("after_event", "2024-09-18"), ("friday", "2024-09-20"), ("third_friday", "2024-09-20")]
)
def test_a_meeting_is_hedged_three_sessions_ahead(expires, expiry):
    # The statement of Wednesday 18 September 2024.
    found = pairs("2024-09-03", "2024-09-30", "before_meeting", expires, sessions_ahead=3)
    assert found == [("2024-09-13", expiry)]


def test_a_release_is_hedged_the_session_before():
    # Payrolls on Friday 6 and consumer prices on Wednesday 11 September 2024.
    assert pairs("2024-09-03", "2024-09-30", "before_release", "after_event") == [
        ("2024-09-05", "2024-09-06"),
        ("2024-09-10", "2024-09-11"),
    ]


def test_payrolls_on_good_friday_are_hedged_over_the_weekend():
    assert pairs("2023-04-03", "2023-04-07", "before_release", "after_event") == [("2023-04-06", "2023-04-10")]


def test_a_hedge_is_rolled_though_its_event_lies_beyond_the_span():
    calendar = roll_calendar(sessions("2024-09-16", "2024-09-17").dates, "before_meeting", "after_event")
    assert (calendar.days.tolist(), calendar.expiry_index.tolist()) == ([1], [2])


def test_no_programme_rolls_before_a_meeting_that_the_table_does_not_hold():
    calendar = roll_calendar(sessions("1990-01-02", "1993-12-31").dates, "before_meeting", "after_event")
    assert len(calendar) == 0
    assert calendar.expiry_dates.dtype == np.dtype("datetime64[D]")


def test_from_1990_to_2060_each_period_has_one_roll():
    dates = sessions("1990-01-01", "2060-12-31").dates
    n_years = 71
    counts = {rolls: len(roll_calendar(dates, rolls, "month_end")) for rolls in ROLL_RULES}
    assert counts["daily"] == len(dates)
    assert counts["weekly"] == len(np.unique((dates.astype(int) + 3) // 7))
    assert counts["monthly_expiry"] == counts["month_end"] == 12 * n_years
    assert counts["quarter_end"] == 4 * n_years
    # Eight meetings a year from 1994 but one in 2020, and the first of 2061 lies beyond.
    assert counts["before_meeting"] == 8 * (n_years - 4) - 1
    # Two reports a month, of which a shutdown took two in 2025; by the rules both come on one day three times.
    assert counts["before_release"] == 24 * n_years - 2 - 3


def test_the_last_session_of_2060_still_has_its_expiries():
    assert pairs("2060-12-31", "2060-12-31", "quarter_end", "quarter_end", ahead=4) == [("2060-12-31", "2061-12-30")]
    assert pairs("2060-12-31", "2060-12-31", "month_end", "third_friday", ahead=13) == [("2060-12-31", "2062-01-20")]


@given(programmes(), spans(), st.data())
def test_a_programme_rolls_into_what_is_listed_at_that_close(programme, span, data):
    names, numbers = programme
    dates = DATES[slice(*span)]
    calendar = roll_calendar(dates, *names, **numbers)
    if len(calendar) == 0:
        return
    row = data.draw(st.integers(0, len(calendar) - 1))
    listed = listed_expiries(dates[calendar.days[row]])
    chosen = (listed.dates == calendar.expiry_dates[row]) & (listed.am_settled == calendar.am_settled[row])
    assert chosen.sum() == 1


@given(programmes(), spans())
def test_expiries_come_after_their_rolls_in_order_and_on_sessions(programme, span):
    names, numbers = programme
    dates = DATES[slice(*span)]
    calendar = roll_calendar(dates, *names, **numbers)
    assert (np.diff(calendar.days) > 0).all()
    assert (calendar.expiry_index > calendar.days).all()
    assert (np.diff(calendar.expiry_index) >= 0).all()
    within = calendar.expiry_dates <= KNOWN[-1]
    assert np.array_equal(KNOWN[span[0] + calendar.expiry_index[within]], calendar.expiry_dates[within])


@given(programmes(), spans())
def test_a_span_rolls_as_the_whole_calendar_does(programme, span):
    names, numbers = programme
    begin, end = span
    part, whole = roll_calendar(DATES[begin:end], *names, **numbers), roll_calendar(DATES, *names, **numbers)
    inside = (whole.days >= begin) & (whole.days < end)
    assert np.array_equal(part.days + begin, whole.days[inside])
    assert np.array_equal(part.expiry_index + begin, whole.expiry_index[inside])
    assert np.array_equal(part.expiry_dates, whole.expiry_dates[inside])


@given(programmes())
def test_one_more_ahead_is_the_next_expiry_of_its_kind(programme):
    (rolls, expires), numbers = programme
    if numbers["ahead"] == 1:
        return
    fewer = roll_calendar(DATES, rolls, expires, **{**numbers, "ahead": numbers["ahead"] - 1})
    further = roll_calendar(DATES, rolls, expires, **numbers)
    kind = roll_calendar(
        DATES, "daily", expires, month_offset=numbers["month_offset"] if expires == "quarter_end" else 0
    )
    expiries = np.unique(kind.expiry_index)
    inside = further.expiry_index <= expiries[-1]
    rank = np.searchsorted(expiries, fewer.expiry_index[inside])
    assert np.array_equal(expiries[rank + 1], further.expiry_index[inside])


@pytest.mark.parametrize(
    ("names", "numbers", "sentence"),
    [
        (
            ("yearly", "friday"),
            {},
            "rolls = 'yearly' is not known; use one of 'daily', 'weekly', 'monthly_expiry', 'month_end', 'quarter_end',"
            " 'before_meeting', 'before_release'",
        ),
        (
            ("weekly", "saturday"),
            {},
            "expires = 'saturday' is not known; use one of 'next_session', 'friday', 'third_friday', 'month_end',"
            " 'quarter_end', 'after_event'",
        ),
        (
            ("weekly", "after_event"),
            {},
            "expires = 'after_event' has no event with rolls = 'weekly'; use rolls = 'before_meeting' or"
            " 'before_release'",
        ),
        (
            ("weekly", "friday"),
            {"ahead": 8},
            "ahead = 8 is not possible with expires = 'friday'; use a whole number from 1 to 7",
        ),
        (
            ("weekly", "friday"),
            {"ahead": 1.0},
            "ahead = 1.0 is not possible with expires = 'friday'; use a whole number from 1 to 7",
        ),
        (
            ("before_meeting", "after_event"),
            {"ahead": 2},
            "ahead = 2 is not possible with expires = 'after_event'; use 1",
        ),
        (
            ("quarter_end", "quarter_end"),
            {"ahead": 3, "month_offset": 1},
            "ahead = 3 is not possible with expires = 'quarter_end'; use a whole number from 1 to 2",
        ),
        (
            ("quarter_end", "quarter_end"),
            {"month_offset": 3},
            "month_offset = 3 is not possible with a quarter of three months; use a whole number from 0 to 2",
        ),
        (
            ("month_end", "friday"),
            {"month_offset": 1},
            "month_offset = 1 moves nothing with rolls = 'month_end' and expires = 'friday'; use 0, or 'quarter_end'"
            " for one of them",
        ),
        (
            ("before_meeting", "friday"),
            {"sessions_ahead": 0},
            "sessions_ahead = 0 is not possible with rolls = 'before_meeting'; use a whole number from 1 to 21",
        ),
        (
            ("weekly", "friday"),
            {"sessions_ahead": 5},
            "sessions_ahead = 5 is not possible with rolls = 'weekly'; use 1",
        ),
    ],
)
def test_a_wrong_name_or_number_is_refused_with_the_choices(names, numbers, sentence):
    with pytest.raises(InputError) as refusal:
        roll_calendar(DATES[:5], *names, **numbers)
    assert str(refusal.value) == sentence


@pytest.mark.parametrize("expires", MOST_AHEAD)
def test_an_expiry_further_ahead_than_the_listing_is_refused(expires):
    roll_calendar(DATES[:5], "before_meeting", expires, ahead=MOST_AHEAD[expires])
    with pytest.raises(InputError, match=r"ahead = \d+ is not possible with expires"):
        roll_calendar(DATES[:5], "before_meeting", expires, ahead=MOST_AHEAD[expires] + 1)


def test_a_session_left_out_is_refused():
    with pytest.raises(InputError, match="does not follow 2024-01-04 as the next NYSE session, which is 2024-01-05"):
        roll_calendar(np.delete(sessions("2024-01-02", "2024-01-12").dates, 3), "daily", "friday")


def test_no_sessions_have_no_rolls():
    assert len(roll_calendar(DATES[:0], "before_release", "after_event")) == 0


def test_nine_thousand_sessions_take_less_than_a_twentieth_of_a_second():
    dates = sessions_after("1990-01-01", 9000).dates
    roll_calendar(dates, "daily", "friday")
    begin = time.perf_counter()
    roll_calendar(dates, "before_release", "quarter_end")
    assert time.perf_counter() - begin < 0.05
