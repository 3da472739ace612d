"""Try the laws of a rule on many agents and markets, and show the smallest that breaks one."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from hypothesis import HealthCheck, Phase, Verbosity, configuration, given, settings

from flowsim.authoring.declaration import Law, Strategy
from flowsim.authoring.view import View
from flowsim.config.wording import nearest
from flowsim.errors import StrategyError
from flowsim.files.cache import cache_dir
from flowsim.testing.agents import Life, RuleError, lives
from flowsim.testing.laws import LAWS, Checker, exposure_within, laws_of, silent_inside_band
from flowsim.testing.report import report

EXAMPLES = 50
"""Agents on markets of their own that each law is tried on."""


class BrokenLawError(AssertionError):
    """A rule breaks a law of its own; the message shows the smallest agent and market found."""

    def __init__(self, law: Law, shown: str) -> None:
        self.law = law
        super().__init__(shown)


def check_law(strategy: Strategy, law: Law, examples: int = EXAMPLES) -> None:
    """Try a law on as many agents and markets, the same ones every time; show the smallest that breaks it.

    Raises
    ------
    StrategyError
        If there is no such law, or its options name what the view or the parameters do not have.
    BrokenLawError
        If the rule breaks the law; the message shows the market and one decision that does.
    """
    _try([law], strategy, examples)


def broken_laws(strategy: Strategy, examples: int = EXAMPLES) -> list[BrokenLawError]:
    """Return what breaks among all laws that a strategy must keep, having tried them on the same agents and markets.

    Raises
    ------
    StrategyError
        If there is no such law, or its options name what the view or the parameters do not have.
    """
    left, broken = list(laws_of(strategy)), []
    while left:
        try:
            _try(left, strategy, examples)
        except BrokenLawError as found:
            broken.append(found)
            left.remove(found.law)
        else:
            break
    return broken


def _try(laws: Sequence[Law], strategy: Strategy, examples: int) -> None:
    checkers = [(law, checker_of(strategy, law)) for law in laws]
    culprits: list[tuple[Law, Checker]] = []

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
    def keeps_its_laws(life: Life) -> None:
        # Once one is broken, only that one is tried, so that what is shown is the smallest that breaks it.
        for law, checker in culprits or checkers:
            shown = breach(life, law, checker)
            if shown is not None:
                culprits[:] = [(law, checker)]
                raise BrokenLawError(law, shown)

    with _keeping_its_notes_in_the_cache():
        keeps_its_laws()


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
    if checker is exposure_within and "exposure" not in strategy.state_names:
        raise StrategyError(f"{where}, but its state has no field 'exposure'; add it, in units of capital")
    if checker is silent_inside_band and "band" not in strategy.parameter_names:
        raise StrategyError(f"{where}, but it has no parameter 'band'; add it, as a part of capital")
    for option, value in law.options.items():
        known = View._fields if option in ("field", "fields") else strategy.parameter_names
        known = strategy.state_names if option == "but" else known
        for name in [value] if isinstance(value, str) else (value if isinstance(value, tuple) else ()):
            if name.removeprefix("-") not in known:
                raise StrategyError(f"{where}, whose {option} names {name!r}; {nearest(name, known)}")
    return checker
