"""From a scalar rule to a compiled kernel that runs it for every agent on a block of paths.

The kernel's text is generated once per rule and kept, with its compiled form, in the cache folder under a hash of
everything that reaches it. The engine calls it by address, so a new rule never recompiles the engine.
"""

from __future__ import annotations

import hashlib
import inspect
import math
import os
import sys
import types as python_types
from collections.abc import Callable
from pathlib import Path
from typing import Any

from flowsim.errors import StrategyError
from flowsim.kernel import functions
from flowsim.kernel.addresses import array_at
from flowsim.kernel.jit import LANES, PLAIN, STRICT, first_sentence, inline, kernel_cache
from flowsim.strategy import Strategy, View

_TEMPLATE = '''"""Block kernel of rule {name!r}, generated from {file}; do not edit."""

import numpy as np
{imports}

def kernel(view, params, state, orders, agents, path0, step, k0, k1, mirror):
    {arrays}
    {buffers}
    unread = 0.0
    for agent in range(agents):
        own = Params({params})
        {rows}
        {draws}
        for lane in range({lanes}):
            held, order = rule(View({view}), own, State({state}), {noise})
            {stores}
            orders[lane] += order
'''

_ARRAYS = """view = array_at(view, ({n_view}, {lanes}))
    params = array_at(params, ({n_params}, agents))
    state = array_at(state, ({n_state}, agents, {lanes}))
    orders = array_at(orders, ({lanes},))"""

_DRAWS = """if agent & 1 == 0:
            fill_normals(even, odd, path0, step, agent >> 1, 0, k0, k1, mirror)
        draw = even if agent & 1 == 0 else odd"""


def block_kernel(strategy: Strategy) -> Any:
    """Return the kernel of a strategy: an object with an ``address``, or in plain Python a callable.

    The kernel's arguments are the view (fields, 64), the agents' parameters (fields, agents), their state
    (fields, agents, 64), the orders to add to (64,), the number of agents, the first path, the step, the two key
    words of the random stream, and the antithetic flag. Arrays are float64 and C-contiguous.

    Raises
    ------
    StrategyError
        If the rule does not compile or returns something else than (state, order); names file and line.
    """
    text = _text(strategy)
    names = {
        "rule": compiled_rule(strategy),
        "Params": strategy.params,
        "State": strategy.state,
        "View": View,
        "fill_normals": _fill_normals(),
    }
    if PLAIN:
        module = python_types.ModuleType(f"rule_{strategy.name}")
        module.__dict__.update(names)
        exec(compile(text, f"<kernel of {strategy.name}>", "exec"), module.__dict__)
        return _PlainKernel(module.__dict__["kernel"], strategy)
    return _load(strategy, text, names).kernel


def compiled_rule(strategy: Strategy) -> Callable[..., Any]:
    """Return the rule compiled for inlining, with the strict functions in the place of ``math``."""
    return _strict(strategy.rule, f"{strategy.file}:{strategy.line}: rule {strategy.name!r}")


def _fill_normals() -> Any:
    from flowsim.kernel.random import fill_normals

    return fill_normals


def _strict(function: Callable[..., Any], where: str) -> Callable[..., Any]:
    """Compile a function of a strategy file, and the functions of that file that it calls."""
    if function.__closure__:
        raise StrategyError(f"{where} uses variables of an enclosing function; pass them as parameters")
    bound = dict(function.__globals__)
    for name in function.__code__.co_names:
        used = bound.get(name)
        if used is math:
            bound[name] = functions
        elif isinstance(used, python_types.FunctionType) and used is not function:
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


def _text(strategy: Strategy) -> str:
    n_params, n_state = len(strategy.parameter_names), len(strategy.state_names)
    read = fields_read(strategy)
    view = ", ".join(f"view[{row}, lane]" if field in read else "unread" for row, field in enumerate(View._fields))
    joined = "\n        ".join
    arrays = _ARRAYS.format(n_view=len(View._fields), n_params=n_params, n_state=n_state, lanes=LANES)
    return _TEMPLATE.format(
        name=strategy.name,
        file=strategy.file.name,
        imports="" if PLAIN else "from numba import cfunc\n\n\n@cfunc(SIGNATURE, cache=True, **OPTIONS)",
        arrays="pass" if PLAIN else arrays,
        buffers=f"even, odd = np.empty({LANES}), np.empty({LANES})" if strategy.uses_noise else "pass",
        params=", ".join(f"params[{row}, agent]" for row in range(n_params)),
        rows=joined(f"row{row} = state[{row}, agent]" for row in range(n_state)) or "pass",
        draws=_DRAWS if strategy.uses_noise else "pass",
        lanes=LANES,
        view=view,
        state=", ".join(f"row{row}[lane]" for row in range(n_state)),
        noise="draw[lane]" if strategy.uses_noise else "0.0",
        stores="\n            ".join(f"row{row}[lane] = held[{row}]" for row in range(n_state)) or "pass",
    )


