"""What a strategy may declare of itself, beside its rule."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from flowsim.clock import in_blackout
from flowsim.clock.year import SESSIONS_PER_YEAR
from flowsim.testing.agents import Decision, Life, answer
from flowsim.testing.laws.influence import fields_read, moved_by
from flowsim.testing.laws.terms import MOVES, PRECISION, Breaches, bound_of, differ, product_of
from flowsim.testing.views import PAST_DAYS

ODD_FIELDS = ("inventory_bn", "fundamental_gap", "easing_bp", "liquidity", "hedge_gap_bn")
"""What turns its sign, besides the price, in a market that is the mirror image of another."""

ODD_ODDS = ("cut_probability",)
"""A probability that becomes that of the opposite."""

ELSEWHERE = (-1.0, -0.1, 0.0, 0.1, 1.0)
"""Exposures, besides its own, from which an agent is asked where it wants to be."""

PERIODS = ("session", "month", "quarter", "year")
"""Spans over which purchases are added up; a year is any 252 sessions."""


def exposure_within(life: Life, low: float | str, high: float | str) -> Breaches:
    """The exposure lies between two numbers, parameters, or parameters with the sign turned ("-cap")."""
    least, most = bound_of(life.agent, low), bound_of(life.agent, high)
    for decision in life.decisions:
        if not least - PRECISION <= decision.after.exposure <= most + PRECISION:
            yield decision, f"its exposure is {decision.after.exposure:.10g}, outside {least:.10g} to {most:.10g}"


def risk_at_most(life: Life, vol: str | tuple[str, ...], most: float | str, buffer: str = "") -> Breaches:
    """Exposure times volatility is no more than a number or parameter, and what a buffer leaves alone.

    `vol` names fields of the view, of which the highest counts.
    """
    limit = bound_of(life.agent, most)
    left_alone = getattr(life.agent, buffer) if buffer else 0.0
    for decision in life.decisions:
        highest = max(getattr(decision.view, name) for name in ((vol,) if isinstance(vol, str) else vol))
        risk, allowed = abs(decision.after.exposure) * highest, limit + left_alone * highest
        if risk > allowed + PRECISION:
            yield decision, f"its exposure times volatility is {risk:.10g}, more than {allowed:.10g}"


def spends_at_most(life: Life, part: float | str | tuple[float | str, ...], per: str) -> Breaches:
    """Purchases of a session, month, quarter or any year of 252 sessions are at most a part of capital.

    `part` is a number, a parameter, or a tuple of them to be multiplied.
    """
    most_bn = product_of(life.agent, part) * life.agent.capital_bn
    for decision, spent_bn in spent(life, per):
        if spent_bn > most_bn + PRECISION * life.agent.capital_bn:
            yield decision, f"it has spent {spent_bn:.10g} bn in a {per}, more than {most_bn:.10g}"


def spent(life: Life, per: str) -> Iterator[tuple[Decision, float]]:
    """Yield each decision with what has been bought in its period so far, in USD bn."""
    clock = {"session": "bar", "month": "sessions_since_month_end", "quarter": "days_since_quarter_end"}.get(per)
    before, in_period = math.inf, []
    each = max(len(life.views) // len(set(life.market.dates[PAST_DAYS:].tolist())), 1)
    for decision in life.decisions:
        now = getattr(decision.view, clock) if clock else math.inf
        # A day clock has one decision a session, at the same bar every time.
        if now < before or (per == "session" and now == before):
            in_period = []
        in_period = [*in_period, max(decision.order_bn, 0.0)][-round(SESSIONS_PER_YEAR) * each :]
        before = now
        yield decision, sum(in_period)


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
        if differ(life, again.order_bn, 0.0):
            yield decision, f"it orders {decision.order_bn:.10g} bn, and at once {again.order_bn:.10g} bn more"


def forgets_where_it_came_from(life: Life, buffer: str = "") -> Breaches:
    """From whatever exposure, the same view takes it to the same one, up to its buffer."""
    left_alone = getattr(life.agent, buffer) if buffer else 0.0
    exact = life.agent._replace(**{buffer: 0.0}) if buffer else life.agent
    for decision in life.decisions:
        wanted = answer(life.strategy, exact, decision).after.exposure
        for other in ELSEWHERE:
            elsewhere = decision._replace(held=decision.held._replace(exposure=other))
            for agent, allowed in ((exact, 0.0), (life.agent, left_alone)):
                reached = answer(life.strategy, agent, elsewhere).after.exposure
                if abs(reached - wanted) > allowed + PRECISION:
                    wrong = f"it wants an exposure of {wanted:.10g}, and from {other:g} it goes to {reached:.10g}"
                    yield decision, f"{wrong}, more than {allowed:.10g} away"


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
        if differ(life, image.order_bn, -decision.order_bn):
            wrong = f"it orders {decision.order_bn:.10g} bn, and {image.order_bn:.10g} bn in the mirror image"
            yield decision, f"{wrong} of the market"


def participates_at_most(life: Life, share: float | str) -> Breaches:
    """An order is no more than a share of average daily volume: a number, or a parameter."""
    most = bound_of(life.agent, share)
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


def never_sells(life: Life) -> Breaches:
    """No order is below zero."""
    for decision in life.decisions:
        if decision.order_bn < 0.0:
            yield decision, "it sells"


def never_buys(life: Life) -> Breaches:
    """No order is above zero."""
    for decision in life.decisions:
        if decision.order_bn > 0.0:
            yield decision, "it buys"


def acts_on(life: Life, fields: tuple[str, ...], alone: bool = False) -> Breaches:
    """Each of these fields of the view moves its orders; with `alone` no other field does."""
    if not alone:
        return
    for name in sorted(fields_read(life) - set(fields)):
        if moved_by(life, name):
            yield life.decisions[-1], f"{name} moves its orders, and is not among {', '.join(fields)}"


def increasing_in(life: Life, fields: tuple[str, ...]) -> Breaches:
    """Moving these fields of the view up together, and nothing else, never lowers the order."""
    yield from _monotone(life, fields, 1.0)


def decreasing_in(life: Life, fields: tuple[str, ...]) -> Breaches:
    """Moving these fields of the view up together, and nothing else, never raises the order."""
    yield from _monotone(life, fields, -1.0)


def _monotone(life: Life, fields: tuple[str, ...], sign: float) -> Breaches:
    for decision in life.decisions:
        for move in MOVES:
            moved = {name: getattr(decision.view, name) + move for name in fields}
            order_bn = life.ask(decision, **moved)
            change_bn = sign * (order_bn - decision.order_bn)
            if change_bn < 0.0 and differ(life, order_bn, decision.order_bn):
                yield decision, f"{' and '.join(fields)} higher by {move}, it orders {order_bn:.10g} bn"
