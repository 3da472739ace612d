"""The VIX futures of each close from the volatility indices of that close, simulated or real.

    W(T)  = total variance to T days: index^2 * days at each index, straight between them, 0 at the close
    F_m^2 = (W(T_m + 30) - W(T_m)) / 30 * exp(-2 c(T_m)),    c(T) = convexity * (1 - exp(-T / convexity_horizon))

T_m are the days to the settlement of contract m. The first factor is the square of the forward 30-day volatility, which
needs no model (Carr & Wu 2006, "A Tale of Two Indices"); c is convexity: the mean of a root lies below the root of the
mean. On the settlement day T is 0, and the future is the VIX itself. What weight each squared index has depends on the
calendar alone, so the same numbers price a real file and a block of paths.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from flowsim.clock.vix_settlements import DAYS_BEFORE_EXPIRY, days_to_settlement
from flowsim.files.arrays import Days, Floats
from flowsim.kernel.array_functions import exp
from flowsim.kernel.functions import sqrt
from flowsim.kernel.marks import LANES, function
from flowsim.options.mark import LOWEST_FORWARD_VOL

N_CONTRACTS = 8
"""M1 to M8: the exchange lists up to nine months."""
LOWEST_SQUARE = (100.0 * LOWEST_FORWARD_VOL) ** 2
"""Points squared: the surface is marked with no less, and where real indices imply less they contradict each other."""


class Curve(NamedTuple):
    """What the calendar makes of the indices at each close."""

    weight: Floats  # (closes, contracts, tenors) of each index's square in the square of the forward volatility
    below: Floats  # (closes, contracts) future over forward volatility


def build_curve(days: np.ndarray, tenor_days: tuple[float, ...], convexity: float, convexity_horizon: float) -> Curve:
    """Return the curve of futures that settle in so many days, (closes, contracts), from indices of such tenors.

    A contract whose 30 days end after the longest tenor has weights of nan: no index says what it is worth.
    """
    tenors = np.asarray(tenor_days)
    total = _weights(days + DAYS_BEFORE_EXPIRY, tenors) - _weights(days, tenors)
    known = (days + DAYS_BEFORE_EXPIRY <= tenors[-1])[..., None]
    weight = np.where(known, total * tenors / DAYS_BEFORE_EXPIRY, np.nan)
    below = exp(-convexity * (1.0 - exp(-np.asarray(days, float) / convexity_horizon)))
    return Curve(np.ascontiguousarray(weight), below)


def _weights(days: np.ndarray, tenors: np.ndarray) -> Floats:
    """Return each tenor's weight in the total variance to so many days, (..., tenors)."""
    edges = np.concatenate([[0.0], tenors])
    upper = np.clip(np.searchsorted(edges, days, side="left"), 1, len(tenors))
    share = (days - edges[upper - 1]) / (edges[upper] - edges[upper - 1])
    weights = np.zeros((*days.shape, len(edges)))
    np.put_along_axis(weights, (upper - 1)[..., None], (1.0 - share)[..., None], axis=-1)
    np.put_along_axis(weights, upper[..., None], share[..., None], axis=-1)
    return weights[..., 1:]


def futures_of(points: Floats, curve: Curve) -> Floats:
    """Return the futures of each close, (closes, contracts), from its indices (closes, tenors), in points.

    nan where an index that a contract needs has no close.
    """
    square = np.zeros(curve.below.shape)
    for tenor in range(points.shape[1]):
        weight, index = curve.weight[:, :, tenor], points[:, tenor, None]
        square = square + np.where(weight == 0.0, 0.0, weight * index * index)
    return np.sqrt(np.maximum(square, LOWEST_SQUARE)) * curve.below


def futures_on(
    dates: Days, points: Floats, tenor_days: tuple[float, ...], convexity: float, convexity_horizon: float
) -> Floats:
    """Return the futures at the closes of `dates`, (closes, contracts), from indices (closes, tenors), in points."""
    return futures_of(
        points, build_curve(days_to_settlement(dates, N_CONTRACTS), tenor_days, convexity, convexity_horizon)
    )


@function
def price_futures(weight, below, points, prices):
    """Write the futures of one close, (contracts, lanes), from its indices, (tenors, lanes)."""
    for contract in range(below.size):
        price = prices[contract]
        for lane in range(LANES):
            square = 0.0
            for tenor in range(points.shape[0]):
                square += weight[contract, tenor] * points[tenor, lane] * points[tenor, lane]
            price[lane] = sqrt(max(square, LOWEST_SQUARE)) * below[contract]
