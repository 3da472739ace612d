"""The compiled quarter is the plain one, bit for bit."""

import numpy as np
import pytest
from helpers.macro_layers import begun
from test_signs import STRESS

from flowsim.kernel.marks import PLAIN
from flowsim.macro.quarter import run_quarters
from flowsim.macro.stepping import stepper


@pytest.mark.skipif(PLAIN, reason="nothing is compiled")
@pytest.mark.parametrize("later", [{}, STRESS], ids=["baseline", "stress"])
def test_the_compiled_quarter_gives_the_bits_of_the_plain_one(later):
    plain, compiled = begun(10, later=later, lanes=3), begun(10, later=later, lanes=3)
    step = stepper(compiled, 7)
    for place in range(10):
        run_quarters(plain, 1, place, place + 1, 7, 3)
        step(place)
    for part in ("state", "found"):
        for name, one, other in zip(
            getattr(plain, part)._fields, getattr(plain, part), getattr(compiled, part), strict=True
        ):
            assert np.array_equal(one, other), name
    assert np.array_equal(plain.flows, compiled.flows)
    assert plain.found.output[0] != plain.found.output[1]
