"""What is wanted of the engine, and whether a run of the benchmarks met it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

Figures = dict[str, Any]
"""What was measured, by name, as it is written as JSON."""


class Target(NamedTuple):
    """One figure that is wanted: at least or at most `bound`."""

    what: str
    measured: float
    bound: float
    at_most: bool = False
    unit: str = ""


def met(figures: Figures) -> list[Figures]:
    """Return each target with what was measured; ratios are those to C of the same bits."""
    return [
        {
            "what": one.what,
            "target": f"{'<=' if one.at_most else '>='} {one.bound:g}{one.unit}",
            "bound": one.bound,
            "measured": one.measured,
            "met": one.measured <= one.bound if one.at_most else one.measured >= one.bound,
        }
        for one in _targets(figures)
    ]


def _targets(figures: Figures) -> Iterator[Target]:
    ratio = "ratio_to_c_of_same_bits"
    for one in figures["engine"]:
        yield Target(f"engine, 5 x {one['agents_per_population']} agents, {one['paths']} paths", one[ratio], 0.85)
    for one in figures["rules"]:
        yield Target(f"rule {one['rule']}, {one['agents']} agents", one[ratio], 0.9)
    greeks, speed, start = figures["greeks"], figures["speed"], figures["start"]
    yield Target("greeks of the book", greeks[ratio], 0.85)
    yield Target("greeks of an option", greeks["nanoseconds"]["flowsim"], 2.8, at_most=True, unit=" ns")
    yield Target("normal draw", figures["normal"]["nanoseconds"]["flowsim"], 3.0, at_most=True, unit=" ns")
    yield Target("two threads against one", figures["threads"]["ratio"], 1.8, unit=" x")
    yield Target("path-years a second and core, default market", speed["path_years_per_core_second"], 100.0)
    yield Target("fresh process to first result, warm", start["warm_seconds"], 1.5, at_most=True, unit=" s")
    yield Target("fresh process to first result, cold", start["cold_seconds"], 15.0, at_most=True, unit=" s")
