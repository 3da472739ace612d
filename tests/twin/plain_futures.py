"""VIX futures in plain Python: one close, one contract at a time."""

from __future__ import annotations

import datetime as dt
import math
from itertools import pairwise

from twin.plain_expiries import all_sessions

FRIDAY = 4


def settlement(year: int, month: int) -> dt.date:
    """Return the day on which the contract of a month settles."""
    year, month = (year, month + 1) if month < 12 else (year + 1, 1)
    first = dt.date(year, month, 1)
    expiry = first + dt.timedelta(days=(FRIDAY - first.weekday()) % 7 + 14)
    wednesday = expiry - dt.timedelta(days=30)
    if wednesday in all_sessions() and expiry in all_sessions():
        return wednesday
    return max(day for day in all_sessions() if day < wednesday)


def slope_at(points: list[tuple[float, float]], place: int) -> float:
    """Return the slope at one of them of the parabola through it and its neighbors, at an end through the next two."""
    first = min(max(place - 1, 0), len(points) - 3)
    (a, fa), (b, fb), (c, fc) = points[first : first + 3]
    x = points[place][0]
    return (
        fa * (2 * x - b - c) / ((a - b) * (a - c))
        + fb * (2 * x - a - c) / ((b - a) * (b - c))
        + fc * (2 * x - a - b) / ((c - a) * (c - b))
    )


def forward_variance(indices: dict[float, float], days: int) -> float:
    """Return the variance over the 30 days from so many days on, in points squared, of indices by their days."""

    def total(until: float) -> float:
        known = [(0.0, 0.0), *((tenor, points**2 * tenor) for tenor, points in sorted(indices.items()))]
        slopes = [slope_at(known, place) for place in range(len(known))]
        for place, ((left, low), (right, high)) in enumerate(pairwise(known)):
            if left <= until <= right:
                width, u = right - left, (until - left) / (right - left)
                straight = low + (high - low) * u
                too_steep_left = slopes[place] * width - (high - low)
                too_steep_right = slopes[place + 1] * width - (high - low)
                return straight + u * (1.0 - u) * ((1.0 - u) * too_steep_left - u * too_steep_right)
        raise ValueError(f"no index looks {until} days ahead")

    return (total(days + 30) - total(days)) / 30.0


def future(indices: dict[float, float], days: int, convexity: float, convexity_horizon: float) -> float:
    """Return a future in points, of indices by their days."""
    below = convexity * (1.0 - math.exp(-days / convexity_horizon))
    return math.sqrt(max(forward_variance(indices, days), 25.0)) * math.exp(-below)
