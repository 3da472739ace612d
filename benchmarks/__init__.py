"""Measure flowsim against C, and what threads and starting cost; README.md says how to read the figures."""

from __future__ import annotations

from typing import Any


def run() -> dict[str, Any]:
    """Measure everything and return the figures; takes some minutes.

    Raises
    ------
    InputError
        If the machine has no C compiler.
    """
    from . import alternatives, book, engine, kernels, market, profile, reference
    from .machine import machine
    from .targets import met

    described = machine(reference.compiler())
    figures = {
        "machine": described,
        "start": market.start(),
        "engine": engine.against_c(),
        "rules": kernels.rules_against_c(),
        "normal": kernels.normals_against_c(),
        "greeks": book.greeks_against_c(),
        "threads": market.threads(),
        "speed": market.speed(),
        "profile": profile.shares(),
        "alternatives": alternatives.side_by_side(),
    }
    return figures | {"targets": met(figures)}
