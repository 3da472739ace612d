"""What a fresh process loads on the way to its first result."""

from __future__ import annotations

import subprocess
import sys

import pytest

from flowsim.kernel.jit import PLAIN

FIRST_RESULT = """
import sys
import flowsim as fs
run = fs.simulate(fs.load("us_equity").override("time.days=1"), n_paths=1)
assert run.to_polars("positions").height
slow = "numba", "pandas", "scipy.linalg", "matplotlib", "pyarrow.compute"
print([name for name in slow if name in sys.modules])
"""


@pytest.mark.skipif(PLAIN, reason="everything is slow in plain Python")
def test_the_first_result_needs_no_package_that_is_slow_to_import():
    # The first process may still have to compile, for which it needs numba.
    found = [
        subprocess.run([sys.executable, "-c", FIRST_RESULT], capture_output=True, text=True, check=True).stdout
        for _ in range(2)
    ]
    assert found[1].strip() == "[]"
