"""What stands where in the words of a bundle (``bundle.py``): all that compiled code has to know of it."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

INTEGER, FLOAT = "integer", "float"


class Number(NamedTuple):
    """A number: one word."""

    kind: str  # INTEGER or FLOAT

    n_words = 1


class Array(NamedTuple):
    """An array: its address and the length of each axis."""

    dtype: str
    n_axes: int

    @property
    def n_words(self) -> int:
        """Words that it takes."""
        return 1 + self.n_axes


class Layout(NamedTuple):
    """What stands where in the words of a bundle: its fields by name, one after the other."""

    name: str
    fields: tuple[tuple[str, Number | Array | Layout], ...]

    @property
    def n_words(self) -> int:
        """Words that it takes."""
        return sum(field.n_words for _, field in self.fields)

    def find(self, name: str) -> tuple[int, Number | Array | Layout] | None:
        """Return the first word of a field and what it is; None if there is no such field."""
        first = 0
        for field_name, field in self.fields:
            if field_name == name:
                return first, field
            first += field.n_words
        return None


def layout_of(bundle: Any) -> Layout:
    """Return the layout of a bundle."""
    return Layout(
        type(bundle).__name__,
        tuple((name, _layout_of_field(value)) for name, value in zip(bundle._fields, bundle, strict=True)),
    )


def _layout_of_field(value: object) -> Number | Array | Layout:
    if isinstance(value, tuple):
        return layout_of(value)
    if isinstance(value, np.ndarray):
        return Array(value.dtype.name, value.ndim)
    return Number(FLOAT if isinstance(value, float) else INTEGER)
