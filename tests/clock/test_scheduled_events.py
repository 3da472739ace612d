import csv

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowsim.clock import (
    cpi_days,
    fomc_minutes_days,
    fomc_statement_days,
    gdp_days,
    monthly_expiry_days,
    payroll_days,
)
from flowsim.clock.events import _holidays_of_early_month

RULES = (fomc_statement_days, fomc_minutes_days, payroll_days, cpi_days, gdp_days, monthly_expiry_days)
WEDNESDAY, FRIDAY = 2, 4

# The agencies' published dates of some recent years, month-day.
PAYROLLS = {
    2022: "01-07 02-04 03-04 04-01 05-06 06-03 07-08 08-05 09-02 10-07 11-04 12-02",
    2023: "01-06 02-03 03-10 04-07 05-05 06-02 07-07 08-04 09-01 10-06 11-03 12-08",
    2024: "01-05 02-02 03-08 04-05 05-03 06-07 07-05 08-02 09-06 10-04 11-01 12-06",
}
CPI = {
    2022: "01-12 02-10 03-10 04-12 05-11 06-10 07-13 08-10 09-13 10-13 11-10 12-13",
    2023: "01-12 02-14 03-14 04-12 05-10 06-13 07-12 08-10 09-13 10-12 11-14 12-12",
    2024: "01-11 02-13 03-12 04-10 05-15 06-12 07-11 08-14 09-11 10-10 11-13 12-11",
}
GDP = {
    2020: "01-30 04-29 07-30 10-29",
    2021: "01-28 04-29 07-29 10-28",
    2022: "01-27 04-28 07-28 10-27",
    2023: "01-26 04-27 07-27 10-26",
    2024: "01-25 04-25 07-25 10-30",
}


def days(published):
    return np.array([f"{year}-{day}" for year, row in published.items() for day in row.split()], dtype="datetime64[D]")


def of_years(rule, first, last):
    return rule(np.datetime64(f"{first}-01-01"), np.datetime64(f"{last}-12-31"))


def weekdays(dates):
    return (dates.astype(np.int64) + 3) % 7


def test_the_statements_of_2025_are_the_federal_reserves_dates():
    assert of_years(fomc_statement_days, 2025, 2025).astype(str).tolist() == [
        "2025-01-29",
        "2025-03-19",
        "2025-05-07",
        "2025-06-18",
        "2025-07-30",
        "2025-09-17",
        "2025-10-29",
        "2025-12-10",
    ]


def test_there_are_no_statements_before_1994():
    assert of_years(fomc_statement_days, 1990, 1994)[0] == np.datetime64("1994-02-04")


def test_each_year_has_eight_meetings_but_2020_whose_march_meeting_was_canceled():
    years = of_years(fomc_statement_days, 1994, 2060).astype("datetime64[Y]").astype(int) + 1970
    assert np.bincount(years)[1994:].tolist() == [7 if year == 2020 else 8 for year in range(1994, 2061)]


def test_after_the_table_the_first_statement_is_the_one_already_announced():
    # The Federal Reserve's schedule for 2027 ends with "January 25-26, 2028".
    assert of_years(fomc_statement_days, 2028, 2028)[0] == np.datetime64("2028-01-26")


def test_after_the_table_statements_are_wednesdays_at_least_five_weeks_apart():
    expected = of_years(fomc_statement_days, 2028, 2060)
    assert set(weekdays(expected)) == {WEDNESDAY}
    assert np.diff(expected).astype(int).min() >= 35
    assert np.diff(expected).astype(int).max() <= 56


def test_minutes_follow_each_statement_by_three_weeks():
    # The statement of 2024-12-18 was followed by minutes on 2025-01-08; that of 2025-12-10 comes to 31 December.
    minutes = of_years(fomc_minutes_days, 2025, 2025)
    assert minutes[[0, 1, -1]].astype(str).tolist() == ["2025-01-08", "2025-02-19", "2025-12-31"]
    assert len(minutes) == 9


def test_payrolls_are_the_published_days_of_three_years():
    assert np.array_equal(of_years(payroll_days, 2022, 2024), days(PAYROLLS))


@pytest.mark.parametrize(
    ("month", "day"),
    [
        ("2020-01", "2020-01-10"),  # not the 3rd, too close to the New Year
        ("2021-01", "2021-01-08"),  # not the 1st
        ("2019-01", "2019-01-04"),
        ("2020-07", "2020-07-02"),  # Friday the 3rd was the day off for Independence Day
        ("2025-07", "2025-07-03"),  # Friday was the 4th
        ("2021-07", "2021-07-02"),
    ],
)
def test_payrolls_make_way_for_holidays(month, day):
    assert payroll_days(np.datetime64(f"{month}-01"), np.datetime64(f"{month}-28")).astype(str).tolist() == [day]


