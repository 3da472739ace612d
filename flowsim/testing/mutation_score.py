"""Count which mutants of a strategy file laws and tapes notice.

Rules run in plain Python, so the law that compares them with their compiled form is left out. The tapes are those of
the file as it is, whatever has been recorded.
"""

from __future__ import annotations

import ast
import copy
import sys
import types
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import cache, cached_property, partial
from pathlib import Path

from flowsim.authoring.declaration import Law, Strategy
from flowsim.authoring.numbers import Numbers
from flowsim.errors import FlowsimError, StrategyError
from flowsim.testing.agents import Life, RuleError
from flowsim.testing.canonical import CANONICAL
from flowsim.testing.checking import broken_on, drawn_lives
from flowsim.testing.laws import laws_of
from flowsim.testing.mutants import Mutant, mutants_of
from flowsim.testing.tapes import Steps, examples_of, play, steps_on

CAUGHT_BY = ("tapes", "laws", "both", "declaration")
"""What may notice a mistake; a declaration does by refusing to be read."""

LIVES = 50
"""Agents on markets of their own that the laws of a mutant are tried on."""


AT_ONCE = 8
"""Mistakes that a process is given at once."""
LONGEST_LOOP = 100_000
"""Rounds of a `while` after which a spoiled rule is taken not to end, which is noticed."""


class _Ending(ast.NodeTransformer):
    """Let every loop end: a mistake in its condition would keep the score waiting for ever."""

    def visit_While(self, node: ast.While) -> ast.For:
        self.generic_visit(node)
        leave = ast.If(ast.UnaryOp(ast.Not(), node.test), [*node.orelse, ast.Break()], [])
        endless = ast.parse("raise ArithmeticError('it does not end')").body
        rounds = ast.parse(f"range({LONGEST_LOOP})", mode="eval").body
        return ast.For(ast.Name("_round", ast.Store()), rounds, [leave, *node.body], endless)


def _run(tree: ast.Module, file: Path) -> dict[str, Strategy]:
    """Run a changed file and return its strategies by name."""
    module = types.ModuleType("mutated")
    sys.modules["mutated"] = module
    ending = ast.fix_missing_locations(_Ending().visit(copy.deepcopy(tree)))
    exec(compile(ending, str(file), "exec", dont_inherit=True), module.__dict__)
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
    """Return what the strategies of a file do.

    Raises
    ------
    StrategyError
        If one of them fails.
    """
    return {name: _expected(sound) for name, sound in _run(ast.parse(file.read_text()), file).items()}


def _expected(sound: Strategy) -> Expected:
    taped = []
    for market in CANONICAL:
        for agent in examples_of(sound):
            steps = steps_on(sound, agent, market)
            try:
                taped.append((steps, _numbers(sound, agent, steps)))
            except RuleError as error:
                place = f"{sound.file}:{sound.line}: {sound.name}"
                raise StrategyError(
                    f"{place}: {error} on the market {market}; mend it before planting mistakes"
                ) from None
    return Expected(sound, taped)


def _numbers(strategy: Strategy, agent: Numbers, steps: Steps) -> list[tuple[float, ...]]:
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


@dataclass(frozen=True)
class Score:
    """How many mistakes in a file are caught by what, how many are the same rule, and which nothing catches."""

    file: Path
    counts: Counter[str]
    survivors: list[Mutant]

    @property
    def tried(self) -> int:
        """Number of mistakes, without those that are the same rule."""
        return self.counts.total() - self.counts["same rule"]

    @property
    def caught_pct(self) -> float:
        """Part of them that is caught, in percent; 100 where there is none to make."""
        return 100.0 * (1.0 - len(self.survivors) / self.tried) if self.tried else 100.0

    def __str__(self) -> str:
        by = ", ".join(f"{number} by {what}" for what, number in self.counts.most_common() if what in CAUGHT_BY)
        caught = f"{self.tried - len(self.survivors)} of {self.tried} mistakes are caught, {self.caught_pct:.0f} %"
        return f"{self.file.name}: {caught}{f': {by}' if by else ''}"

    def described(self) -> dict[str, object]:
        """Return it as one document."""
        survivors = [{"function": one.function, "line": one.line, "change": one.change} for one in self.survivors]
        caught = {what: number for what, number in self.counts.items() if what in CAUGHT_BY}
        return {"file": str(self.file), "mistakes": self.tried, "caught": caught, "survivors": survivors}


def score_of(
    file: Path,
    *,
    split: bool = False,
    same_rule: Collection[str] = (),
    progress: Callable[..., None] | None = None,
    executor: Executor | None = None,
) -> Score:
    """Spoil a strategy file in every small way there is, and count what laws and tapes notice.

    Those whose names are in `same_rule` are the same rule in other words: they are counted as that, and not tried.
    `progress` is told what is done, the total, and the file. An `executor` of processes tries mistakes beside one
    another, which changes nothing: rules run in plain Python, which threads cannot share.

    Raises
    ------
    StrategyError
        If a rule of the file fails as it is.
    """
    mutants = list(mutants_of(file))
    found = None
    if executor is not None:
        tried = [mutant for mutant in mutants if mutant.name not in same_rule]
        found = executor.map(partial(caught_by, split=split), tried, chunksize=AT_ONCE)
    counts, survivors = score(_counted(mutants, file, progress), split=split, same_rule=same_rule, found=found)
    return Score(file, counts, survivors)


def _counted(mutants: list[Mutant], file: Path, progress: Callable[..., None] | None) -> Iterator[Mutant]:
    for number, mutant in enumerate(mutants):
        yield mutant
        if progress:
            progress(number + 1, len(mutants), file.name)


def score(
    mutants: Iterable[Mutant],
    *,
    split: bool = False,
    same_rule: Collection[str] = (),
    found: Iterator[str] | None = None,
) -> tuple[Counter[str], list[Mutant]]:
    """Return how many mutants are caught by what, and those that are not caught.

    Those whose names are in `same_rule` are the same rule in other words: they are counted as that, and not tried.
    `found` is what notices each of the others in turn, where that was looked into already.
    """
    counts: Counter[str] = Counter()
    survivors = []
    for mutant in mutants:
        if mutant.name in same_rule:
            counts["same rule"] += 1
            continue
        noticed = caught_by(mutant, split=split) if found is None else next(found)
        counts[noticed or "none"] += 1
        if not noticed:
            survivors.append(mutant)
    return counts, survivors
