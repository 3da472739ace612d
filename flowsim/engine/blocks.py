"""Blocks of paths: 64 at a time are stepped side by side, in chunks of days, each with a record of its own."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np

from flowsim.authoring.rows import LOG_PRICE
from flowsim.engine.faults import run_error
from flowsim.engine.prepare import Market
from flowsim.engine.recorded import require_numbers
from flowsim.engine.rows import Rows
from flowsim.engine.run_days import run_days
from flowsim.kernel.marks import LANES
from flowsim.market.arrays import Record
from flowsim.market.calls import FINE
from flowsim.market.recording import MARKET_COLUMNS
from flowsim.market.records import new_record
from flowsim.market.subsystem import Room
from flowsim.options.arrays import OptionRecord
from flowsim.options.record import PROFILE_EVERY
from flowsim.options.subsystem import OPTION_MARKET

CHUNK_BYTES = 8_000_000
"""Memory that the record of one block may take before it is written out, while the next one is filled."""


@dataclass(frozen=True, eq=False)
class ChunkRecord:
    """What was recorded in a chunk of days: of the market, of the option market, and of each market beside it."""

    record: Record
    options: OptionRecord
    beside: tuple[Chunk, ...] = ()


Chunk: TypeAlias = "tuple[ChunkRecord, Rows]"
"""What was recorded in some days of a block."""


@dataclass(frozen=True)
class Block:
    """Up to 64 paths that are stepped side by side."""

    number: int
    live: int

    @property
    def path0(self) -> int:
        """First path of the block."""
        return self.number * LANES

    @property
    def paths(self) -> np.ndarray:
        """Paths of the block that count."""
        return np.arange(self.path0, self.path0 + self.live, dtype=np.int32)


def run_block(
    market: Market, block: Block, *, chunk_days: int | None = None, stop: threading.Event | None = None
) -> Iterator[Chunk]:
    """Step one block from the start to the end, yielding what was recorded, chunk by chunk.

    Markets beside the first are stepped after it: none of them sees another.

    Raises
    ------
    RunError
        If an order or a price is not finite or has left any sensible range.
    """
    days = len(market.dates)
    chunk = chunk_days or _chunk_days(market)
    first_market, *others = [_SteppedMarket(one, block) for one in market.all]
    for first in range(0, days, chunk):
        if stop is not None and stop.is_set():
            return
        last = min(first + chunk, days)
        kept, rows = first_market.step(first, last)
        yield replace(kept, beside=tuple(one.step(first, last) for one in others)), rows


class _SteppedMarket:
    """One market of a block on its way."""

    def __init__(self, market: Market, block: Block) -> None:
        self.market, self.block = market, block
        self.state, self.scratch, self.bundles = market.new_block()
        self.log_price = self.state.observables[LOG_PRICE].copy()

    def step(self, first: int, last: int) -> Chunk:
        """Step from one day up to another, and return what was recorded."""
        market, block, settings = self.market, self.block, self.market.spec.record
        rows, tables = _rows(market, first, last, block.paths), tuple(settings.tables)
        by_step = settings.grain == "bar"
        record = new_record(len(rows.dates), market.registry, tables, by_step=by_step, every=settings.every)
        record.log_price[:] = self.log_price
        room = Room(len(rows.closes), len(rows.chains), tables)
        for one in market.subsystems:
            self.bundles[one.name] = one.with_record(self.bundles[one.name], market.spec, room)
        arrays = (market.timetable, market.rules, market.model, self.state, self.scratch, record)
        if run_days(*arrays, market.calls(self.bundles), first, last, block.path0, block.live) != FINE:
            fault, steps = self.scratch.fault, market.timetable.steps_per_day
            raise run_error(market.spec, fault, market.dates, steps, block.path0, market.subsystems)
        recorded = ChunkRecord(record, self.bundles[OPTION_MARKET.name].record)
        require_numbers(recorded.record, recorded.options, rows)
        self.log_price = record.log_price.copy()
        return recorded, rows


def blocks_of(n_paths: int) -> list[Block]:
    """Return the blocks that `n_paths` paths are stepped in."""
    return [Block(first // LANES, min(LANES, n_paths - first)) for first in range(0, n_paths, LANES)]


def _chunk_days(market: Market) -> int:
    """Return how many days the records of a block may have: as many as that of the largest market."""
    return min(_chunk_days_of(one) for one in market.all)


def _chunk_days_of(market: Market) -> int:
    registry, steps = market.registry, 1
    if market.spec.record.grain == "bar":
        steps = market.timetable.steps_per_day - 1
    of_names = 2 * len(registry.sources) + len(registry.accounts) + 2 * len(registry.populations)
    per_step = len(MARKET_COLUMNS) + len(registry.published) + of_names
    per_day = 8 * LANES * (steps * per_step + _closing_columns(market))
    every = market.spec.record.every
    return max(1, CHUNK_BYTES // per_day // every) * every


def _closing_columns(market: Market) -> int:
    """Numbers of a path and a close in the tables of the option market."""
    programmes = len(market.programmes)
    return 15 + 5 * (4 + programmes) + 6 * programmes + 5 if market.spec.options.listed else 0


def _rows(market: Market, first: int, last: int, paths: np.ndarray) -> Rows:
    days = np.arange(first, last)
    kept = days[(days + 1) % market.spec.record.every == 0]
    listed = market.spec.options.listed
    closes = market.dates[kept] if listed else market.dates[:0]
    profiles = market.dates[kept[(kept + 1) % PROFILE_EVERY == 0]] if listed else market.dates[:0]
    chains = market.dates[days[market.listing.keeps_chain[days + 1] == 1]]
    if market.spec.record.grain == "bar":
        steps = market.timetable.bars[first:last] + 1
        nights = market.timetable.night_steps[market.timetable.kind[first:last]]
        bars = np.concatenate(
            [np.arange(1 - night, n + 1 - night, dtype=np.int16) for n, night in zip(steps, nights, strict=True)]
        )
        return Rows(np.repeat(market.dates[first:last], steps), bars, paths, closes, profiles, chains)
    return Rows(market.dates[kept], np.zeros(len(kept), np.int16), paths, closes, profiles, chains)
