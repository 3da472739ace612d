"""The laws of rules: what every rule must keep, and what a rule may declare of itself.

A law is tried on agents that live through drawn markets, at every decision of their lives: so the states a rule is
asked about are states that it can reach. The rule's own examples then live through 600 sessions. A law that nothing in
all these lives could have broken is no evidence, so each says what must have happened (`occasions`).
"""

from __future__ import annotations

from flowsim.authoring.declaration import Law, Strategy
from flowsim.errors import StrategyError
from flowsim.files.nearest import nearest
from flowsim.testing.laws import declared, general
from flowsim.testing.laws.terms import Checker

_GENERAL: tuple[Checker, ...] = (
    general.answers_in_floats,
    general.finite,
    general.deterministic,
    general.books_its_orders,
    general.state_does_not_run_away,
    general.scales_with_capital,
    general.no_order_without_capital,
    general.sized_to_its_capital,
    general.bounded_in_calm_and_storm,
    general.trades_both_ways,
    general.acts_on_all_it_reads,
    general.unmoved_by_price_level,
    general.forgets_its_start,
    general.no_look_ahead,
    general.compiled_equals_plain,
)
_DECLARED: tuple[Checker, ...] = (
    declared.exposure_within,
    declared.risk_at_most,
    declared.spends_at_most,
    declared.silent_inside_buffer,
    declared.silent_inside_band,
    declared.silent_unless,
    declared.reaches_its_target,
    declared.forgets_where_it_came_from,
    declared.long_short_symmetric,
    declared.participates_at_most,
    declared.slow_in_blackout,
    declared.never_sells,
    declared.never_buys,
    declared.acts_on,
    declared.increasing_in,
    declared.decreasing_in,
)

LAWS: dict[str, Checker] = {checker.__name__: checker for checker in (*_GENERAL, *_DECLARED)}
"""Every kind of law and what checks it: `checker(life, **law.options)`."""

GENERAL_LAWS = tuple(Law(checker.__name__) for checker in _GENERAL)
"""What every rule keeps without declaring it. That a rule cannot change its inputs needs no law: they are tuples."""

WAIVABLE = (
    "scales_with_capital",
    "no_order_without_capital",
    "sized_to_its_capital",
    "bounded_in_calm_and_storm",
    "trades_both_ways",
    "acts_on_all_it_reads",
    "unmoved_by_price_level",
    "forgets_its_start",
)
"""General laws that a sound rule may have a reason not to keep."""

ON_LONG_LIVES = ("sized_to_its_capital", "bounded_in_calm_and_storm", "unmoved_by_price_level", "forgets_its_start")
"""Laws about an agent of an ordinary size on an ordinary market: on one that stands still they would say nothing."""

OF_WHOLE_LIVES = ("trades_both_ways", "acts_on_all_it_reads", "acts_on")
"""Laws that say what must happen at some time: what does not happen breaks them, where it leaves others untried."""


def laws_of(strategy: Strategy) -> tuple[Law, ...]:
    """Return the laws that a strategy must keep: general ones that it neither words itself nor waives, then its own.

    Raises
    ------
    StrategyError
        If it waives what it cannot, or without a reason.
    """
    where = f"{strategy.file}:{strategy.line}: rule {strategy.name!r} waives"
    for kind, reason in strategy.waives.items():
        if kind not in WAIVABLE:
            raise StrategyError(f"{where} {kind!r}, which no rule can; {nearest(kind, WAIVABLE)}")
        if not reason.strip():
            raise StrategyError(f"{where} {kind!r} without a reason; say why it does not keep this law")
    left_out = {law.kind for law in strategy.laws} | set(strategy.waives)
    return (*(law for law in GENERAL_LAWS if law.kind not in left_out), *strategy.laws)
