"""Step the compiled quarter, which is kept on disk; with the compiler off, the plain one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flowsim.kernel.bundle import TASK, WORDS, bundle_kernel, pack
from flowsim.kernel.marks import PLAIN
from flowsim.macro.quarter import run_quarters
from flowsim.macro.state import Layer

EXPECTED, SURPRISED = 0, 1
"""A quarter in which nothing happens at random, and one with its shocks."""
_KERNELS: dict[str, Any] = {}
"""The kernel, once it is there: every layer has the same layout, and to find it out costs more than a quarter."""


def quarter_kernel(layer: Layer) -> Any:
    """Return the compiled quarter, or with the compiler off the function; see `flowsim.macro.quarter.run_quarters`."""
    if PLAIN:
        return run_quarters
    if "macro" not in _KERNELS:
        _KERNELS["macro"] = bundle_kernel("macro", run_quarters, layer, TASK)
    return _KERNELS["macro"]


def stepper(layer: Layer, path0: int = 0, kind: int = SURPRISED) -> Callable[[int], None]:
    """Return what lives through the quarter at a place of the run in every lane; the first lane is path `path0`."""
    lanes = layer.found.output.size
    kernel = quarter_kernel(layer)
    if PLAIN:

        def plain(place: int) -> None:
            kernel(layer, kind, place, place + 1, path0, lanes)

        return plain
    words = pack(layer)

    def compiled(place: int) -> None:
        kernel.call(words.ctypes.data_as(WORDS), kind, place, place + 1, path0, lanes)

    return compiled
