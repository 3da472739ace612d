"""From a scalar rule to a compiled kernel that runs it for every agent on a block of paths.

The kernel's text is generated once per rule and kept, with its compiled form, in the cache folder under a hash of
everything that reaches it. The engine calls it by address, so a new rule never recompiles the engine.
"""

from __future__ import annotations

import ctypes
import math
import types as python_types
from collections import namedtuple
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeGuard

from flowsim.authoring.declaration import Strategy
from flowsim.authoring.view import View
from flowsim.errors import StrategyError
from flowsim.kernel import functions
from flowsim.kernel.code_digest import described
from flowsim.kernel.kernel_cache import is_kept, kept_or_compiled, kernel_name
from flowsim.kernel.lanes import room_for_lanes
from flowsim.kernel.marks import LANES, MARK, PLAIN, inline
from flowsim.kernel.numba_backend.machine_code import Shape
from flowsim.kernel.random import fill_normals

if TYPE_CHECKING:
    from flowsim.kernel.numba_backend.rule_types import Shaped

_NUMBERS = ctypes.POINTER(ctypes.c_double)
SHAPE = Shape(None, (_NUMBERS,) * 4 + (ctypes.c_int64,) * 3 + (ctypes.c_uint64,) * 2 + (ctypes.c_int64,))

_TEMPLATE = """
def kernel(view, params, state, orders, agents, path0, step, k0, k1, mirror):
    {buffers}
    for agent in range(agents):
        own = Params({params})
        {rows}
        {draws}
        for lane in range({lanes}):
            held, order = rule(View({view}), own, State({state}), {noise})
            {stores}
            orders[lane] += order
"""
"""Its arrays are flat, and to compiled code no more than where they begin: the shapes and strides of several axes are
work for the compiler that no kernel needs."""

_DRAWS = """if agent & 1 == 0:
            fill_normals(even, odd, path0, step, agent >> 1, 0, k0, k1, mirror)
        draw = even if agent & 1 == 0 else odd"""


def block_kernel(strategy: Strategy, rows: tuple[str, ...] = View._fields) -> Any:
    """Return the kernel of a strategy, or in plain Python a callable.

    `rows` names the rows of the view.

    The kernel's arguments are the view (fields, 64), the agents' parameters (fields, agents), their state
    (fields, agents, 64), the orders to add to (64,), the number of agents, the first path, the step, the two key
    words of the random stream, and the antithetic flag. Arrays are float64 and C-contiguous.

    Raises
    ------
    StrategyError
        If the rule does not compile or returns something else than (state, order); names file and line.
    """
    text, names = _text(strategy, rows), _names(strategy, rows)
    if PLAIN:
        exec(compile(text, f"<kernel of {strategy.name}>", "exec"), names)
        return _PlainKernel(names["kernel"], strategy)

    def compile_it() -> bytes:
        from flowsim.kernel.numba_backend.compiler import object_code, written

        _check_types(strategy, names["rule"], names["View"])
        return object_code(written(text, "kernel", names), SHAPE)

    return kept_or_compiled(_kept_name(strategy, text, names), SHAPE, compile_it)


def is_compiled(strategy: Strategy, rows: tuple[str, ...] = View._fields) -> bool:
    """Tell whether the kernel of a strategy has been compiled before; in plain Python nothing ever is."""
    return not PLAIN and is_kept(_kept_name(strategy, _text(strategy, rows), _names(strategy, rows)))


def _kept_name(strategy: Strategy, text: str, names: dict[str, object]) -> str:
    """Return what the kernel with this text is kept under: it says what every name in it stands for."""
    return kernel_name(strategy.name, text, *(f"{name} = {described(value)}" for name, value in names.items()))


def _names(strategy: Strategy, rows: tuple[str, ...]) -> dict[str, Any]:
    """Return what the text of a kernel names."""
    return {
        "rule": _strict(strategy.rule, _where(strategy)),
        "Params": strategy.params,
        "State": strategy.state,
        "View": namedtuple("View", fields_read(strategy, rows)),
        "fill_normals": fill_normals,
        "room_for_lanes": room_for_lanes,
    }


