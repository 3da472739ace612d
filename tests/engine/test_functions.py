"""The strict functions are accurate to a few units in the last place, and the same bits compiled or not."""

import math
import os
import subprocess
import sys
from collections.abc import Callable

import numpy as np
import pytest
from compiled import ONE_ARGUMENT, elementwise, sines_and_cosines

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


BITS = """
import sys
import numpy as np
from compiled import ONE_ARGUMENT, elementwise, sines_and_cosines
from test_functions import DOMAINS
for name in ONE_ARGUMENT:
    print(name, [value.hex() for value in elementwise(name)(DOMAINS[name][::20]).tolist()])
print([value.hex() for value in sines_and_cosines(np.linspace(0, 1, 200, endpoint=False)).ravel().tolist()])
"""


def test_compiled_functions_give_the_bits_of_plain_python() -> None:
    said = {}
    for disabled in ("0", "1"):
        environment = os.environ | {"NUMBA_DISABLE_JIT": disabled, "PYTHONPATH": os.pathsep.join(sys.path)}
        command = [sys.executable, "-c", BITS]
        said[disabled] = subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout
    assert said["0"] == said["1"]
    assert said["0"].count("0x") > 1000
