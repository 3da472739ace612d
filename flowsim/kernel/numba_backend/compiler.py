"""From marked Python functions to machine code: every numba option in one place.

Floats are strict everywhere: no fastmath, so that results are the same bits on every thread count, chunk size and
machine, and with the compiler off. ``error_model="numpy"`` takes out the branch before each division, and
``forceinline`` lets the loop over paths become vector code: without them the engine runs four to five times slower.

No compiled function owns an array: all are handed in. So numba's counting of references is off (``_nrt=False``); it
was a quarter of the engine's time. What works on many arrays is handed them as one bundle, which is a pointer.

LLVM is told that the arrays of a `function` share no memory that it writes (``noalias``). Else it looks at the start of
each loop, and gives up where there are many; the close of the option market takes a quarter longer then. That it is
true is watched by ``tests/helpers/apart.py``.

A compiled function holds the number of lanes as a constant, so that its loops become vector code. With a smaller one it
works on the first paths only: arrays keep their 64 lanes, so whatever counts places in an array must take the length of
its rows from the array. What one lane computes does not depend on its neighbors, so results are the same bits.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from types import FunctionType, ModuleType
from typing import Any

from llvmlite import ir
from llvmlite.binding import set_option
from numba import types
from numba.core import codegen, dispatcher
from numba.core.compiler import Compiler
from numba.core.compiler_lock import global_compiler_lock
from numba.core.typing.ctypes_utils import from_ctypes

from flowsim.kernel import functions
from flowsim.kernel.layout import Layout
from flowsim.kernel.marks import FUNCTION, INLINE, INSTRUCTION, LANES, MARK
from flowsim.kernel.numba_backend import instructions
from flowsim.kernel.numba_backend.bundle_type import BundleType
from flowsim.kernel.numba_backend.machine_code import ENTRY, Shape
from flowsim.kernel.numba_backend.target import TARGET, KernelDispatcher

_dispatcher: Any = dispatcher

INTERLEAVED = 4
"""Vectors of paths that a loop has under way at once.

Left alone, LLVM takes one in a long loop, for want of registers, and the processor waits for each of its steps. With
four it waits less, and a constant that is read from memory serves all of them. No sum is in another order."""
LLVM_CHOOSES = 0

STRICT: dict[str, object] = {"nopython": True, "boundscheck": None, "error_model": "numpy", "_nrt": False}
_ENGINE_ONLY: dict[str, object] = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True}
OPTIONS: dict[str, dict[str, object]] = {
    INLINE: STRICT | _ENGINE_ONLY | {"forceinline": True},
    FUNCTION: STRICT | _ENGINE_ONLY | {"forceinline": False},
}

Form = Callable[[Callable[..., object], int], object]
"""From a marked function and a number of lanes to what compiled code calls in its place."""


@cache
def compiled(function: Callable[..., object], lanes: int = LANES) -> Any:
    """Return numba's form of a marked function, and of all that it names, on so many lanes."""
    kind = getattr(function, MARK)
    if kind == INSTRUCTION:
        return getattr(instructions, function.__name__)
    made: Any = KernelDispatcher(linked(function, lanes), targetoptions=OPTIONS[kind])
    if kind == FUNCTION:
        made._compiler._customize_flags = _without_overlaps
    return made


def _without_overlaps(flags: Any) -> Any:
    """Set what no public option of numba sets."""
    flags.noalias = True
    return flags


def linked(function: Callable[..., object], lanes: int = LANES, form: Form = compiled) -> FunctionType:
    """Return a copy of a function in which the names of marked functions stand for their compiled forms."""
    names = dict(function.__globals__)
    for name in function.__code__.co_names:
        if name == "LANES":
            names[name] = lanes
        elif name in names:
            names[name] = _compiled_value(names[name], lanes, form)
    copy = FunctionType(function.__code__, names, function.__name__, function.__defaults__, function.__closure__)
    copy.__kwdefaults__ = function.__kwdefaults__
    width = "" if lanes == LANES else f"on_{lanes}_lanes_"
    copy.__module__, copy.__qualname__ = function.__module__, width + function.__qualname__
    return copy


