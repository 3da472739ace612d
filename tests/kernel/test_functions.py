"""The strict functions are accurate to a few units in the last place, and the same bits compiled or not."""

import math
from collections.abc import Callable

import mpmath
import numpy as np
import pytest
from helpers.both_ways import printed_both_ways
from helpers.compiled import ONE_ARGUMENT, elementwise, machine_code, sines_and_cosines

from flowsim.kernel.functions import mills_ratio, normal_cdf_and_pdf, normal_pdf

RANDOM = np.random.default_rng(11)
DOMAINS = {
    "exp": np.concatenate([RANDOM.uniform(-708, 708, 4000), RANDOM.normal(0, 1, 4000), RANDOM.normal(0, 1e-8, 500)]),
    "expm1": np.concatenate(
        [RANDOM.uniform(-40, 700, 3000), RANDOM.normal(0, 0.3, 4000), RANDOM.normal(0, 1e-12, 500), [0.35, -0.35]]
    ),
    "log": np.concatenate(
        [np.exp(RANDOM.uniform(-700, 700, 4000)), RANDOM.uniform(0.5, 2.0, 4000), 1.0 + RANDOM.normal(0, 1e-12, 500)]
    ),
    "log1p": np.concatenate(
        [RANDOM.uniform(-0.99, 3.0, 4000), RANDOM.normal(0, 1e-9, 2000), np.exp(RANDOM.uniform(0, 600, 2000))]
    ),
    "tanh": np.concatenate([RANDOM.uniform(-25, 25, 4000), RANDOM.normal(0, 0.1, 4000), RANDOM.normal(0, 1e-12, 500)]),
}
LARGEST_ERROR = {"exp": 1.5, "expm1": 5.0, "log": 1.0, "log1p": 2.0, "tanh": 5.0}
"""In units of the last place of the C library's answer, itself within one of the truth."""


def units_in_the_last_place(found: np.ndarray, wanted: list[float]) -> np.ndarray:
    return np.array([abs(f - w) / math.ulp(w) for f, w in zip(found.tolist(), wanted, strict=True)])


@pytest.mark.parametrize("name", ONE_ARGUMENT)
def test_a_function_is_right_to_a_few_units_in_the_last_place(name: str) -> None:
    values = DOMAINS[name]
    wanted = [getattr(math, name)(value) for value in values.tolist()]
    errors = units_in_the_last_place(elementwise(name)(values), wanted)
    worst = int(errors.argmax())
    assert errors[worst] <= LARGEST_ERROR[name], f"{name}({values[worst]!r}) is {errors[worst]} units off"


def test_sine_and_cosine_of_turns_are_right_to_the_last_bits() -> None:
    turns = np.concatenate([RANDOM.uniform(0, 1, 8000), np.arange(64) / 64, [0.5**52, 1 - 0.5**53]])
    found = sines_and_cosines(turns)
    for column, function in enumerate((math.sin, math.cos)):
        # The reference is reduced to an eighth of a turn first: 2 pi t in floats is off by more than the function.
        wanted = [reference(function, turn) for turn in turns.tolist()]
        assert np.abs(found[:, column] - wanted).max() < 3e-16


def reference(function: Callable[[float], float], turn: float) -> float:
    quarter = round(4 * turn)
    rest = (turn - quarter / 4) * math.tau
    shifted = {math.sin: (math.sin, math.cos), math.cos: (math.cos, lambda x: -math.sin(x))}[function]
    return shifted[quarter % 2](rest) * (-1.0 if quarter % 4 >= 2 else 1.0)


EDGES = {
    # The argument of exp is held within [-708, 708]: a market that wild ends in an error, not in an infinity.
    "exp": [(0.0, 1.0), (math.inf, 3.0233831442760547e307), (1e308, 3.0233831442760547e307)],
    "expm1": [(0.0, 0.0), (-math.inf, -1.0), (-1e308, -1.0), (5e-324, 5e-324)],
    "log": [(1.0, 0.0), (0.0, -math.inf), (-0.0, -math.inf), (1e308, math.log(1e308)), (2.3e-308, math.log(2.3e-308))],
    "log1p": [(0.0, 0.0), (5e-324, 5e-324), (1e308, math.log(1e308))],
    "tanh": [(0.0, 0.0), (math.inf, 1.0), (-math.inf, -1.0), (1e308, 1.0), (5e-324, 5e-324)],
}


@pytest.mark.parametrize("name", ONE_ARGUMENT)
def test_zero_infinities_and_tiny_and_huge_numbers_have_their_limits(name: str) -> None:
    values, wanted = np.array(EDGES[name]).T
    np.testing.assert_allclose(elementwise(name)(values), wanted, rtol=4e-16)


