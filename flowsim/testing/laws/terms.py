"""What laws are written in: breaches, orders that are the same, and bounds that a rule's parameters give."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from flowsim.authoring.numbers import Numbers
from flowsim.authoring.view import View
from flowsim.testing.agents import Decision, Life

Breaches = Iterator[tuple[Decision, str]]
"""Decisions that break a law, each with what is wrong."""

Checker = Callable[..., Breaches]
"""What checks a law: `checker(life, **law.options)`."""

PRECISION = 1e-9
"""Orders that differ by less than this part of the agent's capital are the same."""

MOVES = (0.001, 0.1, 5.0)
"""How far the fields of a monotone law are moved up."""

MONEY_FIELDS = tuple(name for name in View._fields if name.endswith("_bn"))
"""Fields of the view in USD bn."""


def differ(life: Life, one_bn: float, other_bn: float, precision: float = PRECISION) -> bool:
    """Tell whether two orders of a life's agent differ by more than a small part of its capital."""
    return not math.isclose(one_bn, other_bn, rel_tol=precision, abs_tol=precision * life.agent.capital_bn)


def bound_of(agent: Numbers, bound: float | str) -> float:
    """Return a bound that is a number, a parameter, or a parameter with the sign turned ("-cap")."""
    if not isinstance(bound, str):
        return bound
    return -getattr(agent, bound[1:]) if bound.startswith("-") else getattr(agent, bound)


def product_of(agent: Numbers, factors: float | str | tuple[float | str, ...]) -> float:
    """Return a bound, or the product of several."""
    return math.prod(bound_of(agent, factor) for factor in (factors if isinstance(factors, tuple) else (factors,)))


def orders_of(life: Life) -> NDArray[np.float64]:
    """Return the orders of a life in units of capital, shape (decisions,)."""
    return np.array([decision.order_bn for decision in life.decisions]) / life.agent.capital_bn


def trades(life: Life) -> bool:
    """Tell whether an agent orders anything in its life."""
    return any(decision.order_bn != 0.0 for decision in life.decisions)
