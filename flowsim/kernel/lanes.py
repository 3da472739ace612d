"""Make room for the lanes of a block, fill and copy them. numba's own slice assignment takes seconds to compile."""

from __future__ import annotations

import numpy as np

from flowsim.kernel.marks import LANES, inline, instruction


@inline
def fill(row, value):
    """Set every lane of a row."""
    for lane in range(LANES):
        row[lane] = value


@inline
def copy(row, source):
    """Copy the lanes of a row."""
    for lane in range(LANES):
        row[lane] = source[lane]


@inline
def take(rows, sums):
    """Move sums (rows, lanes) to a record and start them again at zero."""
    for index in range(sums.shape[0]):
        for lane in range(LANES):
            rows[index, lane] = sums[index, lane]
            sums[index, lane] = 0.0


@instruction
def room_for_lanes():
    """Return room for one number a lane, which is gone when the kernel returns."""
    return np.empty(LANES)
