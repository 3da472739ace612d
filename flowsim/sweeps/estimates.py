"""Numbers of an arm, and of two arms path by path, with intervals over what is independent.

Means by Student's t. Expected shortfall as the mean of what each path adds to it to first order (Manistre & Hancock
2005, "Variance of the CTE Estimator"), so that it goes the same way, alone and between arms. Value at risk alone by
order statistics (David & Nagaraja 2003, "Order Statistics", ch. 7); where paths are pairs, and between two arms, by
the spread of resamples that draw the same paths in both (Efron & Tibshirani 1993, "An Introduction to the Bootstrap").
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from flowsim.ensemble.intervals import LEVEL, UNKNOWN, Interval, PerPath, independent, interval
from flowsim.files.arrays import Floats
from flowsim.sweeps.outcomes import ES, MEAN, VAR, Outcome

LEAST_IN_THE_TAIL = 5
"""Paths in the tail below which nothing is said of VaR and ES."""
RESAMPLES, SEED = 400, 1


def joint_level(count: int, level: float = LEVEL) -> float:
    """Return the level of each of `count` intervals that all hold together at a level (Bonferroni)."""
    return 1.0 - (1.0 - level) / max(count, 1)


def value_of(values: Floats, outcome: Outcome) -> float:
    """Return an outcome of the values of an arm by path."""
    if outcome.statistic == MEAN:
        known = values[np.isfinite(values)]
        return float(known.mean()) if len(known) else float("nan")
    if outcome.statistic == VAR:
        return -float(_quantile(values, outcome.tail))
    return float(_shortfall_parts(values, outcome.tail).mean())


def estimate(values: Floats, outcome: Outcome, *, antithetic: bool, level: float = LEVEL) -> Interval:
    """Return an outcome of the values of an arm by path (paths,), with its interval; unknown ends where too few."""
    if outcome.statistic == MEAN:
        return interval(independent(PerPath.mean(values), antithetic=antithetic), level)
    if len(values) * outcome.tail < LEAST_IN_THE_TAIL:
        return UNKNOWN
    if outcome.statistic == ES:
        parts = PerPath.mean(_shortfall_parts(values, outcome.tail))
        return interval(independent(parts, antithetic=antithetic), level)
    if antithetic:
        return _resampled(lambda drawn: -_quantiles(values[drawn], outcome.tail), len(values), level, paired=True)
    return _order_statistics(values, outcome.tail, level)


def difference(values: Floats, other: Floats, outcome: Outcome, *, antithetic: bool, level: float = LEVEL) -> Interval:
    """Return the outcome of an arm less that of another, path by path on the same news (paths,)."""
    if outcome.statistic == MEAN:
        return interval(independent(PerPath.mean(values - other), antithetic=antithetic), level)
    if len(values) * outcome.tail < LEAST_IN_THE_TAIL:
        return UNKNOWN
    if outcome.statistic == ES:
        apart = _shortfall_parts(values, outcome.tail) - _shortfall_parts(other, outcome.tail)
        return interval(independent(PerPath.mean(apart), antithetic=antithetic), level)

    def apart_of(drawn: np.ndarray) -> Floats:
        return _quantiles(other[drawn], outcome.tail) - _quantiles(values[drawn], outcome.tail)

    return _resampled(apart_of, len(values), level, paired=antithetic)


def difference_unpaired(
    values: Floats, other: Floats, outcome: Outcome, *, antithetic: tuple[bool, bool], level: float = LEVEL
) -> Interval:
    """Return the same of arms whose paths have nothing to do with each other (Welch 1947, for unequal variances)."""
    from scipy.stats import t

    first = estimate(values, outcome, antithetic=antithetic[0], level=LEVEL)
    second = estimate(other, outcome, antithetic=antithetic[1], level=LEVEL)
    if not np.isfinite([*first, *second]).all():
        return UNKNOWN
    units = [len(one) // (1 + pairs) for one, pairs in zip((values, other), antithetic, strict=True)]
    spreads = [
        (one.high - one.low) / (2.0 * float(t.ppf(0.5 + LEVEL / 2.0, n - 1)))
        for one, n in zip((first, second), units, strict=True)
    ]
    variance = sum(spread**2 for spread in spreads)
    if variance == 0.0:
        return Interval(first.value - second.value, first.value - second.value, first.value - second.value)
    freedom = variance**2 / sum(spread**4 / (n - 1) for spread, n in zip(spreads, units, strict=True))
    half = float(t.ppf(0.5 + level / 2.0, freedom)) * variance**0.5
    value = first.value - second.value
    return Interval(value, value - half, value + half)


def clear_of_zero(found: Interval) -> bool:
    """Return whether an interval leaves zero out."""
    return found.low > 0.0 or found.high < 0.0


def _quantile(values: Floats, tail: float) -> float:
    return float(_quantiles(values[None], tail)[0])


def _quantiles(values: Floats, tail: float) -> Floats:
    """Return the value that a part `tail` of the paths falls below, along the last axis."""
    place = max(int(np.ceil(tail * values.shape[-1])) - 1, 0)
    return np.partition(values, place, axis=-1)[..., place]


def _shortfall_parts(values: Floats, tail: float) -> Floats:
    """Return what each path adds to the expected shortfall, (paths,), of which that is the mean."""
    at_risk = _quantile(values, tail)
    return -at_risk + np.maximum(at_risk - values, 0.0) / tail


def _order_statistics(values: Floats, tail: float, level: float) -> Interval:
    """Return VaR between the order statistics that cover the quantile by the binomial law; unknown ends beyond them."""
    from scipy.stats import binom

    ordered, n = np.sort(values), len(values)
    low, high = (int(binom.ppf(p, n, tail)) for p in (0.5 - level / 2.0, 0.5 + level / 2.0))
    best = float(-ordered[high]) if high < n else float("nan")
    worst = float(-ordered[low - 1]) if low >= 1 else float("nan")
    return Interval(-_quantile(values, tail), best, worst)


def _resampled(of: Callable[[np.ndarray], Floats], n: int, level: float, *, paired: bool) -> Interval:
    """Return what a function of drawn paths gives on all of them, with an interval from its spread over resamples."""
    from scipy.stats import t

    random, units = np.random.default_rng(SEED), (n + 1) // 2 if paired else n
    drawn = random.integers(0, units, (RESAMPLES, units))
    if paired:
        drawn = np.minimum(np.stack([2 * drawn, 2 * drawn + 1], axis=-1).reshape(RESAMPLES, -1), n - 1)
    value, spread = float(of(np.arange(n)[None])[0]), float(np.std(of(drawn), ddof=1))
    half = float(t.ppf(0.5 + level / 2.0, max(units - 1, 1))) * spread
    return Interval(value, value - half, value + half)
