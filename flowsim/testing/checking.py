"""Try the laws of a rule on many agents and markets, and show the smallest that breaks one."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

from hypothesis import HealthCheck, Phase, Verbosity, configuration, given, settings

from flowsim.authoring.declaration import Law, Strategy
from flowsim.authoring.view import View
from flowsim.errors import StrategyError
from flowsim.files.cache import cache_dir
from flowsim.files.nearest import nearest
from flowsim.testing.agents import Life, RuleError, life_from, lives
from flowsim.testing.chance import FromSeed
from flowsim.testing.laws import LAWS, OF_WHOLE_LIVES, ON_LONG_LIVES, laws_of
from flowsim.testing.laws.declared import PERIODS
from flowsim.testing.laws.occasions import happened, occasions_of
from flowsim.testing.laws.terms import Checker
from flowsim.testing.long_life import SESSIONS, long_lives
from flowsim.testing.report import report, said

EXAMPLES = 50
"""Agents on markets of their own that each law is tried on."""

TRIES = 2
"""For how many times as many lives a broken law is tried again, to find the smallest that breaks it."""

SLIP = 100.0 * (1.0 + 1e-9)
"""A percent for a fraction: how far apart the bounds of a size may be."""

OF_EXPOSURE = ("exposure_within", "risk_at_most", "forgets_where_it_came_from")
"""Laws about a field `exposure` of the state."""

_KNOWN = {"field": View._fields, "fields": View._fields, "vol": View._fields, "per": PERIODS}
"""What an option of a law may name, unless it is a parameter."""


class BrokenLawError(AssertionError):
    """A rule breaks a law, or nothing could have broken it (`vacuous`); the message shows in which decision, or why."""

    def __init__(self, law: Law, shown: str, vacuous: bool = False) -> None:
        self.law = law
        self.vacuous = vacuous
        super().__init__(shown)


def check_law(strategy: Strategy, law: Law, examples: int = EXAMPLES) -> None:
    """Try a law on as many agents and markets, the same ones every time, and on a long life; show the smallest breach.

    Raises
    ------
    StrategyError
        If there is no such law, or its options name what the view or the parameters do not have.
    BrokenLawError
        If the rule breaks the law, or no life could have; the message shows the market and one decision that does.
    """
    for found in _broken([law], strategy, examples):
        raise found


def broken_laws(strategy: Strategy, examples: int = EXAMPLES) -> list[BrokenLawError]:
    """Return what breaks among all laws that a strategy must keep, having tried them on the same agents and markets.

    Raises
    ------
    StrategyError
        If there is no such law, or its options name what the view or the parameters do not have.
    """
    return list(_broken(laws_of(strategy), strategy, examples))


def _broken(laws: Sequence[Law], strategy: Strategy, examples: int) -> Iterator[BrokenLawError]:
    checkers = {law.kind: checker_of(strategy, law) for law in laws}
    drawn, left = drawn_lives(strategy, examples), list(laws)
    for law in laws:
        tried = [] if law.kind in ON_LONG_LIVES else drawn
        shown = _first_breach(tried, law, checkers[law.kind])
        if shown is not None:
            yield BrokenLawError(law, smallest_breach(strategy, law, checkers[law.kind], TRIES * examples) or shown)
            left.remove(law)
    yield from broken_on(strategy, left, drawn, already_tried=True)


def _first_breach(lives: Iterable[Life], law: Law, checker: Checker) -> str | None:
    return next(filter(None, (breach(life, law, checker) for life in lives)), None)


def drawn_lives(strategy: Strategy, examples: int = EXAMPLES) -> list[Life]:
    """Return lives of drawn agents on drawn markets, the same ones every time."""
    return [life_from(FromSeed(number), strategy) for number in range(examples)]


def broken_on(
    strategy: Strategy, laws: Sequence[Law], drawn: list[Life], already_tried: bool = False
) -> Iterator[BrokenLawError]:
    """Yield which laws break in some lives, and in those of the examples; then which nothing there could have broken.

    Laws that are `already_tried` on the drawn lives are tried on the others only.
    """
    long, left = long_lives(strategy), list(laws)
    for law in laws:
        checker = checker_of(strategy, law)
        before = [] if already_tried or law.kind in ON_LONG_LIVES else drawn
        shown = _first_breach((*before, *long), law, checker)
        if shown is not None:
            yield BrokenLawError(law, shown)
            left.remove(law)
    for law in left:
        missing = next(not_tried(strategy, law, long, drawn), None)
        if missing is not None:
            vacuous = law.kind not in OF_WHOLE_LIVES
            how = "nothing could have broken" if vacuous else "breaks"
            where = f"{strategy.file}:{strategy.line}: {strategy.name}"
            yield BrokenLawError(law, f"{where} {how} {said(law)}: {missing}", vacuous)


def not_tried(strategy: Strategy, law: Law, long: list[Life], drawn: list[Life]) -> Iterator[str]:
    """Yield what happens in no life, though a law says nothing unless it does.

    What is said of a rule's examples is looked for in drawn lives too if it declares none.
    """
    try:
        for occasion in occasions_of(strategy, law, long):
            lives = long if occasion.of_examples and strategy.examples else [*long, *drawn]
            if not happened(occasion, lives):
                examples = f"{SESSIONS} sessions of its {'example' if len(long) == 1 else f'{len(long)} examples'}"
                also = "" if lives is long else f" nor on {len(drawn)} drawn markets"
                yield f"{occasion.missing} in {examples}{also}"
    except RuleError:
        return  # Other laws say so.


def smallest_breach(strategy: Strategy, law: Law, checker: Checker, examples: int) -> str | None:
    """Return how a life breaks a law that is as small as hypothesis can make it, or None if it finds none."""

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
    def keeps_its_law(life: Life) -> None:
        shown = breach(life, law, checker)
        if shown is not None:
            raise BrokenLawError(law, shown)

    with _keeping_its_notes_in_the_cache():
        try:
            keeps_its_law()
        except BrokenLawError as found:
            return str(found)
    return None


def _too_wide(law: Law, bounds: object) -> bool:
    """Tell whether the bounds of a size are so far apart that a slip of 100 stays within them."""
    return law.kind == "sized_to_its_capital" and isinstance(bounds, tuple) and not bounds[1] <= SLIP * bounds[0]


@contextmanager
def _keeping_its_notes_in_the_cache() -> Iterator[None]:
    """Let hypothesis write its tables of characters and constants there, and not into the user's working directory."""
    before = configuration.storage_directory(intent_to_write=False).home_directory
    configuration.set_hypothesis_home_dir(cache_dir() / "hypothesis")
    try:
        yield
    finally:
        configuration.set_hypothesis_home_dir(before)


