"""Rivals of a forward test: on closes of their own kind they are right."""

import numpy as np
import pytest

from flowsim.forecasts.rivals import AUTOREGRESSION, FILTERED, GARCH, garch_rivals, index_rival
from flowsim.forecasts.scores import rank_share


def garch_closes(days: int, seed: int) -> tuple[np.ndarray, float]:
    """Return closes of a GJR-GARCH with t innovations, and the variance of the next day, percent squared."""
    noise = np.random.default_rng(seed)
    variance, returns = 1.0, []
    for z in noise.standard_t(6, days) / np.sqrt(1.5):
        r = np.sqrt(variance) * z
        returns.append(r)
        variance = 0.02 + (0.03 + (0.12 if r < 0 else 0.0)) * r * r + 0.89 * variance
    return 1000.0 * np.exp(np.cumsum(returns) / 100.0), variance


def test_fitted_rivals_know_the_variance_of_the_next_day() -> None:
    close, variance = garch_closes(2520, 1)
    found = garch_rivals(close, 5, 4000, seed=3)
    assert set(found) == {GARCH, FILTERED}
    for paths in found.values():
        assert paths.returns.shape == (4000, 5)
        assert 100.0 * paths.returns[:, 0].std() == pytest.approx(np.sqrt(variance), rel=0.08)


def test_rivals_look_at_the_last_ten_years_and_draw_by_their_seed() -> None:
    close, _ = garch_closes(2700, 2)
    shifted = np.concatenate([np.full(50, 30.0), close])
    one, same, other = (garch_rivals(closes, 2, 100, seed=seed) for closes, seed in
                        ((close, 1), (shifted, 1), (close, 2)))  # fmt: skip
    for name in (GARCH, FILTERED):
        np.testing.assert_array_equal(one[name].returns, same[name].returns)
        assert not np.array_equal(one[name].returns, other[name].returns)


def test_an_autoregression_of_the_vix_is_right_on_one() -> None:
    noise = np.random.default_rng(4)
    level = np.full(1800, np.log(20.0))
    for day in range(1, len(level)):
        level[day] = 0.06 + 0.98 * level[day - 1] + 0.06 * noise.normal()
    places = range(600, 1780, 12)
    ranks = []
    for place in places:
        paths = index_rival(np.exp(level[: place + 1]), 10, 200, seed=place)[AUTOREGRESSION]
        assert paths.returns.size == 0
        ranks.append(rank_share(paths.indices["VIX"][:, -1], float(np.exp(level[place + 10]))))
    assert np.mean(ranks) == pytest.approx(0.5, abs=0.12)
    assert np.std(ranks) == pytest.approx(12**-0.5, abs=0.05)


def test_too_few_closes_of_the_vix_or_none_of_the_day_make_no_rival() -> None:
    level = np.full(600, 20.0) + np.arange(600) % 7
    assert index_rival(level[:400], 5, 100, seed=1) == {}
    level[-1] = np.nan
    assert index_rival(level, 5, 100, seed=1) == {}
