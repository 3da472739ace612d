"""The loop over days and steps, above the day of a market: what several markets are to be stepped in."""

from __future__ import annotations

from typing import Any, NamedTuple

from flowsim.files.arrays import Integers
from flowsim.kernel.call import call_bundle
from flowsim.market.calls import FINE
from flowsim.market.day import CLOSE, OPEN, STEP


class Loop(NamedTuple):
    """A market as the loop over its days has it."""

    kernel: Any  # address of the market's day, or in plain Python the function
    words: Any  # address of the words of its arrays, or in plain Python the bundle
    bars: Integers  # (days,) int64, regular bars of each session


def step_days(loop, first_day, last_day, path0, live):
    """Step one block of paths from `first_day` up to `last_day`; return the status of the first task that broke."""
    for day in range(first_day, last_day):
        status = call_bundle(loop.kernel, loop.words, OPEN, day, 0, path0, live)
        for step in range(loop.bars[day] + 1):
            if status == FINE:
                status = call_bundle(loop.kernel, loop.words, STEP, day, step, path0, live)
        if status == FINE:
            status = call_bundle(loop.kernel, loop.words, CLOSE, day, 0, path0, live)
        if status != FINE:
            return status
    return FINE
