"""Effects are ratios of sums over paths, with intervals that hold the truth as often as they say."""

import numpy as np
import pytest

from flowsim.ensemble.intervals import PerPath, independent, interval, joined, thirds


def test_a_mean_has_the_interval_of_the_students_t() -> None:
    # 1, 2, 3, 6: mean 3, deviation sqrt(14 / 3) = 2.160, error 1.080; t(0.975, 3) = 3.1824, half width 3.4374.
    found = interval(PerPath.mean(np.array([1.0, 2.0, 3.0, 6.0])))
    assert found == pytest.approx((3.0, 3.0 - 3.4374, 3.0 + 3.4374), abs=1e-4)


def test_a_ratio_is_one_of_sums_and_not_a_mean_of_ratios() -> None:
    found = interval(PerPath(np.array([1.0, 9.0]), np.array([2.0, 8.0])))
    assert found.value == 1.0


def test_a_path_on_which_a_value_is_not_known_does_not_count() -> None:
    values = np.array([1.0, np.nan, 3.0])
    assert interval(PerPath.mean(values)) == interval(PerPath.mean(np.array([1.0, 3.0])))


@pytest.mark.parametrize("parts", [PerPath(np.ones(1), np.ones(1)), PerPath(np.ones(5), np.zeros(5))])
def test_one_path_or_nothing_below_the_line_gives_no_interval(parts: PerPath) -> None:
    assert np.isnan(interval(parts)).all()


def test_thirds_are_all_paths_in_their_order() -> None:
    parts = PerPath(np.arange(8.0), np.ones(8))
    assert [len(part.numerator) for part in thirds(parts)] == [3, 2, 3]
    assert np.array_equal(joined(thirds(parts)).numerator, parts.numerator)


def test_an_interval_of_a_ratio_holds_the_truth_as_often_as_it_says() -> None:
    # 2,000 draws of 64 paths: the truth, 2, is outside in 5 %, 100 of them; standard deviation 9.7. The linearized
    # interval is a little narrow for so few paths, so 130 is the bound; a sound one passes it 1 time in 1,000.
    random = np.random.default_rng(4)
    below = random.gamma(4.0, size=(2000, 64))
    above = 2.0 * below + random.normal(size=below.shape)
    found = [interval(PerPath(a, b)) for a, b in zip(above, below, strict=True)]
    missed = sum(not one.low <= 2.0 <= one.high for one in found)
    assert 70 <= missed <= 130


def test_antithetic_paths_count_in_pairs() -> None:
    parts = PerPath(np.array([1.0, 3.0, 2.0, 4.0, 9.0]), np.array([1.0, 1.0, 1.0, 0.0, 1.0]))
    found = independent(parts, antithetic=True)
    assert found.numerator.tolist() == [4.0, 6.0, 9.0]
    assert found.denominator.tolist() == [2.0, 1.0, 1.0]
    assert independent(parts, antithetic=False) is parts
    assert interval(found).value == interval(parts).value
    assert len(independent(PerPath(np.zeros(0), np.zeros(0)), antithetic=True).numerator) == 0


def test_what_mirrored_paths_have_in_common_is_no_error_of_their_mean() -> None:
    # Pairs 5 + z + e and 5 - z + e': the mean of a pair has the deviation 0.1 / sqrt(2), that of single paths 1.005.
    random = np.random.default_rng(3)
    z, noise = random.normal(size=(2000, 32)), 0.1 * random.normal(size=(2000, 64))
    values = 5.0 + np.stack([z, -z], axis=-1).reshape(2000, 64) + noise
    found = [interval(independent(PerPath.mean(one), antithetic=True)) for one in values]
    half = np.mean([(one.high - one.low) / 2.0 for one in found])
    # t(0.975, 31) = 2.0395 times 0.1 / 8; over single paths it would be 1.998 * 1.005 / 8 = 0.251.
    assert half == pytest.approx(2.0395 * 0.1 / 8.0, rel=0.02)
    missed = sum(not one.low <= 5.0 <= one.high for one in found)
    assert 70 <= missed <= 130
