"""Outside models: the engine moves by their papers' equations, and their published figures come out."""

import json

import numpy as np
import pytest
from helpers import clearing_market
from typer.testing import CliRunner

from flowsim.cli.commands import app
from flowsim.config import load
from flowsim.errors import InputError
from flowsim.facts import outside_models
from flowsim.facts.closes import Closes
from flowsim.facts.histories import closes_of_market
from flowsim.facts.outside_models import reproduce, tail_below_value


def returns_of(model, *settings, n_paths=64):
    blocks = closes_of_market(load(model, list(settings)), n_paths)
    return np.concatenate([closes.returns_pct for closes in blocks])


def test_the_price_of_franke_and_westerhoff_leaves_white_noise_when_their_demand_is_taken_off():
    # r_t+1 / mu - n_f phi (p* - p) - n_c chi r_t, over its standard deviation, is the noise that was drawn: N(0, 1).
    # 64 paths x 500 days, so a standard error is 1/179: mean, variance (x sqrt 2) and lag 1 within 4; 2 in 10,000.
    returns = returns_of("franke_westerhoff", "time.days=501") / 100.0
    price = np.cumsum(returns, axis=1)
    attraction, drawn = np.zeros(64), []
    for day in range(500):
        n_f = 1.0 / (1.0 + np.exp(-attraction))
        n_c = 1.0 - n_f
        demand = returns[:, day + 1] / 0.01
        demand -= n_f * 0.12 * -price[:, day] + n_c * 1.5 * returns[:, day]
        if day > 0:
            drawn.append(demand / np.sqrt((n_f * 0.758) ** 2 + (n_c * 2.087) ** 2))
        attraction = 1.79 * (n_f - n_c) - 0.327 + 18.43 * price[:, day] ** 2
        if day == 0:
            assert np.all(returns[:, 0] == 0.0), "nothing was decided before the first session"
    noise = np.array(drawn)
    error = 4.0 / np.sqrt(noise.size)
    assert abs(noise.mean()) < error
    assert abs(noise.var() - 1.0) < np.sqrt(2.0) * error
    assert abs((noise[1:] * noise[:-1]).mean()) < error


def test_tails_fatten_as_the_maximum_leverage_rises():
    # Exponents near 6.3, 4.7 and 2.8, each known to 0.2: no false alarm in a thousand.
    exponents = [
        tail_below_value(returns_of("leverage_cycle", "time.days=2520", f"population.funds.max_leverage={leverage}"))[0]
        for leverage in (2, 4, 10)
    ]
    assert exponents[0] > exponents[1] > exponents[2]


def test_the_tail_below_value_reads_the_days_that_begin_below_it():
    # Each path falls by 1 %, then loses x and is lifted above value by 3: days that begin above value do not count.
    losses = np.arange(1.0, 201.0)
    days = np.column_stack([np.full(200, -1.0), -losses, losses + 3.0, np.full(200, -1e6)])
    exponent, _ = tail_below_value(days)
    # 400 days begin below value: 200 losses and 200 rises; a hundredth of them is 4: 200, 199, 198, 197 over 196
    assert exponent == pytest.approx(1.0 / np.log(np.array([200.0, 199.0, 198.0, 197.0]) / 196.0).mean())


def test_chartists_are_half_of_the_traders_of_the_first_day():
    config = load("franke_westerhoff")
    share = outside_models.chartist_share(Closes.undated(np.zeros((2, 1))), config)
    np.testing.assert_allclose(share, 0.5)


def test_the_smoothed_correlation_averages_a_lag_with_its_neighbors():
    closes = Closes.undated(np.random.default_rng(1).standard_normal((2, 300)))
    parts = [outside_models.facts.acf(closes, lag, np.abs) for lag in (4, 5, 6)]
    np.testing.assert_allclose(outside_models.smoothed_acf(closes, 5), np.mean(parts, axis=0))


def test_an_outside_model_that_there_is_not_is_refused():
    with pytest.raises(InputError, match="no outside model is named 'brock_hommes'; choose one of"):
        reproduce("brock_hommes")


def test_too_few_paths_are_refused():
    with pytest.raises(InputError, match="`n_paths=4`: the statistics of leverage_cycle need 8 at least"):
        reproduce("leverage_cycle", 4)


def test_the_command_prints_one_document_and_says_by_its_status_whether_the_figures_agree(monkeypatch):
    monkeypatch.setattr(outside_models, "LEVERAGES", (2.0, 10.0))
    result = CliRunner().invoke(app, ["reproduce", "leverage_cycle", "--paths", "8", "--json"])
    document = json.loads(result.stdout)
    assert result.exit_code == 0
    assert document["holds"] is True
    monkeypatch.setattr(outside_models, "LEVERAGES", (10.0, 2.0))
    result = CliRunner().invoke(app, ["reproduce", "leverage_cycle", "--paths", "8"])
    assert result.exit_code == 1
    assert "a gated figure does not agree" in result.stdout


@pytest.mark.slow
def test_franke_and_westerhoff_come_out_as_published():
    # 1,000 runs: the joint coverage within 8 to 12.5 %, three means within two standard errors: 1 in 8 by chance.
    assert reproduce("franke_westerhoff").holds


@pytest.mark.slow
def test_leverage_makes_the_tails_of_a_market_that_clears():
    # Exponents of the engine and of exact clearing, each known to 0.2, within 0.8: no false alarm in a thousand.
    here = reproduce("leverage_cycle")
    assert here.holds
    found = [check.value for check in here.checks if check.what.startswith("tail")]
    exact = [tail_below_value(clearing_market.returns_pct(leverage, 64, 5040, 1))[0] for leverage in (1, 2, 4, 7, 10)]
    np.testing.assert_allclose(found, exact, atol=0.8)
