import numpy as np
import pytest

from flowsim.clock import sessions
from flowsim.strategies.buyback import Issuer, Spent, buyback
from flowsim.testing import Market, view_with

# 252 bn a year is 1 bn a day.
ISSUER = Issuer(
    capital_bn=252.0,
    report_lag_days=30.0,
    quiet_days=14.0,
    open_pace=1.0,
    plan_share=0.68,
    dip_response=0.05,
    quarter_limit=1.25,
)


def order_bn(issuer=ISSUER, spent=None, since=50.0, to_end=41.0, return_5d=0.0):
    view = view_with(days_since_quarter_end=since, days_to_quarter_end=to_end, return_5d=return_5d)
    return buyback(view, issuer, spent or Spent(0.1, since - 1.0), 0.0)[1]


@pytest.mark.parametrize(
    ("since", "to_end", "expected_bn"),
    [
        (76, 15, 1.0),  # open until 15 days before the quarter's end
        (77, 14, 0.68),  # closed two weeks before it: the 10b5-1 plan goes on
        (31, 60, 0.68),  # the day after the report on day 30
        (32, 59, 1.0),
    ],
)
def test_in_blackout_only_the_plan_buys(since, to_end, expected_bn):
    assert order_bn(since=since, to_end=to_end) == pytest.approx(expected_bn)


def test_an_open_issuer_buys_more_after_a_fall_and_no_less_after_a_rise():
    # 4 % down over five days: 1 + 0.05 x 4 = 1.2.
    assert order_bn(return_5d=-0.04) == pytest.approx(1.2)
    assert order_bn(return_5d=0.04) == pytest.approx(1.0)
    assert order_bn(since=80.0, to_end=11.0, return_5d=-0.04) == pytest.approx(0.68)


def test_purchases_stop_when_the_quarter_is_spent():
    # 1.25 / 4 x 252 bn = 78.75 bn a quarter.
    assert order_bn(spent=Spent(78.5 / 252.0, 49.0)) == pytest.approx(0.25)
    assert order_bn(spent=Spent(78.75 / 252.0, 49.0)) == 0.0


def test_a_new_quarter_starts_from_nothing():
    view = view_with(days_since_quarter_end=1.0, days_to_quarter_end=91.0, return_5d=0.0)
    spent, bought_bn = buyback(view, ISSUER, Spent(78.75 / 252.0, 92.0), 0.0)
    assert bought_bn == pytest.approx(0.68)
    assert spent.this_quarter == pytest.approx(0.68 / 252.0)


# At these paces the desk's figures come out: 4.7 bn a day in the season and 3.2 in blackout, when a fifth of issuers is
# in blackout in the one and all but 2 % in the other.


@pytest.fixture(scope="module")
def daily_bn(lived, agents_of):
    """Return a function that runs every issuer along a market: dates on which orders trade, and orders in USD bn."""

    def run(market):
        runs = [lived(buyback, market, issuer) for issuer in agents_of("buyback")]
        return runs[0][0][1:], sum(run["order_bn"] for _, run in runs)[:-1]

    return run


def test_a_flat_year_of_all_issuers_adds_up_to_the_published_total_and_paces(daily_bn):
    dates = sessions("2023-06-01", "2026-01-02").dates
    traded, bought_bn = daily_bn(Market(dates, np.zeros(len(dates))))
    year = traded.astype("datetime64[Y]") == np.datetime64("2025")
    # The usual calendar: blackout from the 16th of a quarter's last month to the 24th of the next one's first.
    month = traded.astype("datetime64[M]").astype(int) % 3
    day = (traded - traded.astype("datetime64[M]")).astype(int) + 1
    blackout = ((month == 2) & (day >= 16)) | ((month == 0) & (day <= 24))
    assert bought_bn[year].mean() * 252 == pytest.approx(1020.0, rel=0.03)
    assert bought_bn[year & ~blackout].mean() == pytest.approx(4.7, rel=0.03)
    assert bought_bn[year & blackout].mean() == pytest.approx(3.2, rel=0.03)


def test_along_the_real_closes_to_september_2025_purchases_are_those_that_s_and_p_counted(daily_bn, index):
    since = np.searchsorted(index.dates, np.datetime64("2023-01-03"))
    traded, bought_bn = daily_bn(Market(index.dates[since:], np.log(index.close[since:])))
    year = (traded >= np.datetime64("2024-10-01")) & (traded <= np.datetime64("2025-09-30"))
    assert bought_bn[year].sum() == pytest.approx(1020.0, rel=0.03)


def test_the_share_of_issuers_in_blackout_follows_the_real_earnings_dates(agents_of, published):
    issuers = [issuer._replace(plan_share=0.0) for issuer in agents_of("buyback")]
    gaps = []
    for row in published("blackout_profile.csv"):
        since, to_end = (
            (row["rel_day"], 91 - row["rel_day"]) if row["rel_day"] > 0 else (row["rel_day"] + 91, -row["rel_day"])
        )
        closed = np.mean([order_bn(issuer, since=float(since), to_end=float(to_end)) == 0.0 for issuer in issuers])
        gaps.append(closed - row["mean"])
    assert np.abs(gaps).mean() < 0.025
