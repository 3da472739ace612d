"""One regressor beyond controls, by least squares, with errors that hold where days are neither alike nor apart."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from flowsim.clock.year import YEAR
from flowsim.files.arrays import Floats

NORMAL_95 = 1.959963984540054


class Fit(NamedTuple):
    """A coefficient with its error, its t, and the part of the variance left by the controls that it explains."""

    coefficient: float
    error: float
    t: float
    partial_r_squared: float


class Controlled:
    """A target with what is known of it beyond a regressor taken out, so that many regressors can be tried."""

    def __init__(self, target: Floats, controls: Floats) -> None:
        design = np.concatenate([np.ones((len(target), 1)), controls], axis=1)
        self.basis, _ = np.linalg.qr(design)
        self.left = self._without(target)

    def _without(self, values: Floats) -> Floats:
        return values - self.basis @ (self.basis.T @ values)

    def fit(self, regressor: Floats) -> Fit:
        """Return the coefficient on a regressor, (days,), by the theorem of Frisch, Waugh and Lovell.

        Errors are those of Newey and West (1987, "A Simple, Positive Semi-Definite, Heteroskedasticity and
        Autocorrelation Consistent Covariance Matrix"), with the number of lags of `lags_of`.
        """
        x = self._without(regressor)
        power = float(x @ x)
        if power <= 1e-12 * float(regressor @ regressor) or power == 0.0:
            return Fit(*[float("nan")] * 4)
        coefficient = float(x @ self.left) / power
        residual = self.left - coefficient * x
        n, parameters = self.basis.shape[0], self.basis.shape[1] + 1
        error = float(np.sqrt(n / (n - parameters) * long_run(x * residual, lags_of(n)))) / power
        explained = 1.0 - float(residual @ residual) / float(self.left @ self.left)
        return Fit(coefficient, error, coefficient / error, explained)


def lags_of(n: int) -> int:
    """Return the lags of a sample of so many days: 4 (n / 100)^(2/9), by Newey and West (1994)."""
    return int(4.0 * (n / 100.0) ** (2.0 / 9.0))


def long_run(scores: Floats, lags: int) -> float:
    """Return the sum of the autocovariances of scores with Bartlett's weights."""
    total = float(scores @ scores)
    for lag in range(1, lags + 1):
        total += 2.0 * (1.0 - lag / (lags + 1.0)) * float(scores[lag:] @ scores[:-lag])
    return total


def placebo_share(controlled: Controlled, regressor: Floats, t: float, shifts: np.ndarray) -> float:
    """Return how often the regressor, shifted around the sample by so many days, has as large a t or a larger one.

    A shifted regressor has all of its own memory and none of its time, so that what it explains is chance.
    """
    beyond = sum(abs(controlled.fit(np.roll(regressor, int(shift))).t) >= abs(t) for shift in shifts)
    return (1.0 + beyond) / (1.0 + len(shifts))


def shifts_for(n: int, count: int, seed: int) -> np.ndarray:
    """Return so many shifts of a sample of n days, none by less than a year, or a quarter of a short sample."""
    least = min(YEAR, n // 4)
    return np.random.default_rng(seed).integers(least, n - least + 1, size=count)
