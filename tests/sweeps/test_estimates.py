"""Intervals of a sweep: worked by hand, joint ones wider, and false alarms as rare as they say."""

import numpy as np
import pytest
from scipy import stats

from flowsim.sweeps.estimates import difference, difference_unpaired, estimate, joint_level, value_of
from flowsim.sweeps.outcomes import Outcome, outcomes_of

MEAN, VAR, ES = outcomes_of(["return_pct", "var95_pct", "es95_pct"], [21], [])
ALONE = {"antithetic": False}


def test_a_mean_and_a_paired_difference_are_those_worked_by_hand() -> None:
    # Values 1, 2, 3, 6: mean 3, standard deviation sqrt(14/3), t(3) at 97.5 % is 3.182.
    found = estimate(np.array([1.0, 2.0, 3.0, 6.0]), MEAN, **ALONE)
    half = 3.182446305 * np.sqrt(14.0 / 3.0) / 2.0
    assert found == pytest.approx((3.0, 3.0 - half, 3.0 + half))
    # Differences 1, 0, 1, 2: mean 1, standard deviation sqrt(2/3).
    apart = difference(np.array([1.0, 2.0, 3.0, 6.0]), np.array([0.0, 2.0, 2.0, 4.0]), MEAN, **ALONE)
    half = 3.182446305 * np.sqrt(2.0 / 3.0) / 2.0
    assert apart == pytest.approx((1.0, 1.0 - half, 1.0 + half))


def test_value_at_risk_and_shortfall_of_a_hundred_paths_are_those_counted_by_hand() -> None:
    values = np.arange(100.0)[::-1] - 10.0  # the worst are -10, -9, -8, -7, -6
    assert value_of(values, VAR) == estimate(values, VAR, **ALONE).value == 6.0
    assert value_of(values, ES) == pytest.approx(8.0)
    assert estimate(values, ES, **ALONE).value == pytest.approx(8.0)
    # Of Bin(100, 5 %), 1 and 10 are the quantiles at 2.5 and 97.5 %: from the worst path to the eleventh.
    assert estimate(values, VAR, **ALONE)[1:] == (0.0, 10.0)


def test_the_interval_of_a_shortfall_has_the_published_variance() -> None:
    # Manistre & Hancock 2005, eq. 3: (Var(X | tail) + (1 - tail) (ES - VaR)^2) / (n tail).
    values = np.random.default_rng(1).standard_t(4, 4000)
    found = estimate(values, ES, **ALONE)
    worst = np.sort(values)[:200]
    variance = (worst.var() + 0.95 * (worst.mean() - worst[-1]) ** 2) / 200.0
    assert found.high - found.value == pytest.approx(1.96 * np.sqrt(variance), rel=0.01)


def test_few_paths_in_the_tail_say_nothing() -> None:
    for outcome in (VAR, ES):
        assert np.isnan(estimate(np.arange(99.0), outcome, **ALONE)).all()
        assert np.isnan(difference(np.arange(99.0), np.arange(99.0), outcome, **ALONE)).all()
        assert np.isfinite(estimate(np.arange(100.0), outcome, **ALONE).value)


@pytest.mark.parametrize("outcome", [MEAN, VAR, ES], ids=["mean", "VaR", "ES"])
def test_a_shift_is_found_exactly_and_nothing_where_there_is_none(outcome: Outcome) -> None:
    values = np.random.default_rng(2).normal(size=400)
    sign = 1.0 if outcome is MEAN else -1.0
    assert difference(values + 0.5, values, outcome, **ALONE) == pytest.approx((sign * 0.5,) * 3)
    assert difference(values, values, outcome, **ALONE) == (0.0, 0.0, 0.0)


@pytest.mark.parametrize("outcome", [MEAN, VAR, ES], ids=["mean", "VaR", "ES"])
def test_joint_intervals_are_wider_and_pairs_count_once(outcome: Outcome) -> None:
    random = np.random.default_rng(3)
    values = random.normal(size=1000)
    alone = estimate(values, outcome, **ALONE)
    joint = estimate(values, outcome, **ALONE, level=joint_level(50))
    assert joint.low < alone.low
    assert alone.high < joint.high
    twice = np.repeat(random.normal(size=500), 2)
    pairs, paths = (estimate(twice, outcome, antithetic=pairs) for pairs in (True, False))
    assert pairs.high - pairs.low == pytest.approx(np.sqrt(2.0) * (paths.high - paths.low), rel=0.25)


def test_the_joint_level_of_all_intervals_is_that_of_one() -> None:
    assert joint_level(1) == 0.95
    assert joint_level(10) == pytest.approx(0.995)


def test_arms_that_do_not_pair_are_compared_as_welch_has_it() -> None:
    random = np.random.default_rng(4)
    one, other = random.normal(1.0, 1.0, 40), random.normal(0.0, 3.0, 90)
    found = difference_unpaired(one, other, MEAN, antithetic=(False, False))
    known = stats.ttest_ind(one, other, equal_var=False).confidence_interval(0.95)
    assert found == pytest.approx((one.mean() - other.mean(), known.low, known.high))


ROUNDS = 400


@pytest.mark.parametrize(("outcome", "most"), [(MEAN, 0.08), (VAR, 0.09), (ES, 0.13)], ids=["mean", "VaR", "ES"])
def test_null_arms_are_told_apart_about_as_rarely_as_an_interval_says(outcome: Outcome, most: float) -> None:
    # Of 400 rounds at 5 %, 8 % or more would be seen once in 100; shortfalls of 20 tail paths are known to be too sure.
    random = np.random.default_rng(5)
    pairs = random.standard_t(5, (ROUNDS, 2, 400)) + random.normal(size=(ROUNDS, 1, 400))
    apart = [difference(one, other, outcome, **ALONE) for one, other in pairs]
    assert np.mean([found.low > 0.0 or found.high < 0.0 for found in apart]) <= most
