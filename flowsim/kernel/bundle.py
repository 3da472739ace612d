"""Kernels that work on a whole bundle of arrays, called by address with one pointer.

Handing some sixty arrays from the engine to a compiled function costs the compiler seconds at each call it meets. So a
bundle (a NamedTuple of NamedTuples of arrays and numbers) is packed into one row of words: addresses, shapes, numbers.
The kernel begins by unpacking them, with text that is generated from the bundle's types. The engine calls the option
market so, by address, and a market without options never compiles it; Python calls the engine so.
"""

from __future__ import annotations

import ctypes
import hashlib
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import numpy as np

from flowsim.kernel.functions import bits_float
from flowsim.kernel.jit import LANES, PLAIN, part
from flowsim.kernel.machine_code import Kernel, Shape, kept_or_compiled

WORDS = ctypes.POINTER(ctypes.c_int64)
_WHOLE = ctypes.c_int64
TASK = Shape(_WHOLE, (WORDS, _WHOLE, _WHOLE, ctypes.c_double, _WHOLE, _WHOLE, _WHOLE))
"""Words; task, day, elapsed, path0, live, counter."""
DAYS = Shape(_WHOLE, (WORDS, _WHOLE, _WHOLE, _WHOLE, _WHOLE))
"""Words; first and last day, path0, live."""

_TEMPLATE = """
def unpacked(words):
    words = array_at(words, ({n_words},))
    return {bundle}
"""
_POINTER = {"float64": "float_pointer", "int64": "integer_pointer", "uint64": "word_pointer"}


def pack(bundle: Any) -> np.ndarray:
    """Return the words of a bundle, int64 (words,). Its arrays must outlive them.

    An array is its address and its shape, an integer itself, a float its bits.

    Raises
    ------
    ValueError
        If an array is not C-contiguous.
    """
    words: list[int] = []
    for value in _leaves(bundle):
        if isinstance(value, np.ndarray):
            if not value.flags.c_contiguous:
                raise ValueError(f"an array of shape {value.shape} is not C-contiguous")
            words += [value.__array_interface__["data"][0], *value.shape]
        elif isinstance(value, float):
            words.append(int(np.float64(value).view(np.int64)))
        else:
            words.append(int(value))
    return np.array(words, np.int64)


@part
def unpack(words):
    """Return the bundle that words were packed from; in plain Python they are the bundle itself."""
    return words


def bundle_kernel(name: str, work: Callable[..., Any], bundle: Any, shape: Shape, lanes: int = LANES) -> Any:
    """Return the kernel that does `work(words, ...)`, with what else the shape takes, on the words of such a bundle.

    The work calls `unpack`, which is generated from the bundle's types. In plain Python the kernel is `work` itself,
    and the bundle takes the place of the words.
    """
    if PLAIN:
        return work
    text, n_words = _unpacking(bundle)
    parts = tuple(dict.fromkeys(type(part) for part in _tuples(bundle)))
    return _kernel(f"{name}_{lanes}", work, _TEMPLATE.format(n_words=n_words, bundle=text), parts, shape, lanes)


@cache
def _kernel(
    name: str, work: Callable[..., Any], text: str, parts: tuple[type, ...], shape: Shape, lanes: int
) -> Kernel:
    """Compile the kernel with this text, or load it: once in a process."""

    def compile_it() -> bytes:
        from flowsim.kernel.compiler import linked, object_code, written

        names = {tuple_type.__name__: tuple_type for tuple_type in parts} | {"bits_float": bits_float}
        unpacking = part(written(text, "unpacked", names))
        return object_code(linked(work, lanes, unpack=unpacking), shape)

    return kept_or_compiled(f"{name}_{hashlib.sha256(text.encode()).hexdigest()[:16]}", shape, compile_it)


def _unpacking(part: Any, first: int = 0) -> tuple[str, int]:
    """Return the text that rebuilds a part of the bundle from the words, and the first word after it."""
    if isinstance(part, tuple):
        fields = []
        for value in part:
            text, first = _unpacking(value, first)
            fields.append(text)
        return f"{type(part).__name__}({', '.join(fields)})", first
    if isinstance(part, np.ndarray):
        shape = ", ".join(f"words[{first + 1 + axis}]" for axis in range(part.ndim))
        return f"array_at({_POINTER[part.dtype.name]}(words[{first}]), ({shape},))", first + 1 + part.ndim
    return (f"bits_float(words[{first}])" if isinstance(part, float) else f"words[{first}]"), first + 1


def _leaves(part: Any) -> Iterator[Any]:
    if isinstance(part, tuple):
        for value in part:
            yield from _leaves(value)
    else:
        yield part


def _tuples(part: Any) -> Iterator[Any]:
    if isinstance(part, tuple):
        yield part
        for value in part:
            yield from _tuples(value)
