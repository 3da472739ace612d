"""A digest of what is compiled and of nothing else, so that machine code is kept until its own source changes.

A function counts by its bytecode, constants, names and defaults, and by what its names stand for: numbers, arrays, the
fields of tuples, and other functions in the same way. Comments, docstrings, annotations and line numbers do not count,
nor does anything else in the file. A name that is only an attribute counts too where the function's module has a value
of that name: that costs at most a needless compilation.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from functools import lru_cache
from types import BuiltinFunctionType, CodeType, FunctionType, ModuleType

import numpy as np

from flowsim.kernel.marks import INSTRUCTION, MARK

GIVEN = "LANES"
"""A constant that is given when a function is compiled, whatever its module says."""

_WRITTEN_OUT = (int, float, complex, str, bytes, np.generic, type(None), type(Ellipsis))


def digest_of(*parts: str) -> str:
    """Return one digest of several texts, in their order."""
    return hashlib.sha256("\x00".join(parts).encode()).hexdigest()


@lru_cache(maxsize=4096)
def function_digest(function: Callable[..., object]) -> str:
    """Return a digest of a Python function and of all that it names, as far as compiled code depends on it.

    Raises
    ------
    TypeError
        If a name stands for something that no digest is known of.
    """
    assert isinstance(function, FunctionType)
    used = frozenset(_names(function.__code__))
    values = {name: function.__globals__[name] for name in sorted(used - {GIVEN}) if name in function.__globals__}
    cells = [cell.cell_contents for cell in function.__closure__ or ()]
    given = function.__defaults__, tuple(sorted((function.__kwdefaults__ or {}).items())), tuple(cells)
    try:
        named = [
            f"{name} = {'itself' if value is function else described(value, used)}" for name, value in values.items()
        ]
        parts = [getattr(function, MARK, ""), code_text(function.__code__, function.__doc__), described(given, used)]
        return digest_of(*parts, *named)
    except TypeError as error:
        raise TypeError(f"{function.__module__}.{function.__qualname__}: {error}") from None


def described(value: object, used: frozenset[str] = frozenset()) -> str:
    """Return a text that differs where compiled code that names a value would; `used` are names it may have read of it.

    Raises
    ------
    TypeError
        If it is of a kind that no text is known for.
    """
    kind = type(value)
    if isinstance(value, _WRITTEN_OUT):
        return f"{kind.__name__} {value!r}"
    if isinstance(value, tuple):
        fields = " ".join(getattr(value, "_fields", ()))
        return f"{kind.__name__} {fields}({', '.join(described(part, used) for part in value)})"
    if isinstance(value, frozenset):
        return f"frozenset({', '.join(sorted(described(part, used) for part in value))})"
    if isinstance(value, np.ndarray):
        return f"array {value.dtype.str} {value.shape} {hashlib.sha256(np.ascontiguousarray(value).data).hexdigest()}"
    if isinstance(value, FunctionType):
        instruction = getattr(value, MARK, "") == INSTRUCTION
        return f"instruction {value.__name__}" if instruction else f"function {function_digest(value)}"
    if isinstance(value, ModuleType):
        return _module_text(value, used)
    if isinstance(value, type | BuiltinFunctionType | np.ufunc):
        fields = " ".join(getattr(value, "_fields", ()))
        return f"{getattr(value, '__module__', '')}.{getattr(value, '__qualname__', value.__name__)} {fields}"
    raise TypeError(f"compiled code may depend on {value!r}, and no digest is known of {kind.__name__}")


def code_text(code: CodeType, docstring: str | None = None) -> str:
    """Return a text of a code object without its lines, file and docstring."""
    constants = list(code.co_consts)
    if docstring is not None and constants and constants[0] == docstring:
        constants[0] = None
    texts = [code_text(one) if isinstance(one, CodeType) else described(one) for one in constants]
    names = code.co_names, code.co_varnames, code.co_freevars, code.co_cellvars
    counts = code.co_argcount, code.co_posonlyargcount, code.co_kwonlyargcount, code.co_flags
    return f"code {code.co_code.hex()} {code.co_exceptiontable.hex()} {names} {counts} ({', '.join(texts)})"


def _module_text(module: ModuleType, used: frozenset[str]) -> str:
    """Return the name of a module, and of one of flowsim what those names stand for there."""
    inside = vars(module) if module.__name__.startswith("flowsim.") else {}
    read = [f"{name} = {described(inside[name], used)}" for name in sorted(used & inside.keys() - {GIVEN})]
    return f"module {module.__name__} ({', '.join(read)})"


def _names(code: CodeType) -> Iterator[str]:
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _names(constant)
