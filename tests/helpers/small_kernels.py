"""A kernel of two numbers, which compiles in a moment."""

from __future__ import annotations

import ctypes

from flowsim.kernel.numba_backend.machine_code import Shape

ADDS = "def kernel(a, b):\n    return a + b\n"
SHAPE = Shape(ctypes.c_int64, (ctypes.c_int64, ctypes.c_int64))


def compiled_text(text: str) -> bytes:
    """Return the object file of the function `kernel` in a text, which takes two whole numbers and returns one."""
    from flowsim.kernel.numba_backend.compiler import object_code, written

    return object_code(written(text, "kernel", {}), SHAPE)


BRANCHES = """
def kernel(a, b):
    total = 0
    for i in range(a):
        if i & 1 == 1:
            total += max(b, i) ** 2 - i
        elif i > 7:
            total = b * i // 3
        else:
            continue
        while total > 100:
            total -= 17
    return total
"""
