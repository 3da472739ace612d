"""The laws of rules: what every rule must keep, and what a rule may declare of itself.

A law is tried on agents that live through drawn markets, at every decision of their lives: so the states a rule is
asked about are states that it can reach. Each checker yields the decisions that break its law, with what is wrong.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import cycle, islice
from typing import Any

import numpy as np

from flowsim.authoring.declaration import Law, Strategy
from flowsim.clock import in_blackout
from flowsim.clock.year import SESSIONS_PER_YEAR
from flowsim.testing.agents import Decision, Life, answer
from flowsim.testing.compiled import answers, kernel_draws
from flowsim.testing.views import PAST_DAYS

Breaches = Iterator[tuple[Decision, str]]

PRECISION = 1e-9
"""Orders that differ by less than this part of the agent's capital are the same."""

MOVES = (0.001, 0.1, 5.0)
"""How far the fields of a monotone law are moved up."""


EARLY, LATE, RUNAWAY = 200, 800, 1000.0
"""A state that grows by this factor between these decisions, from at least 1, has run away; averages do not."""

ODD_FIELDS = ("inventory_bn", "fundamental_gap", "easing_bp", "liquidity", "hedge_gap_bn")
"""What turns its sign, besides the price, in a market that is the mirror image of another."""

ODD_ODDS = ("cut_probability",)
"""A probability that becomes that of the opposite."""


def answers_in_floats(life: Life) -> Breaches:
    """Every field of the state and the order is a float: an integer would make a compiled rule another one."""
    for decision in life.decisions:
        answered = {"its order": decision.order_bn} | {
            f"{name} of its state": number for name, number in decision.after._asdict().items()
        }
        for what, number in answered.items():
            if type(number) is not float:
                yield decision, f"{what} is {number!r}, of type {type(number).__name__}; make it a float"


def finite(life: Life) -> Breaches:
    """Every order and every field of the state is a finite number, on a flat market too."""
    for decision in life.decisions:
        if not all(math.isfinite(number) for number in (decision.order_bn, *decision.after)):
            yield decision, f"it orders {decision.order_bn} bn and then holds {tuple(decision.after)}"


def deterministic(life: Life) -> Breaches:
    """The same question has the same answer: a rule keeps nothing but its state."""
    for decision in life.decisions:
        again = answer(life.strategy, life.agent, decision)
        if (again.order_bn, again.after) != (decision.order_bn, decision.after):
            yield decision, f"asked once more, it orders {again.order_bn:.10g} bn and not {decision.order_bn:.10g}"


def books_its_orders(life: Life) -> Breaches:
    """A state with a field `exposure`, in units of capital, changes it by the order over capital."""
    if "exposure" not in life.strategy.state_names:
        return
    for decision in life.decisions:
        booked_bn = (decision.after.exposure - decision.held.exposure) * life.agent.capital_bn
        if _differ(life, booked_bn, decision.order_bn):
            yield decision, f"it orders {decision.order_bn:.10g} bn and books {booked_bn:.10g}"


def state_does_not_run_away(life: Life, but: tuple[str, ...] = ()) -> Breaches:
    """When the same days come again and again, no field of the state grows as a product does, until it is no number.

    A sum grows fourfold between the decisions that are compared, an average less. A strategy whose wealth compounds
    declares the law itself, with the fields that do in `but`.
    """
    asked = cycle(zip(life.views[1:], life.noises, strict=True))
    held, states = life.strategy.first_state(life.views[0], life.agent), []
    for view, noise in islice(asked, LATE):
        held = answer(life.strategy, life.agent, Decision(view, held, noise, math.nan, None)).after
        states.append(held)
    for name, numbers in zip(life.strategy.state_names, zip(*states, strict=True), strict=True):
        early, late = max(map(abs, numbers[:EARLY])), max(map(abs, numbers))
        if name not in but and not late <= RUNAWAY * max(early, 1.0):
            grown = f"{early:.4g} at most in {EARLY} decisions and {late:.4g} in {LATE}"
            yield life.decisions[-1], f"{name} of its state is {grown}, though the same days come again and again"


def no_look_ahead(life: Life) -> Breaches:
    """A market that leaves its course changes no decision before that day."""
    n_sessions = len(life.market.dates) - PAST_DAYS
    first_change = (n_sessions + 1) // 2
    other = life.with_future(first_change, 0.03)
    # The first thing that is seen gives the state, and is no decision.
    before = first_change * len(life.views) // n_sessions - 1
    for decision, elsewhere in zip(life.decisions[:before], other.decisions, strict=False):
        if decision != elsewhere:
            yield decision, f"it orders {elsewhere.order_bn:.10g} bn when later prices are others"


