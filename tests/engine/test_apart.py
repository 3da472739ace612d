"""No loop is handed two arrays that share memory which it writes: the compiler is told so, and would be wrong."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
from helpers import apart


def test_no_two_arguments_of_a_loop_share_what_it_writes():
    environment = os.environ | {"NUMBA_DISABLE_JIT": "1", "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, str(Path(apart.__file__))]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    *faults, count = done.stdout.splitlines()
    assert faults == []
    assert int(count.removesuffix(" loops watched")) > 25


def test_a_loop_that_does_is_found():
    def add(rows, row, amount):
        rows[1, 0] += amount[0][0]
        return row[0]

    watched = apart.watched(add)
    table = np.zeros((3, 4))
    watched(table, table[0], (table[2],))
    assert set() == apart.BROKEN
    watched(table, table[1], (np.ones(1),))
    assert {f"{__name__}.add"} == apart.BROKEN
    apart.BROKEN.clear()
