"""What lies ahead of and behind each day, the windows of the calendar, and sums over drawn days."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowsim.facts.closes import Closes, ahead, behind, in_blackout, in_turn_of_month, sum_after, sum_until

NAN = np.nan


def days(*texts):
    return np.array(texts, "datetime64[D]")


def test_what_lies_ahead_and_behind_is_unknown_where_the_series_ends():
    values = np.array([1.0, 2.0, 4.0, 8.0])
    np.testing.assert_array_equal(ahead(values, 1), [2, 4, 8, NAN])
    np.testing.assert_array_equal(behind(values, 3), [NAN, NAN, NAN, 1])


def test_sums_over_two_days_up_to_a_day_and_after_it():
    values = np.array([1.0, 2.0, 4.0, 8.0])
    np.testing.assert_array_equal(sum_until(values, 2), [NAN, 3, 6, 12])
    np.testing.assert_array_equal(sum_after(values, 2), [6, 12, NAN, NAN])


@pytest.mark.parametrize("shift", [ahead, behind, sum_until, sum_after])
def test_a_series_shorter_than_the_reach_is_unknown_throughout(shift):
    assert np.isnan(shift(np.arange(4.0), 9)).all()


def test_the_turn_of_the_month_is_its_last_session_and_the_first_three_of_the_next():
    # 2019 began on a Tuesday, a holiday: sessions 2, 3 and 4 January, then 31 January, 1, 4 and 5 February
    sessions = np.arange("2018-12-28", "2019-02-08", dtype="datetime64[D]")
    sessions = sessions[np.is_busday(sessions, holidays=days("2019-01-01", "2019-01-21"))]
    inside = sessions[in_turn_of_month(sessions)]
    expected = days(
        "2018-12-31", "2019-01-02", "2019-01-03", "2019-01-04", "2019-01-31", "2019-02-01", "2019-02-04", "2019-02-05"
    )  # fmt: skip
    np.testing.assert_array_equal(inside, expected)


@pytest.mark.parametrize(("last", "ends"), [("2026-08-21", False), ("2026-08-31", True), ("2026-07-31", True)])
def test_the_last_date_of_a_series_ends_its_month_if_the_next_weekday_is_in_another(last, ends):
    sessions = np.arange("2026-07-15", np.datetime64(last) + 1, dtype="datetime64[D]")
    assert in_turn_of_month(sessions[np.is_busday(sessions)])[-1] == ends


def test_a_series_that_begins_within_a_month_does_not_take_its_first_days_for_those_of_the_month():
    assert not in_turn_of_month(days("2019-03-13", "2019-03-14", "2019-03-15")).any()


@pytest.mark.parametrize(
    ("day", "inside"),
    [("2019-03-16", False), ("2019-03-17", True), ("2019-03-31", True), ("2019-04-28", True), ("2019-04-29", False)],
)
def test_the_blackout_runs_from_14_calendar_days_before_a_quarter_end_to_28_after(day, inside):
    # 31 March - 14 = 17 March, 31 March + 28 = 28 April
    assert in_blackout(days(day))[0] == inside


def test_windows_of_the_calendar_are_those_of_the_days_with_a_return():
    # of three closes the first gives no return, so the flags are those of 29 March and 1 April
    closes = Closes.dated(days("2019-03-28", "2019-03-29", "2019-04-01"), np.array([0.1, 0.2]))
    assert closes.turn_of_month.tolist() == [True, True]
    assert closes.n_days == 2


def test_days_between_two_dates_know_nothing_of_those_outside():
    closes = Closes.dated(np.arange("2019-01-01", "2019-01-12", dtype="datetime64[D]"), np.arange(10.0))
    cut = closes.between(np.datetime64("2019-01-04"), np.datetime64("2019-01-06"))
    np.testing.assert_array_equal(cut.returns_pct, [2, 3, 4])
    np.testing.assert_array_equal(ahead(cut.returns_pct, 1), [3, 4, NAN])


def test_means_are_taken_over_the_days_on_which_all_series_are_known():
    closes = Closes.undated(np.zeros(4))
    # known together on the first and the last day: (1 + 4) / 2 and (10 + 40) / 2
    one, two = closes.means(np.array([1.0, 2.0, NAN, 4.0]), np.array([10.0, NAN, 30.0, 40.0]))
    assert (one, two) == (2.5, 25.0)


def test_a_day_drawn_twice_counts_twice_and_an_unknown_one_never():
    # weights 2, 1, 5 on the values 1, 4, unknown: (2 + 4) / 3
    closes = Closes.undated(np.zeros(3)).weighted(np.array([[2.0, 1.0, 5.0]]))
    assert closes.means(np.array([1.0, 4.0, NAN]))[0] == [2.0]
    assert closes.count(np.array([1.0, 4.0, NAN])) == [3.0]


@given(st.lists(st.integers(0, 3), min_size=6, max_size=6).filter(any), st.integers(0, 2**32 - 1))
def test_ranks_of_drawn_days_are_those_of_the_days_written_out(weights, seed):
    values = np.random.default_rng(seed).standard_normal(6)
    largest, reached = Closes.undated(values).weighted(np.array([weights], float)).ranked(values)
    written_out = np.repeat(largest[0], np.diff(reached[0], prepend=0).astype(int))
    np.testing.assert_array_equal(written_out, np.sort(np.repeat(values, weights))[::-1])
