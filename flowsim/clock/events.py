"""Scheduled announcements: FOMC statements and minutes, and the three data releases that move the index.

Statement days are the Federal Reserve's own dates as far as it has published them. Everything else is a rule:
right in most months, a few days off in others, and blind to shutdowns and postponements. The rules describe
today's practice and are applied to every year. All days here are calendar days; the calendar moves those on a
closed day to the next session.
"""

from functools import lru_cache
from importlib.resources import files

import numpy as np

from flowsim.clock.weekdays import (
    FRIDAY,
    ONE_DAY,
    ONE_MONTH,
    SATURDAY,
    THURSDAY,
    WEDNESDAY,
    Days,
    day_of_month,
    last_weekday,
    months_between,
    nth_weekday,
    on_or_after,
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

    The rule of the Bureau of Labor Statistics: the third Friday after the conclusion of the week, Sunday to
    Saturday, that holds the 12th of the month before. Where it has departed from that for holidays it did so
    in two ways, both kept here: a Friday on 1-3 January is put off by a week, and one on Independence Day, or
    on 3 July when that is the day off, becomes the Thursday before.
    """
    reference_month = months_between(first, last) - ONE_MONTH
    friday = on_or_after(day_of_month(reference_month, 12), SATURDAY) + 20 * ONE_DAY
    month = friday.astype("datetime64[M]")
    month_of_year = month.astype(np.int64) % 12 + 1
    day = (friday - month.astype("datetime64[D]")).astype(np.int64) + 1
    new_year = (month_of_year == 1) & (day <= 3)
    independence_day = (month_of_year == 7) & np.isin(day, (3, 4))
    return within(friday + (7 * new_year - 1 * independence_day) * ONE_DAY, first, last)


def cpi_days(first: np.datetime64, last: np.datetime64) -> Days:
    """Return the days of the Consumer Price Index report, one a month.

    The Bureau of Labor Statistics follows no stated rule. The Wednesday from the 9th to the 15th is within
    one day of its dates in 35 of the 36 months 2022-2024; until about 2010 the report came a few days later
    in the month.
    """
    ninth = day_of_month(months_between(first, last), 9)
    return within(on_or_after(ninth, WEDNESDAY), first, last)


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
