"""How good forecasts were: of one date by its sample of paths, and of many dates with what chance alone would give.

A forecast is a sample x_1 to x_n of what may come, and y is what came. Under the right forecast y is one more draw, so
its rank among them is uniform, whatever is forecast (Diebold, Gunther and Tay 1998, "Evaluating Density Forecasts with
Applications to Financial Risk Management").
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from flowsim.econometrics.regression import lags_of, long_run
from flowsim.files.arrays import Floats

CONFIDENCE = 0.95
DRAWS = 4000
"""Of dates without any error of the forecast, from which the bounds of a statistic are read."""


class Bounds(NamedTuple):
    """A statistic, and where chance alone lets it lie 95 times in a hundred."""

    value: float
    low: float
    high: float

    @property
    def inside(self) -> bool:
        """Whether chance alone explains it."""
        return self.low <= self.value <= self.high


class Difference(NamedTuple):
    """A mean difference of scores, with its 95 % interval."""

    mean: float
    low: float
    high: float


def crps(sample: Floats, came: float) -> float:
    """Return the continuous ranked probability score of a sample, in its own units; 0 is perfect.

    E|x - y| - E|x - x'| / 2, over all pairs of the sample (Gneiting and Raftery 2007, "Strictly Proper Scoring Rules,
    Prediction, and Estimation").
    """
    ordered, n = np.sort(sample), len(sample)
    apart = float(((2.0 * np.arange(1, n + 1) - n - 1.0) * ordered).sum()) / n**2
    return float(np.abs(ordered - came).mean()) - apart


def log_score(sample: Floats, came: float) -> float:
    """Return minus the log density of what came; the density is a Gaussian kernel's with Silverman's width.

    Silverman (1986), "Density Estimation for Statistics and Data Analysis": 1.06 times the smaller of the standard
    deviation and the range of the middle half over 1.34, over the fifth root of the number of draws.
    """
    n = len(sample)
    low, high = np.quantile(sample, (0.25, 0.75))
    spread = min(float(sample.std(ddof=1)), float(high - low) / 1.34)
    if spread <= 0.0:
        return float("nan")
    width = 1.06 * spread * n**-0.2
    exponent = -0.5 * ((came - sample) / width) ** 2
    most = float(exponent.max())
    return -(most + float(np.log(np.exp(exponent - most).mean()))) + float(np.log(width * np.sqrt(2.0 * np.pi)))


def rank_share(sample: Floats, came: float) -> float:
    """Return the probability integral transform: the share of the forecast below what came, uniform if it is right."""
    below = float((sample < came).sum()) + 0.5 * float((sample == came).sum())
    return (below + 0.5) / (len(sample) + 1.0)


def levels_below(sample: Floats, shares: Sequence[float]) -> list[float]:
    """Return the levels below which one more draw falls with given probabilities: quantiles of Weibull's positions."""
    return np.quantile(sample, shares, method="weibull").tolist()


def coverage(below: np.ndarray, share: float) -> Bounds:
    """Return how often a level was passed, and the exact bounds of a binomial draw with its own probability.

    Parameters
    ----------
    below : (dates,)
        Whether what came was below the level of the forecast.
    share : float
        How often it should be.
    """
    from scipy.stats import binom

    n, tail = len(below), (1.0 - CONFIDENCE) / 2.0
    low, high = binom.ppf([tail, 1.0 - tail], n, share) / n
    return Bounds(float(np.mean(below)), float(low), float(high))


def shortfall(ranks: Floats, share: float) -> Bounds:
    """Return how much lies beyond a level over what should, 1 if expected shortfall is right, with its bounds.

    The mean cumulative violation of Du and Escanciano (2017), "Backtesting Expected Shortfall: Accounting for Tail
    Risk": (share - u) / share where the rank share u is below, 0 elsewhere, over its mean of share / 2. It is larger
    than 1 where breaks are too many or too deep. The bounds are those of uniform ranks.
    """
    drawn = np.random.default_rng(len(ranks)).random((DRAWS, len(ranks)))
    tail = (1.0 - CONFIDENCE) / 2.0
    low, high = np.quantile(_beyond(drawn, share), (tail, 1.0 - tail))
    return Bounds(float(_beyond(ranks, share)), float(low), float(high))


def _beyond(ranks: Floats, share: float) -> Floats:
    return (share - ranks).clip(0.0).mean(axis=-1) / (0.5 * share**2)


def uniformity(ranks: Floats) -> float:
    """Return the p-value of uniform rank shares by Kolmogorov and Smirnov."""
    from scipy.stats import kstest

    return float(kstest(ranks, "uniform").pvalue)


def difference(scores: Floats, rival: Floats, overlapping: int) -> Difference:
    """Return the mean of scores less those of a rival on the same dates, below 0 where they are better.

    Diebold and Mariano (1995), "Comparing Predictive Accuracy", with the errors of Newey and West and a t
    distribution.

    Parameters
    ----------
    scores, rival : (dates,)
    overlapping : int
        Following dates whose horizons have days in common with one; the errors look at these at least.
    """
    from scipy.stats import t

    apart = scores - rival
    n = len(apart)
    if n < 3:
        return Difference(*[float("nan")] * 3)
    mean = float(apart.mean())
    lags = min(max(lags_of(n), overlapping), n - 2)
    error = float(np.sqrt(long_run(apart - mean, lags) / (n - 1.0) / n))
    half = float(t.ppf(0.5 + CONFIDENCE / 2.0, n - 1)) * error
    return Difference(mean, mean - half, mean + half)
