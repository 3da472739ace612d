"""Every numba option in one place, and the switch to plain Python (``NUMBA_DISABLE_JIT=1``).

Floats are strict everywhere: no fastmath, so that results are the same bits on every thread count, chunk size and
machine, and with the compiler off. ``error_model="numpy"`` takes out the branch before each division, and
``forceinline`` lets the loop over paths become vector code: without them the engine runs four to five times slower.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import platform
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numba
from numba import njit

from flowsim.cache import cache_dir

LANES = 64
"""Paths that one block steps side by side, innermost in memory."""

PLAIN = bool(numba.config.DISABLE_JIT)
"""True when the compiler is off and everything below runs as ordinary Python."""

inline = njit(error_model="numpy", forceinline=True, no_cpython_wrapper=True, no_cfunc_wrapper=True)
"""Compile a small function into its caller."""

part = njit(error_model="numpy", inline="always")
function = njit(error_model="numpy", no_cpython_wrapper=True, no_cfunc_wrapper=True)
"""Compile a function that is large enough to be called."""


def entry(python_function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile a function that Python calls: without the interpreter lock, and kept on disk for the next start."""
    if PLAIN:
        return python_function
    before = numba.config.CACHE_DIR
    numba.config.CACHE_DIR = str(kernel_cache())
    try:
        return njit(error_model="numpy", nogil=True, cache=True)(python_function)
    finally:
        numba.config.CACHE_DIR = before


def kernel_cache() -> Path:
    """Return the folder of compiled code for exactly these sources, numba and Python.

    numba's own cache looks at the file of the outermost function only, and would miss an edit in a file that it
    calls; so the folder's name is a hash over every source that can reach a kernel.
    """
    package = Path(__file__).resolve().parent.parent
    sources = [
        package / "view.py",
        *sorted((package / "kernel").glob("*.py")),
        *sorted((package / "market").glob("*.py")),
    ]
    digest = hashlib.sha256()
    for part in (
        importlib.metadata.version("numba"),
        importlib.metadata.version("llvmlite"),
        platform.python_version(),
    ):
        digest.update(part.encode())
    for source in sources:
        digest.update(source.read_bytes())
    folder = cache_dir() / "kernels" / digest.hexdigest()[:16]
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def first_sentence(error: BaseException) -> str:
    """Return the line of a numba error that says what is wrong, without its markup and call stack."""
    text = re.sub(r"\x1b\[[0-9;]*m", "", str(error))
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    useful = [line for line in lines if not line.startswith(("Failed in", "During:", "File ", "<source", "^", "-"))]
    return (useful or lines or [type(error).__name__])[0]