def _compiled_value(value: object, lanes: int, form: Form) -> object:
    if value is functions:
        return _compiled_module(lanes, form)
    return form(value, lanes) if isinstance(value, FunctionType) and hasattr(value, MARK) else value


@cache
def _compiled_module(lanes: int, form: Form) -> ModuleType:
    """Return what a rule has instead of ``math``."""
    module = ModuleType(functions.__name__)
    module.__dict__.update({name: _compiled_value(value, lanes, form) for name, value in vars(functions).items()})
    return module


class _KernelCompiler(_dispatcher._FunctionCompiler):
    """Compile a function without what only Python needs, and stop before it is finished: it lacks its entry."""

    def _customize_flags(self, flags: Any) -> Any:
        flags.no_cpython_wrapper = flags.no_cfunc_wrapper = flags.no_compile = True
        flags.enable_pyobject = False
        return flags


def written(text: str, name: str, names: Mapping[str, object]) -> Callable[..., object]:
    """Return the function of a name in a text, which may use other names and every public instruction."""
    known: dict[str, Any] = {
        public: value for public, value in vars(instructions).items() if not public.startswith("_")
    } | dict(names)
    exec(compile(text, f"<{name}>", "exec"), known)
    return known[name]


def object_code(
    function: Callable[..., object], shape: Shape, layout: Layout | None = None, lanes: int = LANES
) -> bytes:
    """Return the object file of a function on so many lanes, whose `ENTRY` takes and returns what the shape says.

    With a layout, the first that it takes points to the words of such a bundle.

    Raises
    ------
    numba.core.errors.NumbaError
        If it does not compile.
    RuntimeError
        If the code needs anything but the C library: then only this process could run it.
    """
    arguments = tuple(from_ctypes(argument) for argument in shape.arguments)
    if layout is not None:
        arguments = (BundleType(layout), *arguments[1:])
    returned = types.void if shape.returned is None else from_ctypes(shape.returned)
    with global_compiler_lock, _interleaving(lanes):
        made = _KernelCompiler(linked(function, lanes), TARGET, STRICT, {}, Compiler).compile(arguments, returned)
        _add_entry(made)
        made.library.finalize()
        codegen.CPUCodeLibrary._optimize_final_module(made.library)
        needed = _needed_from_outside(made.library)
        if needed:
            raise RuntimeError(f"compiled code needs {', '.join(needed)}, which no other process has")
        return made.library.codegen._tm.emit_object(made.library._final_module)


@contextmanager
def _interleaving(lanes: int) -> Iterator[None]:
    """Have LLVM compile loops over all lanes as `INTERLEAVED` says; fewer lanes are not as many vectors."""
    option = "-force-vector-interleave"
    set_option("flowsim", f"{option}={INTERLEAVED if lanes == LANES else LLVM_CHOOSES}")
    try:
        yield
    finally:
        set_option("flowsim", f"{option}={LLVM_CHOOSES}")


def _add_entry(made: Any) -> None:
    """Add the function that is called from outside: compiled code cannot raise, so it hands on no errors."""
    context, described = made.target_context, made.fndesc
    module = context.create_module("entry")
    inner_type = context.call_conv.get_function_type(described.restype, described.argtypes)
    inner = ir.Function(module, inner_type, described.llvm_func_name)
    nothing = described.restype == types.void
    returned = ir.VoidType() if nothing else context.get_value_type(described.restype)
    arguments = [context.get_value_type(argument) for argument in described.argtypes]
    entry = ir.Function(module, ir.FunctionType(returned, arguments), ENTRY)
    builder = ir.IRBuilder(entry.append_basic_block())
    _, value = context.call_conv.call_function(
        builder, inner, described.restype, described.argtypes, entry.args, attrs=("noinline",)
    )
    if nothing:
        builder.ret_void()
    else:
        builder.ret(value)
    made.library.add_ir_module(module)


def _needed_from_outside(library: Any) -> list[str]:
    """Return what a library names, and neither holds nor finds in LLVM or C."""
    module = library._final_module
    missing = [one.name for one in (*module.functions, *module.global_variables) if one.is_declaration]
    return [name for name in missing if not (name.startswith("llvm.") or hasattr(math, name))]
