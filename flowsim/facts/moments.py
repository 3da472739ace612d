"""Statistics of a series of daily closes, alike for one history, for many paths, and for resampled days.

Every function takes the closes, and series of shape (..., days) made from them; it returns one value for each history,
or for each resample. A day counts where the series is known.
"""

from __future__ import annotations

import numpy as np

from flowsim.facts.closes import Closes
from flowsim.files.arrays import Floats

TAIL = 0.05
"""Share of the days that a tail exponent is read from."""


def mean(closes: Closes, values: Floats) -> Floats:
    """Return the mean."""
    return closes.means(values)[0]


def std(closes: Closes, values: Floats, ddof: int = 0) -> Floats:
    """Return the standard deviation; `ddof` as in numpy."""
    first, second = closes.means(*_powers(values, 2))
    days = closes.count(values)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.sqrt((second - first**2).clip(0.0) * days / (days - ddof))


def skew(closes: Closes, values: Floats) -> Floats:
    """Return the skewness from population moments."""
    first, second, third = closes.means(*_powers(values, 3))
    with np.errstate(divide="ignore", invalid="ignore"):
        return (third - 3.0 * first * second + 2.0 * first**3) / (second - first**2) ** 1.5


def excess_kurtosis(closes: Closes, values: Floats) -> Floats:
    """Return the excess kurtosis from population moments."""
    first, second, third, fourth = closes.means(*_powers(values, 4))
    central = fourth - 4.0 * first * third + 6.0 * first**2 * second - 3.0 * first**4
    with np.errstate(divide="ignore", invalid="ignore"):
        return central / (second - first**2) ** 2 - 3.0


def correlation(closes: Closes, x: Floats, y: Floats) -> Floats:
    """Return Pearson's correlation; nan where one of them does not vary."""
    covariance, variance_x, variance_y = _second_moments(closes, x, y)
    with np.errstate(divide="ignore", invalid="ignore"):
        return covariance / np.sqrt(variance_x * variance_y)


def slope(closes: Closes, x: Floats, y: Floats) -> Floats:
    """Return the slope of the least-squares line of y on x; nan where x does not vary."""
    covariance, variance_x, _ = _second_moments(closes, x, y)
    with np.errstate(divide="ignore", invalid="ignore"):
        return covariance / variance_x


def slopes_of_two(closes: Closes, x: Floats, z: Floats, y: Floats) -> tuple[Floats, Floats]:
    """Return the slopes of y on x and on z in one regression with a constant; nan where they do not vary apart."""
    x, z, y = (series - unweighted_mean(series) for series in (x, z, y))
    mean_x, mean_z, mean_y, *products = closes.means(x, z, y, x * x, z * z, x * z, x * y, z * y)
    pairs = ((mean_x, mean_x), (mean_z, mean_z), (mean_x, mean_z), (mean_x, mean_y), (mean_z, mean_y))
    xx, zz, xz, xy, zy = (product - one * other for product, (one, other) in zip(products, pairs, strict=True))
    with np.errstate(divide="ignore", invalid="ignore"):
        apart = xx * zz - xz**2
        return (zz * xy - xz * zy) / apart, (xx * zy - xz * xy) / apart


def quantile(closes: Closes, values: Floats, share: float) -> Floats:
    """Return the smallest value that at least a share of the days do not exceed."""
    largest, reached = closes.ranked(values)
    days = reached[..., -1]
    return _at_rank(largest, reached, days - np.ceil(share * days).clip(1.0))


def median(closes: Closes, values: Floats) -> Floats:
    """Return the median, the mean of the two in the middle if the days are even in number."""
    largest, reached = closes.ranked(values)
    days = reached[..., -1]
    return (_at_rank(largest, reached, (days - 1) // 2) + _at_rank(largest, reached, days // 2)) / 2.0


def tail_exponent(closes: Closes, values: Floats) -> Floats:
    """Return the tail exponent of the largest values (Hill 1975, "A Simple General Approach to Inference").

    1 / mean of ln(x_i / x_(k+1)) over the k = floor(0.05 n) largest; nan where the (k+1)-th is not positive.
    """
    largest, reached = closes.ranked(values)
    n_tail = np.floor(TAIL * reached[..., -1])
    threshold = _at_rank(largest, reached, n_tail)
    taken = np.diff(np.minimum(reached, n_tail[..., np.newaxis]), axis=-1, prepend=0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        logs = np.log(np.where(largest > 0.0, largest, 1.0))
        exponent = 1.0 / ((taken * logs).sum(axis=-1) / n_tail - np.log(threshold))
    return np.where((threshold > 0.0) & (n_tail > 0.0), exponent, np.nan)


def _powers(values: Floats, highest: int) -> list[Floats]:
    """Return the first powers of a series, moved near zero so that none of their digits cancel."""
    center = unweighted_mean(values)
    return [(values - center) ** power for power in range(1, highest + 1)]


def _second_moments(closes: Closes, x: Floats, y: Floats) -> tuple[Floats, Floats, Floats]:
    """Return the covariance and both variances, over the days on which both are known."""
    x, y = x - unweighted_mean(x), y - unweighted_mean(y)
    mean_x, mean_y, xx, yy, xy = closes.means(x, y, x * x, y * y, x * y)
    return xy - mean_x * mean_y, xx - mean_x**2, yy - mean_y**2


def unweighted_mean(values: Floats) -> Floats:
    """Return the mean of the history itself, whatever was drawn of it, with an axis of one day."""
    known = np.isfinite(values)
    return np.where(known, values, 0.0).sum(axis=-1, keepdims=True) / known.sum(axis=-1, keepdims=True).clip(1)


def _at_rank(largest: Floats, reached: Floats, rank: Floats) -> Floats:
    """Return the value with `rank` days before it in descending order; nan where there are no more days."""
    place = (reached <= rank[..., np.newaxis]).sum(axis=-1, keepdims=True)
    inside = np.minimum(place, largest.shape[-1] - 1)
    return np.where(place == inside, np.take_along_axis(largest, inside, axis=-1), np.nan)[..., 0]
