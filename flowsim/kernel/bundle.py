"""Kernels that work on a whole bundle of arrays, called by address with one pointer.

Handing some sixty arrays from the engine to a compiled function costs the compiler seconds at each call it meets. So a
bundle (a NamedTuple of NamedTuples of arrays and numbers) is packed into one row of words: addresses, shapes, numbers.
The kernel's text, generated from the bundle's types, unpacks them and calls the work. The engine calls it by address,
so a market without it never compiles it.
"""

from __future__ import annotations

import hashlib
import os
import sys
import types as python_types
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import numpy as np

from flowsim.kernel.addresses import array_at, float_pointer, integer_pointer, word_pointer
from flowsim.kernel.functions import bits_float
from flowsim.kernel.jit import PLAIN, STRICT, kernel_cache

_TEMPLATE = '''"""Kernel of {name}, generated from the types of its bundle; do not edit."""

from numba import cfunc


@cfunc(SIGNATURE, cache=True, **OPTIONS)
def kernel(words, task, day, elapsed, path0, live, counter):
    words = array_at(words, ({n_words},))
    return work(
        {bundle},
        task, day, elapsed, path0, live, counter,
    )
'''
_POINTER = {"float64": "float_pointer", "int64": "integer_pointer", "uint64": "word_pointer"}


def pack(bundle: Any) -> np.ndarray:
    """Return the words of a bundle, int64 (words,). Its arrays must outlive them.

    An array is its address and its shape, an integer itself, a float its bits.
    """
    words: list[int] = []
    for value in _leaves(bundle):
        if isinstance(value, np.ndarray):
            words += [value.ctypes.data, *value.shape]
        elif isinstance(value, float):
            words.append(int(np.float64(value).view(np.int64)))
        else:
            words.append(int(value))
    return np.array(words, np.int64)


def bundle_kernel(name: str, work: Callable[..., Any], bundle: Any) -> Any:
    """Return the kernel that unpacks such a bundle and does `work(bundle, task, day, elapsed, path0, live, counter)`.

    It has an ``address``; in plain Python it is `work` itself, and the bundle takes the place of the words.
    """
    if PLAIN:
        return work
    text, n_words = _unpacking(bundle)
    shapes = tuple(dict.fromkeys(type(part) for part in _tuples(bundle)))
    return _kernel(name, work, _TEMPLATE.format(name=name, n_words=n_words, bundle=text), shapes)


@cache
def _kernel(name: str, work: Callable[..., Any], text: str, shapes: tuple[type, ...]) -> Any:
    """Compile the kernel with this text, or load it from the cache folder: once in a process."""
    from numba import types

    file = kernel_cache() / f"{name}_{hashlib.sha256(text.encode()).hexdigest()[:16]}.py"
    if not file.exists():
        temporary = file.with_suffix(f".{os.getpid()}.tmp")
        temporary.write_text(text)
        os.replace(temporary, file)
    module = python_types.ModuleType(file.stem)
    module.__file__ = str(file)
    whole = types.int64
    module.__dict__.update(
        {shape.__name__: shape for shape in shapes},
        work=work,
        array_at=array_at,
        bits_float=bits_float,
        float_pointer=float_pointer,
        integer_pointer=integer_pointer,
        word_pointer=word_pointer,
        OPTIONS=STRICT,
        SIGNATURE=whole(types.CPointer(whole), whole, whole, types.float64, whole, whole, whole),
    )
    sys.modules[file.stem] = module
    exec(compile(text, str(file), "exec"), module.__dict__)
    return module.__dict__["kernel"]


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
