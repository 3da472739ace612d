"""In what a config differs from the one that its name stands for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple, TypeGuard

from flowsim.config.wording import ABSENT, dotted, shortened, shown

SAID_ELSEWHERE = ("description", "sizes", "seed", "record", "strategy_folders")
"""Tables and keys that change what is said, kept or found where, or that every label names."""
DAYS = ("time", "days")
MOST_NAMED = 4


class Change(NamedTuple):
    """A key with the value that the source has and the one here; `None` where there is none."""

    key: str
    before: str | None
    after: str | None

    def __str__(self) -> str:
        if self.before is None:
            return f"{self.key} added"
        return f"{self.key} {self.before} -> {self.after}" if self.after is not None else f"{self.key} removed"


def changes_between(before: Mapping[str, object], after: Mapping[str, object]) -> tuple[Change, ...]:
    """Return in what two resolved configs differ, in the order of the second, without what labels say anyway."""
    found = []
    for path, old, new in _differences(before, after, ()):
        if path[0] not in SAID_ELSEWHERE and path != DAYS:
            key = dotted(path[1:] if path[0] == "population" else path)
            found.append(Change(key, *(None if value is ABSENT else _text(value) for value in (old, new))))
    return tuple(found)


def named(name: str, changes: tuple[Change, ...]) -> str:
    """Return a name with the changes behind it: ``us_equity + 1 change: cta.capital_bn 40 -> 400``."""
    if not changes:
        return name
    said = [*map(str, changes[:MOST_NAMED])]
    if len(changes) > MOST_NAMED:
        said.append(f"{len(changes) - MOST_NAMED} more")
    return f"{name} + {len(changes)} change{'s' * (len(changes) > 1)}: {', '.join(said)}"


def _differences(
    before: Mapping[str, object], after: Mapping[str, object], above: tuple[str, ...]
) -> Iterator[tuple[tuple[str, ...], object, object]]:
    for key in [*after, *(key for key in before if key not in after)]:
        old, new = before.get(key, ABSENT), after.get(key, ABSENT)
        if _is_table(old) and _is_table(new):
            yield from _differences(old, new, (*above, key))
        elif old != new:
            yield (*above, key), old, new


def _is_table(value: object) -> TypeGuard[Mapping[str, object]]:
    return isinstance(value, Mapping) and "dist" not in value


def _text(value: object) -> str:
    """Return a value as one says it: numbers without a bare .0, texts without quotes."""
    return shortened(value) if isinstance(value, str) else shown(value)
