"""Scores of forecasts against other formulas, and their bounds against chance itself."""

import numpy as np
import pytest
from scipy.stats import gaussian_kde, norm

from flowsim.forecasts.scores import coverage, crps, difference, levels_below, log_score, rank_share, shortfall

SAMPLES = [np.random.default_rng(seed).normal(0.2, 1.5, n) for seed, n in enumerate((2, 17, 256))]


@pytest.mark.parametrize("sample", SAMPLES, ids=len)
@pytest.mark.parametrize("came", [-3.0, 0.1, 4.0])
def test_crps_is_the_mean_distance_less_half_of_that_between_pairs(sample: np.ndarray, came: float) -> None:
    pairs = np.abs(sample[:, None] - sample[None, :]).mean()
    assert crps(sample, came) == pytest.approx(np.abs(sample - came).mean() - pairs / 2.0, rel=1e-12)


def test_crps_of_many_draws_is_that_of_their_normal_distribution() -> None:
    sample = norm.ppf((np.arange(4000) + 0.5) / 4000)
    closed = 0.7 * (2.0 * norm.cdf(0.7) - 1.0) + 2.0 * norm.pdf(0.7) - 1.0 / np.sqrt(np.pi)
    assert crps(sample, 0.7) == pytest.approx(closed, abs=1e-4)


def test_log_score_is_minus_the_log_density_of_a_gaussian_kernel() -> None:
    sample = SAMPLES[2]
    width = 1.06 * sample.std(ddof=1) * len(sample) ** -0.2
    density = gaussian_kde(sample, bw_method=width / sample.std(ddof=1))
    assert log_score(sample, 1.0) == pytest.approx(-float(density.logpdf(1.0)[0]), rel=1e-9)


def test_a_forecast_far_from_what_came_has_a_finite_log_score_and_one_without_spread_none() -> None:
    assert 100.0 < log_score(SAMPLES[2], 60.0) < np.inf
    assert np.isnan(log_score(np.ones(10), 1.0))


@pytest.mark.slow
def test_scores_are_those_of_another_library() -> None:
    """Slow since the library compiles itself when it is imported."""
    import scoringrules

    for sample in SAMPLES:
        known = {"estimator": "nrg", "backend": "numpy"}
        assert crps(sample, 0.4) == pytest.approx(float(scoringrules.crps_ensemble(0.4, sample, **known)), rel=1e-12)
        other = float(scoringrules.logs_ensemble(0.4, sample, backend="numpy"))
        assert log_score(sample, 0.4) == pytest.approx(other, rel=1e-12)


def test_one_more_draw_of_the_forecast_lies_below_a_level_as_often_as_it_says() -> None:
    draws = np.random.default_rng(5).normal(size=(4000, 120))
    below = [draw[0] < levels_below(draw[1:], [0.05])[0] for draw in draws]
    assert np.mean(below) == pytest.approx(0.05, abs=0.011)
    ranks = [rank_share(draw[1:], draw[0]) for draw in draws]
    assert np.mean(ranks) == pytest.approx(0.5, abs=0.015)
    assert np.std(ranks) == pytest.approx(12**-0.5, abs=0.01)


def test_coverage_has_the_bounds_of_the_binomial_distribution() -> None:
    found = coverage(np.arange(200) < 17, 0.05)
    assert found == (0.085, 0.02, 0.08)
    assert not found.inside
    assert coverage(np.arange(200) < 16, 0.05).inside


def test_shortfall_is_one_of_a_right_forecast_and_more_where_losses_are_deeper() -> None:
    ranks = (np.arange(2000) + 0.5) / 2000
    assert shortfall(ranks, 0.05).value == pytest.approx(1.0, abs=0.001)
    assert shortfall(ranks, 0.05).inside
    deeper = np.where(ranks < 0.05, ranks / 10.0, ranks)
    assert shortfall(deeper, 0.05).value == pytest.approx(1.9, abs=0.01)
    assert shortfall(deeper, 0.05).value > shortfall(deeper, 0.05).high
    assert shortfall(ranks + 0.05, 0.05).value < shortfall(ranks, 0.05).low


def test_bounds_of_shortfall_hold_what_chance_gives() -> None:
    draws = np.random.default_rng(9).random((2000, 150))
    _, low, high = shortfall(draws[0], 0.05)
    ratios = (0.05 - draws).clip(0.0).mean(axis=1) / (0.05**2 / 2.0)
    assert shortfall(draws[7], 0.05).value == pytest.approx(ratios[7])
    assert np.mean((ratios >= low) & (ratios <= high)) == pytest.approx(0.95, abs=0.015)


def test_a_difference_is_below_zero_where_the_first_scores_are_smaller() -> None:
    noise = np.random.default_rng(2).normal(size=300)
    better = difference(1.0 + noise, 1.5 + noise + 0.3 * np.random.default_rng(3).normal(size=300), 0)
    assert better.low < -0.5 < better.high < 0.0


def test_errors_of_a_difference_are_those_of_newey_and_west() -> None:
    import statsmodels.api as sm

    apart = np.convolve(np.random.default_rng(4).normal(size=330), np.ones(8), "valid")
    lags = 7
    fit = sm.OLS(apart, np.ones(len(apart))).fit(
        cov_type="HAC", cov_kwds={"maxlags": lags, "use_correction": True}, use_t=True
    )
    low, high = fit.conf_int()[0]
    found = difference(apart, np.zeros(len(apart)), lags)
    assert (found.mean, found.low, found.high) == pytest.approx((apart.mean(), low, high), rel=1e-9)
