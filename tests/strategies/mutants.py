"""Spoil every built-in rule in every small way there is, and count what laws and tapes notice.

    python tests/strategies/mutants.py [--only FILE] [--split]

prints the share of mutants that are caught, by what, and each survivor with its line. Rules run in plain Python, so
the law that compares them with their compiled form is left out, as are the worked cases of the other tests.
"""

from __future__ import annotations

import argparse
import ast
import copy
import sys
import types
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from hypothesis import Phase, Verbosity, given, settings

from flowsim.authoring.declaration import Strategy
from flowsim.errors import FlowsimError
from flowsim.testing import CANONICAL, Life, laws_of, lives
from flowsim.testing.agents import RuleError
from flowsim.testing.checking import breach, checker_of
from flowsim.testing.tapes import Steps, examples_of, play, steps_on

ROOT = Path(__file__).resolve().parents[2]
FILES = sorted((ROOT / "strategies").glob("[!_]*.py"))
LIVES = 50
"""Agents on markets of their own that the laws of a mutant are tried on."""

NEIGHBORS = {
    "rv_5": "rv_10", "rv_10": "rv_5", "rv_20": "rv_21", "rv_21": "rv_20", "rv_40": "rv_63", "rv_63": "rv_40",
    "return_5d": "return_21d", "return_21d": "return_5d", "return_63d": "return_126d", "return_126d": "return_63d",
    "return_252d": "return_126d", "high_21d": "high_63d", "low_21d": "low_63d", "high_63d": "high_21d",
    "low_63d": "low_21d", "high_126d": "high_252d", "low_126d": "low_252d", "high_252d": "high_126d",
    "low_252d": "low_126d", "day_return": "step_return", "days_since_quarter_end": "days_to_quarter_end",
    "days_to_quarter_end": "days_since_quarter_end", "sessions_to_month_end": "sessions_to_quarter_end",
    "sessions_to_quarter_end": "sessions_to_month_end", "bar": "bars_left", "bars_left": "bar",
}  # fmt: skip
"""For a field of the view, the next window: a lookback that is off by one."""

LATER = {"price": "view.price * math.exp(view.day_return)", "log_price": "view.log_price + view.day_return"}
"""A price that has moved on: what a rule would see that looks ahead."""

COMPARED: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.Gt),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.Lt),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
}
SIGNS: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult,
}  # fmt: skip


class Mutant(NamedTuple):
    """One change: the file, the function it is in, its line, what was changed into what, and the whole text."""

    file: Path
    function: str
    line: int
    change: str
    tree: ast.Module

    @property
    def name(self) -> str:
        """Return what identifies the change, whatever line it has moved to."""
        return f"{self.file.stem}.{self.function}: {self.change}"


def mutants_of(file: Path) -> Iterator[Mutant]:
    """Yield every mutant of a strategy file."""
    tree = ast.parse(file.read_text())
    shapes = {node.name: _fields(node) for node in tree.body if isinstance(node, ast.ClassDef)}
    for position, function in enumerate(tree.body):
        if not isinstance(function, ast.FunctionDef):
            continue
        annotated = {argument.arg: ast.unparse(argument.annotation or argument) for argument in function.args.args}
        siblings = {name: shapes[shape] for name, shape in annotated.items() if shape in shapes}
        for number, node in enumerate(_nodes(_roots(function))):
            for replacement in _changes(node, siblings):
                changed = copy.deepcopy(tree)
                target = list(_nodes(_roots(changed.body[position])))[number]
                _replace(changed.body[position], target, replacement)
                before, after = ast.unparse(node), ast.unparse(replacement)
                line = getattr(node, "lineno", function.lineno)
                yield Mutant(file, function.name, line, f"{before} -> {after}", ast.fix_missing_locations(changed))


def _roots(function: Any) -> list[ast.AST]:
    """Return what makes a rule: its body, and the declaration of a programme's options."""
    declared = [word for call in function.decorator_list if isinstance(call, ast.Call) for word in call.keywords]
    return [*function.body, *(word.value for word in declared if word.arg == "structure")]


def _nodes(roots: list[Any]) -> Iterator[ast.AST]:
    for root in roots:
        if not (isinstance(root, ast.Expr) and isinstance(root.value, ast.Constant)):
            yield from ast.walk(root)


def _replace(tree: ast.AST, target: ast.AST, replacement: ast.AST) -> None:
    for parent in ast.walk(tree):
        for name, value in ast.iter_fields(parent):
            if value is target:
                setattr(parent, name, replacement)
                return
            if isinstance(value, list) and any(one is target for one in value):
                value[[one is target for one in value].index(True)] = replacement
                return
    raise ValueError(ast.unparse(target))


