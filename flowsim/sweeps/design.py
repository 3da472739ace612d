"""Arms of a sweep: what the file asks for, each a few settings, resolved one after the other and refused together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from types import MappingProxyType
from typing import NamedTuple

import numpy as np

from flowsim.config.overrides import override_layers
from flowsim.config.toml_text import value_text
from flowsim.config.wording import shown
from flowsim.sweeps.file import BASE, GRID, SOBOL, Design, SweepFile

DIGITS = 6
"""Significant digits of a value that is drawn, so that it can be read and typed."""
OF_THE_SWEEP = {
    "seed": "list it under seeds",
    "record": "an outcome records what it needs",
    "antithetic": "set it for every arm, in `set`",
}
"""Keys that an arm cannot set, and what to do instead."""


class Arm(NamedTuple):
    """An arm: its name, its settings, and the values of the keys that the design varies."""

    name: str
    settings: tuple[str, ...] = ()
    values: Mapping[str, object] = MappingProxyType({})


def arms_of(sweep: SweepFile, whole_numbers: Sequence[str] = ()) -> Iterator[Arm]:
    """Yield every arm of a sweep: the base, those of the design, those with names.

    `whole_numbers` are the keys whose values are drawn as such.
    """
    yield Arm(BASE)
    for values in points(sweep.design, whole_numbers):
        name = ", ".join(f"{short(key)}={shown(value)}" for key, value in values.items())
        yield Arm(name, tuple(f"{key}={value_text(value)}" for key, value in values.items()), values)
    for arm in sweep.arm:
        yield Arm(arm.name, tuple(arm.set))


def points(design: Design, whole_numbers: Sequence[str] = ()) -> Iterator[dict[str, object]]:
    """Yield the values of each key at every point of a design."""
    if design.kind == GRID:
        if design.values:
            yield from (dict(zip(design.values, values, strict=True)) for values in product(*design.values.values()))
        return
    keys = list(design.ranges)
    ends = np.array([_ends(design, key) for key in keys])
    for row in ends[:, 0] + _unit_points(design, len(keys)) * (ends[:, 1] - ends[:, 0]):
        yield {
            key: _value(design, key, x, whole=key in whole_numbers) for key, x in zip(keys, row.tolist(), strict=True)
        }


def short(key: str) -> str:
    """Return a key as names of arms have it: that of a population begins with the population."""
    return key.removeprefix("population.")


def forbidden(arm: Arm) -> list[str]:
    """Return a sentence for each setting of an arm that belongs to the sweep."""
    layers, _ = override_layers(arm.settings, label="")
    return [
        f"{key} is of the sweep and not of an arm; {OF_THE_SWEEP[key]}"
        for layer in layers
        for key in layer.table
        if key in OF_THE_SWEEP
    ]


def _ends(design: Design, key: str) -> tuple[float, float]:
    one = design.ranges[key]
    return (float(np.log(one.low)), float(np.log(one.high))) if one.scale == "log" else (one.low, one.high)


def _unit_points(design: Design, dimensions: int) -> np.ndarray:
    """Return points in the unit cube, (arms, dimensions).

    Owen 1998, "Scrambling Sobol' and Niederreiter-Xing Points"; McKay, Beckman & Conover 1979, "A Comparison of Three
    Methods for Selecting Values of Input Variables in the Analysis of Output from a Computer Code".
    """
    from scipy.stats import qmc

    random = np.random.default_rng(design.seed)
    if design.kind == SOBOL:
        return qmc.Sobol(dimensions, rng=random).random(design.arms or 1)
    return qmc.LatinHypercube(dimensions, rng=random).random(design.arms or 1)


def _value(design: Design, key: str, x: float, *, whole: bool) -> float | int:
    one = design.ranges[key]
    value = float(np.exp(x)) if one.scale == "log" else x
    return round(value) if whole else float(f"{min(max(value, one.low), one.high):.{DIGITS}g}")
