"""Count which mutants of a strategy file laws and tapes notice.

Rules run in plain Python, so the law that compares them with their compiled form is left out. The tapes are those of
the file as it is, whatever has been recorded.
"""

from __future__ import annotations

import ast
import sys
import types
from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from flowsim.authoring.declaration import Law, Strategy
from flowsim.errors import FlowsimError
from flowsim.testing.agents import Life, RuleError
from flowsim.testing.canonical import CANONICAL
from flowsim.testing.checking import broken_on, drawn_lives
from flowsim.testing.laws import laws_of
from flowsim.testing.mutants import Mutant
from flowsim.testing.tapes import Steps, examples_of, play, steps_on

LIVES = 50
"""Agents on markets of their own that the laws of a mutant are tried on."""


def _run(tree: ast.Module, file: Path) -> dict[str, Strategy]:
    """Run a changed file and return its strategies by name."""
    module = types.ModuleType("mutated")
    sys.modules["mutated"] = module
    exec(compile(tree, str(file), "exec", dont_inherit=True), module.__dict__)
    declared = (getattr(member, "__flowsim_strategy__", None) for member in vars(module).values())
    return {strategy.name: strategy for strategy in declared if strategy is not None}


@dataclass(frozen=True)
class Expected:
    """What a sound strategy does: its tapes as numbers, and lives to try its laws on."""

    sound: Strategy
    steps: list[tuple[Steps, list[tuple[float, ...]]]]

    @cached_property
    def lives(self) -> list[Life]:
        """Lives of drawn agents."""
        return drawn_lives(self.sound, LIVES)

    @cached_property
    def laws(self) -> list[Law]:
        """Laws that it keeps in these lives: only those can tell a mutant from it."""
        tried = [law for law in laws_of(self.sound) if law.kind != "compiled_equals_plain"]
        broken = [found.law for found in broken_on(self.sound, tried, self.lives)]
        return [law for law in tried if law not in broken]


@cache
def expected(file: Path) -> dict[str, Expected]:
    """Return what the strategies of a file do."""
    return {name: _expected(sound) for name, sound in _run(ast.parse(file.read_text()), file).items()}


def _expected(sound: Strategy) -> Expected:
    taped = []
    for market in CANONICAL:
        for agent in examples_of(sound):
            steps = steps_on(sound, agent, market)
            taped.append((steps, _numbers(sound, agent, steps)))
    return Expected(sound, taped)


def _numbers(strategy: Strategy, agent: Any, steps: Steps) -> list[tuple[float, ...]]:
    start = strategy.first_state(steps.views[0], agent)
    return [tuple(start), *((one.order_bn, *one.after) for one in play(strategy, agent, steps))]


def caught_by(mutant: Mutant, *, split: bool = False) -> str:
    """Return what notices a mutant: "tapes", "laws", or "" for none; with `split` also "both".

    Laws are slower, so without `split` they are tried only where tapes notice nothing.
    """
    try:
        changed = _run(mutant.tree, mutant.file)
    except FlowsimError:
        return "declaration"
    everything = expected(mutant.file)
    # What is spoiled is a rule, or a function that all rules of the file may call.
    sound = {name: wanted for name, wanted in everything.items() if name == mutant.function} or everything
    by_tape = any(_tape_differs(changed[name], wanted) for name, wanted in sound.items())
    if by_tape and not split:
        return "tapes"
    by_law = any(_law_breaks(changed[name], wanted) for name, wanted in sound.items())
    return "both" if by_tape and by_law else "tapes" if by_tape else "laws" if by_law else ""


def _tape_differs(changed: Strategy, wanted: Expected) -> bool:
    if changed.structure != wanted.sound.structure:
        return True  # a tape names what its programme opens, and when
    taped = iter(wanted.steps)
    try:
        for _market in CANONICAL:
            for agent in examples_of(changed):
                steps, numbers = next(taped)
                if not _same(_numbers(changed, agent, steps), numbers):
                    return True
    except (RuleError, ArithmeticError, ValueError):
        return True
    return False


def _same(ones: list[tuple[float, ...]], others: list[tuple[float, ...]]) -> bool:
    return all(
        abs(one - other) <= max(1e-5 * abs(other), 1e-9)
        for row, wanted in zip(ones, others, strict=True)
        for one, other in zip(row, wanted, strict=True)
    )


def _law_breaks(changed: Strategy, wanted: Expected) -> bool:
    lives = [Life(changed, life.market, changed.params(*life.agent), life.noises) for life in wanted.lives]
    return next(broken_on(changed, wanted.laws, lives), None) is not None


def score(
    mutants: Iterable[Mutant], *, split: bool = False, same_rule: Collection[str] = ()
) -> tuple[Counter[str], list[Mutant]]:
    """Return how many mutants are caught by what, and those that are not caught.

    Those whose names are in `same_rule` are the same rule in other words: they are counted as that, and not tried.
    """
    counts: Counter[str] = Counter()
    survivors = []
    for mutant in mutants:
        if mutant.name in same_rule:
            counts["same rule"] += 1
            continue
        noticed = caught_by(mutant, split=split)
        counts[noticed or "none"] += 1
        if not noticed:
            survivors.append(mutant)
    return counts, survivors
