"""What must have happened for a law to have been tried: a law that nothing could have broken is no evidence."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from flowsim.authoring.declaration import Law, Strategy
from flowsim.clock import in_blackout
from flowsim.clock.year import SESSIONS_PER_YEAR
from flowsim.testing.agents import Life, RuleError, answer
from flowsim.testing.laws import influence
from flowsim.testing.laws.declared import spent
from flowsim.testing.laws.terms import MOVES, PRECISION, bound_of, differ, product_of, trades

NEAR = 0.75
"""A bound has been near if something came this far toward it."""

HALF = 0.5
"""Of what is allowed: a limit of which nothing ever uses half has not been tried."""


class Occasion(NamedTuple):
    """Something that must happen in a life; what to say if it happens in none; whether only examples' lives count."""

    missing: str
    happens: Callable[[Life], bool]
    of_examples: bool = False


def occasions_of(strategy: Strategy, law: Law, long: list[Life]) -> Iterator[Occasion]:
    """Yield what must happen for a law of a strategy to have been tried; `long` are the lives of its examples."""
    made = _OCCASIONS.get(law.kind)
    if law.kind == "acts_on_all_it_reads":
        yield from _acts_on_all(strategy, long)
    elif law.kind == "trades_both_ways":
        yield from _both_ways(strategy)
    elif made is not None:
        yield from made(**law.options)


def happened(occasion: Occasion, lives: list[Life]) -> bool:
    """Tell whether something happens in any of some lives; a rule that raises there has other faults."""
    try:
        return any(occasion.happens(life) for life in lives)
    except RuleError:
        return True


