"""The compiled quarter is the plain one, bit for bit."""

import numpy as np
import pytest
from helpers.macro_layers import begun
from test_signs import STRESS

from flowsim.kernel.bundle import DAYS, WORDS, bundle_kernel, pack
from flowsim.kernel.marks import PLAIN
from flowsim.macro.quarter import run_quarters


@pytest.mark.skipif(PLAIN, reason="nothing is compiled")
@pytest.mark.parametrize("later", [{}, STRESS], ids=["baseline", "stress"])
def test_the_compiled_quarter_gives_the_bits_of_the_plain_one(later):
    plain, compiled = begun(10, later=later), begun(10, later=later)
    run_quarters(plain, 0, 10, 7, 3)
    words = pack(compiled)
    bundle_kernel("macro", run_quarters, compiled, DAYS).call(words.ctypes.data_as(WORDS), 0, 10, 7, 3)
    for part in ("state", "found"):
        for name, one, other in zip(
            getattr(plain, part)._fields, getattr(plain, part), getattr(compiled, part), strict=True
        ):
            assert np.array_equal(one[..., :3], other[..., :3]), name
    assert np.array_equal(plain.flows[:, :3], compiled.flows[:, :3])
    assert plain.found.output[0] != plain.found.output[1]
