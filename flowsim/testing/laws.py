"""The laws of rules: what every rule must keep, and what a rule may declare of itself.

A law is tried on agents that live through drawn markets, at every decision of their lives: so the states a rule is
asked about are states that it can reach. Each checker yields the decisions that break its law, with what is wrong.
"""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from hypothesis import HealthCheck, Phase, Verbosity, configuration, given, settings

from flowsim.cache import cache_dir
from flowsim.config.wording import nearest
from flowsim.errors import StrategyError
from flowsim.strategy import Law, Strategy, View
from flowsim.testing.agents import Decision, Life, RuleError, answer, lives
from flowsim.testing.compiled import answers, kernel_draws
from flowsim.testing.report import report

Breaches = Iterator[tuple[Decision, str]]

PRECISION = 1e-9
"""Orders that differ by less than this part of the agent's capital are the same."""

MOVES = (0.001, 0.1, 5.0)
"""How far the fields of a monotone law are moved up."""


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


def no_look_ahead(life: Life) -> Breaches:
    """A market that leaves its course changes no decision before that day."""
    first_change = len(life.decisions) // 2
    other = life.with_future(first_change, 0.03)
    for decision, elsewhere in zip(life.decisions[:first_change], other.decisions, strict=False):
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
    "finite": finite,
    "deterministic": deterministic,
    "books_its_orders": books_its_orders,
    "no_look_ahead": no_look_ahead,
    "compiled_equals_plain": compiled_equals_plain,
    "exposure_within": exposure_within,
    "silent_inside_buffer": silent_inside_buffer,
    "silent_inside_band": silent_inside_band,
    "silent_unless": silent_unless,
    "scales_with_capital": scales_with_capital,
    "no_order_without_capital": no_order_without_capital,
    "never_sells": never_sells,
    "increasing_in": increasing_in,
    "decreasing_in": decreasing_in,
}
"""Every kind of law and what checks it: `checker(life, **law.options)`."""

GENERAL_LAWS = tuple(
    Law(kind) for kind in ("finite", "deterministic", "books_its_orders", "no_look_ahead", "compiled_equals_plain")
)
"""What every rule keeps without declaring it. That a rule cannot change its inputs needs no law: they are tuples."""


def laws_of(strategy: Strategy) -> tuple[Law, ...]:
    """Return the laws that a strategy must keep: the general ones, then those it declares."""
    return (*GENERAL_LAWS, *strategy.laws)


def check_law(strategy: Strategy, law: Law, examples: int = 50) -> None:
    """Try a law on as many agents and markets, the same ones every time; show the smallest that breaks it.

    Raises
    ------
    StrategyError
        If there is no such law, or its options name what the view or the parameters do not have.
    AssertionError
        If the rule breaks the law; the message shows one decision that does.
    """
    checker = _checker(strategy, law)

    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        derandomize=True,
        report_multiple_bugs=False,
        verbosity=Verbosity.quiet,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=(HealthCheck.too_slow, HealthCheck.data_too_large),
    )
    @given(lives(strategy))
    def keeps_the_law(life: Life) -> None:
        try:
            breach = next(checker(life, **law.options), None)
        except RuleError as failed:
            raise AssertionError(report(life, law, failed.decision, str(failed))) from None
        if breach is not None:
            raise AssertionError(report(life, law, *breach))

    with _keeping_its_notes_in_the_cache():
        keeps_the_law()


@contextmanager
def _keeping_its_notes_in_the_cache() -> Iterator[None]:
    """Let hypothesis write its tables of characters and constants there, and not into the user's working directory."""
    before = configuration.storage_directory(intent_to_write=False).home_directory
    configuration.set_hypothesis_home_dir(cache_dir() / "hypothesis")
    try:
        yield
    finally:
        configuration.set_hypothesis_home_dir(before)


def _checker(strategy: Strategy, law: Law) -> Checker:
    """Return the checker of a law, having checked the law's own words."""
    where = f"{strategy.file}:{strategy.line}: rule {strategy.name!r} declares the law {law.kind!r}"
    if law.kind not in LAWS:
        raise StrategyError(f"{where}, which is not known; {nearest(law.kind, LAWS, 'laws')}")
    checker = LAWS[law.kind]
    takes = list(inspect.signature(checker).parameters)[1:]
    if set(law.options) != set(takes):
        raise StrategyError(f"{where} with the options {sorted(law.options)}; it takes {takes}")
    if checker is exposure_within and "exposure" not in strategy.state_names:
        raise StrategyError(f"{where}, but its state has no field 'exposure'; add it, in units of capital")
    if checker is silent_inside_band and "band" not in strategy.parameter_names:
        raise StrategyError(f"{where}, but it has no parameter 'band'; add it, as a part of capital")
    for option, value in law.options.items():
        known = View._fields if option in ("field", "fields") else strategy.parameter_names
        for name in [value] if isinstance(value, str) else (value if option == "fields" else ()):
            if name.removeprefix("-") not in known:
                raise StrategyError(f"{where}, whose {option} names {name!r}; {nearest(name, known)}")
    return checker


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
