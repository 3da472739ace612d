"""Tell C how flowsim's arrays lie: each NamedTuple of arrays is a struct of pointers with the same names and order."""

from __future__ import annotations

import ctypes
from functools import cache
from typing import Any

import numpy as np

from flowsim.authoring.rows import FIRST_CALENDAR
from flowsim.authoring.view import View

from .scenario import fresh_block, scenario

POINTERS = {"float64": "double *", "int64": "int64_t *", "uint64": "uint64_t *"}


@cache
def header() -> str:
    """Return the text of layout.h: the structs, and the rows of the view by name."""
    market = scenario(agents=4)
    known = (market.timetable, market.rules, market.model, market.curves, market.listing, market.book)
    tuples = (*known, *fresh_block(market)[:3])
    rows = ", ".join(name.upper() for name in View._fields)
    return "\n".join(
        [
            "#pragma once",
            "#include <stdint.h>",
            *(_declared(fields) for fields in tuples),
            f"enum {{ {rows}, N_VIEW, FIRST_CALENDAR = {FIRST_CALENDAR} }};",
            "",
        ]
    )


def _declared(fields: Any) -> str:
    members = "".join(f" {_type(value)}{name};" for name, value in zip(fields._fields, fields, strict=True))
    return f"typedef struct {{{members} }} {type(fields).__name__};"


def _type(value: Any) -> str:
    if isinstance(value, np.ndarray):
        return POINTERS[value.dtype.name]
    return "double " if isinstance(value, float) else "int64_t "


def struct(fields: Any) -> Any:
    """Return a NamedTuple of arrays and integers, or one of floats, as its C struct."""
    if all(isinstance(value, float) for value in fields):
        return (ctypes.c_double * len(fields))(*fields)
    words = [value.ctypes.data if isinstance(value, np.ndarray) else int(value) for value in fields]
    return (ctypes.c_int64 * len(words))(*words)


def pointer(array: np.ndarray) -> ctypes.c_void_p:
    """Return the address of an array's first element."""
    return ctypes.c_void_p(array.ctypes.data)
