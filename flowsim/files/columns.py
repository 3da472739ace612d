"""How a table says what it holds: each column with its type, unit, sign and meaning, beside its name."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple


class Column(NamedTuple):
    """One column of a table.

    `kind` is its type in a word: "float64", "int64", "int32", "int16", "bool", "date", "timestamp", or "name" for text
    that repeats. `sign` says what a positive number means, where it means anything.
    """

    name: str
    kind: str
    unit: str
    meaning: str
    sign: str = ""


class Table(NamedTuple):
    """A table: what one row of it is, its columns in order, and when it is there."""

    name: str
    one_row_for: str
    columns: tuple[Column, ...]
    when: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the columns in order."""
        return tuple(column.name for column in self.columns)

    def markdown(self) -> Iterator[str]:
        """Yield the lines of a section on the table: heading, what a row is, and a row for each column."""
        yield f"### `{self.name}`"
        yield ""
        yield f"One row for each {self.one_row_for}.{f' {self.when}' if self.when else ''}"
        yield ""
        yield "| column | type | unit | meaning | positive |"
        yield "|---|---|---|---|---|"
        for one in self.columns:
            yield f"| `{one.name}` | {one.kind} | {one.unit} | {one.meaning} | {one.sign} |"
        yield ""
