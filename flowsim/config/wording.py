"""The words that messages about a configuration share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from flowsim.config.toml_text import key_text, value_text
from flowsim.files.nearest import nearest

__all__ = [
    "ABSENT",
    "Path",
    "Problem",
    "child",
    "dotted",
    "interval",
    "nearest",
    "out_of_bounds",
    "shortened",
    "shown",
]

Path = tuple[str | int, ...]
_LONGEST_VALUE = 60
ABSENT = object()

# What a figure in a neighboring unit must be multiplied by to be in the unit of the key.
_NEIGHBORING_UNITS = {"fraction": (0.01,), "probability": (0.01,), "percent": (0.01,), "USD bn": (1e-3, 1e-9)}


class Problem(NamedTuple):
    """A fault: the key that it concerns, and what is wrong with the remedy."""

    path: Path
    sentence: str


def child(node: object, step: str | int) -> object:
    """Return the element of a table or list, or `ABSENT`."""
    if isinstance(node, Mapping):
        return node.get(step, ABSENT)
    if isinstance(node, list | tuple) and isinstance(step, int) and 0 <= step < len(node):
        return node[step]
    return ABSENT


def dotted(path: Path) -> str:
    """Return a path as one writes it, such as ``policy.script[1].date``."""
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{key_text(step)}" for step in path)
    return text.removeprefix(".")


def shown(value: object) -> str:
    """Return a value as TOML, cut to one short line."""
    if isinstance(value, float):
        return f"{value:.15g}"
    try:
        text = value_text(value)
    except (TypeError, ValueError):
        text = repr(value)
    return shortened(text)


def shortened(text: str) -> str:
    """Return a text, or the beginning of a long one."""
    return text if len(text) <= _LONGEST_VALUE else text[: _LONGEST_VALUE - 3] + "..."


def interval(low: float | None, high: float | None, above: float | None = None) -> str:
    """Return the bounds in words."""
    if above is not None:
        return f"above {shown(above)}" + ("" if high is None else f" and up to {shown(high)}")
    if low is not None and high is not None:
        return f"from {shown(low)} to {shown(high)}"
    if low is not None:
        return f"of {shown(low)} or more"
    return "" if high is None else f"of {shown(high)} or less"


def out_of_bounds(
    value: float, unit: str, low: float | None, high: float | None, above: float | None = None
) -> str | None:
    """Return the message for a number outside its bounds, or nothing if it is inside.

    A figure that fits the bounds in a neighboring unit, such as percent for a fraction, is suggested.
    """
    side = _side(value, low, high, above)
    if side is None:
        return None
    in_unit = f" ({unit})" if unit else ""
    factors = [factor for name, by in _NEIGHBORING_UNITS.items() if name in unit for factor in by]
    for factor in factors:
        if value and _side(value * factor, low, high, above) is None:
            return f"{shown(value)} is {side}{in_unit}; did you mean {shown(value * factor)}?"
    return f"{shown(value)} is {side}{in_unit}; give a number {interval(low, high, above)}"


def _side(value: float, low: float | None, high: float | None, above: float | None) -> str | None:
    if above is not None and value <= above:
        return f"not above {shown(above)}"
    if low is not None and value < low:
        return f"below {shown(low)}"
    if high is not None and value > high:
        return f"above {shown(high)}"
    return None
