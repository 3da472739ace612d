"""Stylized facts of daily returns, one function for all the series of a run and for a real one alike.

Returns are daily log returns, as fractions; every function takes an array (..., days) and works along the last axis.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
TAIL = 0.05
"""Share of the days that a tail exponent is read from."""


def annualized_vol_pct(returns: Floats) -> Floats:
    """Return the standard deviation (ddof 1) in percent a year of 252 days."""
    return 100.0 * np.sqrt(252.0) * returns.std(axis=-1, ddof=1)


def skew(returns: Floats) -> Floats:
    """Return the skewness from population moments."""
    centered = returns - returns.mean(axis=-1, keepdims=True)
    return (centered**3).mean(axis=-1) / (centered**2).mean(axis=-1) ** 1.5


def excess_kurtosis(returns: Floats) -> Floats:
    """Return the excess kurtosis from population moments."""
    centered = returns - returns.mean(axis=-1, keepdims=True)
    return (centered**4).mean(axis=-1) / (centered**2).mean(axis=-1) ** 2 - 3.0


def hill(values: Floats) -> Floats:
    """Return the tail exponent of the largest values (Hill 1975, "A Simple General Approach to Inference").

    1 / mean of ln(x_i / x_(k+1)) over the k = floor(0.05 n) largest; nan where the (k+1)-th is not positive.
    """
    k = int(TAIL * values.shape[-1])
    largest = np.sort(values, axis=-1)[..., ::-1][..., : k + 1]
    with np.errstate(divide="ignore", invalid="ignore"):
        exponent = 1.0 / np.log(largest[..., :k] / largest[..., k:]).mean(axis=-1)
    return np.where(largest[..., k] > 0.0, exponent, np.nan)


def hill_left(returns: Floats) -> Floats:
    """Return the tail exponent of losses."""
    return hill(-returns)


def hill_right(returns: Floats) -> Floats:
    """Return the tail exponent of gains."""
    return hill(returns)


def correlation(x: Floats, y: Floats) -> Floats:
    """Return Pearson's correlation along the last axis; nan where one of them does not vary."""
    x = x - x.mean(axis=-1, keepdims=True)
    y = y - y.mean(axis=-1, keepdims=True)
    with np.errstate(divide="ignore", invalid="ignore"):
        return (x * y).sum(axis=-1) / np.sqrt((x * x).sum(axis=-1) * (y * y).sum(axis=-1))


def autocorrelation(values: Floats, lag: int) -> Floats:
    """Return the correlation of a series with itself `lag` days later."""
    return correlation(values[..., :-lag], values[..., lag:])


def leverage(returns: Floats, lag: int) -> Floats:
    """Return the correlation of a return with the absolute return `lag` days later (Black 1976)."""
    return correlation(returns[..., :-lag], np.abs(returns[..., lag:]))


def variance_ratio(returns: Floats, days: int) -> Floats:
    """Return var(overlapping sums of `days` returns) / (days var(r)) (Lo and MacKinlay 1988)."""
    total = np.concatenate([np.zeros((*returns.shape[:-1], 1)), np.cumsum(returns, axis=-1)], axis=-1)
    sums = total[..., days:] - total[..., :-days]
    return sums.var(axis=-1, ddof=1) / (days * returns.var(axis=-1, ddof=1))


def max_drawdown_pct(returns: Floats) -> Floats:
    """Return the largest fall from a high, in percent (positive)."""
    log_price = np.concatenate([np.zeros((*returns.shape[:-1], 1)), np.cumsum(returns, axis=-1)], axis=-1)
    return 100.0 * (1.0 - np.exp((log_price - np.maximum.accumulate(log_price, axis=-1)).min(axis=-1)))


RETURN_FACTS: dict[str, Callable[[Floats], Floats]] = {
    "volatility, % a year": annualized_vol_pct,
    "skew": skew,
    "excess kurtosis": excess_kurtosis,
    "tail exponent, losses": hill_left,
    "tail exponent, gains": hill_right,
    "ACF of r, lag 1": lambda r: autocorrelation(r, 1),
    "ACF of abs(r), lag 1": lambda r: autocorrelation(np.abs(r), 1),
    "ACF of abs(r), lag 20": lambda r: autocorrelation(np.abs(r), 20),
    "leverage, r with next abs(r)": lambda r: leverage(r, 1),
    "variance ratio, 5 days": lambda r: variance_ratio(r, 5),
    "max drawdown, %": max_drawdown_pct,
}
"""The facts of an ablation table, in its order."""
