"""What every rule keeps without declaring it."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import cycle, islice

import numpy as np

from flowsim.authoring.numbers import NOTHING, Numbers
from flowsim.clock.year import SESSIONS_PER_YEAR
from flowsim.testing.agents import Decision, Life, answer, first_state_of, live
from flowsim.testing.compiled import answers, kernel_draws
from flowsim.testing.laws.terms import MONEY_FIELDS, PRECISION, Breaches, differ, orders_of
from flowsim.testing.views import PAST_DAYS

EARLY, LATE, RUNAWAY = 200, 800, 1000.0
"""A state that grows by this factor between these decisions, from at least 1, has run away; averages do not."""

LEVELS = (0.1, 10.0)
"""Price levels, over that of a life, at which it is lived again."""

AVERAGES = 1e-6
"""Part of capital by which averages of prices may move an order at another price level: they round."""

CALM_AND_STORM = (0.01, 3.0)
"""Factors for the returns of a market: one on which hardly anything moves, and one of a crash each month."""

CYCLES = (2, 3, 5, 7)
"""Sessions after which a rule may do the same again: one that began later must not be in step with it."""

LEAST_SEEN = 50
"""Sessions that two lives must share for what the start has left behind to be compared."""


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
        if differ(life, booked_bn, decision.order_bn):
            yield decision, f"it orders {decision.order_bn:.10g} bn and books {booked_bn:.10g}"


def state_does_not_run_away(life: Life, but: tuple[str, ...] = ()) -> Breaches:
    """When the same days come again and again, no field of the state grows as a product does, until it is no number.

    A sum grows fourfold between the decisions that are compared, an average less. A strategy whose wealth compounds
    declares the law itself, with the fields that do in `but`.
    """
    asked = cycle(zip(life.views[1:], life.noises, strict=True))
    held, states = first_state_of(life.strategy, life.agent, life.views[0]), []
    for view, noise in islice(asked, LATE):
        held = answer(life.strategy, life.agent, Decision(view, held, noise, math.nan, NOTHING)).after
        states.append(held)
    for name, numbers in zip(life.strategy.state_names, zip(*states, strict=True), strict=True):
        early, late = max(map(abs, numbers[:EARLY])), max(map(abs, numbers))
        if name not in but and not late <= RUNAWAY * max(early, 1.0):
            grown = f"{early:.4g} at most in {EARLY} decisions and {late:.4g} in {LATE}"
            yield life.decisions[-1], f"{name} of its state is {grown}, though the same days come again and again"


def scales_with_capital(life: Life) -> Breaches:
    """With k times the capital, and of all else in USD bn that it sees and holds (`_bn`), it orders k times as much."""
    for factor in (0.25, 3.0):
        richer = _in_money(life.agent, factor)
        for decision in life.decisions:
            view = decision.view._replace(
                **{name: factor * getattr(decision.view, name) for name in MONEY_FIELDS},
                impact=decision.view.impact / factor,
            )
            asked = decision._replace(view=view, held=_in_money(decision.held, factor))
            order_bn = answer(life.strategy, richer, asked).order_bn
            if differ(life, order_bn, factor * decision.order_bn):
                yield decision, f"at {factor} times the capital it orders {order_bn:.10g} bn"


def _in_money(numbers: Numbers, factor: float) -> Numbers:
    """Return parameters or a state with every number in USD bn changed by a factor."""
    return numbers._replace(**{n: factor * getattr(numbers, n) for n in numbers._fields if n.endswith("_bn")})


def no_order_without_capital(life: Life) -> Breaches:
    """An agent without capital does not trade."""
    for decision in life.decisions:
        order_bn = life.ask(decision, life.agent._replace(capital_bn=0.0))
        if order_bn != 0.0:
            yield decision, f"without capital it orders {order_bn:.10g} bn"


def sized_to_its_capital(
    life: Life,
    turnover_a_year: tuple[float, float] = (0.4, 40.0),
    largest_order: float = 5.0,
    largest_position: tuple[float, float] = (0.1, 10.0),
) -> Breaches:
    """Turnover, largest order, and largest sum of orders of an example lie within bounds, in units of its capital.

    The bounds are a factor of 100 apart, so that a percent that is taken for a fraction leaves them either way. A rule
    whose capital is no capital, or whose trades are small, declares the law with its own. Options expire, so that for a
    rule on the clock "roll" orders do not add up, and only the largest is looked at.
    """
    orders = orders_of(life)
    if not orders.any():
        return
    sessions, rolls = len(life.market.dates) - PAST_DAYS, life.strategy.clock == "roll"
    measured = [
        ("its largest order is {} times its capital", abs(orders), (largest_order / 100.0 * rolls, largest_order))
    ]
    if not rolls:
        yearly = np.append(np.zeros(len(orders) - 1), abs(orders).sum() * SESSIONS_PER_YEAR / sessions)
        measured += [
            ("it trades {} times its capital a year", yearly, turnover_a_year),
            ("its orders add up to {} times its capital", abs(np.cumsum(orders)), largest_position),
        ]
    for words, numbers, (low, high) in measured:
        worst = int(np.argmax(numbers))
        if not low <= numbers[worst] <= high:
            wrong = f"in {sessions} sessions {words.format(f'{numbers[worst]:.4g}')}, outside {low:g} to {high:g}"
            hint = "look for a percent that is taken for a fraction, or declare the law with bounds of its own"
            yield life.decisions[worst], f"{wrong}; {hint}"


def bounded_in_calm_and_storm(life: Life, largest_position: float = 20.0) -> Breaches:
    """On a market a hundred times as calm, and three times as wild, an example's orders add up to a bounded position.

    In units of its capital; for a rule on the clock "roll" the largest order counts, as options expire.
    """
    for factor in CALM_AND_STORM:
        log_close = life.market.log_close[0] + factor * (life.market.log_close - life.market.log_close[0])
        elsewhere = replace(life, market=replace(life.market, log_close=log_close))
        orders = orders_of(elsewhere)
        held = abs(orders if life.strategy.clock == "roll" else np.cumsum(orders))
        worst = int(np.argmax(held))
        if held[worst] > largest_position:
            wrong = f"its orders add up to {held[worst]:.4g} times its capital when every return is {factor:g} times"
            yield elsewhere.decisions[worst], f"{wrong} what it was, more than {largest_position:g}; bound its exposure"


def trades_both_ways(_life: Life) -> Breaches:
    """In 600 sessions its examples buy and sell, one side for a rule that never does the other, to the end."""
    return iter(())  # It is about whole lives: see `occasions`.


def acts_on_all_it_reads(life: Life) -> Breaches:
    """Every parameter, and every field of the view that its examples read, moves an order; noise only if declared."""
    if life.strategy.uses_noise:
        return
    for decision in life.decisions:
        drawn = answer(life.strategy, life.agent, decision._replace(noise=1.0))
        if differ(life, drawn.order_bn, decision.order_bn):
            yield decision, f"it reads its noise, which is 0 unless it declares noise=True: {drawn.order_bn:.10g} bn"


def unmoved_by_price_level(life: Life) -> Breaches:
    """On an index of ten times or a tenth of the level, with the same returns, it orders the same."""
    for factor in LEVELS:
        elsewhere = replace(life, market=replace(life.market, log_close=life.market.log_close + math.log(factor)))
        for decision, other in zip(life.decisions, elsewhere.decisions, strict=True):
            if differ(life, other.order_bn, decision.order_bn, AVERAGES):
                wrong = f"it orders {decision.order_bn:.10g} bn, and {other.order_bn:.10g} bn at {factor:g} times"
                yield decision, f"{wrong} the price level with the same returns"


def forgets_its_start(life: Life, within: float = 0.1) -> Breaches:
    """After its `lookback_days` it orders, and holds, what one does that began later: but for a tenth, all told."""
    strategy, sessions = life.strategy, len(life.market.dates) - PAST_DAYS
    each, lookback = len(life.views) // sessions, math.ceil(strategy.lookback_days(life.agent))
    late = _later((sessions - lookback) // 2)
    if late < LEAST_SEEN:
        return
    younger = live(strategy, life.agent, life.views[late * each :], life.noises[late * each :])[lookback * each :]
    older = life.decisions[-len(younger) :]
    compared = [("orders", "bn", "trades", [[one.order_bn for one in ones] for ones in (older, younger)])]
    if "exposure" in strategy.state_names:
        held = [[one.after.exposure for one in ones] for ones in (older, younger)]
        compared.append(("holds", "of its capital", "holds", held))
    for does, unit, done, (here, there) in compared:
        apart = [abs(one - other) for one, other in zip(here, there, strict=True)]
        whole = max(sum(map(abs, here)), sum(map(abs, there)))
        if sum(apart) > within * whole:
            worst = apart.index(max(apart))
            wrong = f"it {does} {here[worst]:.10g} {unit}, and {there[worst]:.10g} had it begun {late} sessions later"
            part = f"{100.0 * sum(apart) / whole:.3g} % of what it {done} after its lookback of {lookback} sessions"
            yield older[worst], f"{wrong}; such gaps are {part}"


def _later(most: int) -> int:
    """Return the largest number of sessions that no short cycle of decisions divides."""
    return next((late for late in range(most, 0, -1) if all(late % cycled for cycled in CYCLES)), 0)


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
    draws = kernel_draws()
    for first in range(0, len(life.decisions), len(draws)):
        lanes = life.decisions[first : first + len(draws)]
        asked = [decision._replace(noise=draw) for decision, draw in zip(lanes, draws, strict=False)]
        states, orders = answers(life.strategy, life.agent, asked)
        for lane, question in enumerate(asked):
            plain = answer(life.strategy, life.agent, question)
            if differ(life, orders[lane], plain.order_bn):
                yield plain, f"compiled it orders {orders[lane]:.10g} bn"
            for name, number, expected in zip(life.strategy.state_names, states[:, lane], plain.after, strict=True):
                if not math.isclose(number, expected, rel_tol=PRECISION, abs_tol=PRECISION):
                    yield plain, f"compiled its {name} is {number:.10g} and not {expected:.10g}"
