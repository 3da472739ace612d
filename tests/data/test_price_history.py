"""The history before a start: as long as it must be, on the sessions of the calendar, and without gaps."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowsim.clock import sessions
from flowsim.data.prices import Prices
from flowsim.errors import InputError


def series(first="2018-12-03", last="2019-01-31"):
    """Prices on the NYSE sessions of two months, rows as in a CSV file: 40 sessions, 19 of them in 2018."""
    dates = sessions(first, last).dates
    return Prices(dates, np.linspace(2400.0, 2500.0, len(dates)), "index.csv", np.arange(2, len(dates) + 2))


def without(prices, day):
    keep = prices.dates != np.datetime64(day)
    return Prices(prices.dates[keep], prices.close[keep], prices.source, np.arange(2, keep.sum() + 2))


def test_history_is_the_last_closes_up_to_and_with_the_start():
    prices = series()
    history = prices.require_history("2018-12-31", 3, "the rule")
    assert history.dates.astype(str).tolist() == ["2018-12-27", "2018-12-28", "2018-12-31"]
    assert history.close.tolist() == prices.close[16:19].tolist()
    assert history.source == "index.csv"


@settings(deadline=None)  # the first example may have to compute the calendar
@given(st.integers(0, 39), st.integers(1, 40))
def test_history_has_the_length_asked_for_or_is_refused(position, n_sessions):
    prices = series()
    start = prices.dates[position]
    if n_sessions <= position + 1:
        history = prices.require_history(start, n_sessions, "the rule")
        assert (len(history), history.dates[-1]) == (n_sessions, start)
    else:
        with pytest.raises(InputError, match=f"index.csv has {position + 1} sessions up to start = {start}"):
            prices.require_history(start, n_sessions, "the rule")


@pytest.mark.parametrize(
    ("start", "n_sessions", "message"),
    [
        (
            "2019-02-01",
            5,
            "index.csv has prices from 2018-12-03 to 2019-01-31, and start = 2019-02-01 is outside; choose a start"
            " within the file or a longer file",
        ),
        (
            "2018-12-31",
            252,
            "index.csv has 19 sessions up to start = 2018-12-31, and the 252-day high needs 252; choose a later"
            " start or a file that begins earlier",
        ),
        (
            "2018-12-30",
            5,
            "start = 2018-12-30 is not an NYSE session; the nearest are 2018-12-28 and 2018-12-31",
        ),
        ("the eve", 5, "start = the eve is not a date; write it as YYYY-MM-DD"),
    ],
)
def test_a_history_that_cannot_be_had_is_refused_with_what_there_is(start, n_sessions, message):
    with pytest.raises(InputError) as refusal:
        series().require_history(start, n_sessions, "the 252-day high")
    assert str(refusal.value) == message


def test_a_missing_session_is_named_with_the_row_before_it():
    # 2018-12-03 is in row 2; 4 December in row 3; the 5th was closed; 6, 7, 10, 11, 12 and 13 in rows 4 to 9.
    prices = without(series(), "2018-12-14")
    with pytest.raises(InputError) as refusal:
        prices.require_history("2018-12-31", 15, "the rule")
    assert str(refusal.value) == (
        "index.csv: the NYSE session 2018-12-14 is missing after row 9 (2018-12-13); add its close"
    )


def test_a_start_that_is_missing_itself_is_named():
    with pytest.raises(InputError, match=r"session 2018-12-31 is missing after row 19 \(2018-12-28\)"):
        without(series(), "2018-12-31").require_history("2018-12-31", 5, "the rule")


def test_a_gap_outside_the_window_is_no_fault():
    prices = without(series(), "2018-12-14")
    assert len(prices.require_history("2018-12-31", 10, "the rule")) == 10


def test_a_saturday_in_the_window_is_named_with_its_row():
    prices = series()
    dates = np.sort(np.append(prices.dates, np.datetime64("2018-12-15")))
    prices = Prices(dates, np.full(len(dates), 2500.0), "index.csv")
    with pytest.raises(InputError) as refusal:
        prices.require_history("2018-12-31", 15, "the rule")
    # Without a file the rows count from 1: nine sessions, 3 to 14 December without the 5th, then the Saturday.
    assert str(refusal.value) == "index.csv, row 10: 2018-12-15 (Saturday) is not an NYSE session; remove the row"


def test_a_history_from_before_the_calendar_is_refused():
    dates = np.array(["1969-12-30", "1969-12-31", "1970-01-02"], dtype="datetime64[D]")
    with pytest.raises(InputError, match=r"begins on 1969-12-30, before the NYSE calendar; .* on 1970-01-02 or later"):
        Prices(dates, np.full(3, 92.0), "index.csv").require_history("1970-01-02", 3, "the rule")
