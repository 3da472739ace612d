"""Kernels that work on a whole bundle of arrays, called by address with one pointer.

A bundle is a NamedTuple of NamedTuples of arrays and numbers. Compiled code does not see it so: some hundred words
handed from function to function cost the compiler seconds and the processor its stack. It sees one row of words
(addresses, shapes, numbers) by a pointer, and reads from there what a field needs, where it is named:
``numba_backend/bundle_type.py``. The engine calls the option market by address with such a pointer, and a market
without options never compiles it; Python calls the engine so.
"""

from __future__ import annotations

import ctypes
import logging
import threading
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import numpy as np

from flowsim.kernel.code_digest import function_digest
from flowsim.kernel.kernel_cache import kept_or_compiled, kernel_name
from flowsim.kernel.layout import Layout, layout_of
from flowsim.kernel.marks import LANES, PLAIN
from flowsim.kernel.numba_backend.machine_code import Kernel, Shape

WORDS = ctypes.POINTER(ctypes.c_int64)
_WHOLE = ctypes.c_int64
TASK = Shape(_WHOLE, (WORDS, _WHOLE, _WHOLE, _WHOLE, _WHOLE, _WHOLE))
"""Words; task or phase, day, step, path0, live."""
DAYS = Shape(_WHOLE, (WORDS, _WHOLE, _WHOLE, _WHOLE, _WHOLE))
"""Words; first and last day, path0, live."""


class Words(np.ndarray):
    """The words of a bundle, which keep it alive: they know no more of its arrays than where they are."""

    bundle: object


def pack(bundle: object) -> Words:
    """Return the words of a bundle, int64 (words,).

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
    packed = np.array(words, np.int64).view(Words)
    packed.bundle = bundle
    return packed


def _leaves(part: Any) -> Iterator[Any]:
    if isinstance(part, tuple):
        for value in part:
            yield from _leaves(value)
    else:
        yield part


def bundle_kernel(name: str, work: Callable[..., object], bundle: object, shape: Shape, lanes: int = LANES) -> Any:
    """Return the kernel that does `work(bundle, ...)`, with what else the shape takes, on the words of such a bundle.

    In plain Python it is `work` itself, and takes the bundle instead of the words.
    """
    if PLAIN:
        return work
    with _ONE_AT_A_TIME:
        return _kernel(f"{name}_{lanes}", work, layout_of(bundle), shape, lanes)


_ONE_AT_A_TIME = threading.Lock()
"""Blocks begin on several threads at once. Each would load a kernel, and all but one go with their addresses in use."""


@cache
def _say_that_it_compiles() -> None:
    """Say once in a process what it waits for; rules are compiled too, but each in the blink of an eye."""
    # A warning, since it is to be read from Python too, where nobody sets up a log.
    logging.getLogger("flowsim").warning(
        "compiling the engine for this processor: about half a minute, once; later starts take a second"
    )


@cache
def _kernel(name: str, work: Callable[..., object], layout: Layout, shape: Shape, lanes: int) -> Kernel:
    """Compile the kernel for this layout, or load it: once in a process, and for as long as that lives."""

    def compile_it() -> bytes:
        from flowsim.kernel.numba_backend.compiler import object_code

        _say_that_it_compiles()
        return object_code(work, shape, layout, lanes)

    kept = kernel_name(name, function_digest(work), repr(layout), repr(shape))
    return kept_or_compiled(kept, shape, compile_it)
