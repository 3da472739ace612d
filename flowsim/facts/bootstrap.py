"""How far a fact of one real history is known: stationary-bootstrap intervals.

Days are drawn in blocks of random length, each with what lies ahead of it and behind it (Politis and Romano 1994, "The
Stationary Bootstrap"), so that a lag never joins two blocks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from flowsim.facts.closes import Closes
from flowsim.facts.facts import Fact
from flowsim.files.arrays import Floats

BLOCK_DAYS = 126
"""Mean length of a block: half a year, so that a block holds most of a spell of high volatility."""
AT_ONCE = 50
"""Resamples computed together; their weights then fit into a processor's cache."""


def resampled(
    closes: Closes,
    facts: Sequence[Fact],
    resamples: int,
    seed: int,
    progress: Callable[[int], None] | None = None,
) -> dict[str, Floats]:
    """Return each fact's values over resamples of the days of one history, shape (resamples,).

    Parameters
    ----------
    closes : Closes
        A single history, its series of shape (days,).
    facts : sequence of Fact
        Those that are by day.
    resamples : int
    seed : int
        The same seed draws the same days.
    progress : callable, optional
        Is told how many more resamples are done.
    """
    values: dict[str, list[Floats]] = {fact.name: [] for fact in facts}
    for counts in draws(closes.n_days, resamples, seed):
        weights = counts[closes.n_days]
        drawn = closes.weighted(weights)
        for fact in facts:
            values[fact.name].append(fact.compute(drawn))
        if progress is not None:
            progress(len(weights))
    return {name: np.concatenate(parts) for name, parts in values.items()}


def draws(n_days: int, resamples: int, seed: int, lengths: Sequence[int] = ()) -> Iterator[dict[int, Floats]]:
    """Yield how often each resample drew each day, shape (up to AT_ONCE, days), by the days that were drawn.

    They are as many as there are, unless `lengths` says how many; the shorter ones are the first days of the longer.
    """
    lengths = lengths or (n_days,)
    from arch.bootstrap import StationaryBootstrap

    days = np.arange(n_days)
    drawn = StationaryBootstrap(BLOCK_DAYS, days, seed=seed).bootstrap(resamples)
    for start in range(0, resamples, AT_ONCE):
        size = min(AT_ONCE, resamples - start)
        places = [next(drawn)[0][0] for _ in range(size)]
        yield {
            length: np.array([np.bincount(one[:length], minlength=n_days) for one in places], float)
            for length in lengths
        }
