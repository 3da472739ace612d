import time
from dataclasses import fields

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowsim.clock import FIRST_DATE, LAST_DATE, session_calendar, sessions, sessions_after
from flowsim.errors import InputError

WHOLE = session_calendar(sessions(FIRST_DATE, LAST_DATE).dates)


def on(day):
    """The whole calendar's values on one day."""
    position = int(np.flatnonzero(WHOLE.dates == np.datetime64(day))[0])
    return {field.name: getattr(WHOLE, field.name)[position] for field in fields(WHOLE)}


def test_the_last_session_of_march_2024_reads_as_it_should():
    # Thursday 28 March: Good Friday is closed, so it ends week, month and quarter; 31 March is three days on, and
    # 31 December 88 days back. April's expiry is 19 April: 15 sessions on. The next statement, 1 May, is 23 on.
    day = on("2024-03-28")
    assert (day["weekday"], day["half_day"]) == (3.0, False)
    assert (day["days_since_quarter_end"], day["days_to_quarter_end"]) == (88.0, 3.0)
    assert (day["sessions_since_month_end"], day["sessions_to_month_end"], day["sessions_to_quarter_end"]) == (20, 0, 0)
    assert (day["is_weekly_expiry"], day["is_monthly_expiry"], day["sessions_to_expiry"]) == (True, False, 15)
    assert (day["is_meeting"], day["sessions_to_meeting"]) == (False, 23)


def test_the_first_session_of_2025_reads_as_it_should():
    # Thursday 2 January, the second day of the quarter. The month has 20 sessions (1, 9 and 20 January closed), the
    # quarter 60. Expiry on Friday 17 January: sessions 3, 6, 7, 8, 10, 13, 14, 15, 16, 17. Statement on 29 January.
    day = on("2025-01-02")
    assert (day["days_since_quarter_end"], day["days_to_quarter_end"]) == (2.0, 88.0)
    assert (day["sessions_since_month_end"], day["sessions_to_month_end"], day["sessions_to_quarter_end"]) == (
        1,
        19,
        59,
    )
    assert (day["sessions_to_expiry"], day["sessions_to_meeting"]) == (10, 17)


def test_a_quarter_end_that_trades_is_zero_days_from_itself():
    # 31 December 2024: the latest quarter end strictly before it is 30 September, 92 days back.
    assert (on("2024-12-31")["days_since_quarter_end"], on("2024-12-31")["days_to_quarter_end"]) == (92.0, 0.0)


@pytest.mark.parametrize("day", ["2025-04-17", "2026-06-18", "2024-09-20"])
def test_monthly_expiry_moves_to_thursday_when_friday_is_closed(day):
    # Good Friday 18 April 2025; Juneteenth 19 June 2026; an ordinary third Friday.
    assert on(day)["is_monthly_expiry"]
    assert on(day)["is_weekly_expiry"]
    assert on(day)["sessions_to_expiry"] == 0.0


@pytest.mark.parametrize(
    ("event", "days"),
    [
        ("is_meeting", ["2024-09-18", "2024-11-07", "2024-12-18"]),
        ("is_minutes", ["2024-10-09", "2024-11-29"]),  # 28 November was Thanksgiving
        ("is_payrolls", ["2024-09-06", "2024-10-04", "2024-11-01", "2024-12-06"]),
        ("is_cpi", ["2024-09-11", "2024-10-10", "2024-11-13", "2024-12-11"]),
        ("is_gdp", ["2024-10-31"]),
    ],
)
def test_the_events_of_autumn_2024_fall_on_their_sessions(event, days):
    autumn = session_calendar(sessions("2024-09-01", "2024-12-31").dates)
    assert autumn.dates[getattr(autumn, event)].astype(str).tolist() == days


def test_payrolls_published_on_good_friday_reach_the_market_on_monday():
    # The report of 7 April 2023.
    assert on("2023-04-10")["is_payrolls"]


def test_months_quarters_and_weeks_each_end_once():
    month_ends, quarter_ends = WHOLE.sessions_to_month_end == 0.0, WHOLE.sessions_to_quarter_end == 0.0
    assert np.array_equal(np.roll(month_ends, 1), WHOLE.sessions_since_month_end == 1.0)
    assert (month_ends.sum(), quarter_ends.sum(), WHOLE.is_monthly_expiry.sum()) == (91 * 12, 91 * 4, 91 * 12)
    assert WHOLE.is_weekly_expiry.sum() == len(np.unique(WHOLE.dates.astype("datetime64[W]")))


@pytest.mark.parametrize(
    ("count", "event"),
    [("sessions_to_meeting", "is_meeting"), ("sessions_to_expiry", "is_monthly_expiry")],
)
def test_a_count_falls_by_one_a_session_and_starts_anew_after_its_event(count, event):
    counts, reached = getattr(WHOLE, count), getattr(WHOLE, event)
    assert np.array_equal(counts == 0.0, reached)
    assert np.all(np.diff(counts)[~reached[:-1]] == -1.0)


def test_days_from_and_to_quarter_ends_add_up_to_a_quarter():
    assert set(WHOLE.days_since_quarter_end + WHOLE.days_to_quarter_end) == {90.0, 91.0, 92.0}


@given(st.integers(0, len(WHOLE.dates) - 1), st.integers(0, 300))
def test_a_run_has_the_same_values_as_the_whole_calendar(begin, n_sessions):
    run = session_calendar(WHOLE.dates[begin : begin + n_sessions])
    for field in fields(run):
        values, whole = getattr(run, field.name), getattr(WHOLE, field.name)
        assert values.dtype == whole.dtype
        assert np.array_equal(values, whole[begin : begin + n_sessions]), field.name


def test_counts_are_floats_and_marks_are_booleans():
    for field in fields(WHOLE)[1:]:
        expected = bool if field.name.startswith("is_") or field.name == "half_day" else np.float64
        assert getattr(WHOLE, field.name).dtype == expected, field.name


def test_a_session_left_out_is_refused_with_the_one_expected():
    dates = np.delete(sessions("2024-01-02", "2024-01-12").dates, 3)
    with pytest.raises(InputError) as refusal:
        session_calendar(dates)
    assert str(refusal.value) == (
        "dates[3] = 2024-01-08 does not follow 2024-01-04 as the next NYSE session, which is 2024-01-05;"
        " give consecutive sessions"
    )


def test_a_run_past_the_last_date_is_refused():
    dates = sessions("2060-12-30", "2060-12-31").dates
    with pytest.raises(InputError, match=r"dates\[2\] = 2061-01-03 is outside the NYSE calendar"):
        session_calendar(np.append(dates, np.datetime64("2061-01-03")))


def test_a_run_that_begins_on_a_sunday_is_refused():
    with pytest.raises(InputError, match="the first of the dates = 2024-01-07 is not an NYSE session"):
        session_calendar(np.array(["2024-01-07"], dtype="datetime64[D]"))


def test_nine_thousand_sessions_take_less_than_a_tenth_of_a_second():
    dates = sessions_after("1990-01-01", 9000).dates
    begin = time.perf_counter()
    session_calendar(dates)
    assert time.perf_counter() - begin < 0.1
