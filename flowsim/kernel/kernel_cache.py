"""Machine code on disk, each kernel under a name that says all that it depends on.

The name holds a digest of what was compiled (``code_digest.py``), and of what compiled it: numba, LLVM, Python, the
processor, and ``numba_backend``. So versions, and machines that share a home, keep theirs side by side, and what
nobody has used for long goes. A process that runs meanwhile has what it loaded in memory, and compiles what it lacks.
"""

from __future__ import annotations

import importlib.metadata
import logging
import os
import platform
from collections.abc import Callable
from functools import cache as once
from importlib.machinery import SourceFileLoader
from pathlib import Path

import numpy as np

from flowsim.files import cache
from flowsim.kernel.code_digest import code_text, digest_of
from flowsim.kernel.numba_backend.machine_code import Kernel, Shape, processor

UNUSED_DAYS = 30
"""Days after which a kernel that nobody used goes. One has a tenth of a megabyte, and a market some twenty."""
PATIENCE = 120.0
"""Seconds to wait for another process that compiles the same kernel; most take one, the largest fifteen."""
_SETTINGS = (
    "BOUNDSCHECK", "CPU_FEATURES", "CPU_NAME", "DEBUGINFO", "DISABLE_INTEL_SVML", "ENABLE_AVX", "LOOP_VECTORIZE", "OPT",
    "SLP_VECTORIZE",
)  # fmt: skip
"""Environment variables of numba, without the NUMBA_ before them, that change machine code."""
_KERNELS = "kernels"
_LOG = logging.getLogger(__name__)


def kernel_cache() -> Path:
    """Return the folder that machine code is kept in."""
    return cache.cache_dir() / _KERNELS


def kernel_name(name: str, *parts: str) -> str:
    """Return the name to keep a kernel under that depends on these parts, and on its compiler as all do."""
    return f"{name}_{digest_of(_compiler(), *parts)[:32]}"


def kept_or_compiled(name: str, shape: Shape, compile_it: Callable[[], bytes]) -> Kernel:
    """Return the kernel that is kept under a name; where there is none, or a damaged one, compile it and keep that."""
    object_code = cache.load(_kept(name))
    if object_code is None:
        with cache.alone(_kept(name), PATIENCE):
            object_code = cache.load(_kept(name)) or _newly_compiled(name, compile_it)
    else:
        cache.mark_used(_kept(name))
    return Kernel(object_code, shape)


def _newly_compiled(name: str, compile_it: Callable[[], bytes]) -> bytes:
    """Compile a kernel and keep it; who has the time for that has it for clearing away, too."""
    _LOG.debug("compiling %s", name)
    object_code = compile_it()
    cache.store(_kept(name), object_code)
    cache.clear_unused(_KERNELS, UNUSED_DAYS)
    return object_code


def is_kept(name: str) -> bool:
    """Tell whether there is a kernel under a name."""
    return (cache.cache_dir() / _kept(name)).exists()


def _kept(name: str) -> str:
    return f"{_KERNELS}/{name}.o"


@once
def _compiler() -> str:
    """Return a digest of what makes machine code of a function; numba reads its settings once, and so does this."""
    settings = [os.environ.get(f"NUMBA_{name}", "") for name in _SETTINGS]
    versions = [importlib.metadata.version(name) for name in ("numba", "llvmlite")]
    sources = [_code_of(file) for file in _sources()]
    return digest_of(*versions, np.__version__, platform.python_version(), *processor(), *settings, *sources)


def _sources() -> list[Path]:
    """Return the files of the modules that turn functions into machine code."""
    room = Path(__file__).parent
    return [room / "layout.py", room / "marks.py", *sorted((room / "numba_backend").glob("*.py"))]


def _code_of(file: Path) -> str:
    """Return a text of the code in a file, as it is compiled for Python anyway."""
    code = SourceFileLoader(file.stem, str(file)).get_code(file.stem)
    assert code is not None
    return code_text(code)
