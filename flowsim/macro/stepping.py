"""Step the compiled quarter, which is kept on disk; with the compiler off, the plain one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flowsim.kernel.bundle import DAYS, WORDS, bundle_kernel, pack
from flowsim.kernel.marks import PLAIN
from flowsim.macro.quarter import run_quarters
from flowsim.macro.state import Layer

_KERNELS: dict[str, Any] = {}
"""The kernel, once it is there: every layer has the same layout, and to find it out costs more than a quarter."""


def stepper(layer: Layer, path0: int = 0) -> Callable[[int], None]:
    """Return what lives through the quarter at a place of the run in every lane; the first lane is path `path0`."""
    lanes = layer.found.output.size
    if PLAIN:

        def plain(place: int) -> None:
            run_quarters(layer, place, place + 1, path0, lanes)

        return plain
    if "macro" not in _KERNELS:
        _KERNELS["macro"] = bundle_kernel("macro", run_quarters, layer, DAYS)
    kernel, words = _KERNELS["macro"], pack(layer)

    def compiled(place: int) -> None:
        kernel.call(words.ctypes.data_as(WORDS), place, place + 1, path0, lanes)

    return compiled
