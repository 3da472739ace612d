"""One agent on a market: its parameters, and its life as a list of decisions."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from hypothesis import strategies as st

from flowsim.authoring.declaration import Field, Strategy
from flowsim.authoring.discovery import last_line_in
from flowsim.authoring.view import View
from flowsim.testing.views import PAST_DAYS, Market, decisions_at, markets, views_along

LARGEST = 1000.0
"""A parameter without an upper bound, such as capital, is drawn up to this."""


class Decision(NamedTuple):
    """What an agent saw and held, the draw it was given, what it did, and what it held then."""

    view: View
    held: Any
    noise: float
    order_bn: float
    after: Any


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
    agent: Any
    noises: list[float]

    def _repr_pretty_(self, printer: Any, _cycle: bool) -> None:
        """Show hypothesis the agent alone: it would write down every draw."""
        printer.text(f"Life({self.strategy.name}, {self.agent})")

    @cached_property
    def views(self) -> list[View]:
        """What the agent sees before its first decision, and at every decision."""
        return views_along(self.market, self.strategy.clock)

    @cached_property
    def decisions(self) -> list[Decision]:
        """Every decision, oldest first."""
        return live(self.strategy, self.agent, self.views, self.noises)

    def ask(self, decision: Decision, agent: Any = None, **fields: float) -> float:
        """Return the order of another agent in this one's place, or of this one had the view differed in `fields`."""
        asked = decision._replace(view=decision.view._replace(**fields))
        return answer(self.strategy, self.agent if agent is None else agent, asked).order_bn

    def with_future(self, first_change: int, returns: float) -> Life:
        """Return the life of the same agent on a market that leaves this one in the session `first_change`."""
        log_close = self.market.log_close.copy()
        changed = PAST_DAYS + first_change
        log_close[changed:] = log_close[changed - 1] + returns * np.arange(1, len(log_close) - changed + 1)
        return replace(self, market=replace(self.market, log_close=log_close))


def live(strategy: Strategy, agent: Any, views: list[View], noises: list[float] | None = None) -> list[Decision]:
    """Run a rule in plain Python along views: the first gives the state to start from, the others a decision each.

    Raises
    ------
    RuleError
        If the rule raises, or answers with something else than a state and an order.
    """
    decisions: list[Decision] = []
    held = strategy.first_state(views[0], agent)
    for view, noise in zip(views[1:], noises or [0.0] * (len(views) - 1), strict=True):
        decisions.append(answer(strategy, agent, Decision(view, held, noise, math.nan, None)))
        held = decisions[-1].after
    return decisions


def answer(strategy: Strategy, agent: Any, asked: Decision) -> Decision:
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
    market = draw(markets())
    seed = draw(st.integers(0, 2**32 - 1)) if strategy.uses_noise else 0
    n_decisions = len(decisions_at(market, strategy.clock)[0]) - 1
    noises = np.random.default_rng(seed).standard_normal(n_decisions) * float(strategy.uses_noise)
    return Life(strategy, market, draw(parameters(strategy)), noises.tolist())


def parameters(strategy: Strategy) -> st.SearchStrategy[Any]:
    """Draw the parameters of one agent, each within the bounds or choices that the strategy declares.

    Capital is at least 1 bn: an agent without any keeps nearly every law.
    """
    values = {name: _values(described) for name, described in strategy.fields.items()}
    return st.builds(strategy.params, **{**values, "capital_bn": st.floats(1.0, LARGEST)})


def _values(described: Field) -> st.SearchStrategy[float]:
    if described.choices:
        return st.sampled_from([float(choice) for choice in described.choices])
    low = max(described.low, -LARGEST)
    return st.floats(low, min(described.high, max(LARGEST, low)), allow_subnormal=False)
