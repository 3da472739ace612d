"""Functions of whole arrays are accurate to a unit in the last place, and made of what every processor rounds alike."""

import mpmath
import numpy as np
import pytest

from flowsim.kernel.array_functions import exp, kept_of, log, power

RANDOM = np.random.default_rng(7)


def units_from(found, wanted):
    return max(
        abs(float((mpmath.mpf(f) - w) / np.spacing(abs(f)))) for f, w in zip(found.tolist(), wanted, strict=True)
    )


@pytest.mark.parametrize(
    ("function", "true", "values"),
    [
        (exp, mpmath.exp, RANDOM.uniform(-700, 700, 2000)),
        (exp, mpmath.exp, RANDOM.normal(0, 1, 2000)),
        (log, mpmath.log, np.exp(RANDOM.uniform(-700, 700, 2000))),
        (log, mpmath.log, RANDOM.uniform(0.5, 2.0, 2000)),
    ],
    ids=["exp, wide", "exp", "log, wide", "log"],
)
def test_a_function_is_right_to_a_unit_in_the_last_place(function, true, values):
    with mpmath.workdps(40):
        assert units_from(function(values), [true(mpmath.mpf(value)) for value in values]) < 1.0


def test_shapes_are_kept_and_known_values_exact():
    assert exp(np.zeros((2, 3))).tolist() == [[1.0] * 3] * 2
    assert log(np.array([1.0, 1.0])).tolist() == [0.0, 0.0]
    assert log([2.0, 0.5]).tolist() == [np.log(2.0), -np.log(2.0)]


def test_powers_and_half_lives_are_those_of_the_words():
    assert power([4.0, 9.0], 0.5) == pytest.approx([2.0, 3.0], rel=1e-15)
    assert kept_of(1.0) == 0.5
    assert kept_of(3.0) ** 3 == pytest.approx(0.5, rel=1e-15)
