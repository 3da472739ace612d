"""Time things on a machine that others use too: in turn, several times, and by the median of pairs."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Sequence

import numpy as np

Work = Callable[[], object]


def in_turn(
    works: Sequence[Work],
    repeats: int,
    *,
    before: Sequence[Work] = (),
    clock: Callable[[], float] = time.thread_time,
) -> np.ndarray:
    """Return the seconds of each work in each repeat, (repeats, works); the works take turns: A B A B.

    Parameters
    ----------
    works : functions without arguments
    repeats : int
        How often each is timed, after one run that is not.
    before : functions without arguments
        What is called before each work, off the clock.
    clock : callable
        The processor time of this thread by default; for threads use ``time.perf_counter``.
    """
    seconds = np.empty((repeats + 1, len(works)))
    collecting = gc.isenabled()
    gc.disable()
    try:
        for row in seconds:
            for column, work in enumerate(works):
                if before:
                    before[column]()
                began = clock()
                work()
                row[column] = clock() - began
    finally:
        if collecting:
            gc.enable()
    return seconds[1:]


def median_ratio(seconds: np.ndarray, numerator: int, denominator: int) -> float:
    """Return the median over the repeats of one work's time over another's."""
    return float(np.median(seconds[:, numerator] / seconds[:, denominator]))
