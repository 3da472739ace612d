"""What is known at the close: planted memory is found with its size, and none where there is none."""

import numpy as np
import pytest

from flowsim.facts import efficiency
from flowsim.facts.closes import Closes
from flowsim.facts.efficiency import best_rule_sharpe, cross_fitted, known_share_pct


def with_memory(share, shape=(16, 1500), seed=1):
    """Draw returns of which yesterday's share foretells so much: r_t = share r_(t-1) + noise."""
    noise = np.random.default_rng(seed).standard_normal(shape)
    returns = noise.copy()
    for day in range(1, shape[1]):
        returns[:, day] += share * returns[:, day - 1]
    return Closes.undated(returns)


@pytest.mark.parametrize("memory", [0.3, -0.3])
def test_the_known_share_of_a_market_with_memory_is_its_square_and_its_rule_earns_that(memory):
    # R2 = 0.3^2 = 9 %, of which a tenth is lost since today's return is in the deviation that it is measured by. The
    # rule holds x = 0.3 r and earns x^2 a day on noise of x: near 0.28 deviations, times sqrt(252) = 4.4
    closes = with_memory(memory)
    assert np.mean(known_share_pct(closes, with_vix=False)) == pytest.approx(8.1, abs=1.2)
    assert np.mean(best_rule_sharpe(closes)) == pytest.approx(4.4, abs=0.4)


def test_without_memory_nothing_is_known_and_no_rule_earns():
    # Sharpe: 16 paths of 5.7 years have a standard error of 1 / sqrt(91) = 0.1 together
    closes = with_memory(0.0)
    assert -0.5 < np.mean(known_share_pct(closes, with_vix=False)) < 0.05
    assert abs(np.mean(best_rule_sharpe(closes))) < 0.4


def test_fat_tails_and_clusters_of_volatility_are_not_taken_for_knowledge_of_returns():
    random = np.random.default_rng(2)
    slow = np.cumsum(0.1 * random.standard_normal((16, 1500)), axis=1)
    closes = Closes.undated(np.exp(0.5 * np.tanh(slow)) * random.standard_t(4, (16, 1500)))
    assert np.mean(known_share_pct(closes, with_vix=False)) < 0.1
    assert abs(np.mean(best_rule_sharpe(closes))) < 0.4


def test_a_drift_alone_is_no_rule():
    # 0.1 deviations a day are a Sharpe ratio of 1.6 for who is always long
    returns = 0.1 + np.random.default_rng(5).standard_normal((16, 1500))
    assert abs(np.mean(best_rule_sharpe(Closes.undated(returns)))) < 0.4


@pytest.mark.parametrize("sign", [-1.0, 1.0])
def test_what_follows_the_rare_fall_is_found_whether_it_goes_on_or_comes_back(sign):
    # one day in fifty falls by five deviations, and the next moves by three (two of the deviations known then):
    # it is 1 of 50 days with w = 2, so a mean square of 0.08 beside 1
    random = np.random.default_rng(6)
    returns = random.standard_normal((16, 1500))
    returns[:, 100::50] = -5.0
    returns[:, 101::50] += sign * 3.0
    closes = Closes.undated(returns)
    assert np.mean(known_share_pct(closes, with_vix=False)) > 3.0
    assert np.mean(best_rule_sharpe(closes)) > 1.5


def test_a_path_is_foretold_from_the_other_paths():
    # each of the two goes the other's opposite way, so what one teaches about the other is wrong
    returns = np.stack([with_memory(0.4, (1, 3000)).returns_pct[0], with_memory(-0.4, (1, 3000), 2).returns_pct[0]])
    assert (known_share_pct(Closes.undated(returns), with_vix=False) < -10.0).all()
    assert (best_rule_sharpe(Closes.undated(returns)) < -3.0).all()
    alone = [known_share_pct(Closes.undated(path), with_vix=False) for path in returns]
    assert min(alone) > 10.0


def test_a_single_history_is_foretold_from_its_other_stretches():
    # a pattern of the last fifth alone is not known from the first four
    returns = with_memory(0.0, (1, 2500)).returns_pct[0]
    returns[2000:] = with_memory(0.6, (1, 500)).returns_pct[0]
    x = np.stack([returns], axis=-1)[None]
    foretold, _ = cross_fitted(x, np.append(returns[1:], np.nan)[None])
    assert np.abs(foretold[0, 2000:]).max() < 0.3
    assert np.abs(foretold[0, :2000]).max() > 0.3


def test_what_the_vix_says_of_the_next_day_is_known_beside_past_returns():
    random = np.random.default_rng(7)
    change = random.standard_normal((8, 1200))
    returns = random.standard_normal((8, 1200))
    returns[:, 1:] += 0.3 * change[:, :-1]
    vix = 20.0 * np.exp(np.cumsum(0.1 * change, axis=1) * 0.1)
    closes = Closes(np.arange(1200).astype("datetime64[D]"), returns, {"VIX": vix})
    assert np.mean(known_share_pct(closes, with_vix=False)) < 0.2
    assert np.mean(known_share_pct(closes, with_vix=True)) == pytest.approx(100 * 0.09 / 1.09, abs=1.2)


def test_nothing_that_comes_after_a_close_is_known_at_it():
    returns = np.random.default_rng(8).standard_normal((2, 200))
    whole = np.stack(list(efficiency._of_past_returns(returns)))
    cut = np.stack(list(efficiency._of_past_returns(returns[:, :120])))
    np.testing.assert_allclose(whole[:, :, :120], cut, rtol=1e-9, atol=1e-12)


def test_the_fall_from_the_last_high_is_that_of_the_last_63_closes():
    price = np.concatenate([[0.0, 50.0], np.linspace(10.0, 20.0, 63), [15.0]])
    returns = np.diff(price, prepend=0.0)[None]
    fall = efficiency.fall_from_high(returns)[0]
    assert np.isnan(fall[:62]).all()
    assert fall[62] == pytest.approx(price[62] - 50.0)
    assert fall[-1] == pytest.approx(-5.0)


def test_resampled_days_keep_the_forecast_that_was_made_for_them():
    closes = with_memory(0.3, (1, 800))
    history = Closes.undated(closes.returns_pct[0])
    once = history.weighted(np.ones((1, 800)))
    for compute in (best_rule_sharpe, lambda c: known_share_pct(c, with_vix=False)):
        np.testing.assert_allclose(compute(once), [compute(history)], rtol=1e-12)
