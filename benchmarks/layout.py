"""Tell C how flowsim's arrays lie: each NamedTuple of arrays is a struct of pointers with the same names and order.

A NamedTuple within another is a struct within a struct.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from functools import cache

import numpy as np

from flowsim.authoring.rows import FIRST_CALENDAR
from flowsim.authoring.view import View

from .scenario import fresh_block, scenario

POINTERS = {"float64": "double *", "int64": "int64_t *", "uint64": "uint64_t *"}


@cache
def header() -> str:
    """Return the text of layout.h: the structs, and the rows of the view by name."""
    market = scenario(agents=4)
    known = (market.timetable, market.rules, market.model, market.listing, market.book)
    tuples = (*known, *fresh_block(market)[:3])
    rows = ", ".join(name.upper() for name in View._fields)
    return "\n".join(
        [
            "#pragma once",
            "#include <stdint.h>",
            *(declaration for fields in tuples for declaration in _declared(fields)),
            f"enum {{ {rows}, N_VIEW, FIRST_CALENDAR = {FIRST_CALENDAR} }};",
            "",
        ]
    )


def _declared(fields: object) -> list[str]:
    """Return the declaration of a struct, after those of the structs in it."""
    members = "".join(f" {_type(value)}{name};" for name, value in zip(fields._fields, fields, strict=True))
    inner = [one for value in fields if isinstance(value, tuple) for one in _declared(value)]
    return [*inner, f"typedef struct {{{members} }} {type(fields).__name__};"]


def _type(value: object) -> str:
    if isinstance(value, tuple):
        return f"{type(value).__name__} "
    if isinstance(value, np.ndarray):
        return POINTERS[value.dtype.name]
    return "double " if isinstance(value, float) else "int64_t "


def struct(fields: object) -> object:
    """Return a NamedTuple of arrays, numbers and such tuples as its C struct: eight bytes a field."""
    words = [_word(value) for value in _leaves(fields)]
    return (ctypes.c_int64 * len(words))(*words)


def _leaves(fields: object) -> Iterator[object]:
    for value in fields:
        if isinstance(value, tuple):
            yield from _leaves(value)
        else:
            yield value


def _word(value: object) -> int:
    if isinstance(value, np.ndarray):
        return int(value.ctypes.data)
    return int(np.float64(value).view(np.int64)) if isinstance(value, float) else int(value)


def pointer(array: np.ndarray) -> ctypes.c_void_p:
    """Return the address of an array's first element."""
    return ctypes.c_void_p(array.ctypes.data)
