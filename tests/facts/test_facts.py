"""Stylized facts: by hand, by law, and against the table of the real market."""

import csv

import numpy as np
import pytest
from helpers.drawn_runs import drawn_closes, drawn_history, own_name
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from flowsim.data.prices import default_prices, read_prices
from flowsim.data.volatility_file import read_volatility
from flowsim.facts import facts, moments
from flowsim.facts.closes import Closes
from flowsim.facts.facts import FACTS, RETURN_FACTS
from flowsim.facts.histories import closes_of_prices
from flowsim.facts.market_facts import SAMPLES
from flowsim.facts.measure import samples_of

RETURNS = arrays(float, 250, elements=st.floats(-0.1, 0.1, allow_subnormal=False)).filter(
    # Without the first or the last day too: a correlation with the next day is of those.
    lambda r: min(np.abs(part).std() for part in (r, r[1:], r[:-1])) > 1e-4
)
BY_NAME = {fact.name: fact for fact in FACTS}
TOLD_APART_BY_THE_LAST_DAY = ("turn-of-month mean (bp/day)", "other days mean (bp/day)")
ALTERNATING = np.where(np.arange(252) % 2 == 0, 1.0, -1.0)


def with_indices(n_days, **indices):
    series = {name: np.asarray(values, float) for name, values in indices.items()}
    return Closes(np.arange(n_days).astype("datetime64[D]"), np.zeros(n_days), series)


def digits(value):
    return f"{float(value):.6g}"


def test_volatility_of_a_return_that_alternates_by_one_percent():
    # 252 returns of +-1 %: sum of squares 252, over 251 -> sd 1.002 %, times sqrt(252) = 15.906 %
    assert facts.annualized_vol_pct(Closes.undated(ALTERNATING)) == pytest.approx(np.sqrt(252 * 252 / 251), rel=1e-12)


def test_mean_of_five_basis_points_a_day_over_a_year():
    assert facts.annualized_mean_pct(Closes.undated(np.full(10, 0.05))) == pytest.approx(12.6)


def test_skew_and_kurtosis_of_one_large_loss():
    # three zeros and a -1: mean -1/4, deviations 1/4 (3 times) and -3/4
    # m2 = (3/16 + 9/16)/4 = 3/16, m3 = (3/64 - 27/64)/4 = -3/32, m4 = (3/256 + 81/256)/4 = 21/256
    closes = Closes.undated(np.array([0.0, 0.0, 0.0, -1.0]))
    assert facts.skew(closes) == pytest.approx((-3 / 32) / (3 / 16) ** 1.5)
    assert facts.excess_kurtosis(closes) == pytest.approx((21 / 256) / (3 / 16) ** 2 - 3)


def test_the_tail_exponent_of_a_pareto_sample_is_its_own():
    # exact quantiles of a Pareto law with exponent 3: P(X > x) = x^-3
    n = 200_000
    sample = ((np.arange(n) + 0.5) / n) ** (-1 / 3)
    assert facts.hill_right(Closes.undated(sample)) == pytest.approx(3.0, rel=0.01)


def test_the_tail_exponent_of_forty_days_comes_from_the_largest_two_and_the_third():
    # k = floor(0.05 * 40) = 2: 1 / ((ln 8/2 + ln 4/2) / 2) = 1 / (1.5 ln 2)
    returns = np.concatenate([[8.0, -1.0, 4.0, 2.0], np.full(36, 0.5)])
    assert facts.hill_right(Closes.undated(returns)) == pytest.approx(1 / (1.5 * np.log(2)))


def test_the_tail_exponent_is_unknown_where_the_tail_is_not_positive():
    assert np.isnan(facts.hill_left(Closes.undated(np.full(100, 0.01))))


@pytest.mark.parametrize(("values", "median"), [([3.0, 1.0, 2.0], 2.0), ([4.0, 1.0, 2.0, 8.0], 3.0)])
def test_the_median_is_the_middle_value_or_the_mean_of_the_two_there(values, median):
    assert moments.median(Closes.undated(np.array(values)), np.array(values)) == median


def test_the_median_is_unknown_where_no_known_day_was_drawn():
    values = np.array([1.0, 2.0, np.nan])
    assert np.isnan(moments.median(Closes.undated(np.zeros(3)).weighted(np.array([[0.0, 0.0, 3.0]])), values))


def test_autocorrelation_of_an_alternating_series_is_minus_one():
    assert facts.acf(Closes.undated(ALTERNATING), 1) == pytest.approx(-1.0)


def test_variance_ratio_of_returns_that_always_come_back_is_zero():
    # +1 %, -1 %, ...: every sum of two is 0
    assert facts.variance_ratio(Closes.undated(ALTERNATING), 2) == pytest.approx(0.0, abs=1e-12)


def test_a_fall_is_followed_by_large_returns_where_the_leverage_is_minus_one():
    # abs(r) the day after is 2 after -1 and -2, and 1 after +1 and +2
    returns = np.array([1.0, -1.0, -2.0, 2.0, 1.0, -1.0, 2.0, -1.0, -2.0])
    x, y = returns[:-1], np.abs(returns[1:])
    assert facts.leverage(Closes.undated(returns), 1) == pytest.approx(np.corrcoef(x, y)[0, 1])


