"""Ask a compiled rule what plain Python was asked: one decision in each lane of its block kernel."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from functools import cache
from typing import Annotated, Any, NamedTuple, cast

import numpy as np

from flowsim.authoring.declaration import Field, Strategy, strategy
from flowsim.authoring.numbers import NOTHING, Numbers
from flowsim.authoring.view import View
from flowsim.files.arrays import Floats
from flowsim.kernel.marks import LANES, PLAIN
from flowsim.kernel.rule_kernel import block_kernel
from flowsim.testing.agents import Decision

STEP, KEYS, MIRROR = 0, (1, 2), 0
"""Address of the draws that every lane is given; path and lane are the same number."""


class _Listener(NamedTuple):
    capital_bn: Annotated[float, Field("size", "USD bn", 0.0)]


class _Nothing(NamedTuple):
    exposure: float = 0.0


@strategy(clock="bar", noise=True, source="none: it makes the kernels' draws known to plain Python")
def _echo(view: View, agent: _Listener, held: _Nothing, noise: float) -> tuple[_Nothing, float]:
    """Order what was drawn."""
    return held, noise


def answers(strategy: Strategy, agent: Numbers, asked: list[Decision]) -> tuple[Floats, list[float]]:
    """Return a compiled rule's new states, shape (fields, decisions), and its orders in USD bn.

    At most 64 decisions. The rule draws its own noise: decisions must hold that of `kernel_draws`.
    """
    views, states = np.zeros((len(View._fields), LANES)), np.zeros((len(strategy.state_names), 1, LANES))
    for lane in range(LANES):
        views[:, lane] = asked[lane % len(asked)].view
        states[:, 0, lane] = asked[lane % len(asked)].held
    orders = np.zeros(LANES)
    _call(strategy, views, np.array(agent, np.float64), states, orders)
    return states[:, 0, : len(asked)], orders[: len(asked)].tolist()


@cache
def kernel_draws() -> list[float]:
    """Return the draw that the first agent is given in each lane."""
    listening = Decision(View(*[0.0] * len(View._fields)), cast(Numbers, _Nothing()), 0.0, 0.0, NOTHING)
    return answers(_echo.__flowsim_strategy__, _Listener(1.0), [listening] * LANES)[1]  # type: ignore[attr-defined]


def _call(strategy: Strategy, views: Floats, agent: Floats, states: Floats, orders: Floats) -> None:
    first_path, n_agents = 0, 1
    if PLAIN:
        whole = (views, agent, 0, states.reshape(-1), 0, orders)
        _kernel(strategy.rule)(*whole, n_agents, first_path, STEP, *KEYS, MIRROR)
        return
    pointers = (block.ctypes.data_as(ctypes.POINTER(ctypes.c_double)) for block in (views, agent, states, orders))
    _kernel(strategy.rule).call(*pointers, n_agents, first_path, STEP, *KEYS, MIRROR)


@cache
def _kernel(rule: Callable[..., object]) -> Any:
    return block_kernel(rule.__flowsim_strategy__)  # type: ignore[attr-defined]
