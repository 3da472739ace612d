"""An object file is one kernel, complete in itself."""

from __future__ import annotations

import gc

import pytest
from helpers.small_kernels import ADDS, SHAPE, compiled_text

from flowsim.kernel.marks import PLAIN
from flowsim.kernel.numba_backend.machine_code import Kernel

pytestmark = pytest.mark.skipif(PLAIN, reason="nothing is compiled with NUMBA_DISABLE_JIT=1")


def test_two_kernels_of_the_same_names_do_not_meet():
    adds = Kernel(compiled_text(ADDS), SHAPE)
    subtracts = Kernel(compiled_text("def kernel(a, b):\n    return a - b\n"), SHAPE)
    assert (adds.call(5, 3), subtracts.call(5, 3), adds.call(1, 1)) == (8, 2, 2)


def test_code_that_only_this_process_could_run_is_refused():
    with pytest.raises(RuntimeError, match="which no other process has"):
        compiled_text("def kernel(a, b):\n    print(a)\n    return b\n")


def test_a_function_of_python_keeps_its_code_in_memory():
    called = Kernel(compiled_text(ADDS), SHAPE).call
    gc.collect()
    assert called(2, 3) == 5
    assert called.loader
