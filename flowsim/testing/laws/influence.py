"""What moves an agent's orders: it lives its life again with one thing changed."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from flowsim.authoring.declaration import Field
from flowsim.authoring.view import View
from flowsim.testing.agents import Life, RuleError, live
from flowsim.testing.laws.terms import MONEY_FIELDS, differ

SHIFT = 257
"""By how many decisions a field is moved: odd to the bars of a session and to the days of a week."""

SIZES = (0.01, 100.0)
"""Factors for what is in USD bn, or by USD bn: next to it an example may be small, or large."""


def fields_read(life: Life) -> set[str]:
    """Return the fields of the view that a rule reads in a life."""
    read: set[str] = set()
    for decision in life.decisions:
        with suppress(Exception):
            life.strategy.rule(_watched(decision.view, read), life.agent, decision.held, decision.noise)
    return read


def state_read(life: Life) -> set[str]:
    """Return the fields of its state that a rule reads in a life."""
    read: set[str] = set()
    for decision in life.decisions:
        with suppress(Exception):
            life.strategy.rule(decision.view, life.agent, _watched(decision.held, read), decision.noise)
    return read


def _watched(numbers: Any, read: set[str]) -> Any:
    """Return a copy of a view or a state that notes which of its fields are read."""

    class Watched(type(numbers)):
        def __getattribute__(self, name: str) -> object:
            if name in numbers._fields:
                read.add(name)
            return super().__getattribute__(name)

    return Watched(*numbers)


def changes(life: Life, name: str) -> bool:
    """Tell whether a field of the state ever has another value."""
    return any(getattr(one.after, name) != getattr(one.held, name) for one in life.decisions)


def moved_by(life: Life, name: str) -> bool:
    """Tell whether an agent would order otherwise if a field of the view had the values of other decisions."""
    place = View._fields.index(name)
    return any(_orders_differ(life, views=_with(life.views, place, column)) for column in _columns(life, place))


def moved_at_once_by(life: Life, name: str) -> bool:
    """Tell whether any decision would be another if a field of its own view had another value."""
    for column in _columns(life, View._fields.index(name)):
        for decision, number in zip(life.decisions, column[1:], strict=True):
            with suppress(RuleError):
                if differ(life, life.ask(decision, None, **{name: number}), decision.order_bn):
                    return True
    return False


def _columns(life: Life, place: int) -> list[list[float]]:
    """Return other values that a field of the view could have had, one for each view."""
    shift = SHIFT % max(len(life.views) - 1, 1) or 1
    seen = [view[place] for view in life.views]
    columns = [seen[shift:] + seen[:shift]]
    if View._fields[place] in (*MONEY_FIELDS, "impact"):
        columns += [[factor * number for number in seen] for factor in SIZES]
    return columns


def moved_by_parameter(life: Life, name: str) -> bool:
    """Tell whether an agent that differs in one parameter, within its bounds, would order otherwise."""
    described, own = life.strategy.fields[name], getattr(life.agent, name)
    return any(
        _orders_differ(life, agent=life.agent._replace(**{name: other}))
        for other in _others(described, own)
        if other != own
    )


def moved_by_noise(life: Life) -> bool:
    """Tell whether an agent would order otherwise if every draw had the other sign."""
    return _orders_differ(life, noises=[-noise for noise in life.noises])


def _with(views: list[View], place: int, column: list[float]) -> list[View]:
    return [View._make((*view[:place], number, *view[place + 1 :])) for view, number in zip(views, column, strict=True)]


def _others(described: Field, own: float) -> Iterator[float]:
    yield from (float(choice) for choice in described.choices)
    if not described.choices:
        yield from (bound for bound in (described.low, described.high) if math.isfinite(bound))
        yield from (near for near in (0.5 * own, 2.0 * own) if described.low <= near <= described.high)


def _orders_differ(life: Life, **changed: Any) -> bool:
    """Tell whether a life with another agent, views or draws has other orders."""
    lived = {"agent": life.agent, "views": life.views, "noises": life.noises} | changed
    try:
        others = live(life.strategy, **lived)
    except RuleError:
        return True
    return any(differ(life, one.order_bn, other.order_bn) for one, other in zip(life.decisions, others, strict=True))
