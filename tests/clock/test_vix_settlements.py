"""VIX futures settle on the days on which they did, and the 30-day index rolls by its published rule."""

import datetime as dt

import numpy as np
import polars as pl
import pytest
from twin.plain_futures import settlement

from flowsim.clock import sessions
from flowsim.clock.expiries import expiry_sessions
from flowsim.clock.vix_settlements import coming_settlements, days_to_settlement, index_roll, vix_settlement_days

WEDNESDAY, TUESDAY = 2, 1


def days(*texts):
    return np.array(texts, "datetime64[D]")


@pytest.mark.parametrize(
    "day",
    [
        "2008-02-19", "2014-03-18", "2019-03-19", "2022-03-15",  # Good Friday is 30 days after the Wednesday
        "2024-06-18",  # Juneteenth is the Wednesday
        "2017-08-16", "2018-01-17", "2018-02-14", "2018-03-21", "2020-03-18", "2024-08-21", "2025-04-16",
    ],
)  # fmt: skip
def test_known_settlement_days(day):
    assert np.datetime64(day) in vix_settlement_days()


def test_each_month_has_one_settlement_as_in_plain_python():
    listed = vix_settlement_days()[(vix_settlement_days() >= days("2004-01-01")[0])]
    listed = listed[listed < days("2036-01-01")[0]]
    assert listed.tolist() == [settlement(year, month) for year in range(2004, 2036) for month in range(1, 13)]


def test_a_settlement_is_a_session_on_a_wednesday_or_the_tuesday_before():
    listed = vix_settlement_days()
    assert np.isin(listed, expiry_sessions().dates).all()
    weekdays = {day.weekday() for day in listed.tolist()}
    assert weekdays <= {WEDNESDAY, TUESDAY}
    assert set(np.diff(listed).astype(int).tolist()) <= {27, 28, 29, 34, 35, 36}


def test_what_settled_today_is_no_longer_among_the_next():
    tuesday, wednesday = days("2018-02-13", "2018-02-14")
    assert days_to_settlement(np.array([tuesday, wednesday]), 2).tolist() == [[1, 36], [35, 63]]
    assert coming_settlements(np.array([wednesday]), 1)[0, 0] == days("2018-03-21")[0]


def test_the_roll_of_february_2018_by_hand():
    # 17 January to 13 February has 20 sessions; after Friday the second there are seven of them, after the twelfth one.
    roll = index_roll(days("2018-01-16", "2018-01-17", "2018-02-02", "2018-02-12", "2018-02-13", "2018-02-14"))
    np.testing.assert_allclose(roll.weight, [1.0, 0.95, 0.35, 0.05, 1.0, 23 / 24], rtol=1e-15)
    assert roll.first.tolist() == [1, 0, 0, 0, 1, 0]


def test_the_weight_falls_by_the_same_share_on_each_session_of_a_period():
    dates = sessions("2004-01-02", "2035-12-31").dates
    roll = index_roll(dates)
    assert ((roll.weight > 0.0) & (roll.weight <= 1.0)).all()
    eve = np.isin(np.append(dates[1:], dt.date(2036, 1, 2)), vix_settlement_days())
    np.testing.assert_array_equal(roll.first, eve)
    np.testing.assert_array_equal(roll.weight == 1.0, eve)
    steps = np.diff(roll.weight)[~eve[1:]]
    assert (steps < 0.0).all()
    assert ((-1.0 / steps > 15.5) & (-1.0 / steps < 25.5)).all()


def test_a_real_file_changes_its_first_month_on_these_days(shared_folder):
    """On a settlement day the file's M1 is what was M2: the change within a contract is the smaller one."""
    table = pl.read_csv(shared_folder / "data" / "vix_futures_settle_2006_2017.csv", try_parse_dates=True)
    dates = table["date"].to_numpy().astype("datetime64[D]")
    first, second = (table[name].to_numpy().astype(float) for name in ("M1", "M2"))
    within, across = np.abs(first[1:] - second[:-1]), np.abs(np.diff(first))
    settles = np.isin(dates[1:], vix_settlement_days())
    known = np.isfinite(within) & np.isfinite(across) & (np.abs(second - first)[:-1] > 1.0)
    assert settles.sum() == 144
    assert (within < across)[settles & known].mean() > 0.85
    assert (within < across)[~settles & known].mean() < 0.15
