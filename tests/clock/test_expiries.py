import datetime
from itertools import pairwise

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowsim.clock import (
    FIRST_DATE,
    LAST_DATE,
    Expiries,
    listed_expiries,
    minutes_to_expiry,
    sessions,
    trading_days_to,
)
from flowsim.clock.sessions import session_table
from flowsim.errors import InputError

DATES = sessions(FIRST_DATE, LAST_DATE).dates
KNOWN = session_table().dates
ANY_SESSION = st.sampled_from(DATES.tolist())
ALL_KNOWN = set(KNOWN.tolist())
DAY_MINUTES = 1440
FRIDAY = 4
ONE_DAY = datetime.timedelta(days=1)


def contracts(expiries):
    """What is listed, as a set of (date, root)."""
    return set(zip(expiries.dates.astype(str).tolist(), expiries.root.tolist(), strict=True))


def one(date, am_settled):
    return Expiries(np.array([date], dtype="datetime64[D]"), np.array([am_settled]))


def of_root(expiries, root):
    return expiries.dates[expiries.root == root]


def test_the_listing_before_thanksgiving_2024_is_the_one_counted_by_hand():
    # 21 sessions: 29 November, 5 + 5 + 5 to 20 December, 23, 24, 26, 27 and 30 December.
    listed = listed_expiries("2024-11-27")
    daily = sessions("2024-11-29", "2024-12-30").dates.astype(str).tolist()
    assert len(daily) == 21
    # Fridays to 10 January, third Fridays to April (18 April 2025 is Good Friday), month ends to April, quarter ends
    # to September.
    later = "2024-12-31 2025-01-03 2025-01-10 2025-01-17 2025-01-31 2025-02-21 2025-02-28 2025-03-21 2025-03-31"
    later += " 2025-04-17 2025-04-30 2025-06-30 2025-09-30"
    assert of_root(listed, "SPXW").astype(str).tolist() == daily + later.split()
    # 13 months, March 2026, June 2026 (the third Friday is Juneteenth), and Decembers to the fifth.
    opening = "2024-12-20 2025-01-17 2025-02-21 2025-03-21 2025-04-17 2025-05-16 2025-06-20 2025-07-18 2025-08-15"
    opening += " 2025-09-19 2025-10-17 2025-11-21 2025-12-19 2026-03-20 2026-06-18 2026-12-18 2027-12-17 2028-12-15"
    assert of_root(listed, "SPX").astype(str).tolist() == opening.split()


def test_the_expiries_of_a_day_are_listed_the_day_before_and_gone_at_its_close():
    third_friday = {("2024-09-20", "SPX"), ("2024-09-20", "SPXW")}
    assert third_friday <= contracts(listed_expiries("2024-09-19"))
    assert not third_friday & contracts(listed_expiries("2024-09-20"))


@pytest.mark.parametrize(("closed", "before"), [("2019-04-19", "2019-04-18"), ("2026-06-19", "2026-06-18")])
def test_a_third_friday_that_is_closed_expires_on_thursday(closed, before):
    # Good Friday and Juneteenth.
    listed = contracts(listed_expiries(sessions("2019-02-01", before).dates[-40]))
    assert {(before, "SPX"), (before, "SPXW")} <= listed
    assert not {(closed, "SPX"), (closed, "SPXW")} & listed


def test_on_one_day_the_opening_settles_before_the_close():
    listed = listed_expiries("2024-09-19")
    assert listed.dates[:2].astype(str).tolist() == ["2024-09-20", "2024-09-20"]
    assert listed.root[:2].tolist() == ["SPX", "SPXW"]


def test_a_week_ends_on_friday_or_the_session_before_a_closed_one():
    # Good Friday 2025 was 18 April; 28 November 2024 was Thanksgiving and a Thursday.
    dates = np.array(["2025-04-16", "2025-04-17", "2024-11-27", "2024-11-29", "2024-12-02"], dtype="datetime64[D]")
    assert Expiries(dates, np.zeros(5, dtype=bool)).ends_week.tolist() == [False, True, False, True, False]


