"""Facts of returns: by hand, by law, and against the table of the real market."""

import csv
import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from flowsim.analysis import facts
from flowsim.prices import default_prices, read_prices

SHARED = Path(os.environ.get("FLOWSIM_SHARED", Path(__file__).resolve().parents[3] / "shared"))

RETURNS = arrays(float, 250, elements=st.floats(-0.1, 0.1, allow_subnormal=False)).filter(lambda r: r.std() > 1e-4)


def test_volatility_of_a_return_that_alternates_by_one_percent():
    # 252 returns of +-1 %: sum of squares 252e-4, over 251 -> sd 1.002 %, times sqrt(252) = 15.906 %
    returns = 0.01 * np.where(np.arange(252) % 2 == 0, 1.0, -1.0)
    assert facts.annualized_vol_pct(returns) == pytest.approx(100 * np.sqrt(252 * 252e-4 / 251), rel=1e-12)


def test_skew_and_kurtosis_of_one_large_loss():
    # three zeros and a -1: mean -1/4, deviations 1/4 (3 times) and -3/4
    # m2 = (3/16 + 9/16)/4 = 3/16, m3 = (3/64 - 27/64)/4 = -3/32, m4 = (3/256 + 81/256)/4 = 21/256
    returns = np.array([0.0, 0.0, 0.0, -1.0])
    assert facts.skew(returns) == pytest.approx((-3 / 32) / (3 / 16) ** 1.5)
    assert facts.excess_kurtosis(returns) == pytest.approx((21 / 256) / (3 / 16) ** 2 - 3)


def test_the_tail_exponent_of_a_pareto_sample_is_its_own():
    # exact quantiles of a Pareto law with exponent 3: P(X > x) = x^-3
    n = 200_000
    sample = ((np.arange(n) + 0.5) / n) ** (-1 / 3)
    assert facts.hill(sample) == pytest.approx(3.0, rel=0.01)


def test_the_tail_exponent_is_unknown_where_the_tail_is_not_positive():
    assert np.isnan(facts.hill_left(np.full(100, 0.01)))


def test_autocorrelation_of_an_alternating_series_is_minus_one():
    assert facts.autocorrelation(np.where(np.arange(100) % 2 == 0, 1.0, -1.0), 1) == pytest.approx(-1.0, abs=1e-3)


def test_variance_ratio_of_returns_that_always_come_back_is_near_zero():
    # +1 %, -1 %, ...: every sum of two is 0
    assert facts.variance_ratio(0.01 * np.where(np.arange(100) % 2 == 0, 1.0, -1.0), 2) == pytest.approx(0.0, abs=1e-12)


def test_drawdown_of_a_fall_by_a_half_after_a_rise():
    returns = np.log(np.array([2.0, 0.5, 1.5]))
    assert facts.max_drawdown_pct(returns) == pytest.approx(50.0)


@given(RETURNS, st.floats(0.1, 10.0))
def test_shape_facts_do_not_depend_on_the_scale_of_returns(returns, scale):
    for name in ("skew", "excess kurtosis", "ACF of r, lag 1", "ACF of abs(r), lag 1", "variance ratio, 5 days"):
        once, twice = facts.RETURN_FACTS[name](returns), facts.RETURN_FACTS[name](scale * returns)
        assert twice == pytest.approx(once, rel=1e-6, abs=1e-8)


@given(RETURNS)
def test_turning_the_sign_turns_the_skew_and_swaps_the_tails(returns):
    assert facts.skew(-returns) == pytest.approx(-facts.skew(returns), rel=1e-9, abs=1e-12)
    assert facts.hill_left(-returns) == pytest.approx(facts.hill_right(returns), nan_ok=True)


def test_every_fact_of_a_block_of_paths_is_that_of_each_path_alone():
    returns = np.random.default_rng(1).standard_t(4, (3, 500)) * 0.01
    for compute in facts.RETURN_FACTS.values():
        alone = [float(compute(path)) for path in returns]
        np.testing.assert_allclose(compute(returns), alone, rtol=1e-12)


def test_the_shipped_series_has_the_known_traits_of_the_index():
    prices = default_prices()
    returns = np.diff(np.log(prices.close))
    assert 17.0 < facts.annualized_vol_pct(returns) < 21.0
    assert facts.excess_kurtosis(returns) > 5.0
    assert facts.autocorrelation(np.abs(returns), 1) > 0.15
    assert facts.leverage(returns, 1) < -0.05


@pytest.mark.skipif(not (SHARED / "data" / "spx_daily.csv").exists(), reason="the shared folder of real data is absent")
def test_the_real_index_gives_the_table_of_market_facts():
    prices = read_prices(SHARED / "data" / "spx_daily.csv")
    log_close = np.log(prices.close)
    with (SHARED / "facts" / "market_facts.csv").open() as file:
        rows = [row for row in csv.DictReader(file) if row["sample"] == "1990-2026"]
    published = {row["fact"]: row for row in rows}
    first = np.searchsorted(prices.dates, np.datetime64(rows[0]["start"]))
    returns = np.diff(log_close[first - 1 :])
    same = {
        "ret: annualised vol (%)": facts.annualized_vol_pct(returns),
        "ret: skew": facts.skew(returns),
        "ret: excess kurtosis": facts.excess_kurtosis(returns),
        "ret: Hill left (top 5%)": facts.hill_left(returns),
        "ret: Hill right (top 5%)": facts.hill_right(returns),
        "ACF r lag 1": facts.autocorrelation(returns, 1),
        "ACF |r| lag 1": facts.autocorrelation(np.abs(returns), 1),
        "ACF |r| lag 20": facts.autocorrelation(np.abs(returns), 20),
        "leverage corr(r_t,|r_t+1|)": facts.leverage(returns, 1),
        "variance ratio VR(5)": facts.variance_ratio(returns, 5),
    }
    for fact, value in same.items():
        assert float(value) == pytest.approx(float(published[fact]["value"]), rel=1e-4, abs=1e-5), fact