def compiled_equals_plain(life: Life) -> Breaches:
    """The compiled rule gives the orders and states of plain Python."""
    asked = [decision._replace(noise=draw) for decision, draw in zip(life.decisions, kernel_draws(), strict=False)]
    states, orders = answers(life.strategy, life.agent, asked)
    for lane, question in enumerate(asked):
        plain = answer(life.strategy, life.agent, question)
        if _differ(life, orders[lane], plain.order_bn):
            yield plain, f"compiled it orders {orders[lane]:.10g} bn"
        for name, number, expected in zip(life.strategy.state_names, states[:, lane], plain.after, strict=True):
            if not math.isclose(number, expected, rel_tol=PRECISION, abs_tol=PRECISION):
                yield plain, f"compiled its {name} is {number:.10g} and not {expected:.10g}"


def exposure_within(life: Life, low: float | str, high: float | str) -> Breaches:
    """The exposure lies between two numbers, parameters, or parameters with the sign turned ("-cap")."""
    least, most = _bound(life.agent, low), _bound(life.agent, high)
    for decision in life.decisions:
        if not least - PRECISION <= decision.after.exposure <= most + PRECISION:
            yield decision, f"its exposure is {decision.after.exposure:.10g}, outside {least:.10g} to {most:.10g}"


def silent_inside_buffer(life: Life, buffer: str) -> Breaches:
    """Where an agent without a buffer would trade no more than this one's buffer, this one does not trade."""
    unbuffered = life.agent._replace(**{buffer: 0.0})
    for decision in life.decisions:
        wanted_bn = life.ask(decision, unbuffered)
        inside = abs(wanted_bn) < (getattr(life.agent, buffer) - PRECISION) * life.agent.capital_bn
        if inside and decision.order_bn != 0.0:
            yield decision, f"it trades, though the gap of {wanted_bn:.10g} bn is inside the buffer"


def silent_inside_band(life: Life) -> Breaches:
    """A hedger leaves a gap to its full hedge alone that is no more than its parameter `band` times its capital."""
    for decision in life.decisions:
        gap_bn = decision.view.hedge_gap_bn
        inside = abs(gap_bn) < (life.agent.band - PRECISION) * life.agent.capital_bn
        if inside and decision.order_bn != 0.0:
            yield decision, f"it trades, though the gap of {gap_bn:.10g} bn is inside the band"


def silent_unless(life: Life, field: str, equals: str) -> Breaches:
    """An agent trades only when a field of the view has the value of a parameter."""
    for decision in life.decisions:
        if getattr(decision.view, field) != getattr(life.agent, equals) and decision.order_bn != 0.0:
            yield decision, f"it trades, though {field} is not {equals}"


def reaches_its_target(life: Life) -> Breaches:
    """Asked again while nothing has moved, the agent does not trade: one order took it where it wanted to be."""
    for decision in life.decisions:
        again = answer(life.strategy, life.agent, decision._replace(held=decision.after))
        if _differ(life, again.order_bn, 0.0):
            yield decision, f"it orders {decision.order_bn:.10g} bn, and at once {again.order_bn:.10g} bn more"


def long_short_symmetric(life: Life) -> Breaches:
    """In the mirror image of a market, where what rose falls, every order has the other sign."""
    market = life.market
    elsewhere = {
        name: np.negative(value) if name in ODD_FIELDS else np.subtract(1.0, value) if name in ODD_ODDS else value
        for name, value in market.elsewhere.items()
    }
    mirror = replace(market, log_close=-market.log_close, elsewhere=elsewhere)
    mirrored = replace(life, market=mirror, noises=[-noise for noise in life.noises])
    for decision, image in zip(life.decisions, mirrored.decisions, strict=True):
        if _differ(life, image.order_bn, -decision.order_bn):
            wrong = f"it orders {decision.order_bn:.10g} bn, and {image.order_bn:.10g} bn in the mirror image"
            yield decision, f"{wrong} of the market"


def participates_at_most(life: Life, share: float | str) -> Breaches:
    """An order is no more than a share of average daily volume: a number, or a parameter."""
    most = _bound(life.agent, share)
    for decision in life.decisions:
        volume_bn = decision.view.adv_bn
        if abs(decision.order_bn) > (most + PRECISION) * volume_bn:
            yield decision, f"it orders {decision.order_bn:.10g} bn, more than {most:.4g} of {volume_bn:.10g} bn a day"


