"""The greeks of the book in C are those of flowsim, so that their times can be compared."""

import numpy as np
import pytest

from flowsim.authoring.rows import GAMMA_1PCT_BN, HEDGE_GAP_BN
from flowsim.cli import bench
from flowsim.errors import InputError
from flowsim.kernel.marks import PLAIN

bench.suite()
from flowsim_benchmarks import book, option_state, reference  # noqa: E402

DAY = 3


@pytest.fixture(scope="module")
def at():
    try:
        reference.compiler()
    except InputError as error:
        pytest.skip(str(error))
    if PLAIN:
        pytest.skip("without numba's compiler there are no addresses to give to C")
    return option_state.stopped(DAY)


def shown(at, work) -> np.ndarray:
    """Return the sums over the book, the gap and the gamma that `work` leaves behind, (8, lanes)."""
    for row in (*at.options.book.total, at.state.observables[HEDGE_GAP_BN], at.state.observables[GAMMA_1PCT_BN]):
        row[:] = -1.0
    work()
    return np.array([*at.options.book.total, at.state.observables[HEDGE_GAP_BN], at.state.observables[GAMMA_1PCT_BN]])


def test_c_that_may_not_reorder_gives_the_bits_of_the_kernel(at):
    by_engine = shown(at, book.in_flowsim(at, 1))
    assert book.live_options(at) > 50
    assert np.abs(by_engine[[0, 1, 2, 3, 4, 6, 7]]).min() > 0.0
    np.testing.assert_array_equal(shown(at, book.in_c(at, reference.STRICT, 1)), by_engine)


def test_c_at_its_fastest_gives_the_greeks_of_the_kernel(at):
    # Long and short contracts cancel in a sum, so the last digits are of the largest term, not of the sum.
    by_engine = shown(at, book.in_flowsim(at, 1))
    np.testing.assert_allclose(shown(at, book.in_c(at, reference.FAST, 1)), by_engine, rtol=1e-9, atol=1e-9)
