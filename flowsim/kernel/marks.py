"""How the functions of the engine say what they are to the compiler, without importing it.

A marked function stays an ordinary Python function. What is to run as machine code is built from it, and from the
marked functions that it names, by ``numba_backend/compiler.py``, and kept on disk; a start that finds it there never
imports numba. With ``NUMBA_DISABLE_JIT=1`` nothing is built, and everything runs as it is written.
"""

from __future__ import annotations

import hashlib
import importlib
import importlib.metadata
import os
import platform
import shutil
from collections.abc import Callable
from functools import cache, wraps
from pathlib import Path
from typing import Any

from flowsim.files.cache import cache_dir

LANES = 64
"""Paths that one block steps side by side, innermost in memory."""
NARROW_LANES = 8
"""As many as the widest vector holds: for whoever follows one path, and would carry 63 more beside it."""

PLAIN = os.environ.get("NUMBA_DISABLE_JIT", "0") not in ("", "0")
"""True when the compiler is off and everything below runs as ordinary Python."""

MARK = "compiled_as"
INLINE, FUNCTION, INSTRUCTION = "inline", "function", "instruction"


def _marked(kind: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    def mark(python_function: Callable[..., Any]) -> Callable[..., Any]:
        setattr(python_function, MARK, kind)
        return python_function

    return mark


inline = _marked(INLINE)
"""Compile a function into its caller."""

function = _marked(FUNCTION)
"""Compile a function that is called: for a long loop that takes few arrays and wants the registers to itself.

No two of its arrays may share memory that it writes, be it by a row of the other: the compiler is told so.
"""

instruction = _marked(INSTRUCTION)
"""Compile the function of this name in ``numba_backend/instructions.py`` instead; only plain Python calls this one."""


def entry(python_function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile a function that Python calls with arrays and numbers, when it is first called, and keep it on disk."""
    if PLAIN:
        return python_function

    @wraps(python_function)
    def compiled_first(*arguments: Any) -> Any:
        compiler = importlib.import_module("flowsim.kernel.numba_backend.compiler")
        return compiler.callable_from_python(python_function)(*arguments)

    return compiled_first


KEPT_VERSIONS = 4
"""Versions of the sources whose machine code stays on disk: some five megabytes each."""


def kernel_cache() -> Path:
    """Return the folder of machine code for exactly these sources, compiler, Python and processor.

    Its name is a hash over every source that can reach a kernel and all else that machine code depends on. Those of
    other versions that have not been used for long are cleared away.
    """
    return _kept_in(cache_dir() / "kernels")


@cache
def _kept_in(kernels: Path) -> Path:
    folder = kernels / _digest()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        os.utime(folder)
        by_age = sorted(kernels.iterdir(), key=lambda one: one.stat().st_mtime, reverse=True)
        for old in by_age[KEPT_VERSIONS:]:
            shutil.rmtree(old, ignore_errors=True)
    except OSError:
        pass  # The folder cannot be written, or another process clears it too: then this one compiles anew.
    return folder


@cache
def _digest() -> str:
    package = Path(__file__).resolve().parent.parent
    sources = []
    for room in ("authoring", "kernel", "kernel/numba_backend", "pricing", "options", "market", "engine"):
        sources += sorted((package / room).glob("*.py"))
    settings = [os.environ.get(name, "") for name in ("NUMBA_OPT", "NUMBA_CPU_NAME", "NUMBA_CPU_FEATURES")]
    versions = [importlib.metadata.version(name) for name in ("numba", "llvmlite")]
    digest = hashlib.sha256("\x00".join([*versions, platform.python_version(), *_processor(), *settings]).encode())
    for source in sources:
        digest.update(source.read_bytes())
    return digest.hexdigest()[:16]


def _processor() -> tuple[str, ...]:
    if PLAIN:
        return ()
    machine_code = importlib.import_module("flowsim.kernel.numba_backend.machine_code")
    return machine_code.processor()
