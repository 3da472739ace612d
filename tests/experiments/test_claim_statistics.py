"""The statistics of the experiments against cases by hand, and the laws that they keep."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowsim.config import load
from flowsim.ensemble.intervals import PerPath, interval, joined
from flowsim.ensemble.laboratory import Laboratory
from flowsim.ensemble.sample import PerPathByName, Samples
from flowsim.experiments.arms import systematic, without_options
from flowsim.experiments.shapley import shapley_shares, shapley_values, subsets
from flowsim.experiments.statistics import around, drawdown_pct, largest_days, slope_and_power, sums, variance_share

WORTH = {"": 1.0, "a": 3.0, "b": 2.0, "ab": 8.0}


def test_windows_add_up_their_days() -> None:
    assert sums(np.array([[1.0, 2.0, 3.0, 4.0]]), 3).tolist() == [[6.0, 9.0]]


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 5))
def test_variance_shares_of_all_parts_add_up_to_a_hundred(seed: int, n_parts: int) -> None:
    parts = np.random.default_rng(seed).normal(size=(n_parts, 6, 20))
    shares = [interval(variance_share(part, parts.sum(axis=0))).value for part in parts]
    assert sum(shares) == pytest.approx(100.0)


def test_a_slope_goes_through_the_mean_of_the_days_that_count() -> None:
    x = np.array([[1.0, 2.0, 3.0, 99.0], [2.0, 4.0, 0.0, 99.0]])
    known = np.array([[True, True, True, False]] * 2)
    assert interval(slope_and_power(x, 7.0 - 2.0 * x, known)).value == pytest.approx(-2.0)


def test_what_never_moves_has_no_share_and_what_moves_alone_has_all() -> None:
    part = np.random.default_rng(1).normal(size=(8, 30))
    assert interval(variance_share(part, part)).value == pytest.approx(100.0)
    assert interval(variance_share(np.full((8, 30), 7.0), part + 7.0)).value == pytest.approx(0.0, abs=1e-9)
    assert np.isnan(interval(variance_share(part, np.full((8, 30), 7.0))).value)


def groups_held(groups: int, paths: int, random: np.random.Generator) -> float:
    """Return how many groups of paths have an interval that holds the share of all of them.

    Volatility is that of a market near its edge: most paths are calm, a few are ten times as turbulent, and the share
    rises with it.
    """
    vol = np.exp(random.normal(size=(groups * paths, 1)))
    part = np.clip(0.03 + 0.02 * np.log(vol) + 0.01 * random.normal(size=vol.shape), -0.5, 0.9)
    own, rest = 0.01 * vol * random.normal(size=(2, groups * paths, 250))
    returns = np.sqrt(part.clip(0.0)) * own + np.sqrt(1.0 - part.clip(0.0)) * rest
    share = variance_share(np.sqrt(part.clip(0.0)) * own, returns)
    truth = interval(share).value
    each = (interval(PerPath(*(one[k * paths : (k + 1) * paths] for one in share))) for k in range(groups))
    return sum(one.low <= truth <= one.high for one in each) / groups


def test_intervals_of_a_share_hold_it_as_often_as_they_say() -> None:
    assert 0.92 <= groups_held(400, 64, np.random.default_rng(6)) <= 0.98


@pytest.mark.slow
def test_of_sixty_groups_of_simulated_paths_the_intervals_hold_the_share_of_all() -> None:
    # At 95 % between 53 and 60 of 60 hold it, 99 times in 100.
    config = without_options(load("us_equity", ["time.days=504", 'record={tables=["flows"]}']))
    names = systematic(config)

    def measure(samples: Samples) -> PerPathByName:
        whole = samples["whole"]
        part = whole.total(whole.contribution, names)
        return {f"{days}": variance_share(sums(part, days), sums(whole.returns, days)) for days in (1, 5, 21)}

    blocks = Laboratory(64).plan({"whole": config}, measure, 64 * 60).blocks
    for days in blocks[0]:
        truth = interval(joined([block[days] for block in blocks])).value
        held = sum(one.low <= truth <= one.high for one in (interval(block[days]) for block in blocks))
        assert held >= 53, days


def test_events_are_followed_in_the_direction_of_their_sign() -> None:
    marked = np.array([[0.0, 1.0, 0.0, 0.0], [0.0, -1.0, 0.0, 0.0]])
    values = np.array([[9.0, 1.0, 2.0, 3.0], [9.0, 1.0, -4.0, -5.0]])
    # Days 1 to 2 after: 2 + 3 = 5 upwards, and -4 - 5 turned around, 9: a mean of 7. Day 0 alone: 1 and -1.
    assert interval(around(marked, values, 1, 2)).value == 7.0
    assert interval(around(marked, values, 0, 0)).value == 0.0


def test_the_largest_days_keep_off_the_ends() -> None:
    size = np.array([[9.0, 1.0, 5.0, 2.0, 9.0]])
    assert largest_days(size, 0.3, 1, 1).tolist() == [[0.0, 0.0, 1.0, 0.0, 0.0]]


def test_a_drawdown_counts_from_the_start_too() -> None:
    returns = np.log(np.array([[0.9, 1.2, 0.8]]))
    assert drawdown_pct(returns) == pytest.approx(20.0)


def test_shapley_values_are_what_each_adds_over_the_orders_of_joining() -> None:
    worth = {frozenset(name): np.array([value]) for name, value in WORTH.items()}
    # a joins first: 2, or after b: 6; b first: 1, or after a: 5.
    values = shapley_values(worth, ["a", "b"])
    assert {name: value.item() for name, value in values.items()} == {"a": 4.0, "b": 3.0}
    shares = {name: interval_value(part) for name, part in shapley_shares(worth, ["a", "b"]).items()}
    assert shares == {"a": 50.0, "b": 37.5, "nobody": 12.5}


def interval_value(part) -> float:
    return float(part.numerator.sum() / part.denominator.sum())


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10**6))
def test_shapley_values_add_up_to_what_all_add(seed: int) -> None:
    random = np.random.default_rng(seed)
    worth = {subset: random.normal(size=3) for subset in subsets("abcd")}
    total = sum(shapley_values(worth, "abcd").values())
    np.testing.assert_allclose(total, worth[frozenset("abcd")] - worth[frozenset()])
