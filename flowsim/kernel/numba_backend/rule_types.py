"""Whether a rule compiles, and to what it should return, before a kernel is built around it."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import ClassVar, Protocol

from numba import types

from flowsim.kernel.numba_backend.compiler import compiled


class Shaped(Protocol):
    """A NamedTuple."""

    _fields: ClassVar[tuple[str, ...]]


def fault(rule: Callable[..., object], view: type[Shaped], params: type[Shaped], state: type[Shaped]) -> str | None:
    """Return what is wrong with a marked rule of such tuples of floats, as the rest of a sentence; None if nothing."""
    made = compiled(rule)
    arguments = (_floats(view), _floats(params), _floats(state), types.float64)
    try:
        made.compile(arguments)
    except Exception as error:
        return f"does not compile: {first_sentence(error)}"
    returned = made.overloads[arguments].signature.return_type
    if returned != types.Tuple((_floats(state), types.float64)):
        return f"must return ({state.__name__} of floats, order as a float); it returns {returned}"
    return None


def _floats(shape: type[Shaped]) -> types.Type:
    """Return numba's type of a tuple of floats."""
    n_fields = len(shape._fields)
    return types.NamedUniTuple(types.float64, n_fields, shape) if n_fields else types.NamedTuple((), shape)


def first_sentence(error: BaseException) -> str:
    """Return the line of a numba error that says what is wrong, without its markup and call stack."""
    text = re.sub(r"\x1b\[[0-9;]*m", "", str(error))
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    useful = [line for line in lines if not line.startswith(("Failed in", "During:", "File ", "<source", "^", "-"))]
    return (useful or lines or [type(error).__name__])[0]
