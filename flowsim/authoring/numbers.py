"""Parameters and states of rules, for code that handles any rule and so does not know the names of its fields."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar, TypeGuard

if TYPE_CHECKING:
    from typing import Self


class Numbers(tuple[float, ...]):
    """A NamedTuple of floats that a rule declares; every rule has classes of its own, and none is derived from this."""

    _fields: ClassVar[tuple[str, ...]] = ()
    _field_defaults: ClassVar[Mapping[str, float]] = {}

    def _asdict(self) -> dict[str, float]:
        return dict(zip(self._fields, self, strict=True))

    if TYPE_CHECKING:

        def __new__(cls, *numbers: float, **named: float) -> Self: ...  # noqa: D102

        def __getattr__(self, name: str) -> float: ...

        def _replace(self, **changed: float) -> Self: ...


NOTHING = Numbers()
"""Before the first decision, or after one that failed."""


def is_shape(declared: object) -> TypeGuard[type[Numbers]]:
    """Tell whether what a rule declares is a NamedTuple."""
    return isinstance(declared, type) and issubclass(declared, tuple) and hasattr(declared, "_fields")
