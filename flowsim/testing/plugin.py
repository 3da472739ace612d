"""The pytest plugin: the fixture `strategy_tape`, and laws and tapes of the strategy files in folders that one names.

pytest loads it in every run, so it imports nothing until it is used.

- ``strategy_tape(rule, market)`` replays a tape and fails with the first decision that differs.
- ``flowsim_strategies = rules`` in the ini, or ``--flowsim-strategies rules``, collects a test for each law and each
  tape of every strategy file in that folder, besides the tests that are collected anyway.
- ``--record-tapes`` records the tapes of each strategy anew, on all markets; every test that does so fails, so that a
  recording never passes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from _pytest._code.code import TerminalRepr, TracebackStyle

    from flowsim.authoring.declaration import Law, Strategy

RECORDED = "recorded anew, which is no test: look at what changed, and run without --record-tapes"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options of the plugin."""
    group = parser.getgroup("flowsim", "strategies of flowsim")
    group.addoption("--record-tapes", action="store_true", help="Record tapes anew; the tests that do so fail.")
    group.addoption(
        "--flowsim-strategies",
        action="append",
        default=[],
        metavar="DIR",
        type=Path,
        help="Collect laws and tapes of the strategy files in this folder; may be repeated.",
    )
    parser.addini("flowsim_strategies", "Folders of strategy files to collect laws and tapes of.", "paths", default=[])
    parser.addini("flowsim_tapes", "Folder of tapes; `tapes` beside each strategy file by default.", default="")


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Collect a strategy file that lies in a folder that the user named."""
    asked: list[Path] = parent.config.getoption("--flowsim-strategies") or []
    named = [*parent.config.getini("flowsim_strategies"), *asked]
    if file_path.suffix != ".py" or file_path.parent.resolve() not in [folder.resolve() for folder in named]:
        return None
    from flowsim.authoring.discovery import strategy_files

    return StrategyFile.from_parent(parent, path=file_path) if file_path in strategy_files(file_path.parent) else None


class StrategyFile(pytest.File):
    """A strategy file: a test for each law and each tape of its rules."""

    def collect(self) -> Iterator[pytest.Item]:
        """Yield the tests."""
        from flowsim.authoring.discovery import rules_in
        from flowsim.errors import StrategyError
        from flowsim.testing.canonical import CANONICAL
        from flowsim.testing.laws import laws_of

        try:
            rules = rules_in(self.path)
        except StrategyError as error:
            raise self.CollectError(str(error)) from None
        for rule in rules:
            for law in laws_of(rule):
                yield LawItem.from_parent(self, name=f"{rule.name}::{law.kind}", rule=rule, law=law)
            for market in CANONICAL:
                yield TapeItem.from_parent(self, name=f"{rule.name}::tape on {market}", rule=rule, market=market)


class _RuleItem(pytest.Item):
    def __init__(self, *, rule: Strategy, **options: Any) -> None:
        super().__init__(**options)
        self.rule = rule

    def repr_failure(
        self, excinfo: pytest.ExceptionInfo[BaseException], style: TracebackStyle | None = None
    ) -> str | TerminalRepr:
        """Show what broke, and not where in flowsim it was noticed."""
        broken = isinstance(excinfo.value, AssertionError | ValueError) or "flowsim" in type(excinfo.value).__module__
        return str(excinfo.value) if broken else super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int, str]:
        """Return the place of the rule."""
        return self.rule.file, self.rule.line - 1, self.name


class LawItem(_RuleItem):
    """A law of a rule as a test."""

    def __init__(self, *, law: Law, **options: Any) -> None:
        super().__init__(**options)
        self.law = law

    def runtest(self) -> None:
        """Try the law."""
        from flowsim.testing.checking import check_law

        check_law(self.rule, self.law)


class TapeItem(_RuleItem):
    """A tape of a rule as a test."""

    def __init__(self, *, market: str, **options: Any) -> None:
        super().__init__(**options)
        self.market = market

    def runtest(self) -> None:
        """Replay the tape, or record it and fail."""
        replay(self.config, self.rule, self.market)


def replay(config: pytest.Config, rule: Any, market: str, folder: Path | None = None) -> None:
    """Replay a tape of a rule, or record it where that is asked for; fail if it differs, and whenever it is recorded.

    `rule` is a strategy, or the function that declares one; the folder of tapes is the ini's, or beside its file.
    """
    from flowsim.testing.replay import verify_market
    from flowsim.testing.tape_files import record, tapes_folder

    strategy: Strategy = getattr(rule, "__flowsim_strategy__", rule)
    named = config.getini("flowsim_tapes")
    where = folder or (config.rootpath / named if named else tapes_folder(strategy))
    if config.getoption("--record-tapes"):
        record(strategy, where)
        pytest.fail(f"{strategy.name} on {market}: {RECORDED}", pytrace=False)
    verdict = verify_market(strategy, market, where)
    if not verdict.passed:
        pytest.fail(verdict.shown, pytrace=False)


@pytest.fixture
def strategy_tape(request: pytest.FixtureRequest) -> Callable[..., None]:
    """Return a function `(rule, market, folder=None)` that replays a tape and fails with the first difference."""
    return lambda rule, market, folder=None: replay(request.config, rule, market, folder)