def slow_in_blackout(life: Life, quiet_days: str, report_lag_days: str, pace: tuple[str, ...]) -> Breaches:
    """In an issuer's blackout a day's order is at most the product of some parameters, times capital / 252.

    The blackout is that of `flowsim.clock.in_blackout`, whose numbers the first two parameters give.
    """
    most_bn = life.agent.capital_bn / SESSIONS_PER_YEAR * math.prod(getattr(life.agent, name) for name in pace)
    quiet, lag = getattr(life.agent, quiet_days), getattr(life.agent, report_lag_days)
    for decision in life.decisions:
        view = decision.view
        closed = in_blackout(view.days_since_quarter_end, view.days_to_quarter_end, lag, quiet)
        if closed and abs(decision.order_bn) > most_bn + PRECISION * life.agent.capital_bn:
            yield decision, f"it orders {decision.order_bn:.10g} bn in its blackout, more than {most_bn:.10g}"


def scales_with_capital(life: Life) -> Breaches:
    """At k times the capital and the same state, the order is k times the order."""
    for factor in (0.25, 3.0):
        scaled = life.agent._replace(capital_bn=factor * life.agent.capital_bn)
        for decision in life.decisions:
            order_bn = life.ask(decision, scaled)
            if _differ(life, order_bn, factor * decision.order_bn):
                yield decision, f"at {factor} times the capital it orders {order_bn:.10g} bn"


def no_order_without_capital(life: Life) -> Breaches:
    """An agent without capital does not trade."""
    for decision in life.decisions:
        order_bn = life.ask(decision, life.agent._replace(capital_bn=0.0))
        if order_bn != 0.0:
            yield decision, f"without capital it orders {order_bn:.10g} bn"


def never_sells(life: Life) -> Breaches:
    """No order is below zero."""
    for decision in life.decisions:
        if decision.order_bn < 0.0:
            yield decision, "it sells"


def increasing_in(life: Life, fields: tuple[str, ...]) -> Breaches:
    """Moving these fields of the view up together, and nothing else, never lowers the order."""
    yield from _monotone(life, fields, 1.0)


def decreasing_in(life: Life, fields: tuple[str, ...]) -> Breaches:
    """Moving these fields of the view up together, and nothing else, never raises the order."""
    yield from _monotone(life, fields, -1.0)


Checker = Callable[..., Breaches]

LAWS: dict[str, Checker] = {
    checker.__name__: checker
    for checker in (
        answers_in_floats,
        finite,
        deterministic,
        books_its_orders,
        state_does_not_run_away,
        no_look_ahead,
        compiled_equals_plain,
        exposure_within,
        silent_inside_buffer,
        silent_inside_band,
        silent_unless,
        reaches_its_target,
        long_short_symmetric,
        participates_at_most,
        slow_in_blackout,
        scales_with_capital,
        no_order_without_capital,
        never_sells,
        increasing_in,
        decreasing_in,
    )
}
"""Every kind of law and what checks it: `checker(life, **law.options)`."""

GENERAL_LAWS = (
    Law("answers_in_floats"),
    Law("finite"),
    Law("deterministic"),
    Law("books_its_orders"),
    Law("state_does_not_run_away"),
    Law("no_look_ahead"),
    Law("compiled_equals_plain"),
)
"""What every rule keeps without declaring it. That a rule cannot change its inputs needs no law: they are tuples."""


def laws_of(strategy: Strategy) -> tuple[Law, ...]:
    """Return the laws that a strategy must keep: the general ones that it does not word itself, then its own."""
    declared = {law.kind for law in strategy.laws}
    return (*(law for law in GENERAL_LAWS if law.kind not in declared), *strategy.laws)


def _monotone(life: Life, fields: tuple[str, ...], sign: float) -> Breaches:
    for decision in life.decisions:
        for move in MOVES:
            moved = {name: getattr(decision.view, name) + move for name in fields}
            order_bn = life.ask(decision, **moved)
            change_bn = sign * (order_bn - decision.order_bn)
            if change_bn < 0.0 and _differ(life, order_bn, decision.order_bn):
                yield decision, f"{' and '.join(fields)} higher by {move}, it orders {order_bn:.10g} bn"


def _bound(agent: Any, bound: float | str) -> float:
    if not isinstance(bound, str):
        return bound
    return -getattr(agent, bound[1:]) if bound.startswith("-") else getattr(agent, bound)


def _differ(life: Life, one_bn: float, other_bn: float) -> bool:
    return not math.isclose(one_bn, other_bn, rel_tol=PRECISION, abs_tol=PRECISION * life.agent.capital_bn)
