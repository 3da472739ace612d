"""Compile what a market needs: the kernels of its rules, the engine, and the option market.

On the very first start nothing is in the cache, and compiling takes some twenty seconds on one processor. So a second
process then compiles the option market into the same cache while this one compiles the engine, and both go on with the
rules, from either end, until they meet.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, cast

import numpy as np

from flowsim.authoring.declaration import Strategy
from flowsim.authoring.discovery import discover
from flowsim.clock import sessions_after
from flowsim.config import MarketSpec, load
from flowsim.engine.run_days import run_days
from flowsim.engine.warm_up import new_options, option_call
from flowsim.kernel.bundle import TASK, bundle_kernel
from flowsim.kernel.marks import LANES, PLAIN
from flowsim.kernel.rule_kernel import block_kernel, is_compiled
from flowsim.market.arrays import new_scratch, new_state
from flowsim.market.model import build_model
from flowsim.market.records import new_option_record, no_record
from flowsim.market.registry import Registry
from flowsim.market.rules import build_rules, schedule_horizon
from flowsim.market.timetable import build_timetable
from flowsim.options.arrays import Options
from flowsim.options.build import new_book
from flowsim.options.listing import no_listing
from flowsim.options.phases import do_task

WORTH_A_PROCESS = 8
"""Rules yet to be compiled from which a second process pays for its own start."""


def compile_market(spec: MarketSpec) -> list[Any]:
    """Return the kernels of a market's populations, having compiled what the cache lacks.

    Raises
    ------
    StrategyError
        If a rule does not compile.
    """
    strategies = [population.strategy for population in spec.populations]
    lacking = list({s.name: s for s in strategies if _key(s) not in _KERNELS and not is_compiled(s)}.values())
    if len(lacking) >= WORTH_A_PROCESS and not PLAIN and (os.cpu_count() or 1) > 1:
        beside = start_beside(spec)
        # A rule of the user's may not compile, and who wrote it need not wait for the engine to learn so.
        for strategy in lacking:
            if not strategy.rule.__module__.startswith("flowsim."):
                _loaded(strategy)
        _compile_engine(spec)
        # Those that the other process has come to by then are only loaded.
        for strategy in lacking:
            _loaded(strategy)
        beside.wait()
    return [_loaded(strategy) for strategy in strategies]


_KERNELS: dict[tuple[Any, str], Any] = {}
"""Kernels that this process has loaded: reading those of a market from their files takes a tenth of a second."""


def _key(strategy: Strategy) -> tuple[Any, str]:
    return strategy.rule, strategy.name


def _loaded(strategy: Strategy) -> Any:
    if _key(strategy) not in _KERNELS:
        _KERNELS[_key(strategy)] = block_kernel(strategy)
    return _KERNELS[_key(strategy)]


def start_beside(spec: MarketSpec) -> subprocess.Popen[str]:
    """Start the second process. What goes wrong in it goes wrong here too, a little later and with a message."""
    # It looks for modules where this one does, and not, as Python otherwise would, in the working directory first.
    task = f"import sys; sys.path[:] = {sys.path!r}; from {__name__} import compile_beside; compile_beside()"
    command = [sys.executable, "-c", task]
    quiet = subprocess.DEVNULL
    beside = subprocess.Popen(command, text=True, stdin=subprocess.PIPE, stdout=quiet, stderr=quiet)
    assert beside.stdin is not None
    folders = [str(folder) for folder in spec.strategy_folders]
    rules = [population.strategy.name for population in spec.populations]
    json.dump({"rules": rules, "folders": folders, "options": spec.options.listed}, beside.stdin)
    beside.stdin.close()
    return beside


def compile_beside() -> None:
    """Compile what standard input names: the option market if it is to be, then rules from the last on."""
    # numba loads it only to see whether it could multiply matrices, which no kernel does: two fifths of a second.
    sys.modules["scipy.linalg"] = cast(Any, None)
    asked = json.load(sys.stdin)
    if asked["options"]:
        bundle_kernel("option_market", do_task, empty_options(load("plain").spec()), TASK)
    strategies = discover(map(Path, asked["folders"]))
    for name in reversed(asked["rules"]):
        _loaded(strategies[name])


def _compile_engine(spec: MarketSpec) -> None:
    """Let the engine step a market without populations through no days at all."""
    nobody, dates = spec.only((), options=False), sessions_after(spec.time.start, 2).dates
    options = option_call(empty_options(spec))
    registry = Registry(())
    rules = build_rules(nobody, registry, np.zeros(0, np.int64), 1, 1)
    model = build_model(nobody, registry, 1.0, replaying=True)
    state = new_state(registry, len(model.impact.mode_rate), schedule_horizon(nobody), 0)
    market = build_timetable(nobody, dates, 1), rules, model
    run_days(*market, state, new_scratch(registry), no_record(), options, 0, 0, 0, LANES)


def empty_options(spec: MarketSpec) -> Options:
    """Return an option market with nothing in it, whose arrays are of the types of any other."""
    nobody, registry = spec.only((), options=False), Registry(())
    rules = build_rules(nobody, registry, np.zeros(0, np.int64), 1, 1)
    listing = no_listing(1)
    listed, kept = (listing, new_book(listing, 0, np.zeros(1))), new_option_record(0, 0, ())
    return new_options(nobody, rules, new_state(registry, 1, 2, 0), new_scratch(registry), listed, kept)