@pytest.mark.parametrize(
    ("day", "expiry", "am_settled", "minutes"),
    [
        ("2023-08-18", "2023-09-15", True, 28 * DAY_MINUTES - 390),  # 16:00 to 09:30
        ("2023-08-18", "2023-09-15", False, 28 * DAY_MINUTES),
        ("2024-11-27", "2024-11-29", False, 2 * DAY_MINUTES - 180),  # 16:00 to 13:00
        ("2024-11-29", "2024-12-20", False, 21 * DAY_MINUTES + 180),  # 13:00 to 16:00
        ("2024-11-29", "2024-12-20", True, 21 * DAY_MINUTES - 210),  # 13:00 to 09:30
        ("2024-03-08", "2024-03-11", False, 3 * DAY_MINUTES),  # clocks went forward in between
        ("2024-09-20", "2024-09-20", True, -390),
        ("2024-09-20", "2024-09-20", False, 0),
    ],
)
def test_minutes_run_from_close_to_settlement(day, expiry, am_settled, minutes):
    assert minutes_to_expiry(day, one(expiry, am_settled)).tolist() == [minutes]


@pytest.mark.parametrize(
    ("day", "expiry", "am_settled", "count"),
    [
        ("2024-09-19", "2024-09-20", True, 0),
        ("2024-09-19", "2024-09-20", False, 1),
        ("2024-11-27", "2024-11-29", False, 1),  # Thanksgiving in between
        (
            "2024-12-20",
            "2025-01-17",
            True,
            16,
        ),  # 5 + 5 + 5 + 5 weekdays less Christmas, New Year, 9 January and the 17th
    ],
)
def test_trading_days_are_sessions_lived_through(day, expiry, am_settled, count):
    assert trading_days_to(day, one(expiry, am_settled)).tolist() == [count]


@given(ANY_SESSION)
def test_all_that_is_listed_expires_later_on_a_session_and_in_order(day):
    listed = listed_expiries(day)
    assert listed.dates[0] > np.datetime64(day)
    assert np.isin(listed.dates[listed.dates <= KNOWN[-1]], KNOWN).all()
    assert (np.diff(2 * listed.dates.astype(int) + ~listed.am_settled) > 0).all()


@given(ANY_SESSION)
def test_what_settles_on_an_opening_ends_the_week_of_a_third_friday(day):
    listed = listed_expiries(day)
    opening = listed.dates[listed.am_settled]
    day_of_month = (opening - opening.astype("datetime64[M]").astype("datetime64[D]")).astype(int) + 1
    assert ((day_of_month >= 14) & (day_of_month <= 21)).all()
    assert listed.ends_week[listed.am_settled].all()


@given(st.integers(0, len(DATES) - 2))
def test_what_is_listed_stays_listed_until_it_settles(position):
    today, tomorrow = listed_expiries(DATES[position]), listed_expiries(DATES[position + 1])
    settled = {contract for contract in contracts(today) if contract[0] == str(DATES[position + 1])}
    assert settled
    assert contracts(today) - settled <= contracts(tomorrow)


def plain_third_friday(year, month):
    """The last session up to the third Friday of a month, found day by day."""
    day = datetime.date(year, month, 15)
    while day.weekday() != FRIDAY:
        day += ONE_DAY
    while day not in ALL_KNOWN:
        day -= ONE_DAY
    return day


@given(st.dates(datetime.date(1970, 1, 2), datetime.date(2055, 12, 31)).filter(lambda day: day in ALL_KNOWN))
def test_the_listing_is_the_one_written_out_day_by_day(day):
    # The numbers of the rule stand here again: a change of one must be made in both.
    following = [day + n * ONE_DAY for n in range(1, 600) if day + n * ONE_DAY in ALL_KNOWN]
    weeks = [session.isocalendar()[:2] for session in following]
    ends_week = [now for now, week, then in zip(following, weeks, weeks[1:], strict=False) if week != then]
    ends_month = [now for now, then in pairwise(following) if then.month != now.month]
    ends_quarter = [end for end in ends_month if end.month in (3, 6, 9, 12)]
    months = [(year, month) for year in range(day.year, day.year + 7) for month in range(1, 13)]
    third_fridays = [expiry for expiry in (plain_third_friday(*month) for month in months) if expiry > day]

    closing = {*following[:21], *ends_week[:7], *ends_month[:6], *ends_quarter[:4], *third_fridays[:5]}
    opening = set(third_fridays[:13])
    for cycle, number in (((3, 6, 9, 12), 6), ((6,), 2), ((12,), 5)):
        opening |= set([expiry for expiry in third_fridays if expiry.month in cycle][:number])
    listed = listed_expiries(day)
    assert of_root(listed, "SPXW").tolist() == sorted(closing)
    assert of_root(listed, "SPX").tolist() == sorted(opening)


