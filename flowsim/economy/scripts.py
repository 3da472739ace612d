"""What is expected of the layer's numbers, and what comes: a scenario's change is a surprise in its first quarter.

After it, what holds is expected to stay. `foreseen` is the part of a change that is expected before.
"""

from __future__ import annotations

from typing import Any, TypeVar

import numpy as np

from flowsim.files.arrays import Floats
from flowsim.macro.parameters import Numbers

Tables = TypeVar("Tables", bound=tuple[Any, ...])


def expected_numbers(start: Tables, came: Tables, foreseen: float) -> Tables:
    """Return the numbers that are expected, from those that the start knows and those that come, by quarter."""
    if not isinstance(came[0], np.ndarray):
        parts = (expected_numbers(*pair, foreseen) for pair in zip(start, came, strict=True))
        return type(came)(*parts)
    return type(came)(*(_expected(*pair, foreseen) for pair in zip(start, came, strict=True)))


def _expected(start: Floats, came: Floats, foreseen: float) -> Floats:
    expected = start.copy()
    changed = came[..., :-1] != start[..., :-1]
    expected[..., 1:] = np.where(changed, came[..., :-1], start[..., 1:])
    return np.ascontiguousarray(expected + foreseen * (came - expected))


def without_policy(came: Numbers, expected: Numbers) -> Numbers:
    """Return the numbers as they come, but for what the Treasury and the central bank do: that is as expected."""
    support = came.vehicles._replace(support=expected.vehicles.support)
    return came._replace(government=expected.government, vehicles=support)


def policy_surprises(came: Numbers, expected: Numbers) -> np.ndarray:
    """Return 1 for each quarter in which policy differs from what was expected, int64 (quarters,)."""
    pairs = [
        *zip(came.government, expected.government, strict=True),
        (came.vehicles.support, expected.vehicles.support),
    ]
    return np.any([one != other for one, other in pairs], axis=0).astype(np.int64)
