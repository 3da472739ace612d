"""From a config's units to those of the engine, which counts in sessions."""

from __future__ import annotations

import math

SESSIONS_PER_YEAR = 252.0


def daily_keep(half_life_days: float) -> float:
    """Return the part of a state that is left after a session."""
    return math.exp(-math.log(2.0) / half_life_days)
