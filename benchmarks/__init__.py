"""Measure flowsim against C, and what threads and starting cost; README.md says how to read the figures."""

from __future__ import annotations

from collections.abc import Callable


def run(progress: Callable[[int, int], None] | None = None) -> dict[str, object]:
    """Measure everything and return the figures; takes some minutes. `progress` is told parts done, and of how many.

    Raises
    ------
    InputError
        If the machine has no C compiler.
    """
    from . import alternatives, book, engine, kernels, market, profile, reference
    from .machine import machine
    from .targets import met

    described = machine(reference.compiler())
    parts: dict[str, Callable[[], object]] = {
        "start": market.start,
        "engine": engine.against_c,
        "rules": kernels.rules_against_c,
        "normal": kernels.normals_against_c,
        "greeks": book.greeks_against_c,
        "threads": market.threads,
        "speed": market.speed,
        "replay": market.replay,
        "profile": profile.shares,
        "alternatives": alternatives.side_by_side,
    }
    figures: dict[str, object] = {"machine": described}
    for done, (name, measure) in enumerate(parts.items()):
        if progress:
            progress(done, len(parts))
        figures[name] = measure()
    return figures | {"targets": met(figures)}
