import csv
import datetime
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowsim.clock import FIRST_DATE, LAST_DATE, as_day, require_session, sessions, sessions_after
from flowsim.clock.sessions import session_table
from flowsim.errors import InputError

DATES = st.dates(FIRST_DATE.item(), LAST_DATE.item())


def test_the_week_of_christmas_2024_has_four_sessions_and_one_half_day():
    # Monday 23, half day 24, closed 25, Thursday 26, Friday 27.
    week = sessions("2024-12-22", "2024-12-29")
    assert week.dates.astype(str).tolist() == ["2024-12-23", "2024-12-24", "2024-12-26", "2024-12-27"]
    assert week.half_day.tolist() == [False, True, False, False]


@pytest.mark.parametrize(
    ("first", "last", "open_days"),
    [
        ("2001-09-10", "2001-09-17", 2),  # attacks of the 11th, closed to the 14th
        ("2012-10-26", "2012-10-31", 2),  # hurricane Sandy, Monday and Tuesday
        ("2025-01-08", "2025-01-10", 2),  # mourning for President Carter
    ],
)
def test_unscheduled_closings_are_known(first, last, open_days):
    assert len(sessions(first, last)) == open_days


def test_the_tables_edges_are_supported_and_a_day_beyond_is_refused():
    assert len(sessions(FIRST_DATE, FIRST_DATE)) == 1
    assert sessions("2060-12-31", LAST_DATE).dates.tolist() == [datetime.date(2060, 12, 31)]
    with pytest.raises(InputError, match=r"last = 2061-01-01 is outside .* from 1970-01-02 to 2060-12-31"):
        sessions("2060-01-01", "2061-01-01")
    with pytest.raises(InputError, match="first = 1970-01-01 is outside"):
        sessions("1970-01-01", "2060-12-31")


def test_a_date_may_be_text_a_python_date_or_a_numpy_date():
    given_forms = [
        "2019-01-02",
        datetime.date(2019, 1, 2),
        datetime.datetime(2019, 1, 2, 16),
        np.datetime64("2019-01-02"),
    ]
    assert {as_day(form, "start") for form in given_forms} == {np.datetime64("2019-01-02")}


@pytest.mark.parametrize("value", ["2019-02-30", "soon", "", "2019-01", np.datetime64("NaT"), 20190102, None])
def test_what_is_no_date_is_refused_with_its_name_and_value(value):
    with pytest.raises(InputError) as refusal:
        as_day(value, "time.start")
    assert str(refusal.value) == f"time.start = {value} is not a date; write it as YYYY-MM-DD"


def test_a_holiday_is_refused_with_the_nearest_sessions():
    with pytest.raises(InputError) as refusal:
        require_session("2019-01-01", "time.start")
    assert str(refusal.value) == (
        "time.start = 2019-01-01 is not an NYSE session; the nearest are 2018-12-31 and 2019-01-02"
    )


def test_the_sessions_after_a_date_leave_the_date_out():
    assert sessions_after("2018-12-31", 2).dates.astype(str).tolist() == ["2019-01-02", "2019-01-03"]
    assert sessions_after("2019-01-01", 1).dates.astype(str).tolist() == ["2019-01-02"]


def test_more_sessions_than_the_calendar_has_are_refused():
    # 2060-12-30 and 31 follow 2060-12-29.
    assert len(sessions_after("2060-12-29", 2)) == 2
    with pytest.raises(InputError, match=r"3 sessions after 2060-12-29 end after 2060-12-31.* at most 2"):
        sessions_after("2060-12-29", 3)


@given(DATES, DATES)
def test_two_adjoining_stretches_make_the_whole(one, other):
    first, last = min(one, other), max(one, other)
    middle = first + (last - first) // 2
    whole = sessions(first, last)
    begin = sessions(first, middle)
    rest = sessions_after(middle, len(whole) - len(begin))
    assert np.array_equal(np.concatenate([begin.dates, rest.dates]), whole.dates)
    assert np.array_equal(np.concatenate([begin.half_day, rest.half_day]), whole.half_day)


@given(DATES)
def test_a_date_is_either_a_session_or_refused(date):
    if date in sessions(date, date).dates.tolist():
        assert require_session(date, "date") == np.datetime64(date)
    else:
        with pytest.raises(InputError, match=f"date = {date} is not an NYSE session"):
            require_session(date, "date")


def test_every_full_year_has_248_to_254_sessions_and_at_most_four_half_days():
    # 248 in 2001, after September; four half days in 1997 and 2003, when 26 December was a Friday.
    table = sessions("1971-01-01", LAST_DATE)
    year = table.dates.astype("datetime64[Y]").astype(int)
    counts = np.bincount(year - year[0])
    assert (counts.min(), counts.max()) == (248, 254)
    assert np.bincount((year - year[0])[table.half_day]).max() == 4


def test_the_table_is_the_same_from_the_library_and_from_disk(monkeypatch, tmp_path):
    monkeypatch.setenv("FLOWSIM_CACHE_DIR", str(tmp_path))
    session_table.cache_clear()
    computed = session_table()
    (kept,) = tmp_path.iterdir()
    session_table.cache_clear()
    monkeypatch.setitem(sys.modules, "exchange_calendars", None)  # importing it now fails
    read = session_table()
    assert np.array_equal(read.dates, computed.dates)
    assert np.array_equal(read.half_day, computed.half_day)
    assert "exchange_calendars-" in kept.name


@pytest.mark.parametrize("damage", [b"", b"not a table", b"\0" * 4096])
def test_a_damaged_file_is_computed_again_and_mended(monkeypatch, tmp_path, damage):
    monkeypatch.setenv("FLOWSIM_CACHE_DIR", str(tmp_path))
    expected = session_table()
    session_table.cache_clear()
    session_table()
    (kept,) = tmp_path.iterdir()
    sound = kept.read_bytes()
    kept.write_bytes(damage)
    session_table.cache_clear()
    assert np.array_equal(session_table().dates, expected.dates)
    assert kept.read_bytes() == sound


def test_the_clock_is_imported_without_pandas_or_exchange_calendars():
    code = "import sys, flowsim.clock; print({'pandas', 'exchange_calendars'} & set(sys.modules))"
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert printed == "set()\n"


def test_the_sessions_are_the_days_on_which_the_index_has_a_close(shared_folder):
    with (shared_folder / "data" / "spx_daily.csv").open() as file:
        traded = np.array([row["date"] for row in csv.DictReader(file)], dtype="datetime64[D]")
    traded = traded[traded >= FIRST_DATE]
    assert np.array_equal(sessions(FIRST_DATE, traded[-1]).dates, traded)
