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
from flowsim.authoring.view import View
from flowsim.clock import sessions_after
from flowsim.config import MarketSpec, load
from flowsim.engine.parts import no_calls, registry_of
from flowsim.engine.run_days import run_days
from flowsim.kernel.bundle import TASK, bundle_kernel
from flowsim.kernel.marks import LANES, PLAIN
from flowsim.kernel.numba_backend.machine_code import Kernel
from flowsim.kernel.rule_kernel import block_kernel, is_compiled
from flowsim.market.arrays import new_scratch, new_state
from flowsim.market.model import build_model
from flowsim.market.records import no_record
from flowsim.market.rules import build_rules, schedule_horizon
from flowsim.market.subsystem import Host
from flowsim.market.timetable import build_timetable
from flowsim.options.arrays import Options
from flowsim.options.build import new_book
from flowsim.options.listing import no_listing
from flowsim.options.subsystem import OPTION_MARKET

WORTH_A_PROCESS = 8
"""Rules yet to be compiled from which a second process pays for its own start."""


def compile_market(spec: MarketSpec, view: tuple[str, ...] = View._fields) -> list[Kernel]:
    """Return the kernels of a market's populations, having compiled what the cache lacks.

    `view` names the rows that rules may see.

    Raises
    ------
    StrategyError
        If a rule does not compile.
    """
    strategies = [population.strategy for population in spec.populations]
    lacking = list(
        {s.name: s for s in strategies if _key(s, view) not in _KERNELS and not is_compiled(s, view)}.values()
    )
    if len(lacking) >= WORTH_A_PROCESS and not PLAIN and (os.cpu_count() or 1) > 1:
        beside = start_beside(spec)
        # A rule of the user's may not compile, and who wrote it need not wait for the engine to learn so.
        for strategy in lacking:
            if not strategy.rule.__module__.startswith("flowsim."):
                _loaded(strategy, view)
        _compile_engine(spec)
        # Those that the other process has come to by then are only loaded.
        for strategy in lacking:
            _loaded(strategy, view)
        beside.wait()
    return [_loaded(strategy, view) for strategy in strategies]


_KERNELS: dict[tuple[object, ...], Kernel] = {}
"""Kernels that this process has loaded: reading those of a market from their files takes a tenth of a second."""


def _key(strategy: Strategy, view: tuple[str, ...]) -> tuple[object, ...]:
    return strategy.rule, strategy.name, view


def _loaded(strategy: Strategy, view: tuple[str, ...]) -> Kernel:
    key = _key(strategy, view)
    if key not in _KERNELS:
        _KERNELS[key] = block_kernel(strategy, view)
    return _KERNELS[key]


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
        bundle_kernel(OPTION_MARKET.name, OPTION_MARKET.work, empty_options(load("plain").spec()), TASK)
    strategies = discover(map(Path, asked["folders"]))
    for name in reversed(asked["rules"]):
        _loaded(strategies[name], View._fields)


def _compile_engine(spec: MarketSpec) -> None:
    """Let the engine step a market without populations through no days at all."""
    host = empty_market(spec)
    run_days(host.timetable, host.rules, host.model, host.state, host.scratch, no_record(), no_calls(1), 0, 0, 0, LANES)


def empty_market(spec: MarketSpec) -> Host:
    """Return a market with nobody in it, whose arrays are of the types of any other."""
    nobody, dates = spec.only((), options=False), sessions_after(spec.time.start, 2).dates
    registry = registry_of(nobody)
    rules = build_rules(nobody, registry, np.zeros(0, np.int64), 1, 1)
    model = build_model(nobody, registry, 1.0, replaying=True)
    state = new_state(registry, len(model.impact.mode_rate), schedule_horizon(nobody), 0)
    timetable, scratch = build_timetable(nobody, dates, 1), new_scratch(registry)
    return Host(nobody, registry, timetable, rules, model, state, scratch)


def empty_options(spec: MarketSpec) -> Options:
    """Return an option market with nothing in it, whose arrays are of the types of any other."""
    listing = no_listing(1)
    return OPTION_MARKET.bundle(empty_market(spec), listing, new_book(listing, 0, np.zeros(1)))
