"""Statistics of paths that several experiments share: sums over days, shares of variance, events. Axes: paths, days."""

from __future__ import annotations

import numpy as np

from flowsim.clock.year import SESSIONS_PER_YEAR
from flowsim.ensemble.intervals import Flags, Floats, PerPath
from flowsim.run.variance_share import path_shares

DAYS_ROOT = np.sqrt(SESSIONS_PER_YEAR)


def sums(values: Floats, days: int) -> Floats:
    """Return the sum over each window of so many days, (paths, windows, ...)."""
    total = np.cumsum(values, axis=1)
    total = np.concatenate([np.zeros_like(total[:, :1]), total], axis=1)
    return total[:, days:] - total[:, :-days]


def variance_share(part: Floats, whole: Floats) -> PerPath:
    """Return the share in percent of the variance of a sum that is due to a part of it, path by path.

    Shares of parts that add up to the whole add up to 100, exactly; see `flowsim.run.variance_share`.
    """
    return PerPath.mean(100.0 * path_shares(part, whole))


def realized_vol(returns: Floats, days: int) -> Floats:
    """Return the annualized volatility, in percent, of the last `days` zero-mean returns, (paths, days - days + 1)."""
    return 100.0 * DAYS_ROOT * np.sqrt(sums(returns**2, days) / days)


def drawdown_pct(returns: Floats) -> Floats:
    """Return the largest fall from a high of each path, in percent, positive."""
    level = np.concatenate([np.zeros((len(returns), 1)), np.cumsum(returns, axis=1)], axis=1)
    return -100.0 * np.expm1((level - np.maximum.accumulate(level, axis=1)).min(axis=1))


def variance_ratio(returns: Floats, days: int) -> Floats:
    """Return var(sums over `days`) / (days * var) of each path (Lo and MacKinlay 1988)."""
    return sums(returns, days).var(axis=1) / (days * returns.var(axis=1))


def correlation(x: Floats, y: Floats) -> Floats:
    """Return the correlation over the days of each path; nan where one of the two stands still."""
    x_apart, y_apart = x - x.mean(axis=1, keepdims=True), y - y.mean(axis=1, keepdims=True)
    with np.errstate(divide="ignore", invalid="ignore"):
        return (x_apart * y_apart).sum(axis=1) / np.sqrt((x_apart**2).sum(axis=1) * (y_apart**2).sum(axis=1))


def largest_days(size: Floats, share: float, before: int, after: int) -> Floats:
    """Mark the days of each path with the largest size, so many of all days; none too near either end."""
    inner = size[:, before : size.shape[1] - after]
    threshold = np.quantile(inner, 1.0 - share, axis=1, keepdims=True)
    marked = np.zeros(size.shape)
    marked[:, before : size.shape[1] - after] = (inner >= threshold) & (inner > 0.0)
    return marked


def around(marked: Floats, values: Floats, first: int, last: int) -> PerPath:
    """Return the mean over marked days of the sum of values from `first` to `last` days after each.

    Days too near the end for the window must not be marked. A mark may carry a sign or a weight: it multiplies.
    """
    total = np.cumsum(values, axis=1)
    n_days = values.shape[1]
    path, day = np.nonzero(marked)
    start = day + first - 1
    before = np.where(start >= 0, total[path, np.maximum(start, 0)], 0.0)
    window = total[path, np.minimum(day + last, n_days - 1)] - before
    sign = marked[path, day]
    return PerPath(
        np.bincount(path, sign * window, minlength=len(values)).astype(float),
        np.bincount(path, np.abs(sign), minlength=len(values)).astype(float),
    )


def slope_and_power(x: Floats, y: Floats, known: Flags) -> PerPath:
    """Return the parts of the least-squares slope of y on x through the pooled mean, over the days that count."""
    x_apart, y_apart = x - x[known].mean(), y - y[known].mean()
    return PerPath((known * x_apart * y_apart).sum(axis=1), (known * x_apart**2).sum(axis=1))
