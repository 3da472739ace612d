"""A broken law as a person reads it: what is wrong, and the one decision in which it is."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from flowsim.strategy import Law, View
from flowsim.testing.agents import Decision, Life


def report(life: Life, law: Law, decision: Decision, wrong: str) -> str:
    """Return what is wrong, and below it the agent, its state, what it read of the view, and what it did."""
    strategy = life.strategy
    options = ", ".join(f"{name}={value!r}" for name, value in law.options.items())
    rows = [
        *_rows("params", life.agent._asdict()),
        *_rows("state", decision.held._asdict()),
        *_rows("view", {name: getattr(decision.view, name) for name in fields_read(life, decision)}),
        *_rows("noise", {"noise": decision.noise} if strategy.uses_noise else {}),
        *_rows("order", {"order_bn": decision.order_bn}),
        *_rows("new state", {} if decision.after is None else decision.after._asdict()),
    ]
    broken = f"{strategy.file}:{strategy.line}: {strategy.name} breaks {law.kind}({options}): {wrong}"
    return "\n".join([broken, *rows])


def fields_read(life: Life, decision: Decision) -> list[str]:
    """Return the fields of the view that a rule reads in one decision, in the order in which it first does."""
    read: dict[str, None] = {}

    class Watched(View):
        def __getattribute__(self, name: str) -> Any:
            if name in View._fields:
                read[name] = None
            return super().__getattribute__(name)

    with suppress(ArithmeticError, ValueError):
        life.strategy.rule(Watched(*decision.view), life.agent, decision.held, decision.noise)
    return list(read)


def _rows(group: str, numbers: dict[str, float]) -> list[str]:
    return [
        f"  {group if row == 0 else '':<10}{name:<26}{number:.10g}"
        for row, (name, number) in enumerate(numbers.items())
    ]
