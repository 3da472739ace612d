"""Build the C reference with the machine's compiler, and call it on flowsim's own arrays."""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
from collections.abc import Callable
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from flowsim.engine.prepare import Market
from flowsim.errors import InputError
from flowsim.kernel.marks import LANES
from flowsim.market.arrays import MarketState, Record, Scratch

from .layout import header, struct

FOLDER = Path(__file__).resolve().parent
FAST = ("-O3", "-march=native", "-ffast-math")
"""C at its fastest: the compiler may reorder sums, fuse, and divide once for many."""
STRICT = ("-O3", "-march=native", "-fno-math-errno", "-fno-trapping-math", "-ffp-contract=off")
"""C that must give flowsim's bits."""


def compiler() -> str:
    """Return the machine's C compiler.

    Raises
    ------
    InputError
        If there is none.
    """
    for name in (os.environ.get("CC"), "cc", "gcc", "clang"):
        found = shutil.which(name) if name else None
        if found:
            return found
    raise InputError("no C compiler found (looked for CC, cc, gcc and clang); install one to compare flowsim with C")


@cache
def library(source: str, flags: tuple[str, ...] = FAST) -> ctypes.CDLL:
    """Return a C file of this folder, compiled and loaded.

    Raises
    ------
    InputError
        If there is no compiler, or it refuses the file.
    """
    with TemporaryDirectory(prefix="flowsim-", ignore_cleanup_errors=True) as folder:
        (Path(folder) / "layout.h").write_text(header())
        compiled, built = str(Path(folder) / "reference.o"), str(Path(folder) / "reference.so")
        _call([*flags, "-fopenmp-simd", "-fPIC", "-I", folder, "-c", str(FOLDER / source), "-o", compiled])
        # Linked without the flags: with -ffast-math, gcc would make the whole process flush tiny numbers to zero.
        _call(["-shared", compiled, "-o", built, "-lm"])
        return ctypes.CDLL(built)


def _call(arguments: list[str]) -> None:
    program = compiler()
    done = subprocess.run([program, *arguments], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        first = (done.stderr.strip().splitlines() or ["no message"])[0]
        raise InputError(f"{program} cannot build the C reference in {FOLDER}: {first}; set CC to another compiler")


def stepper(
    market: Market, state: MarketState, scratch: Scratch, record: Record, path0: int, flags: tuple[str, ...] = FAST
) -> Callable[[], int]:
    """Return a function that steps one block of the scenario through all its days in C, and returns 0 if all is well.

    It works on the arrays that it is given here, so keep them.
    """
    run_days = library("engine.c", flags).run_days
    known = [struct(fields) for fields in (market.timetable, market.rules, market.model)]
    moving = [struct(fields) for fields in (state, scratch, record)]
    horizon = state.schedule.shape[1]
    numbers = [ctypes.c_int64(number) for number in (horizon, 0, len(market.dates), path0, LANES)]
    return lambda: run_days(*known, *moving, *numbers)