def test_cpi_reports_are_the_published_days_of_three_years():
    assert np.array_equal(of_years(cpi_days, 2022, 2024), days(CPI))


@pytest.mark.parametrize(
    ("rule", "there", "not_there"),
    [
        (cpi_days, "2025-10-24 2025-12-18", "2025-10-15 2025-11-13"),
        (payroll_days, "2013-10-22 2013-11-08 2025-11-20 2025-12-16 2026-02-11", "2013-10-04 2025-10-03 2025-11-07"),
    ],
)
def test_a_report_that_a_shutdown_put_off_stands_on_the_day_on_which_it_came(rule, there, not_there):
    found = of_years(rule, 2013, 2026)
    assert np.isin(np.array(there.split(), "datetime64[D]"), found).all()
    assert not np.isin(np.array(not_there.split(), "datetime64[D]"), found).any()


@pytest.mark.parametrize(("rule", "first"), [(cpi_days, 2007), (payroll_days, 2010)])
def test_table_and_rule_meet_with_one_report_a_month(rule, first):
    around = np.concatenate([of_years(rule, first - 2, first + 1), of_years(rule, 2026, 2028)])
    assert (np.diff(around.astype("datetime64[M]").astype(int))[[*range(47), *range(48, 83)]] == 1).all()


def test_the_cpi_rule_is_right_as_often_as_it_says():
    table = of_years(cpi_days, 2007, 2026)
    for first, last, nth, hits in ((2007, 2017, 11, 37), (2018, 2026, 8, 77)):
        months = np.arange(np.datetime64(f"{first}-01"), np.datetime64(f"{last + 1}-01"))
        rule = np.busday_offset(
            months.astype("datetime64[D]"), nth - 1, roll="forward", holidays=_holidays_of_early_month(months)
        )
        assert np.isin(rule, table).sum() == hits
    after = of_years(cpi_days, 2027, 2027)
    assert [str(day) for day in after[[0, 6, 8, 9]]] == ["2027-01-13", "2027-07-13", "2027-09-13", "2027-10-13"]


def test_the_payroll_rule_misses_only_what_shutdowns_put_off(monkeypatch):
    published = of_years(payroll_days, 2010, 2026)
    monkeypatch.setattr("flowsim.clock.events._published_over", lambda rule, _: rule)
    assert np.isin(published, of_years(payroll_days, 2010, 2026)).sum() == 198
    assert len(published) == 203


def test_the_gdp_rule_is_the_published_day_in_18_of_20_quarters():
    apart = np.abs((of_years(gdp_days, 2020, 2024) - days(GDP)).astype(int))
    assert (apart == 0).sum() == 18
    assert apart.max() == 1


def test_monthly_options_expire_on_the_third_friday():
    expiries = of_years(monthly_expiry_days, 2000, 2050)
    assert set(weekdays(expiries)) == {FRIDAY}
    day_of_month = (expiries - expiries.astype("datetime64[M]").astype("datetime64[D]")).astype(int) + 1
    assert (day_of_month.min(), day_of_month.max()) == (15, 21)
    assert len(expiries) == 51 * 12


@pytest.mark.parametrize(("rule", "per_year"), [(payroll_days, 12), (cpi_days, 12), (gdp_days, 4)])
def test_each_release_comes_as_often_as_it_does_in_life(rule, per_year):
    years = of_years(rule, 1970, 2060).astype("datetime64[Y]").astype(int)
    shutdown = 2025 - 1970 if per_year == 12 else None  # one report of each fell away
    assert np.bincount(years).tolist() == [per_year - (year == shutdown) for year in range(91)]


@given(
    st.sampled_from(RULES), st.dates(np.datetime64("1970-01-01").item(), np.datetime64("2060-12-31").item()), st.data()
)
def test_a_stretch_has_the_events_of_its_two_parts(rule, middle, data):
    day = np.datetime64(middle)
    first = day - np.timedelta64(data.draw(st.integers(0, 400)), "D")
    last = day + np.timedelta64(data.draw(st.integers(1, 400)), "D")
    parts = np.concatenate([rule(first, day), rule(day + np.timedelta64(1, "D"), last)])
    assert np.array_equal(rule(first, last), parts)


def test_the_table_agrees_with_an_independent_list_of_scheduled_statements(shared_folder):
    with (shared_folder / "data" / "fomc_statement_dates.csv").open() as file:
        listed = [row["date"] for row in csv.DictReader(file) if row["scheduled"] == "True"]
    listed = np.array([date for date in listed if date >= "1994"], dtype="datetime64[D]")
    assert np.array_equal(fomc_statement_days(np.datetime64("1994-01-01"), np.datetime64("2027-12-31")), listed)
