"""On which session a quarter ends, and on which the market hears of it."""

import numpy as np

from flowsim.clock import sessions
from flowsim.config.macro import SOURCES
from flowsim.economy.reports import NONE, build_reports, quarter_of
from flowsim.macro.quarters import quarter_number

DATES = sessions("2026-07-01", "2027-06-30").dates
FIRST = quarter_number("2026Q3", "a test")
REPORTS = build_reports(DATES, FIRST)


def days_of(row):
    return [str(day) for day in DATES[row != NONE]]


def test_a_date_is_in_the_quarter_that_its_text_says():
    dates = np.array(["2026-09-30", "2026-10-01", "1999-01-04"], "datetime64[D]")
    assert quarter_of(dates).tolist() == [quarter_number(one, "a test") for one in ("2026Q3", "2026Q4", "1999Q1")]


def test_a_quarter_ends_on_its_last_session():
    assert days_of(REPORTS.ends) == ["2026-09-30", "2026-12-31", "2027-03-31", "2027-06-30"]
    assert REPORTS.ends[REPORTS.ends != NONE].tolist() == [0, 1, 2, 3]


def test_builders_have_reported_twenty_nine_days_after_the_quarter():
    # 2026-10-29 is a Thursday, 2027-01-29 and 2027-04-29 are sessions too.
    assert days_of(REPORTS.budgets) == ["2026-10-29", "2027-01-29", "2027-04-29"]
    assert REPORTS.budgets[REPORTS.budgets != NONE].tolist() == [0, 1, 2]


def test_each_source_has_its_day():
    by_source = {name: days_of(row) for name, row in zip(SOURCES, REPORTS.news, strict=True)}
    assert by_source["capex"] == by_source["power"] == days_of(REPORTS.budgets)
    assert by_source["growth"] == ["2026-10-29", "2027-01-28", "2027-04-29"]  # the last Thursday of the month
    assert by_source["credit"] == by_source["support"] == ["2026-11-04", "2027-02-03", "2027-05-05"]


def test_a_run_that_begins_after_the_reports_waits_for_the_next_ones():
    later = build_reports(DATES[np.datetime64("2026-11-04") < DATES], FIRST)
    for row in later.news:
        assert row[row != NONE].tolist() == [1, 2]


def test_a_report_on_a_closed_day_is_heard_on_the_next_session():
    # 2028-04-29 is a Saturday.
    dates = sessions("2028-04-03", "2028-05-31").dates
    reported = build_reports(dates, FIRST).budgets
    assert str(dates[reported != NONE][0]) == "2028-05-01"