def test_weeks_that_alternate_move_against_each_other():
    # the five days after a day sum to minus the five up to it, whatever the day
    week = np.array([1.0, 0.5, -0.3, 0.8, 2.0])
    assert facts.next_week_on_past_week(Closes.undated(np.tile([*week, *-week], 10))) == pytest.approx(-1.0)


def test_a_return_of_minus_a_fifth_of_the_week_before_it_has_correlation_minus_one():
    returns = [1.0, 2.0, -1.0, 0.5, 1.5]
    for _ in range(50):
        returns.append(-sum(returns[-5:]) / 5)
    assert facts.return_on_past_week(Closes.undated(np.array(returns))) == pytest.approx(-1.0)


def test_drawdown_of_a_fall_by_a_half_after_a_rise():
    assert facts.max_drawdown_pct(Closes.undated(100 * np.log([2.0, 0.5, 1.5]))) == pytest.approx(-50.0)


def test_returns_in_blackout_and_outside_are_told_apart_in_basis_points():
    # 15 and 16 March are open, 17 and 18 March 2020 are not: means 3 % and 1 %, standard deviations 1 and 2
    dates = np.arange("2020-03-14", "2020-03-19", dtype="datetime64[D]")
    closes = Closes.dated(dates, np.array([2.0, 4.0, -1.0, 3.0]))
    assert BY_NAME["open-window mean (bp/day)"].compute(closes) == pytest.approx(300.0)
    assert BY_NAME["blackout mean (bp/day)"].compute(closes) == pytest.approx(100.0)
    assert BY_NAME["blackout minus open (bp/day)"].compute(closes) == pytest.approx(-200.0)
    assert BY_NAME["blackout vol / open vol"].compute(closes) == pytest.approx(2.0)


def test_a_vix_that_halves_its_distance_every_day_has_a_half_life_of_one_day():
    closes = with_indices(12, VIX=20.0 + 16.0 * 0.5 ** np.arange(12))
    assert facts.vix_ar1(closes) == pytest.approx(0.5)
    assert facts.vix_half_life_days(closes) == pytest.approx(1.0)


def test_a_vix_that_runs_away_has_no_half_life():
    assert np.isnan(facts.vix_half_life_days(with_indices(12, VIX=20.0 + 1.1 ** np.arange(12))))


def test_a_vix_that_rises_by_two_points_for_each_percent_lost_moves_against_the_index():
    returns = np.array([1.0, -2.0, 0.5, 3.0, -1.0])
    closes = Closes(np.arange(5).astype("datetime64[D]"), returns, {"VIX": 20.0 - 2.0 * np.cumsum(returns)})
    assert facts.return_on_vix_change(closes) == pytest.approx(-1.0)


def test_the_premium_is_vix_over_the_volatility_of_the_next_21_returns():
    # the next 21 returns are +-1 %: sqrt(252/21 * 21) = 15.875 points; VIX 20 -> 4.125, and 400 - 252 = 148
    closes = Closes(np.arange(30).astype("datetime64[D]"), ALTERNATING[:30], {"VIX": np.full(30, 20.0)})
    assert BY_NAME["RV21 mean (vol pts)"].compute(closes) == pytest.approx(np.sqrt(252))
    assert BY_NAME["VRP mean VIX-RV21 (vol pts)"].compute(closes) == pytest.approx(20 - np.sqrt(252))
    assert BY_NAME["VRP mean VIX^2-RV^2 (var pts)"].compute(closes) == pytest.approx(148.0)
    assert BY_NAME["VRP fraction > 0"].compute(closes) == 1.0


def test_the_premium_does_not_look_at_the_return_of_its_own_day():
    quiet = Closes(np.arange(22).astype("datetime64[D]"), np.array([50.0, *np.zeros(21)]), {"VIX": np.full(22, 20.0)})
    assert BY_NAME["VRP mean VIX-RV21 (vol pts)"].compute(quiet) == pytest.approx(20.0)


def test_shares_and_spells_of_inversion():
    # VIX/VIX3M 0.9, 1.1, 1.2, unknown, 1.1, 0.8, 1.0, 1.3: 4 of 7 known days are above 1; a spell of two, which the
    # unknown day ends, and two of one -> 4/3 days
    near = [9.0, 11.0, 12.0, np.nan, 11.0, 8.0, 10.0, 13.0]
    closes = with_indices(8, VIX=near, VIX3M=np.full(8, 10.0))
    assert BY_NAME["VIX/VIX3M fraction inverted"].compute(closes) == pytest.approx(4 / 7)
    assert BY_NAME["VIX/VIX3M inversion (days)"].compute(closes) == pytest.approx(4 / 3)


def test_the_length_of_inversions_is_unknown_where_there_are_none():
    assert np.isnan(facts.mean_inversion_days(with_indices(3, VIX=np.full(3, 9.0), VIX3M=np.full(3, 10.0))))