def _changes(node: ast.AST, siblings: dict[str, list[str]]) -> Iterator[ast.AST]:
    """Yield what takes the place of a node: each a small mistake that somebody could make."""
    if isinstance(node, ast.BinOp) and type(node.op) in SIGNS:
        yield ast.BinOp(node.left, SIGNS[type(node.op)](), node.right)
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        yield node.operand
    elif isinstance(node, ast.Compare):
        for place, operator in enumerate(node.ops):
            for other in COMPARED.get(type(operator), ()):
                yield ast.Compare(node.left, [*node.ops[:place], other(), *node.ops[place + 1 :]], node.comparators)
    elif isinstance(node, ast.BoolOp):
        yield ast.BoolOp(ast.And() if isinstance(node.op, ast.Or) else ast.Or(), node.values)
    elif isinstance(node, ast.IfExp):
        yield from (node.body, node.orelse)
    elif isinstance(node, ast.Call):
        yield from _of_calls(node)
    elif isinstance(node, ast.Constant):
        yield from _of_constants(node)
    elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and isinstance(node.ctx, ast.Load):
        yield from _of_fields(node, node.value.id, siblings)
    elif isinstance(node, ast.Return) and isinstance(node.value, ast.Tuple):
        state, order = node.value.elts
        yield ast.Return(ast.Tuple([state, ast.UnaryOp(ast.USub(), order)], ast.Load()))
        yield ast.Return(ast.Tuple([state, ast.BinOp(ast.Constant(0.5), ast.Mult(), order)], ast.Load()))


def _of_calls(call: ast.Call) -> Iterator[ast.AST]:
    called = ast.unparse(call.func)
    if called in ("min", "max"):
        yield from call.args  # without the cap or the floor
        yield ast.Call(ast.Name("max" if called == "min" else "min", ast.Load()), call.args, [])
    elif called == "abs":
        yield call.args[0]
    elif called == "Leg" and isinstance(call.args[0], ast.Constant):
        other = "call" if call.args[0].value == "put" else "put"
        yield ast.Call(call.func, [ast.Constant(other), *call.args[1:]], call.keywords)
        quantity = call.args[2] if len(call.args) > 2 else ast.Constant(1.0)
        yield ast.Call(call.func, [*call.args[:2], ast.UnaryOp(ast.USub(), quantity)], call.keywords)


def _of_constants(node: ast.Constant) -> Iterator[ast.AST]:
    if type(node.value) is float:
        yield ast.Constant(node.value * 1.1 if node.value else 1.0)
        if node.value >= 2.0 and node.value == int(node.value):
            yield ast.Constant(node.value + 1.0)
    elif node.value in SWAPPED:
        yield ast.Constant(SWAPPED[node.value])


SWAPPED = {
    "monthly_expiry": "month_end", "month_end": "monthly_expiry", "weekly": "daily", "daily": "weekly",
    "quarter_end": "month_end", "before_meeting": "before_release", "before_release": "before_meeting",
    "friday": "third_friday", "third_friday": "friday", "next_session": "friday",
}  # fmt: skip
"""Days on which a programme rolls, and expiries, one in the place of another."""


def _of_fields(node: ast.Attribute, owner: str, siblings: dict[str, list[str]]) -> Iterator[ast.AST]:
    if owner == "view":
        if node.attr in NEIGHBORS:
            yield ast.Attribute(node.value, NEIGHBORS[node.attr], ast.Load())
        if node.attr in LATER:
            yield ast.parse(LATER[node.attr], mode="eval").body
    elif node.attr in siblings.get(owner, ()):
        fields = [name for name in siblings[owner] if name != "capital_bn"]
        if node.attr in fields and len(fields) > 1:
            yield ast.Attribute(node.value, fields[(fields.index(node.attr) + 1) % len(fields)], ast.Load())


def _fields(shape: ast.ClassDef) -> list[str]:
    return [
        node.target.id for node in shape.body if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name)
    ]


def _run(tree: ast.Module, file: Path) -> dict[str, Strategy]:
    """Run a changed file and return its strategies by name."""
    module = types.ModuleType("mutated")
    sys.modules["mutated"] = module
    exec(compile(tree, str(file), "exec", dont_inherit=True), module.__dict__)
    declared = (getattr(member, "__flowsim_strategy__", None) for member in vars(module).values())
    return {strategy.name: strategy for strategy in declared if strategy is not None}


class Expected(NamedTuple):
    """What a sound strategy does: its tapes as numbers, and lives to try its laws on."""

    steps: list[tuple[Steps, list[tuple[float, ...]]]]
    lives: list[Life]
    structure: Any


