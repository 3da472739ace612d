"""Where the time of the default market goes, part by part of the day, at no cost to the engine.

The engine calls rules and the option market by address, so stand-ins from timed.c take their place and time each call
by the processor time of the thread. What is left of a block's time is the engine's own: a second block follows given
returns and draws no numbers, a third records nothing, and the difference is what those take. The close of the option
market is one call; it is taken apart on the state of a few days, by calling it again with a part switched off in the
listing: no expiries for the indices, no contracts in the book, nothing that rolls.
"""

from __future__ import annotations

import ctypes
import time
from collections.abc import Callable

import numpy as np

from flowsim.authoring.rows import CLOCK_ROLL, LOG_PRICE
from flowsim.engine.parts import calls_of
from flowsim.engine.run_days import run_days
from flowsim.kernel.marks import LANES
from flowsim.kernel.memory import arrays_in
from flowsim.market.calls import FINE
from flowsim.market.phases import AFTER_CLOSE, AFTER_FILLS, BEFORE_BAR, KEEP, MOVE
from flowsim.market.records import new_record
from flowsim.market.subsystem import Room
from flowsim.options.arrays import Listing
from flowsim.options.subsystem import OPTION_MARKET

from .layout import pointer
from .option_state import Stopped, default_market, stopped
from .reference import STRICT, library

REPEATS = 5
DAYS = (20, 81, 142, 203)
CLOSE_REPEATS = 15
DAILY_VOL = 0.01
MOST_RULES, MOST_PHASES = 32, 8
PHASES = {
    "options: greeks of the book before each bar": BEFORE_BAR,
    "options: hedge within each bar": MOVE,
    "options: settle on the opening": AFTER_FILLS,
    "options: record": KEEP,
}
VIX, BOOK, ROLL, MARK = (
    "options: close, quotes and strips of five indices",
    "options: close, demand and greeks by programme",
    "options: close, roll",
    "options: close, settle and mark the surface",
)
RANDOM, RECORD, ENGINE = (
    "news and policy, with their random numbers",
    "record of market, flows and positions",
    "orders, price, ledger, view",
)


def shares() -> dict[str, float]:
    """Return the share of the processor time of a block of the default market that goes into each part of the day."""
    market = default_market()
    tables = tuple(market.config.record.tables)
    ways = [(False, tables), (True, tables), (False, ())]
    runs = np.array([[_timed_block(*way) for way in ways] for _ in range(REPEATS)]).min(axis=0)
    (rules, phases, own), without_news, without_record = (np.split(run, [MOST_RULES, -1]) for run in runs)
    seconds = {
        f"rule of {name}": rules[row]
        for row, name in enumerate(market.populations)
        if market.rules.clock[row] != CLOCK_ROLL
    }
    seconds |= {name: phases[phase] for name, phase in PHASES.items()}
    seconds |= {name: phases[AFTER_CLOSE] * part for name, part in _parts_of_the_close().items()}
    seconds[RANDOM] = max(float((own - without_news[2])[0]), 0.0)
    seconds[RECORD] = max(float((own - without_record[2])[0]), 0.0)
    seconds[ENGINE] = float(own[0]) - seconds[RANDOM] - seconds[RECORD]
    whole = sum(seconds.values())
    return {name: round(float(part) / whole, 4) for name, part in seconds.items()}


def _timed_block(follows: bool, tables: tuple[str, ...]) -> np.ndarray:
    """Step a block, free or along given returns; return the seconds of each rule, each option phase, and all else."""
    market, timed = default_market(), library("timed.c", STRICT)
    timed.time_rule.restype = timed.time_options.restype = ctypes.c_int64
    kernels = [timed.time_rule(ctypes.c_int64(n), ctypes.c_int64(int(k))) for n, k in enumerate(market.rules.kernels)]
    rules = market.rules._replace(kernels=np.array(kernels, np.int64))
    state, scratch, bundles = market.new_block()
    days = len(market.dates)
    model, timetable = market.model, market.timetable
    if follows:
        model = model._replace(replaying=1)
        returns = np.random.default_rng(1).normal(0.0, DAILY_VOL, (days, LANES))
        timetable = timetable._replace(replay_return=returns)
    record = new_record(days, market.registry, tables, by_step=False, every=1)
    record.log_price[:] = state.observables[LOG_PRICE]
    options = OPTION_MARKET.with_record(bundles[OPTION_MARKET.name], market.spec, Room(days, 0, tables))
    calls = market.calls({OPTION_MARKET.name: options})
    calls.kernels[0] = timed.time_options(ctypes.c_int64(int(calls.kernels[0])))
    seconds = np.zeros(MOST_RULES + MOST_PHASES + 1)
    take = [pointer(seconds), pointer(seconds[MOST_RULES:])]
    timed.take_seconds(*take)
    began = time.thread_time()
    arrays = (timetable, rules, model, state, scratch, record)
    assert run_days(*arrays, calls, 0, days, 0, LANES) == FINE
    whole = time.thread_time() - began
    timed.take_seconds(*take)
    seconds[-1] = whole - seconds[:-1].sum()
    return seconds


def _parts_of_the_close() -> dict[str, float]:
    """Return the share of the close of the option market that each of its parts takes."""
    ways: list[Callable[[Listing], Listing]] = [
        lambda listing: listing,
        lambda listing: listing._replace(index_expiry=np.full_like(listing.index_expiry, -1)),
        lambda listing: listing._replace(slot_expiry=np.full_like(listing.slot_expiry, -1)),
        lambda listing: listing._replace(opens_from=np.zeros_like(listing.opens_from)),
    ]
    spent = np.zeros(len(ways))
    for day in DAYS:
        at = stopped(day)
        closes = [_close(at, way(at.options.listing)) for way in ways]
        spent += np.array([[close() for close in closes] for _ in range(CLOSE_REPEATS)]).min(axis=0)
    saved = np.maximum(1.0 - spent / spent[0], 0.0)
    return {VIX: saved[1], BOOK: saved[2], ROLL: saved[3], MARK: max(1.0 - float(saved.sum()), 0.0)}


def _close(at: Stopped, listing: Listing) -> Callable[[], float]:
    """Return a function that closes the day on the same state each time, and returns the seconds that it took."""
    options = at.options._replace(listing=listing)
    calls = calls_of((OPTION_MARKET,), {OPTION_MARKET.name: options}, len(at.market.dates))
    moving = list(arrays_in((*at.options.book, *at.state)))
    before = [array.copy() for array in moving]
    work = library("book.c", STRICT).call_options_often
    step = at.market.timetable.steps_per_day - 1
    numbers = [ctypes.c_int64(number) for number in (AFTER_CLOSE, at.day, step, 1)]

    def close() -> float:
        for array, first in zip(moving, before, strict=True):
            array[...] = first
        began = time.thread_time()
        work(ctypes.c_void_p(int(calls.kernels[0])), ctypes.c_void_p(int(calls.words[0])), *numbers)
        return time.thread_time() - began

    return close
