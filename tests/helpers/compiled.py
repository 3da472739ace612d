"""The engine's inner functions, which only compiled code can call, wrapped for Python: arrays in, arrays out."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np
from numba import njit

from flowsim.kernel import functions
from flowsim.kernel.marks import INSTRUCTION, LANES, MARK, PLAIN
from flowsim.kernel.random import normals, philox, uniforms

ONE_ARGUMENT = ("exp", "expm1", "log", "log1p", "tanh")


def machine_code(*signature: str) -> Callable[[Callable[..., object]], Callable[..., object]]:
    """Return a decorator that compiles a loop over functions of the engine, with strict floats."""

    def compile_it(loop: Callable[..., object]) -> Callable[..., object]:
        if PLAIN:
            return loop
        from flowsim.kernel.numba_backend.compiler import linked

        return njit(*signature, error_model="numpy")(linked(loop, LANES, for_python))

    return compile_it


@cache
def for_python(function: Callable[..., object], lanes: int) -> object:
    """Return a marked function as kernels have it, but for numba's own target, where Python may call its callers."""
    from flowsim.kernel.numba_backend import instructions
    from flowsim.kernel.numba_backend.compiler import OPTIONS, linked

    kind = getattr(function, MARK)
    if kind == INSTRUCTION:
        return getattr(instructions, function.__name__)
    options = {name: value for name, value in OPTIONS[kind].items() if name not in ("nopython", "boundscheck")}
    return njit(**options)(linked(function, lanes, for_python))


@cache
def elementwise(name: str) -> Callable[[np.ndarray], np.ndarray]:
    """Return a function of `flowsim.kernel.functions` applied to every element, with strict floats."""
    function = getattr(functions, name)
    if not PLAIN:
        function = for_python(function, LANES)

    def apply(values: np.ndarray) -> np.ndarray:
        results = np.empty_like(values)
        for index in range(values.size):
            results[index] = function(values[index])
        return results

    return machine_code()(apply)


@machine_code()
def sines_and_cosines(turns):
    results = np.empty((turns.size, 2))
    for index in range(turns.size):
        results[index, 0], results[index, 1] = functions.sine_cosine_of_turns(turns[index])
    return results


@machine_code()
def philox_words(counter, key):
    words = np.empty(4, np.uint64)
    words[0], words[1], words[2], words[3] = philox(counter[0], counter[1], counter[2], counter[3], key[0], key[1])
    return words


@machine_code()
def _draws(paths, steps, agents, draw, k0, k1, mirror):
    uniform = np.empty((paths.size, steps.size, agents.size, 2))
    normal = np.empty((paths.size, steps.size, agents.size, 2))
    for p in range(paths.size):
        for s in range(steps.size):
            for a in range(agents.size):
                first, second = uniforms(paths[p], steps[s], agents[a], draw, k0, k1)
                uniform[p, s, a, 0], uniform[p, s, a, 1] = first, second
                first, second = normals(paths[p], steps[s], agents[a], draw, k0, k1, mirror)
                normal[p, s, a, 0], normal[p, s, a, 1] = first, second
    return uniform, normal


def draws(
    key: tuple[int, int], paths: object, steps: object = (0,), agents: object = (0,), draw: int = 0, mirror: int = 0
) -> tuple[np.ndarray, np.ndarray]:
    """Return the engine's uniforms and normals, each (paths, steps, agents, 2)."""
    addresses = [np.asarray(axis, np.int64) for axis in (paths, steps, agents)]
    return _draws(*addresses, draw, np.uint64(key[0]), np.uint64(key[1]), mirror)