@given(ANY_SESSION)
def test_sessions_and_minutes_agree_with_a_plain_count(day):
    listed = listed_expiries(day)
    known = listed.dates <= LAST_DATE
    closes = {True: datetime.time(13), False: datetime.time(16)}
    half_days = set(session_table().dates[session_table().half_day].tolist())
    start = datetime.datetime.combine(day, closes[day in half_days])
    counts, minutes = trading_days_to(day, listed), minutes_to_expiry(day, listed)
    for row in np.flatnonzero(known)[::7]:
        expiry, am_settled = listed.dates[row].item(), bool(listed.am_settled[row])
        end = datetime.datetime.combine(expiry, datetime.time(9, 30) if am_settled else closes[expiry in half_days])
        assert minutes[row] == (end - start).total_seconds() / 60
        assert counts[row] == len(sessions(day, expiry)) - 1 - am_settled


# On 10 September 2001 the next Friday that traded was the 21st.
@given(ANY_SESSION.filter(lambda day: day != datetime.date(2001, 9, 10)))
def test_each_volatility_index_finds_an_expiry_on_both_sides_of_its_term(day):
    listed = listed_expiries(day)
    days_left = minutes_to_expiry(day, listed) / DAY_MINUTES
    march_cycle = listed.am_settled & (listed.dates.astype("datetime64[M]").astype(int) % 3 == 2)
    for term, eligible, longest in (
        (9, listed.ends_week, 17),
        (30, listed.ends_week, 39),
        (93, listed.am_settled, 130),
        (184, listed.am_settled, 220),
        (366, march_cycle, 470),
    ):
        terms = days_left[eligible]
        assert terms.min() <= term
        assert terms[terms > term].min() <= longest


def test_the_last_session_of_2060_has_a_full_listing():
    # The fifth December is that of 2065, whose third Friday is the 18th.
    listed = listed_expiries("2060-12-31")
    assert of_root(listed, "SPX")[-1] == np.datetime64("2065-12-18")
    assert of_root(listed, "SPXW")[-1] == np.datetime64("2061-12-30")


@pytest.mark.parametrize(
    ("day", "sentence"),
    [
        ("2024-11-28", "day = 2024-11-28 is not an NYSE session; the nearest are 2024-11-27 and 2024-11-29"),
        (
            "1969-12-31",
            "day = 1969-12-31 is outside the NYSE calendar; choose a date from 1970-01-02 to 2060-12-31",
        ),
        ("soon", "day = soon is not a date; write it as YYYY-MM-DD"),
    ],
)
@pytest.mark.parametrize(
    "asked",
    [
        listed_expiries,
        lambda day: minutes_to_expiry(day, one("2025-01-17", False)),
        lambda day: trading_days_to(day, one("2025-01-17", False)),
    ],
)
def test_a_day_without_a_close_is_refused(asked, day, sentence):
    with pytest.raises(InputError) as refusal:
        asked(day)
    assert str(refusal.value) == sentence


@pytest.mark.parametrize(
    ("chain", "day", "missed_within_a_year", "missed_beyond"),
    [
        ("spx_chain_20220205_luca", "2022-02-04", 0, 0),
        ("spx_chain_20230207_abasuray", "2023-02-07", 1, 0),
        ("spx_chain_20230820_aryaman", "2023-08-18", 1, 1),
    ],
)
def test_the_rule_lists_what_real_chains_hold(shared_folder, chain, day, missed_within_a_year, missed_beyond):
    pairs = pl.read_parquet(shared_folder / "data" / "chains" / f"{chain}.parquet").select("expiry", "root").unique()
    real = {(str(expiry.date()), root) for expiry, root in pairs.rows() if str(expiry.date()) > day}
    rule = contracts(listed_expiries(day))
    year_on = str(np.datetime64(day) + np.timedelta64(366, "D"))
    assert len({contract for contract in real - rule if contract[0] <= year_on}) == missed_within_a_year
    assert len({contract for contract in real - rule if contract[0] > year_on}) == missed_beyond
    # Cboe began to list Tuesdays and Thursdays in spring 2022.
    weekdays = {datetime.date.fromisoformat(date).weekday() for date, _ in rule - real}
    assert weekdays == ({1, 3} if day < "2022-04" else set())