def fields_read(strategy: Strategy) -> set[str]:
    """Return the fields of the view that the rule of a strategy names, and perhaps some more."""
    return set(_names_in(strategy.rule)) & set(View._fields)


def _names_in(function: Callable[..., Any]) -> list[str]:
    """Names used by a function and by the functions of its file that it calls, so that only those rows are read."""
    names = list(function.__code__.co_names)
    for name in function.__code__.co_names:
        used = function.__globals__.get(name)
        if isinstance(used, python_types.FunctionType) and used is not function:
            names += _names_in(used)
    return names


def _check_types(strategy: Strategy, rule: Any) -> None:
    from numba import types

    where = f"{strategy.file}:{strategy.line}: rule {strategy.name!r}"

    def floats(shape: Any) -> Any:
        return (
            types.NamedUniTuple(types.float64, len(shape._fields), shape)
            if shape._fields
            else types.NamedTuple((), shape)
        )

    signature = (floats(View), floats(strategy.params), floats(strategy.state), types.float64)
    try:
        rule.compile(signature)
    except Exception as error:
        raise StrategyError(f"{where} does not compile: {first_sentence(error)}") from None
    returned = rule.overloads[signature].signature.return_type
    wanted = types.Tuple((floats(strategy.state), types.float64))
    if returned != wanted:
        raise StrategyError(
            f"{where} must return ({strategy.state.__name__} of floats, order as a float); it returns {returned}"
        )


def is_compiled(strategy: Strategy) -> bool:
    """Tell whether the kernel of a strategy has been compiled before; in plain Python nothing ever is."""
    return not PLAIN and _file(strategy, _text(strategy)).exists()


def _file(strategy: Strategy, text: str) -> Path:
    """Return where the kernel with this text is kept: under a hash of it and of the rule's file."""
    source = inspect.getsource(sys.modules[strategy.rule.__module__])
    digest = hashlib.sha256(f"{text}\x00{source}".encode()).hexdigest()[:16]
    return kernel_cache() / f"{strategy.name}_{digest}.py"


def _load(strategy: Strategy, text: str, names: dict[str, Any]) -> Any:
    """Write the kernel's text and import it with `names` in place."""
    from numba import types

    file = _file(strategy, text)
    if not file.exists():
        _check_types(strategy, names["rule"])
        temporary = file.with_suffix(f".{os.getpid()}.tmp")
        temporary.write_text(text)
        os.replace(temporary, file)
    doubles = types.CPointer(types.float64)
    module = python_types.ModuleType(file.stem)
    module.__file__ = str(file)
    module.__dict__.update(
        names,
        array_at=array_at,
        # The rows of draws are the only arrays that a kernel allocates.
        OPTIONS=STRICT | {"_nrt": strategy.uses_noise},
        SIGNATURE=types.void(
            doubles, doubles, doubles, doubles, *[types.int64] * 3, types.uint64, types.uint64, types.int64
        ),
    )
    sys.modules[file.stem] = module
    exec(compile(text, str(file), "exec"), module.__dict__)
    return module


class _PlainKernel:
    """The same kernel as a callable on arrays, for stepping through with a debugger."""

    def __init__(self, step: Callable[..., None], strategy: Strategy) -> None:
        self.step = step
        self.n_params = len(strategy.parameter_names)
        self.n_state = len(strategy.state_names)

    def __call__(self, view, params, p0, state, s0, orders, agents, *rest) -> None:
        own = params[p0 : p0 + self.n_params * agents].reshape(self.n_params, agents)
        size = self.n_state * agents * LANES
        self.step(view, own, state[s0 : s0 + size].reshape(self.n_state, agents, LANES), orders, agents, *rest)
