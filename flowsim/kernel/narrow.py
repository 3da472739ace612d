"""The same compiled work on fewer paths: for whoever follows one path, and would carry 63 more beside it.

A compiled function holds the number of lanes as a constant, so that its loops become vector code. Here it is built anew
with a smaller one, and so is every function that it calls. Arrays keep their 64 lanes, so whatever counts places in an
array must take the length of its rows from the array. What is in the lanes beyond means nothing. What one lane computes
does not depend on its neighbors, so results are the same bits.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from types import FunctionType
from typing import Any

from numba import jit

from flowsim.kernel.jit import LANES, PLAIN

NARROW_LANES = 8
"""As many as the widest vector holds."""


@cache
def narrowed(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a compiled function of the engine that works on the first 8 lanes; in plain Python it does on all."""
    return function if PLAIN else _clone(function, {})


def _clone(dispatcher: Any, known: dict[Any, Any]) -> Any:
    if dispatcher in known:
        return known[dispatcher]
    original = dispatcher.py_func
    names = dict(original.__globals__)
    for name in original.__code__.co_names:
        if name == "LANES":
            assert names[name] == LANES
            names[name] = NARROW_LANES
        elif hasattr(names.get(name), "py_func"):
            names[name] = _clone(names[name], known)
    copied = FunctionType(original.__code__, names, original.__name__, original.__defaults__)
    copied.__module__, copied.__qualname__ = original.__module__, f"narrow_{original.__qualname__}"
    known[dispatcher] = jit(**dispatcher.targetoptions)(copied)
    return known[dispatcher]
