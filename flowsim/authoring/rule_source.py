"""Read a strategy file before it is run, and refuse what a rule must not do.

A rule reads its four arguments and ``math``, and answers. So its file imports ``math``, ``typing`` and
``flowsim.strategy``, declares constants, shapes and functions, and does nothing else when it is loaded. What it does
not import it cannot write, send or remember; and a compiled rule, kept under a hash of its own file, is never stale.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from flowsim.authoring.view import View
from flowsim.errors import StrategyError
from flowsim.files.nearest import nearest

IMPORTS = ("math", "typing", "flowsim.strategy", "__future__")
CALLS = ("abs", "min", "max", "float", "int", "bool", "round", "pow", "len", "range", "sum", "tuple")

_DECLARATIONS = (ast.Import, ast.ImportFrom, ast.ClassDef, ast.FunctionDef, ast.Assign, ast.AnnAssign)
_REFUSED: dict[type[ast.AST], str] = {
    ast.Raise: "raises; give an order of 0.0 where there is none",
    ast.Assert: "asserts; declare a law beside it instead",
    ast.Try: "catches errors; write it so that none arises",
    ast.With: "opens something with 'with'; a rule reads its arguments only",
    ast.Global: "keeps something in a global; what it must remember belongs into its state",
    ast.Nonlocal: "keeps something outside itself; what it must remember belongs into its state",
    ast.Import: "imports inside; import at the top of the file",
    ast.ImportFrom: "imports inside; import at the top of the file",
    ast.Lambda: "holds a lambda; write a function beside it",
    ast.FunctionDef: "holds another function; write it beside it",
    ast.ClassDef: "holds a class; write it beside it",
    ast.ListComp: "holds a comprehension; write a for loop",
    ast.SetComp: "holds a comprehension; write a for loop",
    ast.DictComp: "holds a comprehension; write a for loop",
    ast.GeneratorExp: "holds a comprehension; write a for loop",
    ast.Dict: "makes a dictionary; a rule works on numbers and tuples",
    ast.Set: "makes a set; a rule works on numbers and tuples",
    ast.JoinedStr: "makes a text; a rule works on numbers and tuples",
    ast.Starred: "unpacks with a star; name each value",
    ast.Yield: "yields; a rule returns (state, order_bn)",
    ast.Await: "waits for something; a rule reads its arguments only",
}


def check_source(file: Path) -> None:
    """Refuse a strategy file that does more than declare rules.

    Raises
    ------
    StrategyError
        With file and line of the first thing that it must not do, and the remedy.
    """
    try:
        tree = ast.parse(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise StrategyError(f"{file}: cannot be read ({error.strerror}); name a strategy file") from None
    except (SyntaxError, ValueError) as error:
        line = getattr(error, "lineno", None) or 1
        raise StrategyError(f"{file}:{line}: {type(error).__name__}: {getattr(error, 'msg', error)}") from None
    for line, wrong in sorted(_faults(tree), key=lambda fault: fault[0]):
        raise StrategyError(f"{file}:{line}: {wrong}")


def _faults(tree: ast.Module) -> Iterator[tuple[int, str]]:
    shapes = {node.name: _fields(node) for node in tree.body if isinstance(node, ast.ClassDef)}
    functions = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
    known = {*CALLS, *shapes, *(function.name for function in functions)}
    for node in tree.body:
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield from _import_faults(node)
            known |= {alias.asname or alias.name for alias in node.names}
        elif not isinstance(node, _DECLARATIONS) and not _is_docstring(node):
            yield node.lineno, "does something when the file is loaded; a strategy file declares, and does nothing else"
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr.startswith("__"):
            yield node.lineno, f"reaches for {node.attr}; a rule reads its arguments and math only"
        elif isinstance(node, ast.Call):
            yield from _call_faults(node, known)
    own = {function.name for function in functions}
    for function in functions:
        yield from _function_faults(function, shapes)
        yield from _whole_view_faults(function, own)


def _import_faults(node: ast.Import | ast.ImportFrom) -> Iterator[tuple[int, str]]:
    modules = [alias.name for alias in node.names] if isinstance(node, ast.Import) else [node.module or "."]
    for module in modules:
        if module not in IMPORTS:
            yield node.lineno, f"imports {module}; a strategy file may import {', '.join(IMPORTS[:-1])}"


def _call_faults(call: ast.Call, known: set[str]) -> Iterator[tuple[int, str]]:
    called = ast.unparse(call.func)
    if isinstance(call.func, ast.Name) and call.func.id in known:
        return
    if isinstance(call.func, ast.Attribute) and ast.unparse(call.func.value) == "math":
        return
    allowed = f"math, {', '.join(CALLS)}, and what its own file declares"
    yield call.lineno, f"calls {called}(), which a rule cannot; it may call {allowed}"


def _function_faults(function: ast.FunctionDef, shapes: dict[str, list[str]]) -> Iterator[tuple[int, str]]:
    who = _called(function)
    seen = {argument.arg: ast.unparse(argument.annotation or ast.Constant(None)) for argument in function.args.args}
    fields = {"View": list(View._fields), **shapes}
    for node in (inner for statement in function.body for inner in ast.walk(statement)):
        for kind, wrong in _REFUSED.items():
            if isinstance(node, kind):
                yield getattr(node, "lineno", function.lineno), f"{who} {wrong}"
        if isinstance(node, ast.Attribute | ast.Subscript) and isinstance(node.ctx, ast.Store):
            remedy = "what it must remember belongs into the state that it returns"
            yield node.lineno, f"{who} changes {ast.unparse(node)}, which is not its own; {remedy}"
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            shape = seen.get(node.value.id, "")
            if shape in fields and node.attr not in fields[shape] and not node.attr.startswith("_"):
                yield node.lineno, f"{shape} has no field {node.attr!r}; {nearest(node.attr, fields[shape])}"


def _whole_view_faults(function: ast.FunctionDef, own: set[str]) -> Iterator[tuple[int, str]]:
    """A compiled rule is handed only the fields that it names, so it must not count or go through them."""
    views = {one.arg for one in function.args.args if one.annotation and ast.unparse(one.annotation) == "View"}
    nodes = [inner for statement in function.body for inner in ast.walk(statement)]
    fit = {id(node.value) for node in nodes if isinstance(node, ast.Attribute)}
    for call in nodes:
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in own:
            fit |= {id(argument) for argument in (*call.args, *(keyword.value for keyword in call.keywords))}
    for node in nodes:
        if isinstance(node, ast.Name) and node.id in views and id(node) not in fit:
            yield node.lineno, f"{_called(function)} takes {node.id} as a whole; name the fields that it reads"


def _called(function: ast.FunctionDef) -> str:
    return f"rule {function.name!r}" if len(function.args.args) == 4 else f"function {function.name!r}"


def _fields(shape: ast.ClassDef) -> list[str]:
    return [
        node.target.id for node in shape.body if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name)
    ]


def _is_docstring(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