@pytest.mark.parametrize("name", ONE_ARGUMENT)
def test_nothing_becomes_a_number_that_was_none(name: str) -> None:
    assert np.isnan(elementwise(name)(np.array([math.nan]))).all()


@pytest.mark.parametrize(("name", "value"), [("log", -1.0), ("log", -math.inf), ("log1p", -2.0)])
def test_an_argument_outside_the_domain_gives_nan(name: str, value: float) -> None:
    assert np.isnan(elementwise(name)(np.array([value]))).all()


@pytest.mark.parametrize("name", ONE_ARGUMENT)
def test_a_function_rises_with_its_argument(name: str) -> None:
    values = np.unique(DOMAINS[name])
    results = elementwise(name)(values)
    # Neighbors may change places by the rounding of the last bits only.
    assert (np.diff(results) >= -2 * np.spacing(np.abs(results[:-1]))).all()


@machine_code()
def normal_law(values):
    results = np.empty((values.size, 4))
    for row in range(values.size):
        results[row, 0], results[row, 1] = normal_cdf_and_pdf(values[row])
        results[row, 2], results[row, 3] = normal_pdf(values[row]), mills_ratio(abs(values[row]))
    return results


NORMAL_DOMAIN = np.concatenate(
    [RANDOM.uniform(-37.5, 37.5, 1500), RANDOM.normal(0, 2, 1500), RANDOM.normal(0, 1e-9, 50), [0.0, -0.0, -37.5]]
)


def exact_normal_law(value: float) -> tuple[float, float, float]:
    """Return distribution, density and the ratio of tail and density to 50 digits."""
    with mpmath.workdps(50):
        x = mpmath.mpf(value)
        density = mpmath.exp(-x * x / 2) / mpmath.sqrt(2 * mpmath.pi)
        lower = mpmath.erfc(-x / mpmath.sqrt(2)) / 2
        tail = mpmath.erfc(abs(x) / mpmath.sqrt(2)) / 2
        return float(lower), float(density), float(tail / density)


def test_the_normal_law_is_right_to_a_few_units_in_the_last_place_in_both_tails() -> None:
    cdf, pdf, again, ratio = normal_law(NORMAL_DOMAIN).T
    wanted_cdf, wanted_pdf, wanted_ratio = zip(*map(exact_normal_law, NORMAL_DOMAIN.tolist()), strict=True)
    # Relative, so that a tail of 1e-300 has its digits too.
    for found, wanted, most in ((cdf, wanted_cdf, 8), (pdf, wanted_pdf, 4), (ratio, wanted_ratio, 8)):
        assert units_in_the_last_place(found, list(wanted)).max() <= most
    np.testing.assert_array_equal(again, pdf)
    assert np.abs(cdf - wanted_cdf).max() < 3e-16


def test_the_normal_law_has_its_limits_and_is_smooth_across_zero() -> None:
    far = normal_law(np.array([-np.inf, -1e300, -38.0, 38.0, 1e300, np.inf]))
    np.testing.assert_array_equal(far[:, 0], [0.0, 0.0, 0.0, 1.0, 1.0, 1.0])
    np.testing.assert_array_equal(far[:, 1], 0.0)
    assert np.isnan(normal_law(np.array([math.nan]))).all()
    assert normal_law(np.array([0.0]))[0].tolist() == [
        0.5,
        1 / math.sqrt(math.tau),
        1 / math.sqrt(math.tau),
        math.sqrt(math.pi / 2),
    ]
    assert (np.diff(normal_law(np.linspace(-1e-7, 1e-7, 101))[:, 0]) > 0).all()
    # The ratio goes on falling as 1 / x where no float holds a tail.
    assert normal_law(np.array([1e6]))[0, 3] == pytest.approx(1e-6, rel=1e-6)


BITS = """
import sys
import numpy as np
from helpers.compiled import ONE_ARGUMENT, elementwise, machine_code, sines_and_cosines
from test_functions import DOMAINS, NORMAL_DOMAIN, normal_law
for name in ONE_ARGUMENT:
    print(name, [value.hex() for value in elementwise(name)(DOMAINS[name][::20]).tolist()])
print([value.hex() for value in sines_and_cosines(np.linspace(0, 1, 200, endpoint=False)).ravel().tolist()])
print([value.hex() for value in normal_law(NORMAL_DOMAIN[::20]).ravel().tolist()])
"""


def test_compiled_functions_give_the_bits_of_plain_python() -> None:
    compiled, plain = printed_both_ways(BITS)
    assert compiled == plain
    assert compiled.count("0x") > 1000
