"""The layers a configuration is merged from, and the place that each of its keys was written."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from flowsim.config.wording import ABSENT, Path, Problem, child, dotted

DEEPEST = 24
"""How deep tables and lists may lie in one another; a config needs six levels."""


@dataclass(frozen=True)
class Layer:
    """One file, one override, or one mapping from Python.

    `label` begins the messages about its keys; `text` is the file's TOML, empty where there is no file.
    """

    label: str
    table: Mapping[str, object]
    text: str = ""

    @cached_property
    def lines(self) -> dict[Path, int]:
        """Line of every table and key of the file, counted from 1."""
        return dict(_key_lines(self.text))

    def value(self, path: Path) -> object:
        """Return what this layer sets at `path`, or `ABSENT`."""
        node: object = self.table
        for step in path:
            node = child(node, step)
        return node

    def holds(self, path: Path) -> bool:
        """Return whether this layer sets the key at `path`."""
        return self.value(path) is not ABSENT

    def replaces(self, path: Path) -> bool:
        """Return whether what this layer sets at `path` is whole, not merged with the layers below."""
        return any(isinstance(step, int) for step in path) or child(self.value(path), "dist") is not ABSENT

    def sentence(self, problem: Problem) -> str:
        """Return the whole message of a problem that was found in this layer."""
        name = dotted(problem.path)
        if not self.text:
            return f"{self.label} {name}: {problem.sentence}".strip()
        known = (self.lines.get(problem.path[:size]) for size in range(len(problem.path), 0, -1))
        line = next((line for line in known if line is not None), None)
        place = self.label if line is None else f"{self.label}:{line}"
        return f"{place}: {name}: {problem.sentence}"


def merged(layers: Sequence[Layer]) -> dict[str, object]:
    """Return the layers as one table, later over earlier: tables merge, everything else replaces.

    A table with a key `dist` is a distribution, thus a value, and replaces whatever was there.
    """
    table: dict[str, object] = {}
    for layer in layers:
        table = _merge(table, layer.table)
    return table


def place(layers: Sequence[Layer], problem: Problem) -> str:
    """Return the message of a problem, beginning with the layer that wrote the key.

    A missing key belongs to the layer with the deepest table around it, and there to a file before a setting.
    """
    for size in range(len(problem.path), -1, -1):
        holders = [layer for layer in layers if layer.holds(problem.path[:size])]
        if size < len(problem.path):
            whole = [layer for layer in holders if layer.replaces(problem.path[:size])]
            holders = whole or [layer for layer in holders if layer.text] or holders
        if holders:
            return holders[-1].sentence(problem)
    return problem.sentence


def require_shallow(value: object) -> None:
    """Refuse what lies too deep in itself to be walked.

    Raises
    ------
    ValueError
        If tables and lists lie more than `DEEPEST` deep in one another.
    """
    level = [value]
    for _ in range(DEEPEST):
        level = [inner for outer in level for inner in _inside(outer)]
        if not level:
            return
    raise ValueError(f"tables and lists lie more than {DEEPEST} deep in one another; a config needs a few levels")


def _inside(value: object) -> Iterable[object]:
    if isinstance(value, Mapping):
        return value.values()
    return value if isinstance(value, list | tuple) else ()


def _merge(under: Mapping[str, object], over: Mapping[str, object]) -> dict[str, object]:
    result = dict(under)
    for key, value in over.items():
        below = result.get(key)
        if isinstance(value, Mapping) and isinstance(below, Mapping) and "dist" not in value:
            result[key] = _merge(below, value)
        else:
            result[key] = value
    return result


def _key_lines(text: str) -> Iterator[tuple[Path, int]]:
    header: Path = ()
    tables_in_array: dict[Path, int] = {}
    for line, statement in _statements(text):
        parsed = tomllib.loads(statement)
        if statement.lstrip().startswith("["):
            header = ()
            for step, node in _chain(parsed):
                header = (*header, step)
                if isinstance(node, list):
                    tables_in_array[header] = tables_in_array.get(header, -1) + 1
                if header in tables_in_array:
                    header = (*header, tables_in_array[header])
            yield header, line
        else:
            yield from ((header + path, line) for path in _paths(parsed))


def _statements(text: str) -> Iterator[tuple[int, str]]:
    """Yield each header and each key with its whole value, with the number of its first line.

    A value over several lines ends where the lines read so far are TOML for the first time.
    """
    pending: list[str] = []
    for number, line in enumerate(text.split("\n"), start=1):
        pending.append(line)
        statement = "\n".join(pending)
        try:
            tomllib.loads(statement)
        except tomllib.TOMLDecodeError:
            continue
        yield number - len(pending) + 1, statement
        pending = []


def _chain(parsed: Mapping[str, object]) -> Iterator[tuple[str, object]]:
    node: Any = parsed
    while node:
        ((step, node),) = node.items()
        yield step, node
        node = node[0] if isinstance(node, list) else node


def _paths(value: object, prefix: Path = ()) -> Iterator[Path]:
    if prefix:
        yield prefix
    items = value.items() if isinstance(value, Mapping) else enumerate(value) if isinstance(value, list) else ()
    for step, item in items:
        yield from _paths(item, (*prefix, step))