def _where(strategy: Strategy) -> str:
    return f"{strategy.file}:{strategy.line}: rule {strategy.name!r}"


def _strict(function: Callable[..., object], where: str) -> Callable[..., object]:
    """Return a function of a strategy file, and with it those of that file that it calls, without ``math``.

    In its place are the strict functions, compiled or not.
    """
    if function.__closure__:
        raise StrategyError(f"{where} uses variables of an enclosing function; pass them as parameters")
    bound = dict(function.__globals__)
    for name in function.__code__.co_names:
        used = bound.get(name)
        if used is math:
            bound[name] = functions
        elif _is_helper(used, function):
            bound[name] = _strict(
                used, f"{used.__code__.co_filename}:{used.__code__.co_firstlineno}: function {name!r}"
            )
    if math in (function.__globals__.get(name) for name in function.__code__.co_names):
        for name in function.__code__.co_names:
            if hasattr(math, name) and not hasattr(functions, name) and name not in bound:
                allowed = ", ".join(n for n in sorted(vars(functions)) if hasattr(math, n))
                raise StrategyError(f"{where} calls math.{name}, which a rule cannot use; it may use {allowed}")
    copy = python_types.FunctionType(function.__code__, bound, function.__name__, function.__defaults__)
    copy.__kwdefaults__ = function.__kwdefaults__
    return inline(copy)


def _text(strategy: Strategy, rows: tuple[str, ...]) -> str:
    n_params, n_state = len(strategy.parameter_names), len(strategy.state_names)
    joined = "\n        ".join
    return _TEMPLATE.format(
        buffers="even, odd = room_for_lanes(), room_for_lanes()" if strategy.uses_noise else "pass",
        params=", ".join(f"params[{row} * agents + agent]" for row in range(n_params)),
        rows=joined(f"row{row} = ({row} * agents + agent) * {LANES}" for row in range(n_state)) or "pass",
        draws=_DRAWS if strategy.uses_noise else "pass",
        lanes=LANES,
        view=", ".join(f"view[{rows.index(field) * LANES} + lane]" for field in fields_read(strategy, rows)),
        state=", ".join(f"state[row{row} + lane]" for row in range(n_state)),
        noise="draw[lane]" if strategy.uses_noise else "0.0",
        stores="\n            ".join(f"state[row{row} + lane] = held[{row}]" for row in range(n_state)) or "pass",
    )


def fields_read(strategy: Strategy, rows: tuple[str, ...] = View._fields) -> tuple[str, ...]:
    """Return the rows of the view that the rule of a strategy names, and perhaps some more: a kernel has no others.

    All of them would be work for the compiler, at each rule.
    """
    names = set(_names_used(strategy.rule))
    return tuple(field for field in rows if field in names)


def _names_used(function: Callable[..., object]) -> list[str]:
    """Names used by a function and by the functions of its file that it calls."""
    names = list(function.__code__.co_names)
    for name in function.__code__.co_names:
        used = function.__globals__.get(name)
        if _is_helper(used, function):
            names += _names_used(used)
    return names


def _is_helper(used: object, function: Callable[..., object]) -> TypeGuard[python_types.FunctionType]:
    """Tell whether a name in a function stands for another function of a strategy file."""
    return isinstance(used, python_types.FunctionType) and used is not function and not hasattr(used, MARK)


def _check_types(strategy: Strategy, rule: Callable[..., object], view: type[Shaped]) -> None:
    from flowsim.kernel.numba_backend.rule_types import fault

    found = fault(rule, view, strategy.params, strategy.state)
    if found is not None:
        raise StrategyError(f"{_where(strategy)} {found}")


class _PlainKernel:
    """The same kernel as a callable on arrays, for stepping through with a debugger."""

    def __init__(self, step: Callable[..., None], strategy: Strategy) -> None:
        self.step = step
        self.n_params = len(strategy.parameter_names)
        self.n_state = len(strategy.state_names)

    def __call__(self, view, params, p0, state, s0, orders, agents, *rest) -> None:
        own, held = params[p0 : p0 + self.n_params * agents], state[s0 : s0 + self.n_state * agents * LANES]
        self.step(view.reshape(-1), own, held, orders, agents, *rest)
