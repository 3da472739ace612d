"""Commands about the machine: bench, warmup."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

import typer

from flowsim.cli.arguments import AsJson
from flowsim.cli.output import print_json, show_progress


def bench(
    compiler: Annotated[
        bool, typer.Option("--compiler", help="Measure what each part of the compiler's back end buys; half an hour.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Measure the engine against C, and what starting costs; takes some minutes."""
    from flowsim.cli import bench as benchmarks

    measure: Callable[..., Any] = benchmarks.run_parts if compiler else benchmarks.run
    as_text: Callable[[Any], str] = benchmarks.parts_as_text if compiler else benchmarks.as_text
    with show_progress("measuring") as progress:
        figures = measure(progress)
    print_json(figures) if as_json else print(as_text(figures))


def warmup() -> None:
    """Compile everything that the built-in strategies need, so that the next start is quick."""
    import numpy as np

    from flowsim.authoring.discovery import discover
    from flowsim.config import load
    from flowsim.engine.prepare import prepare
    from flowsim.engine.replay import follow, warm_market
    from flowsim.kernel.kernel_cache import kernel_cache
    from flowsim.kernel.rule_kernel import block_kernel

    # First what two processes share between them.
    market = prepare(load("us_equity", ["time.days=1"]))
    # A single path, as of a replay, has a kernel of options of its own.
    follow(warm_market(market.config, market.history, market.history.dates[-1], options_ahead=1), np.zeros(1))
    strategies = discover()
    for strategy in strategies.values():
        block_kernel(strategy)

    print(f"{len(strategies)} strategies and the engine are compiled in {kernel_cache()}")
