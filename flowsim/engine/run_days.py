"""The day of the market as machine code, on the arrays of one block."""

from __future__ import annotations

from typing import NamedTuple

from flowsim.kernel.bundle import DAYS, TASK, WORDS, bundle_kernel, pack
from flowsim.kernel.marks import PLAIN
from flowsim.market.arrays import MarketState, Record, Rules, Scratch, Timetable
from flowsim.market.calls import Calls
from flowsim.market.day import do_task
from flowsim.market.days import Loop, step_days
from flowsim.market.model import Model


class BlockArrays(NamedTuple):
    """Everything that the day of one block works on."""

    timetable: Timetable
    rules: Rules
    model: Model
    state: MarketState
    scratch: Scratch
    record: Record
    calls: Calls


class Engine:
    """The day on the arrays of one block, which it keeps alive: for callers that step the same ones often."""

    def __init__(self, arrays: BlockArrays) -> None:
        day, bars = bundle_kernel("market_day", do_task, arrays, TASK), arrays.timetable.bars
        if PLAIN:
            self._loop = Loop(day, arrays, bars)
        else:
            self._words = pack(arrays)
            self._loop = Loop(day.address, self._words.ctypes.data, bars)
            self._words_of_loop = pack(self._loop)
            self._pointer = self._words_of_loop.ctypes.data_as(WORDS)
        self._kernel = bundle_kernel("days", step_days, self._loop, DAYS)

    def run_days(self, first_day: int, last_day: int, path0: int, live: int) -> int:
        """Step from `first_day` up to `last_day`; return the status (`Scratch.fault` says where)."""
        numbers = first_day, last_day, path0, live
        return self._kernel(self._loop, *numbers) if PLAIN else self._kernel.call(self._pointer, *numbers)


def run_days(
    timetable: Timetable,
    rules: Rules,
    model: Model,
    state: MarketState,
    scratch: Scratch,
    record: Record,
    calls: Calls,
    first_day: int,
    last_day: int,
    path0: int,
    live: int,
) -> int:
    """Step one block of paths from `first_day` up to `last_day`; return its status (`scratch.fault` says where)."""
    arrays = BlockArrays(timetable, rules, model, state, scratch, record, calls)
    return Engine(arrays).run_days(first_day, last_day, path0, live)
