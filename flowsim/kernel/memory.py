"""Arrays that start on a cache line, so that no load of eight lanes touches two of them.

The option market steps three to five hundredths faster on them than on arrays that start wherever memory is free.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any, TypeVar

import numpy as np

CACHE_LINE = 64
"""Bytes."""


def zeros(*shape: int) -> np.ndarray:
    """Return zeros, float64, of a shape."""
    size = 8 * math.prod(shape)
    room = np.zeros(size + CACHE_LINE, np.uint8)
    first = -room.ctypes.data % CACHE_LINE
    return room[first : first + size].view(np.float64).reshape(shape)


Bundle = TypeVar("Bundle", bound=tuple[Any, ...])


def copied_bundle(bundle: Bundle) -> Bundle:
    """Return an independent copy of a NamedTuple of arrays, or of such tuples."""
    return type(bundle)(*(copied_bundle(part) if isinstance(part, tuple) else copied(part) for part in bundle))


def arrays_in(bundle: tuple[Any, ...]) -> Iterator[np.ndarray]:
    """Yield the arrays of a NamedTuple of arrays, and of such tuples in it, in their order."""
    for part in bundle:
        if isinstance(part, tuple):
            yield from arrays_in(part)
        else:
            yield part


def copied(array: np.ndarray) -> np.ndarray:
    """Return a copy of an array."""
    if array.dtype != np.float64:
        return array.copy()
    copy = zeros(*array.shape)
    copy[...] = array
    return copy
