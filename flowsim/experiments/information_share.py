"""The information share of fundamental against price innovations.

Hasbrouck (1995), "One Security, Many Markets: Determining the Contributions to Price Discovery". Value v and log price
p share one permanent component, with p - v as the error that is corrected:

    d(v, p)_t = mean + alpha (p - v)_(t-1) + sum over lags of Gamma_k d(v, p)_(t-k) + e_t,     Cov(e) = Omega

An innovation moves the common component by psi e, with psi proportional to the row orthogonal to alpha. The share of
series j is ([psi F]_j)^2 / (psi Omega psi'), F the Cholesky factor of Omega; correlated innovations make it depend on
which series comes first, so it has an upper and a lower bound. The cointegrating vector (1, -1) is known here.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from flowsim.ensemble.intervals import LEVEL, Floats, Interval

LAGS = 5
"""Trading days of a week."""
GROUPS = 20
"""Groups of paths that the jackknife leaves out in turn."""


class Shares(NamedTuple):
    """Bounds of the share of value over the two orderings, in percent, and the speed of correction a day."""

    low: float
    high: float
    correction: float


class Moments(NamedTuple):
    """Cross products of regressors and changes, summed over the days of each group of paths."""

    xx: Floats  # (groups, regressors, regressors)
    xy: Floats  # (groups, regressors, 2)
    yy: Floats  # (groups, 2, 2)
    days: Floats  # (groups,)


def moments(values: Iterable[tuple[Floats, Floats]], lags: int = LAGS) -> Moments:
    """Sum the cross products of log value and log price, blocks of shape (paths, days) each, in groups of paths."""
    sums = [_path_products(value, price, lags) for value, price in values]
    n_paths = sum(len(part[0]) for part in sums)
    group = np.arange(n_paths) * min(GROUPS, n_paths) // n_paths
    grouped = [_by_group(np.concatenate([part[k] for part in sums]), group) for k in range(4)]
    return Moments(*grouped)


def information_share(products: Moments) -> tuple[Shares, Interval, Interval]:
    """Return the shares of value, and the jackknife intervals of their mean over the orderings and of the correction.

    The interval is that of the delete-a-group jackknife (Kott 2001, "The Delete-a-Group Jackknife").
    """
    from scipy.stats import t

    whole = shares_of(*(part.sum(axis=0) for part in products))
    n = len(products.days)
    left_out = [shares_of(*(part.sum(axis=0) - part[k] for part in products)) for k in range(n)]
    found = []
    for middle in (lambda one: (one.low + one.high) / 2.0, lambda one: one.correction):
        apart = np.array([middle(one) for one in left_out]) - middle(whole)
        half = float(t.ppf(0.5 + LEVEL / 2.0, n - 1) * np.sqrt((n - 1.0) / n * (apart**2).sum()))
        found.append(Interval(middle(whole), middle(whole) - half, middle(whole) + half))
    return whole, found[0], found[1]


def shares_of(xx: Floats, xy: Floats, yy: Floats, days: float) -> Shares:
    """Return the shares that summed cross products give; regressors are a one, the error, and the lagged changes."""
    coefficients = np.linalg.solve(xx, xy)
    omega = (yy - xy.T @ coefficients) / days
    alpha_value, alpha_price = coefficients[1]
    psi = np.array([-alpha_price, alpha_value])
    value_first = psi @ np.linalg.cholesky(omega)
    price_first = psi[::-1] @ np.linalg.cholesky(omega[::-1, ::-1])
    total = float(psi @ omega @ psi)
    bounds = sorted((100.0 * float(value_first[0] ** 2) / total, 100.0 * float(price_first[1] ** 2) / total))
    return Shares(bounds[0], bounds[1], float(-alpha_price))


def _path_products(value: Floats, price: Floats, lags: int) -> tuple[Floats, Floats, Floats, Floats]:
    changes = np.stack([np.diff(value, axis=1), np.diff(price, axis=1)], axis=-1)
    error = (price - value)[:, lags:-1, np.newaxis]
    n_days = changes.shape[1] - lags
    lagged = [changes[:, lags - k : lags - k + n_days] for k in range(1, lags + 1)]
    x = np.concatenate([np.ones_like(error), error, *lagged], axis=-1)
    y = changes[:, lags:]
    return (
        np.einsum("pdi,pdj->pij", x, x),
        np.einsum("pdi,pdj->pij", x, y),
        np.einsum("pdi,pdj->pij", y, y),
        np.full(len(x), float(n_days)),
    )


def _by_group(values: Floats, group: NDArray[np.int_]) -> Floats:
    summed = np.zeros((int(group[-1]) + 1, *values.shape[1:]))
    np.add.at(summed, group, values)
    return summed