@given(RETURNS, st.floats(0.1, 10.0))
def test_shape_facts_do_not_depend_on_the_scale_of_returns(returns, scale):
    for name in ("skew", "excess kurtosis", "ACF of r, lag 1", "ACF of abs(r), lag 1", "variance ratio, 5 days"):
        once, twice = RETURN_FACTS[name](returns), RETURN_FACTS[name](scale * returns)
        assert twice == pytest.approx(once, rel=1e-6, abs=1e-8, nan_ok=True)


@given(RETURNS)
def test_turning_the_sign_turns_the_skew_and_swaps_the_tails(returns):
    closes, turned = Closes.undated(returns), Closes.undated(-returns)
    assert facts.skew(turned) == pytest.approx(-facts.skew(closes), rel=1e-9, abs=1e-12)
    assert facts.hill_left(turned) == pytest.approx(facts.hill_right(closes), nan_ok=True)


@pytest.mark.parametrize("fact", FACTS, ids=lambda fact: fact.name)
def test_a_fact_of_a_block_of_paths_is_that_of_each_path_alone(fact):
    alone = [float(fact.compute(drawn_history(400, path, of=3))) for path in range(3)]
    np.testing.assert_allclose(fact.compute(drawn_closes(3, 400)), alone, rtol=1e-12)
    assert np.isfinite(alone).all()


@pytest.mark.parametrize("fact", [fact for fact in FACTS if fact.by_day], ids=lambda fact: fact.name)
def test_a_fact_of_days_that_are_all_drawn_once_is_that_of_the_history(fact):
    history = drawn_history(400)
    once = fact.compute(history.weighted(np.ones((1, 400))))
    np.testing.assert_allclose(once, [fact.compute(history)], rtol=1e-12)


@given(st.integers(0, 2**32 - 1))
def test_a_fact_that_looks_at_single_days_is_that_of_the_drawn_days_written_out(seed):
    random = np.random.default_rng(seed)
    returns = random.standard_t(3, 60)
    times = random.integers(0, 4, 60)
    drawn, written_out = Closes.undated(returns).weighted(times[np.newaxis].astype(float)), np.repeat(returns, times)
    for compute in (facts.annualized_vol_pct, facts.skew, facts.excess_kurtosis, facts.hill_left, facts.hill_right):
        assert compute(drawn)[0] == pytest.approx(float(compute(Closes.undated(written_out))), rel=1e-9, nan_ok=True)
    assert moments.median(drawn, returns)[0] == np.median(written_out)


@given(st.integers(0, 2**32 - 1))
def test_a_drawn_day_brings_the_day_after_it_along(seed):
    random = np.random.default_rng(seed)
    returns = random.standard_normal(40)
    times = random.integers(0, 3, 40)
    pairs = np.repeat(np.stack([returns[:-1], returns[1:]], axis=1), times[:-1], axis=0)
    drawn = Closes.undated(returns).weighted(times[np.newaxis].astype(float))
    assert facts.acf(drawn, 1)[0] == pytest.approx(np.corrcoef(pairs.T)[0, 1])


def test_the_shipped_series_has_the_known_traits_of_the_index():
    closes = closes_of_prices(default_prices())
    assert 17.0 < facts.annualized_vol_pct(closes) < 21.0
    assert facts.excess_kurtosis(closes) > 5.0
    assert facts.acf(closes, 1, of=np.abs) > 0.15
    assert facts.leverage(closes, 1) < -0.05


@pytest.fixture(scope="module")
def real(shared_folder):
    prices = read_prices(shared_folder / "data" / "spx_daily.csv")
    return samples_of(closes_of_prices(prices, read_volatility(shared_folder / "data" / "cboe_indices_close.csv")))


@pytest.fixture(scope="module")
def published(shared_folder):
    with (shared_folder / "facts" / "market_facts.csv").open() as file:
        rows = list(csv.DictReader(file))
    return {sample: {own_name(row["fact"]): row for row in rows if row["sample"] == sample} for sample in SAMPLES}


@pytest.mark.parametrize("sample", SAMPLES)
def test_the_real_market_gives_the_published_table_to_its_last_digit(real, published, sample):
    names = published[sample].keys() - set(TOLD_APART_BY_THE_LAST_DAY)
    assert len(names) == (25 if sample == "1950-2026" else 45)
    found = {name: digits(BY_NAME[name].compute(real[sample])) for name in names}
    assert found == {name: digits(published[sample][name]["value"]) for name in names}
    assert real[sample].n_days == int(published[sample]["return skew"]["n"])


@pytest.mark.parametrize("sample", SAMPLES)
def test_the_turn_of_the_month_differs_by_the_last_day_of_the_data_alone(real, published, sample):
    # The published table takes 21 August 2026, where the data end, for the end of a month.
    turn = real[sample].turn_of_month.copy()
    turn[-1] = True
    closes = Closes(real[sample].dates, real[sample].returns_pct, {}, turn, real[sample].blackout)
    for name in TOLD_APART_BY_THE_LAST_DAY:
        assert digits(BY_NAME[name].compute(closes)) == digits(published[sample][name]["value"])
