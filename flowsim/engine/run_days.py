"""The day of the market as machine code, on the arrays of one block."""

from __future__ import annotations

from typing import NamedTuple

from flowsim.kernel.bundle import DAYS, WORDS, bundle_kernel, pack
from flowsim.kernel.marks import PLAIN
from flowsim.market.arrays import MarketState, Record, Rules, Scratch, Timetable
from flowsim.market.day import step_days
from flowsim.market.model import Model
from flowsim.options.arrays import OptionCall


class BlockArrays(NamedTuple):
    """Everything that the day of one block works on."""

    timetable: Timetable
    rules: Rules
    model: Model
    state: MarketState
    scratch: Scratch
    record: Record
    options: OptionCall


class Engine:
    """The day on the arrays of one block, which it keeps alive: for callers that step the same ones often."""

    def __init__(self, arrays: BlockArrays) -> None:
        self._arrays = arrays
        self._kernel = bundle_kernel("engine", step_days, arrays, DAYS)
        if not PLAIN:
            self._words = pack(arrays)
            self._pointer = self._words.ctypes.data_as(WORDS)

    def run_days(self, first_day: int, last_day: int, path0: int, live: int) -> int:
        """Step from `first_day` up to `last_day`; return the status (`Scratch.fault` says where)."""
        numbers = first_day, last_day, path0, live
        return self._kernel(self._arrays, *numbers) if PLAIN else self._kernel.call(self._pointer, *numbers)


def run_days(
    timetable: Timetable,
    rules: Rules,
    model: Model,
    state: MarketState,
    scratch: Scratch,
    record: Record,
    options: OptionCall,
    first_day: int,
    last_day: int,
    path0: int,
    live: int,
) -> int:
    """Step one block of paths from `first_day` up to `last_day`; return its status (`scratch.fault` says where)."""
    arrays = BlockArrays(timetable, rules, model, state, scratch, record, options)
    return Engine(arrays).run_days(first_day, last_day, path0, live)
