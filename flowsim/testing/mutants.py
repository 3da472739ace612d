"""Spoil a strategy file in every small way there is: a sign, a cap, a window, fast for slow, a price of tomorrow."""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

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
                spoiled = copy.deepcopy(function)
                _replace(spoiled, list(_nodes(_roots(spoiled)))[number], replacement)
                body = [*tree.body[:position], ast.fix_missing_locations(spoiled), *tree.body[position + 1 :]]
                change = f"{ast.unparse(node)} -> {ast.unparse(replacement)}"
                line = getattr(node, "lineno", function.lineno)
                yield Mutant(file, function.name, line, change, ast.Module(body, []))


def _roots(function: ast.FunctionDef) -> list[ast.AST]:
    """Return what makes a rule: its body, and the declaration of a programme's options."""
    declared = [word for call in function.decorator_list if isinstance(call, ast.Call) for word in call.keywords]
    return [*function.body, *(word.value for word in declared if word.arg == "structure")]


def _nodes(roots: list[ast.AST]) -> Iterator[ast.AST]:
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
"""Days on which a programme rolls, and expiries, one instead of another."""


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
