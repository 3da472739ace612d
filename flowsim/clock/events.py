"""Scheduled announcements: FOMC statements and minutes, and the three data releases that move the index.

Statement days are the Federal Reserve's own dates, those of consumer prices and payrolls the Bureau of Labor
Statistics' own, as far as they are published; see the tables beside this file. Before and after, and for everything
else, there are rules: blind to shutdowns and postponements. All days here are calendar days; the calendar moves those
on a closed day to the next session.
"""

from functools import lru_cache
from importlib.resources import files

import numpy as np

from flowsim.clock.weekdays import (
    FRIDAY,
    MONDAY,
    ONE_DAY,
    ONE_MONTH,
    SATURDAY,
    SUNDAY,
    THURSDAY,
    WEDNESDAY,
    Days,
    day_of_month,
    last_weekday,
    months_between,
    nth_weekday,
    on_or_after,
    weekday_of,
    within,
)

MINUTES_LAG_DAYS = 21


def fomc_statement_days(first: np.datetime64, last: np.datetime64) -> Days:
    """Return the scheduled FOMC statement days from `first` to `last`, shape (n,).

    A meeting's statement comes on its last day. From 1994, when the Committee began to announce its decisions
    on the day (until 1999 only when it had changed policy), through 2027 they are the dates of the Federal
    Reserve's calendars, packaged as a table. Later ones follow the pattern of 2025-2027, which it meets in 22
    of 24 cases: Wednesdays, the last of January, April, July and October, the third of March, June and
    September, the second of December.
    """
    published = _published_statement_days()
    months = months_between(published[-1], np.maximum(last, published[-1])) + ONE_MONTH
    month_of_year = months.astype(np.int64) % 12 + 1
    expected = np.concatenate(
        [
            last_weekday(months[np.isin(month_of_year, (1, 4, 7, 10))], WEDNESDAY),
            nth_weekday(months[np.isin(month_of_year, (3, 6, 9))], WEDNESDAY, 3),
            nth_weekday(months[month_of_year == 12], WEDNESDAY, 2),
        ]
    )
    return within(np.concatenate([published, np.sort(expected)]), first, last)


def fomc_minutes_days(first: np.datetime64, last: np.datetime64) -> Days:
    """Return the days on which FOMC minutes appear, three weeks after each scheduled statement.

    The Committee has kept to three weeks since the end of 2004; before, minutes came after the following
    meeting.
    """
    lag = MINUTES_LAG_DAYS * ONE_DAY
    return fomc_statement_days(first - lag, last - lag) + lag


def payroll_days(first: np.datetime64, last: np.datetime64) -> Days:
    """Return the days of the Employment Situation report, one a month.

    From 2010 through 2026 they are the published days, packaged as a table; only shutdowns made them depart from the
    rule, which is right in 198 of those 203. The rule of the Bureau of Labor Statistics: the third Friday after the
    conclusion of the week, Sunday to Saturday, that holds the 12th of the month before. Where it has departed from that
    for holidays it did so in two ways, both kept here: a Friday on 1-3 January is put off by a week, and one on
    Independence Day, or on 3 July when that is the day off, becomes the Thursday before.
    """
    reference_month = months_between(first, last) - ONE_MONTH
    friday = on_or_after(day_of_month(reference_month, 12), SATURDAY) + 20 * ONE_DAY
    month = friday.astype("datetime64[M]")
    month_of_year = month.astype(np.int64) % 12 + 1
    day = (friday - month.astype("datetime64[D]")).astype(np.int64) + 1
    new_year = (month_of_year == 1) & (day <= 3)
    independence_day = (month_of_year == 7) & np.isin(day, (3, 4))
    rule = friday + (7 * new_year - 1 * independence_day) * ONE_DAY
    return within(_published_over(rule, _published_release_days()["payrolls"]), first, last)


CPI_BUSINESS_DAY, CPI_BUSINESS_DAY_BEFORE_2018 = 8, 11


def cpi_days(first: np.datetime64, last: np.datetime64) -> Days:
    """Return the days of the Consumer Price Index report, one a month.

    From 2007 through 2026 they are the published days, packaged as a table. The Bureau of Labor Statistics follows no
    stated rule: the eighth business day of the month, by which later reports are expected, is its day in 77 of the 107
    months with a report of 2018-2026; the eleventh, taken before 2007, is so in 37 of the 132 months of 2007-2017, and
    within a day of it in 79.
    """
    months = months_between(first, last)
    nth = np.where(months < np.datetime64("2018-01"), CPI_BUSINESS_DAY_BEFORE_2018, CPI_BUSINESS_DAY)
    rule = np.busday_offset(
        months.astype("datetime64[D]"), nth - 1, roll="forward", holidays=_holidays_of_early_month(months)
    )
    return within(_published_over(rule, _published_release_days()["cpi"]), first, last)


def _holidays_of_early_month(months: Days) -> Days:
    """Return the federal holidays on which no report can come among those of the first half of a month."""
    month_of_year = months.astype(np.int64) % 12 + 1
    fixed = [day_of_month(months[month_of_year == month], day) for month, day in ((1, 1), (7, 4), (11, 11))]
    observed = np.concatenate(fixed)
    weekday = weekday_of(observed)
    observed = observed + (1 * (weekday == SUNDAY) - 1 * (weekday == SATURDAY)) * ONE_DAY
    labor, columbus = (nth_weekday(months[month_of_year == month], MONDAY, nth) for month, nth in ((9, 1), (10, 2)))
    return np.concatenate([observed, labor, columbus])


def _published_over(rule: Days, published: Days) -> Days:
    """Return published days where there are some, and those of a rule, of ascending months, before and after them."""
    month, known = rule.astype("datetime64[M]"), published.astype("datetime64[M]")
    return np.concatenate([rule[month < known[0]], published, rule[month > known[-1]]])


def gdp_days(first: np.datetime64, last: np.datetime64) -> Days:
    """Return the days of the advance estimate of gross domestic product, four a year.

    The Bureau of Economic Analysis follows no stated rule. The last Thursday of January, April, July and
    October is its date in 18 of the 20 quarters 2020-2024, and one day off in the other two.
    """
    months = months_between(first, last)
    return within(last_weekday(months[months.astype(np.int64) % 3 == 0], THURSDAY), first, last)


def monthly_expiry_days(first: np.datetime64, last: np.datetime64) -> Days:
    """Return the third Friday of each month; where it is closed, options expire on the session before."""
    return within(nth_weekday(months_between(first, last), FRIDAY, 3), first, last)


@lru_cache(maxsize=1)
def _published_statement_days() -> Days:
    table = files("flowsim.clock").joinpath("fomc_statement_days.csv").read_text(encoding="utf-8")
    rows = [line for line in table.splitlines() if not line.startswith("#")]
    return np.array(rows[1:], dtype="datetime64[D]")


@lru_cache(maxsize=1)
def _published_release_days() -> dict[str, Days]:
    table = files("flowsim.clock").joinpath("data_release_days.csv").read_text(encoding="utf-8")
    rows = [line.split(",") for line in table.splitlines() if not line.startswith("#")][1:]
    names = {name for name, _ in rows}
    return {name: np.array([day for one, day in rows if one == name], "datetime64[D]") for name in names}