def _both_ways(strategy: Strategy) -> Iterator[Occasion]:
    never = {law.kind for law in strategy.laws}
    if "never_buys" not in never:
        yield Occasion("it never buys", lambda life: any(one.order_bn > 0.0 for one in life.decisions), True)
    if "never_sells" not in never:
        yield Occasion("it never sells", lambda life: any(one.order_bn < 0.0 for one in life.decisions), True)
    yield Occasion(
        "it orders nothing in the second half of a life",
        lambda life: any(one.order_bn != 0.0 for one in life.decisions[len(life.decisions) // 2 :]),
        True,
    )


def _acts_on_all(strategy: Strategy, long: list[Life]) -> Iterator[Occasion]:
    elsewhere = ["capital_bn", "within_bar", *(strategy.structure.parameters if strategy.structure else ())]
    for name in strategy.parameter_names:
        if name not in elsewhere:
            yield Occasion(f"its parameter {name} moves no order", _by_parameter(name))
    for name in sorted(set().union(*(influence.fields_read(life) for life in long))):
        yield Occasion(f"it reads {name}, which moves no order of its examples", _by_field(name), True)
        yield Occasion(f"it reads {name}, which moves only later orders: is it a day late?", _at_once(name), True)
    for name in sorted(set().union(*(influence.state_read(life) for life in long))):
        yield Occasion(f"it reads {name} of its state, which never changes", _changing(name), True)
    if strategy.uses_noise:
        yield Occasion("it declares noise=True, and its draws move no order", influence.moved_by_noise)


def _by_parameter(name: str) -> Callable[[Life], bool]:
    return lambda life: influence.moved_by_parameter(life, name)


def _by_field(name: str) -> Callable[[Life], bool]:
    return lambda life: influence.moved_by(life, name)


def _at_once(name: str) -> Callable[[Life], bool]:
    return lambda life: influence.moved_at_once_by(life, name)


def _changing(name: str) -> Callable[[Life], bool]:
    return lambda life: influence.changes(life, name)


def _any_order(**_options: object) -> Iterator[Occasion]:
    yield Occasion("it orders nothing", trades)


def _exposure_within(low: float | str, high: float | str) -> Iterator[Occasion]:
    def near(life: Life) -> bool:
        least, most = bound_of(life.agent, low), bound_of(life.agent, high)
        margin = (1.0 - NEAR) * (most - least)
        traded = (one.after.exposure for one in life.decisions if one.order_bn != 0.0)
        return most > least and any(not least + margin < exposure < most - margin for exposure in traded)

    yield Occasion("no order takes its exposure near either bound", near)


def _risk_at_most(vol: str | tuple[str, ...], most: float | str, buffer: str = "") -> Iterator[Occasion]:
    names = (vol,) if isinstance(vol, str) else vol

    def near(life: Life) -> bool:
        limit = HALF * bound_of(life.agent, most)
        return limit > 0.0 and any(
            abs(one.after.exposure) * max(getattr(one.view, name) for name in names) > limit for one in life.decisions
        )

    yield Occasion("its exposure times volatility never comes to half of the bound", near)


def _spends_at_most(part: float | str | tuple[float | str, ...], per: str) -> Iterator[Occasion]:
    def near(life: Life) -> bool:
        limit_bn = HALF * product_of(life.agent, part) * life.agent.capital_bn
        return limit_bn > 0.0 and any(spent_bn > limit_bn for _, spent_bn in spent(life, per))

    yield Occasion(f"it never spends half of what a {per} allows", near)


def _silent_inside_buffer(buffer: str) -> Iterator[Occasion]:
    def silenced(life: Life) -> bool:
        unbuffered = life.agent._replace(**{buffer: 0.0})
        most_bn = (getattr(life.agent, buffer) - PRECISION) * life.agent.capital_bn
        return any(0.0 < abs(life.ask(one, unbuffered)) < most_bn for one in life.decisions)

    yield Occasion("no gap is ever inside its buffer", silenced)
    yield Occasion("it orders nothing", trades)


def _silent_inside_band() -> Iterator[Occasion]:
    def silenced(life: Life) -> bool:
        most_bn = (life.agent.band - PRECISION) * life.agent.capital_bn
        return any(0.0 < abs(one.view.hedge_gap_bn) < most_bn for one in life.decisions)

    yield Occasion("no gap is ever inside its band", silenced)
    yield Occasion("it orders nothing", trades)


def _silent_unless(field: str, equals: str) -> Iterator[Occasion]:
    def differs(life: Life) -> bool:
        return any(getattr(one.view, field) != getattr(life.agent, equals) for one in life.decisions)

    yield Occasion(f"{field} always is {equals}", differs)
    yield Occasion("it orders nothing", trades)


def _participates_at_most(share: float | str) -> Iterator[Occasion]:
    def near(life: Life) -> bool:
        limit = HALF * bound_of(life.agent, share)
        return any(abs(one.order_bn) > limit * one.view.adv_bn for one in life.decisions)

    yield Occasion("no order comes to half of the share", near)


def _slow_in_blackout(quiet_days: str, report_lag_days: str, pace: tuple[str, ...]) -> Iterator[Occasion]:
    def faster_outside(life: Life) -> bool:
        agent, most_bn = life.agent, product_of(life.agent, pace) * life.agent.capital_bn / SESSIONS_PER_YEAR
        quiet, lag = getattr(agent, quiet_days), getattr(agent, report_lag_days)
        inside = [
            in_blackout(one.view.days_since_quarter_end, one.view.days_to_quarter_end, lag, quiet)
            for one in life.decisions
        ]
        return any(inside) and any(
            abs(one.order_bn) > most_bn for one, closed in zip(life.decisions, inside, strict=True) if not closed
        )

    yield Occasion("it is no faster outside its blackout", faster_outside)


def _acts_on(fields: tuple[str, ...], alone: bool = False) -> Iterator[Occasion]:
    for name in fields:
        yield Occasion(f"{name} moves no order", _by_field(name))
        yield Occasion(f"{name} moves only later orders: is it a day late?", _at_once(name))


def _monotone(fields: tuple[str, ...]) -> Iterator[Occasion]:
    for name in fields:
        yield Occasion(f"{name}, moved up alone, changes no order", _moved_up(name))


def _moved_up(name: str) -> Callable[[Life], bool]:
    def changes(life: Life) -> bool:
        for one in life.decisions:
            for move in MOVES:
                moved = one._replace(view=one.view._replace(**{name: getattr(one.view, name) + move}))
                if differ(life, answer(life.strategy, life.agent, moved).order_bn, one.order_bn):
                    return True
        return False

    return changes


_OCCASIONS: dict[str, Callable[..., Iterator[Occasion]]] = {
    "unmoved_by_price_level": _any_order,
    "forgets_its_start": _any_order,
    "exposure_within": _exposure_within,
    "risk_at_most": _risk_at_most,
    "spends_at_most": _spends_at_most,
    "silent_inside_buffer": _silent_inside_buffer,
    "silent_inside_band": _silent_inside_band,
    "silent_unless": _silent_unless,
    "reaches_its_target": _any_order,
    "forgets_where_it_came_from": _any_order,
    "long_short_symmetric": _any_order,
    "participates_at_most": _participates_at_most,
    "slow_in_blackout": _slow_in_blackout,
    "acts_on": _acts_on,
    "increasing_in": _monotone,
    "decreasing_in": _monotone,
}
