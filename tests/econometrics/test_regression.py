"""One regressor beyond controls: against another library, on planted effects, and on none."""

import numpy as np
import pytest

from flowsim.econometrics.known import controls, drawdown, trailing_mean
from flowsim.econometrics.regression import Controlled, lags_of, placebo_share, shifts_for

RANDOM = np.random.default_rng(8)


def correlated(n: int, keep: float) -> np.ndarray:
    """Return a series that remembers so much of its last value."""
    drawn, found = RANDOM.normal(size=n), np.zeros(n)
    for day in range(1, n):
        found[day] = keep * found[day - 1] + drawn[day]
    return found


def test_coefficient_and_error_are_those_of_statsmodels() -> None:
    import statsmodels.api as sm

    n = 900
    known, x = RANDOM.normal(size=(n, 3)), correlated(n, 0.8)
    y = 0.7 * x + known @ [1.0, -2.0, 0.5] + correlated(n, 0.6) * (1.0 + np.abs(x))
    found = Controlled(y, known).fit(x)
    design = sm.add_constant(np.column_stack([x, known]))
    fitted = sm.OLS(y, design).fit(cov_type="HAC", cov_kwds={"maxlags": lags_of(n), "use_correction": True})
    assert found.coefficient == pytest.approx(fitted.params[1])
    assert found.error == pytest.approx(fitted.bse[1])
    assert found.t == pytest.approx(fitted.tvalues[1])


def test_a_regressor_that_the_controls_already_say_is_not_known() -> None:
    known = RANDOM.normal(size=(200, 2))
    assert np.isnan(Controlled(RANDOM.normal(size=200), known).fit(known @ [2.0, 1.0] + 3.0).t)


def test_a_planted_effect_beats_its_placebos_and_none_does_not() -> None:
    n = 1500
    x, known = correlated(n, 0.9), RANDOM.normal(size=(n, 2))
    noise = 5.0 * RANDOM.normal(size=n)
    shifts = shifts_for(n, 99, 1)
    planted, none = Controlled(0.5 * x + noise, known), Controlled(noise, known)
    assert placebo_share(planted, x, planted.fit(x).t, shifts) == pytest.approx(0.01)
    assert placebo_share(none, x, none.fit(x).t, shifts) > 0.05


def test_intervals_hold_zero_as_often_as_they_say_where_there_is_nothing() -> None:
    # 400 samples at 5 %: 20 alarms, standard deviation 4.4; errors of Newey and West are a little small.
    alarms = 0
    for _ in range(400):
        x, known = correlated(600, 0.5), RANDOM.normal(size=(600, 2))
        alarms += abs(Controlled(RANDOM.normal(size=600) * (1.0 + np.abs(known[:, 0])), known).fit(x).t) > 1.96
    assert 8 <= alarms <= 40


def test_no_shift_is_shorter_than_a_year_from_either_end() -> None:
    shifts = shifts_for(2000, 500, 1)
    assert (shifts.min() >= 252, shifts.max() <= 2000 - 252) == (True, True)
    assert np.array_equal(shifts, shifts_for(2000, 500, 1))
    assert not np.array_equal(shifts, shifts_for(2000, 500, 2))


def test_what_is_known_ends_at_the_close() -> None:
    n = 400
    close = 100.0 * np.exp(np.cumsum(0.01 * RANDOM.normal(size=n)))
    returns, vix = np.diff(np.log(close), prepend=np.log(100.0)), np.full(n, 20.0)
    found = controls(close, returns, np.abs(returns), vix)
    changed = close.copy()
    changed[301:] *= 2.0
    later = controls(changed, np.diff(np.log(changed), prepend=np.log(100.0)), np.abs(returns), vix)
    np.testing.assert_array_equal(found[:301], later[:301])
    assert np.isnan(found[20]).any()
    assert np.isfinite(found[21:]).all()


def test_drawdowns_are_from_the_high_of_a_year_and_means_of_the_last_days() -> None:
    np.testing.assert_allclose(drawdown(np.array([100.0, 50.0, 200.0, 100.0])), np.log([1.0, 0.5, 1.0, 0.5]))
    np.testing.assert_allclose(trailing_mean(np.array([1.0, 3.0, 5.0]), 2), [np.nan, 2.0, 4.0])
