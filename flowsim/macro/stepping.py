"""Step the compiled quarter, which is kept on disk; with the compiler off, the plain one."""

from __future__ import annotations

from typing import Any

from flowsim.kernel.bundle import DAYS, WORDS, bundle_kernel, pack
from flowsim.kernel.marks import PLAIN
from flowsim.macro.quarter import run_quarters
from flowsim.macro.state import Layer

_KERNELS: dict[str, Any] = {}
"""The kernel, once it is there: every layer has the same layout, and to find it out costs more than a quarter."""


def step(layer: Layer, place: int, path0: int = 0) -> None:
    """Live through the quarter at a place of the run in every lane; the first lane is path `path0`."""
    lanes = layer.found.output.size
    if PLAIN:
        run_quarters(layer, place, place + 1, path0, lanes)
        return
    if "macro" not in _KERNELS:
        _KERNELS["macro"] = bundle_kernel("macro", run_quarters, layer, DAYS)
    words = pack(layer)
    _KERNELS["macro"].call(words.ctypes.data_as(WORDS), place, place + 1, path0, lanes)
