"""Fill and copy the lanes of a block. numba's own slice assignment takes seconds to compile."""

from __future__ import annotations

from flowsim.kernel.jit import LANES, inline


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
