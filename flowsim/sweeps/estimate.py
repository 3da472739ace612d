"""What a sweep will take: arms, path-days, processor time from a block that is timed, and room on disk."""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import asdict, dataclass

from flowsim.engine.blocks import Block, run_block
from flowsim.engine.prepare import Market, prepare
from flowsim.ensemble.kit import Probe, packed, probe_job
from flowsim.ensemble.worker import Histories, Worker
from flowsim.errors import RunError
from flowsim.kernel.marks import LANES
from flowsim.sweeps.plan import Plan

TIMED_DAYS = 63
"""Days of a block of the base that are timed."""
BYTES_A_NUMBER, BYTES_A_BLOCK = 8, 1200
"""On disk while it runs: each outcome of a path, and the file of a block around them."""


@dataclass(frozen=True)
class Estimate:
    """Arms, paths and days, seconds of a processor for all of them and for a block, and bytes on disk.

    Seconds are those of the base: an arm without options takes a part of them, one with more agents takes more.
    """

    arms: int
    seeds: int
    paths: int
    path_days: int
    blocks: int
    block_seconds: float
    processor_seconds: float
    bytes_running: int
    bytes_done: int

    def as_dict(self) -> dict[str, object]:
        """Return everything as plain values."""
        return asdict(self)

    def sentence(self, workers: int, name: str) -> str:
        """Say how long it takes."""
        seeds = f" x {self.seeds} seeds" if self.seeds > 1 else ""
        took = spoken(self.processor_seconds / workers)
        return f"{self.arms:,} arms{seeds} x {self.paths:,} paths, {self.path_days:,} path-days: about {took} on {name}"

    def as_text(self) -> str:
        """Return everything as lines of text."""
        return "\n".join(
            (
                f"arms            {self.arms:,} x {self.seeds} seeds x {self.paths:,} paths",
                f"path-days       {self.path_days:,}",
                f"processor time  {spoken(self.processor_seconds)} in blocks of {self.block_seconds:.2f} s,"
                " by a timed block of the base",
                f"disk            {size(self.bytes_running)} while it runs, {size(self.bytes_done)} when it is done",
            )
        )


def estimated(plan: Plan) -> Estimate:
    """Return what a plan will take, from some days of a block of the base, timed in this process.

    Raises
    ------
    FlowsimError
        If the base cannot be prepared.
    """
    days = min(TIMED_DAYS, plan.base.time.days)
    short = plan.base.override(f"time.days={days}")
    history = plan.history(plan.base)
    prepare(short, history)
    began = time.perf_counter()
    market = prepare(short, history)
    prepared = time.perf_counter() - began
    each_day = _seconds(market) / days
    block_seconds = prepared + each_day * plan.base.time.days
    numbers = len(plan.measured) * plan.n_paths * len(plan.arms) * len(plan.seeds)
    return Estimate(
        arms=len(plan.arms),
        seeds=len(plan.seeds),
        paths=plan.n_paths,
        path_days=plan.n_paths * len(plan.seeds) * sum(plan.days),
        blocks=plan.n_blocks,
        block_seconds=block_seconds,
        processor_seconds=block_seconds * plan.n_blocks,
        bytes_running=numbers * BYTES_A_NUMBER + plan.n_blocks * BYTES_A_BLOCK,
        bytes_done=numbers * BYTES_A_NUMBER,
    )


def kit_of(plan: Plan) -> bytes:
    """Return what travels with the pieces of a plan; the probe is stepped here."""
    histories, probe = Histories(), probe_job(plan.seeded(plan.base, plan.seeds[0]))
    for history in plan.histories.values():
        histories.add(history)
    (record,) = Worker(histories).kept(probe)
    return packed(plan.histories.values(), plan.rules, Probe(probe.without_places().to_text(), record))


def spoken(seconds: float) -> str:
    """Return a time as one says it."""
    for unit, length in (("days", 86400.0), ("hours", 3600.0), ("minutes", 60.0)):
        if seconds >= 1.5 * length:
            return f"{seconds / length:.1f} {unit}" if seconds < 10.0 * length else f"{seconds / length:,.0f} {unit}"
    return f"{max(seconds, 1.0):.0f} seconds"


def size(n_bytes: float) -> str:
    """Return a size as one says it."""
    for unit, length in (("GB", 1e9), ("MB", 1e6)):
        if n_bytes >= length:
            return f"{n_bytes / length:.1f} {unit}"
    return f"{n_bytes / 1e3:.0f} kB"


def _seconds(market: Market) -> float:
    began = time.perf_counter()
    # A base that breaks is an arm that breaks: others may hold.
    with suppress(RunError):
        for _ in run_block(market, Block(0, LANES)):
            pass
    return time.perf_counter() - began
