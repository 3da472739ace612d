"""Types of arrays by what stands in them, and, where many functions hand on the same, by their shape."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Flags = NDArray[np.bool_]
Days = NDArray[np.datetime64]
"""Dates, datetime64[D]."""

Lanes = NDArray[np.float64]
"""(lanes,): one number for each of the 64 paths that a block steps side by side."""
ByLane = NDArray[np.float64]
"""(..., lanes): the last axis is the path of the block; what the first ones count is said where one is used."""
DaysByPaths = NDArray[np.float64]
"""(days, paths)."""
DaysByPopulationsByPaths = NDArray[np.float64]
"""(days, populations, paths)."""
PathsByDays = NDArray[np.float64]
"""(paths, days)."""
PathsByDaysBySources = NDArray[np.float64]
"""(paths, days, sources)."""
PathsByDaysByColumns = NDArray[np.float64]
"""(paths, days, columns of a table)."""
