"""How many sessions a year has, by which everything annual is turned into daily and back."""

from __future__ import annotations

YEAR = 252
"""Sessions of a year, as a window of days."""
SESSIONS_PER_YEAR = float(YEAR)
MINUTES_PER_DAY = 1440.0
MINUTES_PER_YEAR = 365.0 * MINUTES_PER_DAY
"""Calendar time, in which options are priced."""
