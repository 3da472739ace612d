"""Every numba option in one place, and the switch to plain Python (``NUMBA_DISABLE_JIT=1``).

Floats are strict everywhere: no fastmath, so that results are the same bits on every thread count, chunk size and
machine, and with the compiler off. ``error_model="numpy"`` takes out the branch before each division, and
``forceinline`` lets the loop over paths become vector code: without them the engine runs four to five times slower.

No compiled function owns an array: all are handed in. So numba's counting of references is off (``_nrt=False``); it
was a quarter of the engine's time. What takes whole tuples of arrays is inlined, because a tuple is passed as some
hundred words on the stack, and that was another third.
"""

from __future__ import annotations

import hashlib
import importlib
import importlib.metadata
import platform
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from llvmlite.binding import get_host_cpu_features
from numba import njit
from numba.core import codegen, config
from numba.core.registry import cpu_target

from flowsim.cache import cache_dir

LANES = 64
"""Paths that one block steps side by side, innermost in memory."""

_settings: Any = config

PLAIN = bool(_settings.DISABLE_JIT)
"""True when the compiler is off and everything below runs as ordinary Python."""


def _import_arrays_without_blas() -> None:
    """Import numba's array functions without scipy's linear algebra, which numba imports to see whether it is there.

    It is, and is imported all the same when somebody's own numba code multiplies matrices. Here nothing does, and every
    start would wait for it.
    """
    from numba.np import linalg

    checks: Any = linalg
    before = getattr(checks, "ensure_blas", None)
    checks.ensure_blas = lambda: None
    try:
        importlib.import_module("numba.np.arraymath")
    finally:
        checks.ensure_blas = before


def _compile_for_wide_vectors() -> None:
    """Start numba's compiler with vectors of 512 bits where the processor has them, with the same bits in results.

    Left alone, LLVM takes 256 on Intel's processors, for fear of lower clocks; the default market is then a fifth to a
    third slower. A process that has compiled something with numba before keeps what it has.
    """
    if _settings.CPU_FEATURES is not None or not get_host_cpu_features().get("avx512f"):
        return
    _settings.CPU_FEATURES = codegen.get_host_cpu_features() + ",-prefer-256-bit"
    try:
        target: Any = cpu_target
        target.target_context.codegen()
    finally:
        _settings.CPU_FEATURES = None


if not PLAIN:
    _import_arrays_without_blas()
    _compile_for_wide_vectors()

STRICT: dict[str, Any] = {"error_model": "numpy", "_nrt": False}
"""How everything is compiled that allocates no array."""
_ENGINE_ONLY: dict[str, Any] = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True}

inline = njit(**STRICT, **_ENGINE_ONLY, forceinline=True)
"""Compile a function into its caller."""

part = njit(**STRICT, inline="always")
"""Paste a function into its caller before types are known: for those that are handed kernels or return rows."""

function = njit(**STRICT, **_ENGINE_ONLY)
"""Compile a function that is called: for a long loop that takes few arrays and wants the registers to itself."""


def entry(python_function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile a function that Python calls: without the interpreter lock, and kept on disk for the next start."""
    if PLAIN:
        return python_function
    before = _settings.CACHE_DIR
    _settings.CACHE_DIR = str(kernel_cache())
    try:
        return njit(**STRICT, nogil=True, cache=True)(python_function)
    finally:
        _settings.CACHE_DIR = before


def kernel_cache() -> Path:
    """Return the folder of compiled code for exactly these sources, numba and Python.

    numba's own cache looks at the file of the outermost function only, and would miss an edit in a file that it
    calls; so the folder's name is a hash over every source that can reach a kernel.
    """
    folder = cache_dir() / "kernels" / _sources_digest()
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@cache
def _sources_digest() -> str:
    package = Path(__file__).resolve().parent.parent
    sources = [
        package / "view.py",
        package / "strategy.py",
        *sorted((package / "kernel").glob("*.py")),
        *sorted((package / "options").glob("*.py")),
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
    return digest.hexdigest()[:16]


def first_sentence(error: BaseException) -> str:
    """Return the line of a numba error that says what is wrong, without its markup and call stack."""
    text = re.sub(r"\x1b\[[0-9;]*m", "", str(error))
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    useful = [line for line in lines if not line.startswith(("Failed in", "During:", "File ", "<source", "^", "-"))]
    return (useful or lines or [type(error).__name__])[0]
