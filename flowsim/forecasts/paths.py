"""Paths ahead of one close, by a market or a rival, and what is forecast of them: returns, realized volatility, VIX."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from flowsim.clock.year import SESSIONS_PER_YEAR
from flowsim.files.arrays import Floats, PathsByDays

RETURN, REALIZED = "return", "realized volatility"
INDEX = "VIX"


class Paths(NamedTuple):
    """Paths ahead of a close: log returns, empty where a model has none, and closes of volatility indices in points."""

    returns: PathsByDays
    indices: dict[str, PathsByDays]


def joined(blocks: Sequence[Paths]) -> Paths:
    """Put the paths of several blocks one after the other."""
    names = blocks[0].indices
    indices = {name: np.concatenate([block.indices[name] for block in blocks]) for name in names}
    return Paths(np.concatenate([block.returns for block in blocks]), indices)


def quantities(paths: Paths, days: int) -> dict[str, Floats]:
    """Return what is forecast over so many sessions, by name, shape (paths,): all in percent or vol points.

    The log return to the horizon; the realized volatility on the way, the annualized root mean square of its daily
    log returns; and the VIX at the horizon.
    """
    found = {name: level[:, days - 1] for name, level in paths.indices.items() if name == INDEX}
    if not paths.returns.size:
        return found
    returns = 100.0 * paths.returns[:, :days]
    realized = np.sqrt(SESSIONS_PER_YEAR / days * (returns**2).sum(axis=1))
    return {RETURN: returns.sum(axis=1), REALIZED: realized} | found
