import csv
from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowsim.clock import in_blackout, session_calendar, sessions, share_in_blackout

DAYS = st.integers(0, 92)
LAGS = st.floats(0.0, 120.0)

# What fits the blackout dates of S&P 500 issuers best among lognormal laws.
MEDIAN_LAG_DAYS, SIGMA = 32.25, 0.30


@pytest.mark.parametrize(
    ("since", "to_end", "expected"),
    [
        (76, 15, False),  # fifteen days before the quarter end
        (77, 14, True),
        (91, 0, True),  # the quarter end
        (1, 90, True),
        (30, 61, True),  # the day of the report
        (31, 60, True),  # the day after it
        (32, 59, False),
    ],
)
def test_an_issuer_that_reports_after_30_days_is_in_blackout_from_day_minus_14_to_31(since, to_end, expected):
    assert in_blackout(since, to_end, report_lag_days=30.0) == expected


@pytest.mark.parametrize("lag", [76.0, 90.0, 200.0])
def test_an_issuer_that_reports_after_eleven_weeks_is_always_in_blackout(lag):
    since = np.arange(1, 92)
    assert in_blackout(since, 91 - since, lag).all()


def test_half_the_issuers_are_in_blackout_where_half_have_reported():
    # Reports on days 10, 20, 30 and 40; on day 25 the first two have been out for more than a day.
    assert share_in_blackout(25, 66, [10.0, 20.0, 30.0, 40.0]).tolist() == [0.5]


def test_without_quiet_days_only_the_wait_for_the_report_and_the_quarter_end_itself_count():
    since = np.arange(1, 92)
    assert share_in_blackout(since, 91 - since, [9.0], quiet_days=0.0).sum() == 10 + 1


@given(DAYS, DAYS, LAGS, st.floats(0.0, 30.0))
def test_a_later_report_never_shortens_the_blackout(since, to_end, lag, later):
    assert in_blackout(since, to_end, lag) <= in_blackout(since, to_end, lag + later)


@given(st.lists(LAGS, min_size=1, max_size=20))
def test_the_share_is_the_mean_over_issuers_on_real_dates(lags):
    year = session_calendar(sessions("2024-01-01", "2024-12-31").dates)
    share = share_in_blackout(year.days_since_quarter_end, year.days_to_quarter_end, lags)
    one_by_one = [in_blackout(year.days_since_quarter_end, year.days_to_quarter_end, lag) for lag in lags]
    assert np.allclose(share, np.mean(one_by_one, axis=0))


def test_lognormal_lags_give_a_profile_within_five_points_of_the_real_one(shared_folder):
    with (shared_folder / "facts" / "blackout_profile.csv").open() as file:
        profile = [(int(row["rel_day"]), float(row["mean"])) for row in csv.DictReader(file)]
    day, real_share = np.array(profile).T
    quantiles = (np.arange(200) + 0.5) / 200
    lags = MEDIAN_LAG_DAYS * np.exp(SIGMA * np.array([NormalDist().inv_cdf(q) for q in quantiles]))
    share = share_in_blackout(np.where(day > 0, day, day + 91), np.where(day > 0, 91 - day, -day), lags)
    assert np.abs(share - real_share).mean() < 0.025
