"""What a piece of code prints compiled and in plain Python, which is asked to be the same text."""

from __future__ import annotations

import contextlib
import io
import os
import subprocess
import sys

from flowsim.kernel.marks import PLAIN


def printed_both_ways(code: str, *arguments: str) -> tuple[str, str]:
    """Return what the code prints compiled, and in plain Python; `arguments` are its `sys.argv[1:]`.

    The compiler is on or off for a whole process, so that the way which this one does not go takes another.
    """
    here, beside = _printed_here(code, arguments), _printed_beside(code, arguments)
    return (beside, here) if PLAIN else (here, beside)


def _printed_here(code: str, arguments: tuple[str, ...]) -> str:
    printed, before = io.StringIO(), sys.argv
    try:
        sys.argv = ["-c", *arguments]
        with contextlib.redirect_stdout(printed):
            exec(code, {})
    finally:
        sys.argv = before
    return printed.getvalue()


def _printed_beside(code: str, arguments: tuple[str, ...]) -> str:
    environment = os.environ | {"NUMBA_DISABLE_JIT": "01"[not PLAIN], "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
