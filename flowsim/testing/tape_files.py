"""Tapes as files that a reviewer reads downward: one text file a strategy, with a headed section for each market."""

from __future__ import annotations

import os
from itertools import pairwise
from pathlib import Path

from flowsim.authoring.declaration import Strategy
from flowsim.errors import StrategyError
from flowsim.testing.canonical import CANONICAL
from flowsim.testing.tapes import ABSOLUTE, RELATIVE, Part, Row, Tape, tape_of

_MARKET = "market      "
_WIDTH = 14


def tapes_folder(strategy: Strategy) -> Path:
    """Return where the tapes of a strategy lie by default: beside its file, or in the tests of the built-in ones.

    Raises
    ------
    StrategyError
        If the strategy is built in and its sources are not there.
    """
    if not strategy.rule.__module__.startswith("flowsim.strategies."):
        return strategy.file.parent / "tapes"
    tests = strategy.file.resolve().parent.parent / "tests"
    if not tests.is_dir():
        raise StrategyError(f"{strategy.name}: the tapes of built-in strategies come with the sources; name --tapes")
    return tests / "tapes"


def tape_file(folder: Path, strategy: Strategy) -> Path:
    """Return the file of a strategy's tapes."""
    return folder / f"{strategy.name}.txt"


def record(strategy: Strategy, folder: Path) -> dict[str, str]:
    """Write the tapes of a strategy on all canonical markets; say of each whether it is "new", "changed" or "same".

    The file is replaced at once, so that tests that record side by side never leave a part of one.

    Raises
    ------
    RuleError
        If the rule raises, or answers with something else than a state and an order.
    StrategyError
        If the file cannot be written.
    """
    tapes = {market: tape_of(strategy, market) for market in CANONICAL}
    text, file = tapes_text(tapes), tape_file(folder, strategy)
    before = file.read_text(encoding="utf-8") if file.exists() else ""
    if before != text:
        written = file.with_name(f".{file.name}.{os.getpid()}")
        try:
            folder.mkdir(parents=True, exist_ok=True)
            written.write_text(text, encoding="utf-8")
            written.replace(file)
        except OSError as error:
            raise StrategyError(f"{file}: cannot be written ({error.strerror}); name another --tapes") from None
    old, new = _sections(before), _sections(text)
    return {
        market: "new" if market not in old else "same" if old[market] == new[market] else "changed" for market in tapes
    }


def tapes_text(tapes: dict[str, Tape]) -> str:
    """Return the tapes of one strategy as their file holds them."""
    strategy = next(iter(tapes.values())).strategy
    head = [f"strategy    {strategy}", f"tolerance   {RELATIVE:g} of a number, or {ABSOLUTE:g}"]
    return "\n".join([*head, *(line for tape in tapes.values() for line in _section_lines(tape))]) + "\n"


def _section_lines(tape: Tape) -> list[str]:
    heading = f"{_MARKET}{tape.market}"
    lines = [line for part in tape.parts for line in _part_lines(part)]
    return ["", "", heading, "=" * len(heading), *(lines or ["", f"no decision in `{tape.name}`"])]


def _part_lines(part: Part) -> list[str]:
    start = Row(("start", *[""] * (len(part.columns.when) - 1)), ("",) * len(part.columns.saw), ("",), part.start)
    return ["", f"agent       {part.agent}", *(_line(row) for row in (part.columns, start, *part.rows))]


def _line(row: Row) -> str:
    when = "".join(f"{text:<12}" for text in row.when)
    groups = ["".join(f"{text:>{max(_WIDTH, len(text) + 1)}}" for text in group) for group in row[1:]]
    return f"{when}|{' |'.join(groups)}".rstrip()


def read_tapes(file: Path) -> dict[str, Tape]:
    """Read the tapes of a strategy from their file, by the name of the market.

    Raises
    ------
    StrategyError
        If the file holds none; names file and line.
    """
    lines = file.read_text(encoding="utf-8").splitlines()
    heads = _heads(lines)
    no_tapes = f"{file}: no tapes; write them anew with flowsim rules record"
    if not heads or not lines[0].startswith("strategy "):
        raise StrategyError(no_tapes)
    strategy = lines[0].partition(" ")[2].strip()
    try:
        tapes = [_read_tape(file, strategy, lines, first, last) for first, last in pairwise([*heads, len(lines)])]
    except (IndexError, ValueError):
        raise StrategyError(no_tapes) from None
    return {tape.name: tape for tape in tapes}


def _heads(lines: list[str]) -> list[int]:
    return [row for row, line in enumerate(lines) if line.startswith(_MARKET)]


def _sections(text: str) -> dict[str, str]:
    """Return the text of each section of a file by the name of its market, whatever stands in it."""
    lines = text.splitlines()
    spans = pairwise([*_heads(lines), len(lines)])
    return {_name(lines[first]): "\n".join(lines[first:last]).rstrip() for first, last in spans}


def _name(heading: str) -> str:
    return heading.removeprefix(_MARKET).split(",")[0]


def _read_tape(file: Path, strategy: str, lines: list[str], first: int, last: int) -> Tape:
    heads = [row for row in range(first, last) if lines[row].startswith("agent ")]
    parts = tuple(_read_part(file, lines, start, end) for start, end in pairwise([*heads, last]))
    return Tape(strategy, lines[first].removeprefix(_MARKET), _name(lines[first]), parts)


def _read_part(file: Path, lines: list[str], first: int, last: int) -> Part:
    columns, start, *rows = (_read_row(line) for line in lines[first + 1 : last] if line)
    widths = tuple(map(len, columns))
    for number, row in enumerate(rows, first + 4):
        if tuple(map(len, row)) != widths:
            raise StrategyError(f"{file}:{number}: the row has other columns than its head; record the tapes anew")
    return Part(lines[first].split(maxsplit=1)[1], columns, start.held, tuple(rows))


def _read_row(line: str) -> Row:
    when, saw, did, held = (tuple(group.split()) for group in line.split("|"))
    return Row(when, saw, did, held)
