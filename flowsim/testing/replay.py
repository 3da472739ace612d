"""Replay tapes: does a rule still do what it did, and if not, what did it see when it first did something else?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path

from flowsim.authoring.declaration import Strategy
from flowsim.testing.agents import RuleError
from flowsim.testing.canonical import CANONICAL
from flowsim.testing.tape_files import read_tapes, tape_file
from flowsim.testing.tapes import Part, Row, Tape, same, tape_of


@dataclass(frozen=True)
class Verdict:
    """What became of one tape: `outcome` in a word or two, and what to read about it when it is not "same"."""

    strategy: str
    market: str
    outcome: str
    n_decisions: int = 0
    n_different: int = 0
    first: str = ""
    largest_bn: float = 0.0
    shown: str = ""

    @property
    def passed(self) -> bool:
        """Tell whether the rule did what is on the tape."""
        return self.outcome == "same"


def verify(strategy: Strategy, folder: Path) -> list[Verdict]:
    """Replay the tapes of a strategy on every canonical market.

    Raises
    ------
    StrategyError
        If the file in the folder holds no tapes.
    """
    recorded = _recorded(strategy, folder)
    return [_verdict(strategy, market, folder, recorded) for market in CANONICAL]


def verify_market(strategy: Strategy, market: str, folder: Path) -> Verdict:
    """Replay the tape of a strategy on one canonical market.

    Raises
    ------
    StrategyError
        If the file holds no tapes.
    """
    return _verdict(strategy, market, folder, _recorded(strategy, folder))


def _recorded(strategy: Strategy, folder: Path) -> dict[str, Tape]:
    file = tape_file(folder, strategy)
    return read_tapes(file) if file.exists() else {}


def _verdict(strategy: Strategy, market: str, folder: Path, recorded: dict[str, Tape]) -> Verdict:
    file = tape_file(folder, strategy)
    where = f"{strategy.file}:{strategy.line}: {strategy.name} on {market}"
    if market not in recorded:
        shown = f"{where}: no tape of it in {file}; write it with flowsim rules record, and look at what it says"
        return Verdict(strategy.name, market, "no tape", shown=shown)
    before = recorded[market]
    try:
        now = tape_of(strategy, market)
    except RuleError as error:
        shown = f"{where}: {error}"
        return Verdict(strategy.name, market, "raises", before.n_decisions, before.n_decisions, shown=shown)
    return compared(strategy, before, now)


def compared(strategy: Strategy, before: Tape, now: Tape) -> Verdict:
    """Return how two tapes of a strategy on the same market differ."""
    where = f"{strategy.file}:{strategy.line}: {strategy.name} on {now.name}"
    for what, old, new in _identities(before, now):
        if old != new:
            shown = f"{where}: {what}\n  before    {old}\n  now       {new}\n  if this is meant, record the tape anew"
            return Verdict(
                strategy.name, now.name, what.partition(" ")[2], now.n_decisions, now.n_decisions, shown=shown
            )
    different = [
        (old_part, number, old, new)
        for old_part, new_part in zip(before.parts, now.parts, strict=True)
        for number, (old, new) in enumerate(zip(old_part.rows, new_part.rows, strict=True))
        if not _same_row(old, new)
    ]
    if not different:
        return Verdict(strategy.name, now.name, "same", now.n_decisions)
    part, number, old, new = different[0]
    largest_bn = max(abs(float(new.did[0]) - float(old.did[0])) for _, _, old, new in different)
    first = f"{where} differs first on {' '.join(old.when)}, decision {number + 1} of {len(part.rows)}"
    count = f"  {len(different)} of {now.n_decisions} decisions differ, orders by up to {largest_bn:.4g} bn"
    saw = now.parts[before.parts.index(part)].columns.saw
    shown = "\n".join([first, *_decision(part, number, saw, new), count])
    return Verdict(strategy.name, now.name, "differs", now.n_decisions, len(different), old.when[0], largest_bn, shown)


def _identities(before: Tape, now: Tape) -> Iterator[tuple[str, str, str]]:
    """Yield what must agree before decisions can be compared: what it is, before, and now."""
    yield "another market", before.market, now.market
    yield "another strategy", before.strategy, now.strategy
    if not before.parts or not now.parts:
        yield "other decision times", _first_time(before), _first_time(now)
    yield "other examples", f"{len(before.parts)} of them", f"{len(now.parts)} of them"
    for old, new in zip(before.parts, now.parts, strict=True):
        yield "other parameters", old.agent, new.agent
        yield "another state", " ".join(old.columns.held), " ".join(new.columns.held)
        yield (
            "other first holdings",
            " ".join(old.start),
            " ".join(old.start if _same(old.start, new.start) else new.start),
        )
        apart = next((pair for pair in zip_longest(_times(old), _times(new)) if pair[0] != pair[1]), ("", ""))
        yield "other decision times", apart[0] or "no decision", apart[1] or "no decision"


def _first_time(tape: Tape) -> str:
    return min((time for part in tape.parts for time in _times(part)), default="no decision")


def _times(part: Part) -> list[str]:
    return [" ".join(row.when) for row in part.rows]


def _same_row(one: Row, other: Row) -> bool:
    return _same((*one.did, *one.held), (*other.did, *other.held))


def _same(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    return all(map(same, one, other))


def _decision(part: Part, number: int, saw: tuple[str, ...], now: Row) -> list[str]:
    """Return a decision as lines: the agent, what it saw and held, what it did before and does now."""
    before = part.rows[number]
    held = part.rows[number - 1].held if number else part.start
    names = (*part.columns.did, *(f"{name}, then" for name in part.columns.held))
    did = zip(names, (*before.did, *before.held), (*now.did, *now.held), strict=True)
    return [
        f"  agent     {part.agent}",
        *_named("saw", saw, now.saw),
        *_named("held", part.columns.held, held),
        f"  {'did':<36}{'before':>14}{'now':>14}",
        *(f"  {'':<10}{name:<26}{old:>14}{new:>14}" for name, old, new in did),
    ]


def _named(group: str, names: tuple[str, ...], numbers: tuple[str, ...]) -> list[str]:
    return [
        f"  {group if row == 0 else '':<10}{name:<26}{number:>14}"
        for row, (name, number) in enumerate(zip(names, numbers, strict=True))
    ]


def summary(verdicts: list[Verdict]) -> str:
    """Return a table with a row for each market: how many decisions differ, from when, and by how much."""
    head = f"{'strategy':<22}{'market':<22}{'outcome':<16}{'differ':>12}{'first':>12}{'largest, bn':>13}"
    rows = [
        f"{one.strategy:<22}{one.market:<22}{one.outcome:<16}{f'{one.n_different} of {one.n_decisions}':>12}"
        f"{one.first or '-':>12}{f'{one.largest_bn:.4g}' if one.first else '-':>13}"
        for one in verdicts
    ]
    return "\n".join([head, *rows])
