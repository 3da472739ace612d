"""How the VIX moves: by hand, by law, and told apart from its opposite."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowsim.facts import moments
from flowsim.facts.closes import Closes
from flowsim.facts.vix_dynamics import facts

BY_NAME = {fact.name: fact for fact in facts()}


def closes(returns, **indices):
    returns = np.asarray(returns, float)
    series = {name: np.asarray(values, float) for name, values in indices.items()}
    return Closes(np.arange(returns.shape[-1]).astype("datetime64[D]"), returns, series)


def value(name, history):
    return BY_NAME[name].compute(history)


def walk(changes_pct):
    return 20.0 * np.exp(np.cumsum(changes_pct, axis=-1) / 100.0)


def test_the_std_of_changes_is_that_of_the_log_in_percent():
    # four changes of +10, -10, +10, -10 %: sum of squares 400, over 3
    vix = 20.0 * np.exp([0.0, 0.1, 0.0, 0.1, 0.0])
    assert value("dlogVIX daily std (%)", closes(np.zeros(5), VIX=vix)) == pytest.approx(np.sqrt(400 / 3))


@pytest.mark.parametrize(("on_falls", "on_rises"), [(-6.0, -4.0), (2.0, 5.0)])
def test_the_betas_on_falls_and_rises_are_told_apart_and_from_the_constant(on_falls, on_rises):
    returns = np.random.default_rng(1).standard_normal(50)
    changes = 0.7 + on_falls * np.minimum(returns, 0.0) + on_rises * np.maximum(returns, 0.0)
    history = closes(returns, VIX=walk(changes))
    assert value("beta dlogVIX on r<0 (%/%)", history) == pytest.approx(on_falls)
    assert value("beta dlogVIX on r>0 (%/%)", history) == pytest.approx(on_rises)


@given(st.integers(0, 2**32 - 1))
def test_two_slopes_are_those_of_least_squares_on_the_drawn_days(seed):
    random = np.random.default_rng(seed)
    x, z, y = random.standard_normal((3, 30))
    times = random.integers(0, 3, 30)
    times[:5] = 1
    days = np.repeat(np.arange(30), times)
    expected = np.linalg.lstsq(np.stack([np.ones(len(days)), x[days], z[days]], axis=1), y[days], rcond=None)[0][1:]
    drawn = closes(np.zeros(30)).weighted(times[np.newaxis].astype(float))
    np.testing.assert_allclose(np.ravel(moments.slopes_of_two(drawn, x, z, y)), expected, rtol=1e-6, atol=1e-9)


@given(st.integers(0, 2**32 - 1), st.sampled_from([0.05, 0.3, 0.95]))
def test_a_quantile_is_the_smallest_value_that_so_many_of_the_drawn_days_do_not_exceed(seed, share):
    random = np.random.default_rng(seed)
    values = random.standard_normal(40)
    times = random.integers(0, 3, 40)
    times[0] = 1
    expected = np.quantile(np.repeat(values, times), share, method="inverted_cdf")
    drawn = closes(np.zeros(40)).weighted(times[np.newaxis].astype(float))
    assert moments.quantile(drawn, values, share)[0] == expected


def test_the_half_life_is_that_of_the_log():
    # a log VIX that goes half way back each day has a half-life of one day
    deviations = 0.5 ** np.arange(12)
    assert value("logVIX half-life (days)", closes(np.zeros(12), VIX=20.0 * np.exp(deviations))) == pytest.approx(1.0)


def test_a_vix_that_runs_away_has_no_half_life():
    assert np.isnan(value("logVIX half-life (days)", closes(np.zeros(12), VIX=np.exp(1.1 ** np.arange(12)))))


def test_odds_of_inversion_are_counted_at_the_level_of_the_day():
    # at 15-20: 16 inverted, 19.9 not, 15 not known; at 20-25: 20 inverted, 24 inverted; none above 30
    vix = [16.0, 19.9, 15.0, 20.0, 24.0, 26.0]
    over = [15.0, 21.0, np.nan, 19.0, 23.0, 27.0]
    history = closes(np.zeros(6), VIX=vix, VIX3M=over)
    assert value("VIX/VIX3M inverted at VIX 15-20", history) == 0.5
    assert value("VIX/VIX3M inverted at VIX 20-25", history) == 1.0
    assert value("VIX/VIX3M inverted at VIX 25-30", history) == 0.0
    assert np.isnan(value("VIX/VIX3M inverted at VIX >30", history))


def test_odds_of_inversion_after_a_week_are_counted_by_its_return():
    # the sums of five days from the fifth day on: -5, -4, -3, -2, -1 %
    returns = [-1.0, -1.0, -1.0, -1.0, -1.0, 0.0, 0.0, 0.0, 0.0]
    history = closes(returns, VIX=np.full(9, 20.0), VIX3M=[21, 21, 21, 21, 19, 21, 19, 19, 21])
    assert value("VIX/VIX3M inverted after a week <-3%", history) == 0.5
    assert value("VIX/VIX3M inverted after a week -3..-1%", history) == 1.0
    assert value("VIX/VIX3M inverted after a week -1..1%", history) == 0.0


def test_spells_are_counted_for_the_pair_that_is_named():
    # VIX9D above VIX for two days and for one; VIX3M above VIX6M for four
    history = closes(
        np.zeros(6),
        VIX9D=[21, 21, 19, 21, 19, 19], VIX=np.full(6, 20.0),
        VIX3M=[21, 21, 21, 21, 19, 19], VIX6M=np.full(6, 20.0),
    )  # fmt: skip
    assert value("VIX9D/VIX mean spell (days)", history) == 1.5
    assert value("VIX3M/VIX6M mean spell (days)", history) == 4.0


@pytest.mark.parametrize(("back", "spread"), [(0.0, np.sqrt(21.0)), (0.2, np.sqrt(2.0 / (1.0 - 0.8**2)))])
def test_a_vix_that_falls_back_is_spread_less_a_month_ahead_than_one_that_walks(back, spread):
    # changes of 2 % a day, and a log VIX that loses a fifth of its deviation each day, or none
    random = np.random.default_rng(2)
    level = np.zeros((12, 3000))
    for day in range(1, 3000):
        level[:, day] = (1.0 - back) * level[:, day - 1] + 2.0 * random.standard_normal(12)
    history = closes(np.zeros((12, 3000)), VIX=18.0 * np.exp(level / 100.0))
    assert np.mean(value("dlogVIX over 21 days std (%)", history)) == pytest.approx(2.0 * spread, rel=0.06)


@pytest.mark.parametrize("sign", [-1.0, 1.0])
def test_the_tails_of_the_vix_ahead_are_told_apart(sign):
    # one jump of 50 % in ten days, back or forth, on changes that otherwise are nothing
    changes = np.zeros(400)
    changes[::10] = sign * 50.0
    history = closes(np.zeros(400), VIX=walk(changes - changes.mean()))
    near, far = (
        value("dlogVIX over 5 days 5% quantile (%)", history),
        value("dlogVIX over 5 days 95% quantile (%)", history),
    )
    calm, jump = sorted([-sign * 25.0, sign * 25.0])
    assert (near, far) == (pytest.approx(calm), pytest.approx(jump))


def test_the_spread_ahead_is_read_from_closes_at_the_level_that_is_named():
    # from below 15 nothing follows for 21 days, from above 25 it falls by one of two amounts
    vix = np.concatenate([np.full(30, 14.0), np.full(4, 30.0), np.full(17, 24.0), np.full(2, 20.0), np.full(2, 18.0)])
    history = closes(np.zeros(len(vix)), VIX=vix)
    falls = 100.0 * np.log([20.0 / 30.0, 20.0 / 30.0, 18.0 / 30.0, 18.0 / 30.0])
    assert value("dlogVIX over 21 days std from VIX >25 (%)", history) == pytest.approx(falls.std())
