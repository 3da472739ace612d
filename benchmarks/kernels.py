"""Single kernels against C: two rules, and the normal draws."""

from __future__ import annotations

import ctypes
from functools import partial

import numpy as np

from flowsim.kernel.marks import LANES
from flowsim.kernel.memory import zeros
from flowsim.kernel.numba_backend.compiler import object_code
from flowsim.kernel.numba_backend.machine_code import Kernel, Shape
from flowsim.kernel.random import fill_normals, stream_key

from .layout import pointer
from .reference import FAST, STRICT, library
from .scenario import scenario
from .timing import in_turn, median_ratio

AGENTS = (10, 100)
RULES = {"vol_target": "vol_control", "cta": "cta"}
REPEATS = 21
AGENT_STEPS = 4_000_000
DRAWS = 2_000_000
ROW = ctypes.POINTER(ctypes.c_double)
SHAPE = Shape(None, (ctypes.c_int64, ROW, ROW, ctypes.c_uint64, ctypes.c_uint64))


def rules_against_c() -> list[dict[str, object]]:
    """Return nanoseconds for each agent-step of a rule, and C's time over flowsim's."""
    return [_rule(rule, population, agents) for agents in AGENTS for rule, population in RULES.items()]


def _rule(rule: str, population: str, agents: int) -> dict[str, object]:
    market = scenario(agents)
    row = market.populations.index(population)
    rules, fields = market.rules, len(market.config.strategies[rule].state_names)
    view, orders, state = zeros(*market.start.observables.shape), zeros(LANES), zeros(fields, agents, LANES)
    first = rules.state_at[row] * LANES
    view[...] = market.start.observables
    state[...] = market.start.agents[first : first + state.size].reshape(state.shape)
    params = rules.params[rules.params_at[row] :].copy()
    addresses = [market.kernels[row].address]
    for flags in (FAST, STRICT):
        kernel = getattr(library("kernels.c", flags), f"{rule}_kernel")
        addresses.append(ctypes.cast(kernel, ctypes.c_void_p).value)
    times = AGENT_STEPS // (agents * LANES)
    data = [pointer(array) for array in (view, params, state, orders)]

    def work(address: int) -> object:
        call = library("kernels.c").call_often
        return lambda: call(ctypes.c_void_p(address), ctypes.c_int64(times), *data, ctypes.c_int64(agents))

    seconds = in_turn([work(address) for address in addresses], REPEATS)
    each = np.median(seconds, axis=0) / (times * agents * LANES) * 1e9
    return {
        "rule": rule,
        "agents": agents,
        "nanoseconds_per_agent_step": dict(zip(("flowsim", "c", "c_same_bits"), each.round(4).tolist(), strict=True)),
        "ratio_to_c": median_ratio(seconds, 1, 0),
        "ratio_to_c_of_same_bits": median_ratio(seconds, 2, 0),
    }


def draw_normals(times, even, odd, k0, k1):
    """Draw two normals for each of 64 paths, so many times; compiled as the kernel of a rule is."""
    for step in range(times):
        fill_normals(even, odd, 0, step, 0, 0, k0, k1, 0)


def normals_against_c() -> dict[str, object]:
    """Return nanoseconds for each normal draw, and C's time over flowsim's."""
    even, odd = zeros(LANES), zeros(LANES)
    k0, k1 = stream_key(1, "benchmark")
    times = DRAWS // (2 * LANES)
    rows = [array.ctypes.data_as(ROW) for array in (even, odd)]
    arguments = ctypes.c_int64(times), *rows, ctypes.c_uint64(k0), ctypes.c_uint64(k1)
    kernel = Kernel(object_code(draw_normals, SHAPE), SHAPE)
    calls = [kernel.call, *(library("kernels.c", flags).draw_normals for flags in (FAST, STRICT))]
    works = [partial(call, *arguments) for call in calls]
    seconds = in_turn(works, REPEATS)
    each = np.median(seconds, axis=0) / (2 * LANES * times) * 1e9
    return {
        "nanoseconds": dict(zip(("flowsim", "c", "c_same_bits"), each.round(3).tolist(), strict=True)),
        "ratio_to_c": median_ratio(seconds, 1, 0),
        "ratio_to_c_of_same_bits": median_ratio(seconds, 2, 0),
    }
