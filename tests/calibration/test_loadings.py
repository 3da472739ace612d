"""The loadings of the VIX family on past returns: found again where they are known."""

from __future__ import annotations

import numpy as np
import pytest

from flowsim.calibration.loadings import fit_loadings, real_regressions, regress, transformed_fit
from flowsim.config import load
from flowsim.data.prices import Prices
from flowsim.data.volatility_file import Volatility
from flowsim.errors import InputError
from flowsim.facts.histories import closes_of_market
from flowsim.history.path_dependent import INDICES, loadings_of, regressors

DAYS = 1300
SMALL = ("time.days=1300", "population.option_noise.capital_bn=10")


def made_returns(days: int = 4000) -> np.ndarray:
    """Return log returns whose volatility moves."""
    rng = np.random.default_rng(7)
    vol = 0.01 * np.exp(0.5 * np.convolve(rng.normal(size=days + 99), np.full(100, 0.1), "valid"))
    return vol * rng.normal(size=days)


def made_market(loadings: dict[str, np.ndarray], persistence: float = 0.0) -> tuple[Prices, Volatility]:
    """Return closes, and indices that load on them, with residuals of that persistence."""
    returns, rng = made_returns(), np.random.default_rng(3)
    dates = np.arange(np.datetime64("2010-01-01"), np.datetime64("2010-01-01") + len(returns) + 1)
    close = 100.0 * np.exp(np.concatenate([[0.0], np.cumsum(returns)]))
    x, left = regressors(returns), np.zeros(len(returns))
    for day in range(1, len(returns)):
        left[day] = persistence * left[day - 1] + 0.3 * rng.normal()
    indices = {
        name: np.concatenate([[np.nan], x @ np.array(some) + (left if persistence else 0.0)])
        for name, some in loadings.items()
    }
    return Prices(dates, close, "made"), Volatility(dates, indices, "made")


KNOWN = {name: np.array([5.0 + number, 0.2, 0.1, 0.4, -0.1, -0.2, -3.0, -9.0]) for number, name in enumerate(INDICES)}


def test_loadings_are_found_again_where_nothing_else_moves_an_index():
    found = real_regressions(*made_market(KNOWN))
    for name in INDICES:
        np.testing.assert_allclose(found[name].loadings, KNOWN[name], atol=1e-6)


def test_a_residual_that_lasts_is_told_from_the_answer_to_the_day():
    found = real_regressions(*made_market(KNOWN, persistence=0.9))
    assert found["VIX"].persistence == pytest.approx(0.9, abs=0.03)
    np.testing.assert_allclose(found["VIX"].loadings[4:6], KNOWN["VIX"][4:6], atol=0.05)


def test_quasi_differences_of_several_paths_are_those_of_each():
    x = regressors(np.stack([made_returns(800), -made_returns(800)]))
    y = x @ KNOWN["VIX"]
    np.testing.assert_allclose(transformed_fit(x, y, 0.8), KNOWN["VIX"], atol=1e-4)
    np.testing.assert_allclose(regress(x[0], y[0]).loadings, KNOWN["VIX"], atol=1e-4)


def test_the_base_of_a_market_is_moved_until_its_indices_answer_as_the_others_do():
    """Indirect inference: what demand adds to the answer is taken off the base."""
    config = load("us_equity").override(*SMALL)
    market, volatility = made_market({name: np.array(some) for name, some in loadings_of(config).items()})
    rounds = []
    found = fit_loadings(
        config,
        prices=market,
        volatility=volatility,
        rounds=1,
        n_paths=8,
        days=DAYS,
        progress=lambda *told: rounds.append(told),
    )
    assert rounds == [(1, 1)]
    assert found.as_dict()["indices"]["VIX"]["base"] == found.base["VIX"].tolist()
    moved = config.override(*found.settings)
    gap_before = abs(found.simulated["VIX"] - found.real["VIX"].loadings)
    again = list(closes_of_market(moved, 8))
    x = np.concatenate([regressors(0.01 * some.returns_pct)[:, 252:] for some in again])
    y = np.concatenate([some.indices["VIX"][:, 252:] for some in again])
    gap_after = abs(transformed_fit(x, y, found.real["VIX"].persistence) - found.real["VIX"].loadings)
    assert gap_after[7] < 0.5 * gap_before[7]


@pytest.mark.parametrize(
    ("config", "message"), [("plain", "lists no options"), ("us_equity", "name a file that has them")]
)
def test_what_cannot_be_fitted_is_said(config, message):
    market, volatility = made_market({"VIX": KNOWN["VIX"]})
    with pytest.raises(InputError, match=message):
        fit_loadings(config, prices=market, volatility=volatility)