@cache
def expected(file: Path) -> dict[str, Expected]:
    """Return what the strategies of a file do."""
    return {name: _expected(sound) for name, sound in _run(ast.parse(file.read_text()), file).items()}


def _expected(sound: Strategy) -> Expected:
    drawn: list[Life] = []

    @settings(
        max_examples=LIVES, deadline=None, database=None, derandomize=True, verbosity=Verbosity.quiet,
        phases=(Phase.generate,),
    )  # fmt: skip
    @given(lives(sound))
    def collect(life: Life) -> None:
        drawn.append(life)

    collect()
    taped = []
    for market in CANONICAL:
        for agent in examples_of(sound):
            steps = steps_on(sound, agent, market)
            taped.append((steps, _numbers(sound, agent, steps)))
    return Expected(taped, drawn, sound.structure)


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
    sound = expected(mutant.file)
    by_tape = any(_tape_differs(changed[name], wanted) for name, wanted in sound.items())
    if by_tape and not split:
        return "tapes"
    by_law = any(_law_breaks(changed[name], wanted) for name, wanted in sound.items())
    return "both" if by_tape and by_law else "tapes" if by_tape else "laws" if by_law else ""


def _tape_differs(changed: Strategy, wanted: Expected) -> bool:
    if changed.structure != wanted.structure:
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
    laws = [(law, checker_of(changed, law)) for law in laws_of(changed) if law.kind != "compiled_equals_plain"]
    for life in wanted.lives:
        other = Life(changed, life.market, changed.params(*life.agent), life.noises)
        try:
            if any(breach(other, law, checker) is not None for law, checker in laws):
                return True
        except ArithmeticError:
            return True  # in the state to start from
    return False


_HORIZONS = "a horizon is 21, 63, 126 or 252 sessions, and nothing between"
EQUIVALENT = {
    f"cta.{function}: {change}": _HORIZONS
    for function in ("channel", "cta_momentum")
    for change in (
        "21.0 -> 22.0",
        "21.0 -> 23.1",
        "63.0 -> 64.0",
        "63.0 -> 69.30000000000001",
        "126.0 -> 127.0",
        "126.0 -> 138.60000000000002",
    )
} | {
    "buyback.buyback: view.days_since_quarter_end < spent.day_of_quarter -> view.days_since_quarter_end <="
    " spent.day_of_quarter": "from session to session the day of the quarter grows or starts anew",
    "buyback.buyback: max(min(pace, issuer.quarter_limit / 4.0 - so_far), 0.0) -> min(pace, issuer.quarter_limit / 4.0"
    " - so_far)": "what was bought never exceeds the limit but by rounding, against which the floor at 0 stands",
    "discretionary.dip_buying: max(fall - buyer.threshold, 0.0) -> fall - buyer.threshold": "a wish below 0 loses"
    " against what is left of an earlier position, which is at least 0",
    "option_customers.vol_selling: 0.01 -> 0.011000000000000001": "at so low a volatility the part is capped anyway",
    "option_dealer.option_dealer: 1.0 -> 1.1": "the number of bars left is whole",
    "passive_inflow.passive_inflow: 3.0 -> 3.3000000000000003": "the number of sessions is whole",
}
"""Mutants that are the same rule, each with the reason; they count neither as caught nor as missed."""


def score(mutants: list[Mutant], *, split: bool = False) -> tuple[Counter[str], list[Mutant]]:
    """Return how many mutants are caught by what, and those that are not caught, without those that are the same rule.

    The count of "same rule" is among the first.
    """
    counts: Counter[str] = Counter()
    survivors = []
    for mutant in mutants:
        if mutant.name in EQUIVALENT:
            counts["same rule"] += 1
            continue
        noticed = caught_by(mutant, split=split)
        counts[noticed or "none"] += 1
        if not noticed:
            survivors.append(mutant)
    return counts, survivors


def main() -> None:
    """Print the score and the survivors."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--only", metavar="FILE", help="name of one strategy file, without .py")
    parser.add_argument("--split", action="store_true", help="try laws also where tapes notice the mutant")
    options = parser.parse_args()
    counts: Counter[str] = Counter()
    for file in FILES:
        if options.only in (None, file.stem):
            here, survivors = score(list(mutants_of(file)), split=options.split)
            counts += here
            for mutant in survivors:
                print(f"survives: {mutant.file.name}:{mutant.line}: {mutant.name}", flush=True)
    same = counts.pop("same rule", 0)
    total = sum(counts.values())
    caught = total - counts.pop("none", 0)
    print(f"{caught} of {total} mutants are caught, {100.0 * caught / total:.1f} %; {same} more are the same rule")
    print(", ".join(f"{number} by {what}" for what, number in counts.most_common()))


if __name__ == "__main__":
    main()
