"""The whole engine against the same day of the market in C."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from flowsim.engine.prepare import Market
from flowsim.engine.run_days import run_days
from flowsim.kernel.marks import LANES

from .reference import FAST, STRICT, stepper
from .scenario import Arrays, fresh_block, scenario, start_again
from .timing import in_turn, median_ratio

AGENTS = (10, 100)
PATHS = (64, 1024)
REPEATS = 21


def against_c() -> list[dict[str, object]]:
    """Return, for each size of the scenario, microseconds a day of a block and C's time over flowsim's."""
    return [_measured(scenario(agents), agents, paths) for agents in AGENTS for paths in PATHS]


def _measured(market: Market, agents: int, paths: int) -> dict[str, object]:
    ways = {"flowsim": None, "c": FAST, "c_same_bits": STRICT}
    works, before = zip(*(_way(market, paths // LANES, flags) for flags in ways.values()), strict=True)
    seconds = in_turn(works, max(REPEATS * LANES // paths, 7), before=before)
    days = len(market.dates) * paths / LANES
    return {
        "agents_per_population": agents,
        "paths": paths,
        "microseconds_per_block_day": dict(
            zip(ways, (np.median(seconds, axis=0) / days * 1e6).round(3).tolist(), strict=True)
        ),
        "ratio_to_c": median_ratio(seconds, 1, 0),
        "ratio_to_c_of_same_bits": median_ratio(seconds, 2, 0),
    }


def _way(market: Market, blocks: int, flags: tuple[str, ...] | None) -> tuple[Callable[[], None], Callable[[], None]]:
    """Return a function that steps all blocks, and one that puts them back to the start."""
    own = [fresh_block(market) for _ in range(blocks)]
    steps = [
        _numba_stepper(market, block, LANES * number)
        if flags is None
        else stepper(market, *block[:3], path0=LANES * number, flags=flags)
        for number, block in enumerate(own)
    ]

    def work() -> None:
        for step in steps:
            assert step() == 0

    def before() -> None:
        for block in own:
            start_again(market, block)

    return work, before


def _numba_stepper(market: Market, block: Arrays, path0: int) -> Callable[[], int]:
    known = (market.timetable, market.rules, market.model)
    return lambda: run_days(*known, *block, 0, len(market.dates), path0, LANES)
