"""Functions that Python calls with arrays and numbers, as kernels on the bundle of their arguments."""

from __future__ import annotations

import ctypes
from collections import namedtuple
from collections.abc import Callable
from functools import wraps

from flowsim.kernel.bundle import WORDS, bundle_kernel, pack
from flowsim.kernel.marks import PLAIN, inline
from flowsim.kernel.numba_backend.machine_code import Shape

_RETURNED = {"int": ctypes.c_int64, "None": None}


def entry(python_function: Callable[..., object]) -> Callable[..., object]:
    """Compile a function that Python calls, when it is first called with arguments of such types, and keep it on disk.

    It takes C-contiguous arrays, floats and integers by position, and returns nothing or an integer, as annotated.
    """
    if PLAIN:
        return python_function
    name, code = python_function.__name__, python_function.__code__
    bundle_class = namedtuple("Arguments", code.co_varnames[: code.co_argcount])
    shape = Shape(_RETURNED[python_function.__annotations__["return"]], (WORDS,))
    work = _on_a_bundle(python_function, bundle_class._fields)

    @wraps(python_function, updated=())
    def with_arguments(*arguments: object) -> object:
        bundle = bundle_class(*arguments)
        return bundle_kernel(name, work, bundle, shape).call(pack(bundle).ctypes.data_as(WORDS))

    return with_arguments


def _on_a_bundle(python_function: Callable[..., object], names: tuple[str, ...]) -> Callable[..., object]:
    """Return a function that takes the fields of a bundle out and calls another with them."""
    arguments = ", ".join(f"bundle.{name}" for name in names)
    known: dict[str, Callable[..., object]] = {"called": inline(python_function)}
    exec(f"def {python_function.__name__}(bundle):\n    return called({arguments})\n", known)
    return known[python_function.__name__]
