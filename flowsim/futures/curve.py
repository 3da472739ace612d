"""The VIX futures of each close from the volatility indices of that close, simulated or real.

    W(T)  = total variance to T days: index^2 * days at each index, 0 at the close, a smooth curve between them
    F_m^2 = (W(T_m + 30) - W(T_m)) / 30 * exp(-2 c(T_m)),    c(T) = convexity * (1 - exp(-T / convexity_horizon))

T_m are the days to the settlement of contract m. The first factor is the square of the forward 30-day volatility, which
needs no model (Carr & Wu 2006, "A Tale of Two Indices"); c is convexity: the mean of a root lies below the root of the
mean. On the settlement day T is 0, and the future is the VIX itself. The curve is a cubic between two indices, and at
each it has the slope of the parabola through it and its neighbors (Bessel's; de Boor 1978, "A Practical Guide to
Splines"), so it is linear in what it goes through. What weight each squared index has depends on the calendar alone,
and the same numbers price a real file and a block of paths.
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
    values, slopes = np.eye(len(edges)), _slopes(edges)
    right = np.clip(np.searchsorted(edges, days, side="left"), 1, len(tenors))
    width = edges[right] - edges[right - 1]
    u, width = ((days - edges[right - 1]) / width)[..., None], width[..., None]
    back = 1.0 - u
    left_side = (1.0 + 2.0 * u) * back * back * values[right - 1] + u * back * back * width * slopes[right - 1]
    right_side = u * u * (3.0 - 2.0 * u) * values[right] - u * u * back * width * slopes[right]
    return (left_side + right_side)[..., 1:]


def _slopes(edges: Floats) -> Floats:
    """Return what each value adds to the slope at each edge, (edges, edges), by parabolas through three neighbors."""
    width = np.diff(edges)
    secants = np.diff(np.eye(len(edges)), axis=0) / width[:, None]
    before, after = width[:-1, None], width[1:, None]
    slopes = np.zeros((len(edges), len(edges)))
    slopes[1:-1] = (after * secants[:-1] + before * secants[1:]) / (before + after)
    slopes[0], slopes[-1] = 2.0 * secants[0] - slopes[1], 2.0 * secants[-1] - slopes[-2]
    return slopes


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
