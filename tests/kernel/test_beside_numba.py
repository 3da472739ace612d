"""A user's own numba functions are the same beside flowsim as without it: code and bits."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from flowsim.kernel.marks import PLAIN

pytestmark = pytest.mark.skipif(PLAIN, reason="nothing is compiled with NUMBA_DISABLE_JIT=1")

USERS_OWN = r'''
import hashlib, json, re, sys
import numpy as np
import numba

def fresh():
    """Return a function of the user's: vector code, branches, sums, numpy's allocation, a call, a list."""
    @numba.njit
    def weight(x):
        return np.exp(-x * x) / 3 if x > 0.1 else abs(x) + 7 % 3

    @numba.njit(fastmath=True)
    def work(values, out):
        rows = np.zeros_like(values)
        for i in range(values.size):
            rows[i] = values[i] * 1.7 + weight(values[i])
        total = 0.0
        for i in range(values.size):
            total += rows[i] / (1.0 + values[i] ** 2)
        out[:] = rows[::-1]
        return total, [max(out[0], 2), len(out)]
    return work

def what_it_is(work):
    """Return the digest of its machine code, but for names and addresses, and its results."""
    values = np.random.default_rng(1).normal(size=997)
    out = np.empty_like(values)
    total, pair = work(values, out)
    (assembly,) = work.inspect_asm().values()
    instructions = [line for line in assembly.splitlines() if re.match(r"\t[a-z]", line)]
    code = [re.sub(r'\$?"?[.\w]*(\.bytes\.|_ZN)[^\s,"()]*"?|\$\d{12,}', "somewhere", line) for line in instructions]
    return [hashlib.sha256("\n".join(code).encode()).hexdigest(), len(code), total.hex(), out.tobytes().hex()[-64:]]

told = []
'''
ALONE = "told.append(what_it_is(fresh())); assert not any(name.startswith('flowsim') for name in sys.modules)"
KERNELS_FIRST = """
from helpers.small_kernels import ADDS, compiled_text
compiled_text(ADDS)
told.append(what_it_is(fresh()))
"""
AROUND_KERNELS = """
import threading
told.append(what_it_is(fresh()))
from numba.core.compiler_lock import global_compiler_lock
from helpers.small_kernels import BRANCHES, compiled_text
kernel = threading.Thread(target=compiled_text, args=(BRANCHES,))
kernel.start()
while not global_compiler_lock.is_locked() and kernel.is_alive(): pass
told.append(what_it_is(fresh()))
kernel.join()
told.append(what_it_is(fresh()))
"""


def told_by(program: str) -> list[list[object]]:
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", f"{USERS_OWN}\n{program}\nprint(json.dumps(told))"]
    return json.loads(subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout)


@pytest.fixture(scope="module")
def without_flowsim():
    (alone,) = told_by(ALONE)
    return alone


def test_a_function_compiled_after_the_first_kernel_is_what_it_is_without_flowsim(without_flowsim):
    assert told_by(KERNELS_FIRST) == [without_flowsim]


def test_functions_compiled_before_a_kernel_beside_it_and_after_it_are_what_they_are_without_flowsim(without_flowsim):
    assert told_by(AROUND_KERNELS) == [without_flowsim] * 3
