"""One agent on a market: its parameters, and its life as a list of decisions."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import NamedTuple

import numpy as np
from hypothesis import strategies as st
from hypothesis.vendor.pretty import RepresentationPrinter

from flowsim.authoring.declaration import Field, Strategy
from flowsim.authoring.discovery import last_line_in
from flowsim.authoring.numbers import NOTHING, Numbers
from flowsim.authoring.view import View
from flowsim.testing.chance import SEEDS, Chance, FromHypothesis
from flowsim.testing.views import PAST_DAYS, Market, decisions_at, market_from, views_along

LARGEST = 1000.0
"""A parameter without an upper bound, such as capital, is drawn up to this."""


class Decision(NamedTuple):
    """What an agent saw and held, the draw it was given, what it did, and what it held then."""

    view: View
    held: Numbers
    noise: float
    order_bn: float
    after: Numbers


class RuleError(AssertionError):
    """A rule raised, or answered with something else than a state and an order; `decision` is what it was asked."""

    def __init__(self, decision: Decision, wrong: str) -> None:
        self.decision = decision
        super().__init__(wrong)


@dataclass(frozen=True, eq=False)
class Life:
    """One agent that lives through a market. `noises` are its draws, one for each decision."""

    strategy: Strategy
    market: Market
    agent: Numbers
    noises: list[float]

    def _repr_pretty_(self, printer: RepresentationPrinter, _cycle: bool) -> None:
        """Show hypothesis the agent alone: it would write down every draw."""
        printer.text(f"Life({self.strategy.name}, {self.agent})")

    @cached_property
    def views(self) -> list[View]:
        """What the agent sees before its first decision, and at every decision."""
        return _views_along(self.market, self.strategy.clock)

    @cached_property
    def decisions(self) -> list[Decision]:
        """Every decision, oldest first."""
        return live(self.strategy, self.agent, self.views, self.noises)

    def ask(self, decision: Decision, agent: Numbers | None = None, **fields: float) -> float:
        """Return the order of another agent in this one's place, or of this one had the view differed in `fields`."""
        asked = decision._replace(view=decision.view._replace(**fields))
        return answer(self.strategy, self.agent if agent is None else agent, asked).order_bn

    def with_future(self, first_change: int, returns: float) -> Life:
        """Return the life of the same agent on a market that leaves this one in the session `first_change`."""
        log_close = self.market.log_close.copy()
        changed = PAST_DAYS + first_change
        log_close[changed:] = log_close[changed - 1] + returns * np.arange(1, len(log_close) - changed + 1)
        return replace(self, market=replace(self.market, log_close=log_close))


@lru_cache(maxsize=4)
def _views_along(market: Market, clock: str) -> list[View]:
    """Return what is seen along a market: lives on the same one, such as those of a rule's examples, share it."""
    return views_along(market, clock)


def live(strategy: Strategy, agent: Numbers, views: list[View], noises: list[float] | None = None) -> list[Decision]:
    """Run a rule in plain Python along views: the first gives the state to start from, the others a decision each.

    Raises
    ------
    RuleError
        If the rule raises, or answers with something else than a state and an order.
    """
    decisions: list[Decision] = []
    held = first_state_of(strategy, agent, views[0])
    for view, noise in zip(views[1:], noises or [0.0] * (len(views) - 1), strict=True):
        decisions.append(answer(strategy, agent, Decision(view, held, noise, math.nan, NOTHING)))
        held = decisions[-1].after
    return decisions


def first_state_of(strategy: Strategy, agent: Numbers, view: View) -> Numbers:
    """Return what an agent holds before its first decision.

    Raises
    ------
    RuleError
        If the strategy's `start` raises.
    """
    try:
        return strategy.first_state(view, agent)
    except Exception as error:
        line = last_line_in(error, strategy.file) or strategy.line
        asked = Decision(view, NOTHING, 0.0, math.nan, NOTHING)
        raise RuleError(asked, f"line {line} raises {type(error).__name__} in its first state: {error}") from None


def answer(strategy: Strategy, agent: Numbers, asked: Decision) -> Decision:
    """Return a decision with the rule's answer to what it saw and held.

    Raises
    ------
    RuleError
        If the rule raises, or answers with something else than a state and an order.
    """
    try:
        answered = strategy.rule(asked.view, agent, asked.held, asked.noise)
    except Exception as error:
        line = last_line_in(error, strategy.file) or strategy.line
        raise RuleError(asked, f"line {line} raises {type(error).__name__}: {error}") from None
    if not (isinstance(answered, tuple) and len(answered) == 2 and isinstance(answered[0], strategy.state)):
        wanted = f"({strategy.state.__name__}(...), order_bn)"
        raise RuleError(asked, f"it returns {answered!r}; return {wanted}")
    return Decision(asked.view, asked.held, asked.noise, answered[1], answered[0])


@st.composite
def lives(draw: st.DrawFn, strategy: Strategy) -> Life:
    """Draw an agent of a strategy, and a market for it to live through."""
    return life_from(FromHypothesis(draw), strategy)


def life_from(chance: Chance, strategy: Strategy) -> Life:
    """Draw an agent of a strategy, and a market for it to live through."""
    market = market_from(chance)
    seed = chance.whole(0, SEEDS - 1) if strategy.uses_noise else 0
    n_decisions = len(decisions_at(market, strategy.clock)[0]) - 1
    noises = np.random.default_rng(seed).standard_normal(n_decisions) * float(strategy.uses_noise)
    return Life(strategy, market, _agent_from(chance, strategy), noises.tolist())


@st.composite
def parameters(draw: st.DrawFn, strategy: Strategy) -> Numbers:
    """Draw the parameters of one agent, each within the bounds or choices that the strategy declares.

    Capital is at least 1 bn: an agent without any keeps nearly every law.
    """
    return _agent_from(FromHypothesis(draw), strategy)


def _agent_from(chance: Chance, strategy: Strategy) -> Numbers:
    values = {name: _value_from(chance, described) for name, described in strategy.fields.items()}
    return strategy.params(**{**values, "capital_bn": chance.between(1.0, LARGEST)})


def _value_from(chance: Chance, described: Field) -> float:
    if described.choices:
        return chance.one_of([float(choice) for choice in described.choices])
    low = max(described.low, -LARGEST)
    return chance.between(low, min(described.high, max(LARGEST, low)))
