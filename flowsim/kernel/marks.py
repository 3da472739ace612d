"""How the functions of the engine say what they are to the compiler, without knowing of it.

A marked function stays an ordinary Python function. What is to run as machine code is built from it, and from the
marked functions that it names, by ``numba_backend/compiler.py``, and kept on disk; a start that finds it there never
imports numba. With ``NUMBA_DISABLE_JIT=1`` nothing is built, and everything runs as it is written.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TypeVar

LANES = 64
"""Paths that one block steps side by side, innermost in memory."""
NARROW_LANES = 8
"""As many as the widest vector holds: for callers that follow one path, and would carry 63 more beside it."""

PLAIN = os.environ.get("NUMBA_DISABLE_JIT", "0") not in ("", "0")
"""True when the compiler is off and everything below runs as ordinary Python."""

MARK = "compiled_as"
INLINE, FUNCTION, INSTRUCTION = "inline", "function", "instruction"


Function = TypeVar("Function", bound=Callable[..., object])


def _marked(kind: str) -> Callable[[Function], Function]:
    def mark(python_function: Function) -> Function:
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
