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


def forward_variance(indices: dict[float, float], days: int) -> float:
    """Return the variance over the 30 days from so many days on, in points squared, of indices by their days."""

    def total(until: float) -> float:
        known = [(0.0, 0.0), *((tenor, points**2 * tenor) for tenor, points in sorted(indices.items()))]
        for (left, low), (right, high) in pairwise(known):
            if left <= until <= right:
                return low + (high - low) * (until - left) / (right - left)
        raise ValueError(f"no index looks {until} days ahead")

    return (total(days + 30) - total(days)) / 30.0


def future(indices: dict[float, float], days: int, convexity: float, convexity_horizon: float) -> float:
    """Return a future in points, of indices by their days."""
    below = convexity * (1.0 - math.exp(-days / convexity_horizon))
    return math.sqrt(max(forward_variance(indices, days), 25.0)) * math.exp(-below)
