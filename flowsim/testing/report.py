"""A broken law as a person reads it: what is wrong, in which decision, on what market, and the lines that were run."""

from __future__ import annotations

import linecache
import sys
from contextlib import suppress
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

import numpy as np

from flowsim.authoring.declaration import Law, Strategy
from flowsim.authoring.numbers import Numbers
from flowsim.authoring.view import View
from flowsim.testing.agents import Decision, Life
from flowsim.testing.views import Market, decisions_at

if TYPE_CHECKING:
    from _typeshed import TraceFunction

ROWS = 6
"""Sessions of the market that are shown, the last being the one in which the law is broken."""


def report(life: Life, law: Law, decision: Decision, wrong: str) -> str:
    """Return what is wrong; the agent, its state, what it read of the view, and what it did; the market; the lines."""
    strategy = life.strategy
    read = fields_read(strategy, life.agent, decision)
    rows = [
        *_rows("agent", life.agent._asdict()),
        *_rows("held", decision.held._asdict()),
        *_rows("saw", {name: getattr(decision.view, name) for name in read}),
        *_rows("drew", {"noise": decision.noise} if strategy.uses_noise else {}),
        *_rows("did", {"order_bn": decision.order_bn}),
        *_rows("held then", decision.after._asdict()),
    ]
    broken = f"{strategy.file}:{strategy.line}: {strategy.name} breaks {said(law)}: {wrong}"
    lines = [f"  line {number:<5}{text}" for number, text in lines_run(strategy, life.agent, decision)]
    return "\n".join([broken, *rows, *_market(life, decision), *lines])


def said(law: Law) -> str:
    """Return a law as one declares it."""
    return f"{law.kind}({', '.join(f'{name}={value!r}' for name, value in law.options.items())})"


def fields_read(strategy: Strategy, agent: Numbers, decision: Decision) -> list[str]:
    """Return the fields of the view that a rule reads in one decision, in the order in which it first does."""
    read: dict[str, None] = {}

    class Watched(View):
        def __getattribute__(self, name: str) -> object:
            if name in View._fields:
                read[name] = None
            return super().__getattribute__(name)

    with suppress(Exception):
        strategy.rule(Watched(*decision.view), agent, decision.held, decision.noise)
    return list(read)


def lines_run(strategy: Strategy, agent: Numbers, decision: Decision) -> list[tuple[int, str]]:
    """Return the lines of the rule's file that one decision runs."""
    seen: set[int] = set()

    def watch(frame: FrameType, event: str, _argument: object) -> TraceFunction | None:
        if Path(frame.f_code.co_filename) != strategy.file:
            return None
        if event == "line":
            seen.add(frame.f_lineno)
        return watch

    before = sys.gettrace()
    sys.settrace(watch)
    try:
        with suppress(Exception):
            strategy.rule(decision.view, agent, decision.held, decision.noise)
    finally:
        sys.settrace(before)
    return [(number, linecache.getline(str(strategy.file), number).strip()) for number in sorted(seen)]


def _market(life: Life, decision: Decision) -> list[str]:
    """Return the last sessions up to that of a decision as rows of a table."""
    market = life.market
    session, _ = decisions_at(market, life.strategy.clock)
    position = next((i for i, view in enumerate(life.views) if view is decision.view), len(life.views) - 1)
    here = int(session[position])
    head = f"  {'session':<14}{'close':>12}{'return, %':>12}"
    return [head, *(_session(market, row) for row in range(here - ROWS + 1, here + 1))]


def _session(market: Market, row: int) -> str:
    close, move = np.exp(market.log_close[row]), market.log_close[row] - market.log_close[row - 1]
    return f"  {market.dates[row]!s:<14}{close:>12.2f}{100.0 * move:>12.4f}"


def _rows(group: str, numbers: dict[str, float]) -> list[str]:
    return [
        f"  {group if row == 0 else '':<10}{name:<26}{number:.10g}"
        for row, (name, number) in enumerate(numbers.items())
    ]
