"""Tapes: what the examples of a rule saw, held and did on a canonical market, number by number as text.

The rule runs in plain Python, so that a debugger can step through what a tape shows; that it does the same compiled is
a law of its own. `flowsim.testing.tape_files` writes and reads them.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from flowsim.authoring.declaration import Strategy
from flowsim.authoring.numbers import NOTHING, Numbers
from flowsim.authoring.view import View
from flowsim.testing.agents import Decision, answer
from flowsim.testing.canonical import GOLDEN, canonical_market, market_digest
from flowsim.testing.report import fields_read
from flowsim.testing.views import decisions_at, views_along

RELATIVE, ABSOLUTE = 1e-5, 1e-9
"""Two numbers of a tape are the same if they differ by no more than either: platforms differ in the last digits."""

_DIGITS = 7


class Row(NamedTuple):
    """One decision: its session, bar or expiry; then the numbers of each group as text, in the order of the columns."""

    when: tuple[str, ...]
    saw: tuple[str, ...]
    did: tuple[str, ...]
    held: tuple[str, ...]


@dataclass(frozen=True)
class Part:
    """The life of one example: its parameters, the columns of each group, what it held first, and its decisions."""

    agent: str
    columns: Row
    start: tuple[str, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Tape:
    """What the examples of a strategy do on one market; `market` is the line that identifies it.

    There are no parts where no example decides anything.
    """

    strategy: str
    market: str
    name: str
    parts: tuple[Part, ...]

    @property
    def n_decisions(self) -> int:
        """Number of decisions on the tape."""
        return sum(len(part.rows) for part in self.parts)


def examples_of(strategy: Strategy) -> tuple[Numbers, ...]:
    """Return the agents whose life is taped: the declared examples, or else one in the middle of every bound."""
    if strategy.examples:
        return strategy.examples
    middle = {}
    for name, described in strategy.fields.items():
        if name in strategy.defaults:
            middle[name] = float(strategy.defaults[name])
        elif described.choices:
            middle[name] = float(described.choices[len(described.choices) // 2])
        elif math.isfinite(described.low) and math.isfinite(described.high):
            middle[name] = (described.low + described.high) / 2.0
        else:
            middle[name] = max(described.low, min(100.0, described.high))
    return (strategy.params(**middle),)


class Steps(NamedTuple):
    """When an agent decides on a market, as columns of text; what it sees then, and what it draws.

    The first view gives the state to start from, and is not decided on.
    """

    labels: tuple[str, ...]
    when: list[tuple[str, ...]]
    views: list[View]
    noises: list[float]


def steps_on(strategy: Strategy, agent: Numbers, name: str) -> Steps:
    """Return when an agent decides on a canonical market: a programme on the days on which it rolls.

    Raises
    ------
    InputError
        If a number of its structure is none that the calendar can have.
    """
    market = canonical_market(name)
    session, bar = decisions_at(market, strategy.clock)
    dates = market.dates[session].astype(str).tolist()
    views = views_along(market, strategy.clock)
    labels, when = ("session",), [(date,) for date in dates]
    asked = list(range(1, len(views)))
    if strategy.structure is not None:
        rolls = strategy.structure.calendar(market.dates, agent._asdict())
        expiry = dict(zip(rolls.days.tolist(), rolls.expiry_dates.astype(str).tolist(), strict=True))
        asked = [i for i in asked if session[i] in expiry]
        labels, when = (
            ("session", "expiry"),
            [(date, expiry.get(s, "")) for date, s in zip(dates, session, strict=True)],
        )
    elif strategy.clock == "bar":
        labels, when = ("session", "bar"), [(date, str(b)) for date, b in zip(dates, bar.tolist(), strict=True)]
    noises = [round(_drawn(i), 6) if strategy.uses_noise else 0.0 for i in asked]
    return Steps(labels, [when[i] for i in asked], [views[0], *(views[i] for i in asked)], noises)


def play(strategy: Strategy, agent: Numbers, steps: Steps) -> list[Decision]:
    """Return what an agent decides at each step.

    Raises
    ------
    RuleError
        If the rule raises, or answers with something else than a state and an order.
    """
    decisions: list[Decision] = []
    held = strategy.first_state(steps.views[0], agent)
    for view, noise in zip(steps.views[1:], steps.noises, strict=True):
        decisions.append(answer(strategy, agent, Decision(view, held, noise, math.nan, NOTHING)))
        held = decisions[-1].after
    return decisions


def tape_of(strategy: Strategy, market: str) -> Tape:
    """Run the examples of a strategy on a canonical market.

    Raises
    ------
    RuleError
        If the rule raises, or answers with something else than a state and an order.
    """
    drawn = canonical_market(market)
    first = drawn.dates[decisions_at(drawn, "day")[0][0]]
    identity = f"{market}, {first} to {drawn.dates[-1]}, digest {market_digest(drawn)}"
    parts = tuple(_part(strategy, agent, market) for agent in examples_of(strategy))
    decided = parts if any(part.rows for part in parts) else ()
    return Tape(f"{strategy.name}, clock {strategy.clock}", identity, market, decided)


def _part(strategy: Strategy, agent: Numbers, market: str) -> Part:
    steps = steps_on(strategy, agent, market)
    decisions = play(strategy, agent, steps)
    read = {name for decision in decisions for name in fields_read(strategy, agent, decision)}
    fields = tuple(name for name in View._fields if name in read)
    drew = ("noise",) if strategy.uses_noise else ()
    columns = Row(steps.labels, (*fields, *drew), ("order_bn",), strategy.state_names)
    rows = tuple(
        Row(
            when,
            _texts([*(getattr(decision.view, name) for name in fields), *([decision.noise] if drew else [])]),
            _texts([decision.order_bn]),
            _texts(decision.after),
        )
        for when, decision in zip(steps.when, decisions, strict=True)
    )
    start = _texts(strategy.first_state(steps.views[0], agent))
    return Part(_identity(strategy, agent), columns, start, rows)


def _identity(strategy: Strategy, agent: Numbers) -> str:
    """Return the parameters of an agent and what its programme opens, with a digest of them."""
    text = ", ".join(f"{name} {value:.8g}" for name, value in agent._asdict().items())
    if strategy.structure is not None:
        legs = (f"{leg.quantity:+g} {leg.kind} at {_strike(leg.strike, agent)}" for leg in strategy.structure.legs)
        text += f"; opens {', '.join(legs)}"
    return f"{text}; digest {hashlib.sha256(text.encode()).hexdigest()[:12]}"


def _strike(strike: str, agent: Numbers) -> str:
    return f"{strike} {getattr(agent, strike):g}" if strike in agent._fields else strike


def _texts(numbers: Iterable[float]) -> tuple[str, ...]:
    return tuple(f"{number + 0.0:.{_DIGITS}g}" for number in numbers)


def _drawn(step: int) -> float:
    """Return a draw that looks normal, without a generator that a library could change."""
    even, odd = math.modf(GOLDEN * (step + 1))[0], math.modf(math.sqrt(2.0) * (step + 1))[0]
    return math.sqrt(-2.0 * math.log(even)) * math.cos(2.0 * math.pi * odd)


def same(one: str, other: str) -> bool:
    """Tell whether two numbers of tapes are the same within the tolerance."""
    if one == other:
        return True
    return math.isclose(float(one), float(other), rel_tol=RELATIVE, abs_tol=ABSOLUTE)
