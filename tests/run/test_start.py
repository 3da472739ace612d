"""What a fresh process loads on the way to its first result."""

from __future__ import annotations

import subprocess
import sys

FIRST_RESULT = """
import sys
import flowsim as fs
run = fs.simulate(fs.load("us_equity").override("time.days=1"), n_paths=1)
assert run.to_polars("positions").height
print([name for name in ("pandas", "scipy.linalg", "matplotlib", "pyarrow.compute") if name in sys.modules])
"""


def test_the_first_result_needs_no_package_that_is_slow_to_import():
    found = subprocess.run([sys.executable, "-c", FIRST_RESULT], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
