"""Watch what each compiled loop is handed: run by a test in plain Python, in a process of its own.

The compiler is told that no two arguments of a loop share memory that it writes. Here every loop is watched as it runs
on a small market: where two of its arrays overlap, what they share must be as it was when it returns.
"""

from __future__ import annotations

from functools import wraps

import numpy as np

from flowsim.kernel import marks

WATCHED: dict[str, int] = {}
BROKEN: set[str] = set()


def watched(function):
    """Mark a loop as before, and watch it."""
    name = f"{function.__module__}.{function.__name__}"
    WATCHED[name] = 0

    @wraps(function)
    def run(*arguments):
        WATCHED[name] += 1
        shared = list(shared_by_two(arrays_in(arguments)))
        before = [one.copy() for one in shared]
        result = function(*arguments)
        if not all(np.array_equal(old, now) for old, now in zip(before, shared, strict=True)):
            BROKEN.add(name)
        return result

    setattr(run, marks.MARK, marks.FUNCTION)
    return run


def arrays_in(part):
    """Yield the arrays of arguments, and of the tuples among them."""
    if isinstance(part, np.ndarray):
        yield part
    elif isinstance(part, tuple):
        for one in part:
            yield from arrays_in(one)


def shared_by_two(arrays):
    """Yield the bytes, as arrays, that two arrays share."""
    spans = sorted(
        ((array.__array_interface__["data"][0], array.nbytes, array) for array in arrays if array.nbytes),
        key=lambda span: span[:2],
    )
    for position, (first, size, array) in enumerate(spans):
        for start, length, _ in spans[position + 1 :]:
            if start >= first + size:
                break
            content = np.ascontiguousarray(array) if not array.flags.c_contiguous else array
            yield content.reshape(-1).view(np.uint8)[start - first : min(start + length - first, size)]


def watch():
    """Run a market with everything in it that a loop works on; return a word for each fault."""
    marks.function, marks.LANES = watched, 2
    from helpers.markets import BUILT_IN, TRADES_OPTIONS, market_config, population

    from flowsim.engine.blocks import Block, run_block
    from flowsim.engine.prepare import prepare
    from flowsim.options import record as option_record
    from flowsim.options import subsystem as options_subsystem

    options_subsystem.OPTION_SESSIONS, option_record.PROFILE_EVERY = 3, 1
    programmes = {name: population(name) for name in sorted(BUILT_IN) if name in TRADES_OPTIONS}
    others = {"trend": population("cta", anticipated=0.5), "maker": population("liquidity_provider")}
    record = {"tables": ["market", "flows", "positions", "volatility", "vix_sources", "options", "gamma"]}
    config = market_config(
        programmes | others,
        time={"days": 2, "bars_per_day": 13},
        record=record | {"chain_dates": ["2018-11-16"]},
        vix_futures={"convexity": 0.09, "convexity_horizon": 60.0},
        vix_products={
            "delta_share": 0.1,
            "product": {"note": {"leverage": -1.0, "assets_bn": 1.0, "closes_at_loss_pct": 80.0}},
        },
    )
    for _ in run_block(prepare(config), Block(0, 2)):
        pass
    return [f"{name} never ran" for name, times in WATCHED.items() if times == 0] + [
        f"{name} writes what two of its arguments share" for name in sorted(BROKEN)
    ]


if __name__ == "__main__":
    for fault in watch():
        print(fault)
    print(len(WATCHED), "loops watched")
