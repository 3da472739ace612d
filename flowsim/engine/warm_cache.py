"""Save the warm state on disk: where the rules stood after a history, so that the next start need not live through it.

What is kept goes by a hash of all that it depends on, and is kept only where every path stands at the same place: then
nobody drew a random number on the way, and the seed does not matter.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import cache as once
from importlib.metadata import version
from pathlib import Path

import numpy as np

from flowsim.config.spec import MarketSpec
from flowsim.data.prices import Prices
from flowsim.files import cache
from flowsim.kernel.marks import LANES, PLAIN
from flowsim.kernel.memory import arrays_in
from flowsim.market.arrays import MarketState
from flowsim.market.subsystem import Subsystem

MOST = 32
"""Warm states that are kept, of some ten kilobytes each."""
_PREFIX = "warm-"


def warm_state_name(spec: MarketSpec, history: Prices, coming: np.ndarray, subsystems: Sequence[Subsystem] = ()) -> str:
    """Return the name of the warm state of a market and its subsystems after a history, before the coming sessions."""
    parts = [_sources(), version("exchange_calendars"), spec.digest_without_seed, history.digest]
    parts += [f"{one.name} {one.text_digest}" for one in subsystems]
    digest = hashlib.sha256("\x00".join(parts).encode())
    digest.update(np.ascontiguousarray(coming.astype("datetime64[D]").view(np.int64)).tobytes())
    return _PREFIX + digest.hexdigest()[:32]


@once
def _sources() -> str:
    """Return a hash over everything of flowsim that a warm state can depend on: all but what comes after a run."""
    package = Path(__file__).resolve().parent.parent
    digest = hashlib.sha256()
    for room in (
        "",
        "authoring",
        "clock",
        "config",
        "kernel",
        "kernel/numba_backend",
        "pricing",
        "options",
        "market",
        "engine",
    ):
        for file in sorted((package / room).glob("*.py")) + sorted((package / room).glob("*.csv")):
            digest.update(file.read_bytes())
    return digest.hexdigest()


def save_state(name: str, state: MarketState, others: Sequence[object]) -> None:
    """Save a warm state, and clear away those saved longest ago; plain Python, which is for looking, saves none."""
    if PLAIN:
        return
    by_lane = [np.asarray(array, np.float64).reshape(-1, LANES) for array in _moving(state, others)]
    if not all(np.array_equal(rows, np.repeat(rows[:, :1], LANES, axis=1)) for rows in by_lane):
        return
    numbers = np.concatenate([[float(state.n_closes[0])], *(rows[:, 0] for rows in by_lane)])
    cache.store(name, numbers.tobytes())
    cache.keep_newest(_PREFIX, MOST)


def load_state(name: str, state: MarketState, others: Sequence[object]) -> bool:
    """Fill new states, of the market and its subsystems, with the warm one of a name; return whether there is one."""
    kept = None if PLAIN else cache.load(name)
    arrays = _moving(state, others)
    if kept is None or len(kept) != 8 * (1 + sum(array.size // LANES for array in arrays)):
        return False
    numbers = np.frombuffer(kept)
    state.n_closes[0], first = int(numbers[0]), 1
    for array in arrays:
        rows = array.reshape(-1, LANES)
        rows[...] = numbers[first : first + len(rows), None]
        first += len(rows)
    return True


def _moving(state: MarketState, others: Sequence[object]) -> list[np.ndarray]:
    """Return all arrays that have a number for each path."""
    return [array for array in arrays_in((*state, *others)) if array.dtype == np.float64]
