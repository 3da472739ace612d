"""The default market: how fast it is, how well two threads share it, and what starting costs."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from tempfile import TemporaryDirectory

import numpy as np

from flowsim.config import load
from flowsim.data.prices import default_prices
from flowsim.engine.blocks import Block, run_block
from flowsim.engine.prepare import Market, prepare
from flowsim.engine.replay import follow, warm_market
from flowsim.kernel.marks import LANES

from .timing import in_turn, median_ratio

DEFAULT = "us_equity"
REPEATS = 15
BLOCKS = 4
"""Blocks for the measure of threads: some seconds on one."""
SESSIONS_PER_YEAR = 252
REPLAYED = 1000
"""Sessions of a replay: four years."""
STARTS = 5
FIRST_RESULT = f"""
import flowsim as fs
run = fs.simulate({DEFAULT!r}, n_paths=64)
assert run.to_polars("market").height
"""


def speed() -> dict[str, object]:
    """Return how many years of paths one core steps in a second: everything but writing to disk.

    The figure of the least time is what the machine can do; the median is what it did beside its other work.
    """
    market = prepare(load(DEFAULT))
    seconds = in_turn([lambda: _step(market, Block(0, LANES))], REPEATS)[:, 0]
    years, whole = LANES * len(market.dates) / SESSIONS_PER_YEAR, float(np.median(seconds))
    return {
        "config": DEFAULT,
        "bars_per_day": market.config.time.bars_per_day,
        "populations": len(market.populations),
        "agents": int(market.rules.agents.sum()),
        "path_years_per_core_second": round(years / whole, 1),
        "most_path_years_per_core_second": round(years / float(seconds.min()), 1),
        "million_agent_steps_per_core_second": round(_agent_steps(market) / whole / 1e6, 1),
    }


def _agent_steps(market: Market) -> float:
    """Return how many times some agent decides in a block of the market."""
    asked = np.where(market.rules.clock == 1, market.timetable.bars.sum(), len(market.dates))
    return float(LANES * (asked * market.rules.agents).sum())


def _step(market: Market, block: Block) -> None:
    for _ in run_block(market, block):
        pass


def threads() -> dict[str, object]:
    """Return the wall time of one thread over that of two, for the same blocks."""
    market = prepare(load(DEFAULT))

    def work(n_threads: int) -> Callable[[], None]:
        def stepped() -> None:
            with ThreadPoolExecutor(n_threads) as pool:
                list(pool.map(lambda number: _step(market, Block(number, LANES)), range(BLOCKS)))

        return stepped

    seconds = in_turn([work(1), work(2)], 5, clock=time.perf_counter)
    return {
        "blocks": BLOCKS,
        "seconds": dict(zip(("one", "two"), np.median(seconds, axis=0).round(3).tolist(), strict=True)),
        "ratio": median_ratio(seconds, 0, 1),
    }


def replay() -> dict[str, object]:
    """Return how many sessions a second the rules, programmes and dealers replay along one path."""
    warm = warm_market(load(DEFAULT), default_prices(), default_prices().dates[-1], options_ahead=REPLAYED)
    returns = np.random.default_rng(1).normal(0.0, 0.01, REPLAYED)
    seconds = in_turn([lambda: follow(warm, returns)], 3)[:, 0]
    return {"sessions": REPLAYED, "sessions_per_second": round(REPLAYED / float(np.median(seconds)), 1)}


def start() -> dict[str, object]:
    """Return the seconds that a fresh process takes to its first result, with an empty and with a filled cache."""
    with TemporaryDirectory(prefix="flowsim-", ignore_cleanup_errors=True) as folder:
        # Python keeps the bytecode of what it imports unless this says otherwise, as it may on a developer's machine.
        usual = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        environment = usual | {"FLOWSIM_CACHE_DIR": folder}
        cold = _process(environment)
        warm = [_process(environment) for _ in range(STARTS)]
    seconds, processor = np.median(warm, axis=0).tolist()
    return {
        "cold_seconds": round(cold[0], 2),
        "cold_processor_seconds": round(cold[1], 2),
        "warm_seconds": round(seconds, 2),
        "warm_processor_seconds": round(processor, 2),
    }


def _process(environment: dict[str, str]) -> tuple[float, float]:
    """Return the wall time and the processor time of a fresh process that simulates the default market."""
    began, before = time.perf_counter(), os.times()
    subprocess.run([sys.executable, "-c", FIRST_RESULT], env=environment, check=True, capture_output=True)
    after = os.times()
    used = after.children_user + after.children_system - before.children_user - before.children_system
    return time.perf_counter() - began, used