def breach(life: Life, law: Law, checker: Checker) -> str | None:
    """Return how a life breaks a law, or None if it keeps it."""
    try:
        found = next(checker(life, **law.options), None)
    except RuleError as failed:
        return report(life, law, failed.decision, str(failed))
    except StrategyError as refused:
        return str(refused)  # It does not compile: no market and no decision has to do with it.
    return None if found is None else report(life, law, *found)


def checker_of(strategy: Strategy, law: Law) -> Checker:
    """Return the checker of a law that a strategy declares, having checked the law's own words.

    Raises
    ------
    StrategyError
        If there is no such law, or its options name what the view or the parameters do not have.
    """
    where = f"{strategy.file}:{strategy.line}: rule {strategy.name!r} declares the law {law.kind!r}"
    if law.kind not in LAWS:
        raise StrategyError(f"{where}, which is not known; {nearest(law.kind, LAWS, 'laws')}")
    checker = LAWS[law.kind]
    arguments = list(inspect.signature(checker).parameters.values())[1:]
    takes = [argument.name for argument in arguments]
    needs = {argument.name for argument in arguments if argument.default is argument.empty}
    if not needs <= set(law.options) <= set(takes):
        raise StrategyError(f"{where} with the options {sorted(law.options)}; it takes {takes}")
    if law.kind in OF_EXPOSURE and "exposure" not in strategy.state_names:
        raise StrategyError(f"{where}, but its state has no field 'exposure'; add it, in units of capital")
    too_wide = [name for name, value in law.options.items() if _too_wide(law, value)]
    if too_wide:
        raise StrategyError(
            f"{where}, whose {too_wide[0]} lets a percent pass for a fraction; bound it within {SLIP:g}x"
        )
    if law.kind == "silent_inside_band" and "band" not in strategy.parameter_names:
        raise StrategyError(f"{where}, but it has no parameter 'band'; add it, as a part of capital")
    for option, value in law.options.items():
        known = _KNOWN.get(option) or (strategy.state_names if option == "but" else strategy.parameter_names)
        for name in value if isinstance(value, tuple) else (value,):
            if isinstance(name, str) and name.removeprefix("-") not in known:
                raise StrategyError(f"{where}, whose {option} names {name!r}; {nearest(name, known)}")
    return checker
