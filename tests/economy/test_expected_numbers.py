"""What is expected of the layer's numbers before a scenario's change, and after it."""

import numpy as np
import pytest

from flowsim.economy.scripts import expected_numbers, policy_surprises, without_policy
from flowsim.macro.numbers import Change, laid_out
from flowsim.macro.quarters import quarter_number

FIRST = quarter_number("2026Q3", "a test")
START = laid_out(FIRST, 6)


def came(*changes):
    return laid_out(FIRST, 6, [Change(key, FIRST + place, value) for key, place, value in changes])


def test_without_a_change_everything_is_expected():
    for one, other in zip(START.capex, expected_numbers(START, came(), 0.0).capex, strict=True):
        np.testing.assert_array_equal(one, other)


def test_a_change_is_a_surprise_in_its_first_quarter_only():
    scale = expected_numbers(START, came(("capex.scale", 2, 0.6), ("capex.scale", 4, 0.8)), 0.0).capex.scale
    assert scale.tolist() == [1.0, 1.0, 1.0, 0.6, 0.6, 0.8]


def test_what_is_foreseen_is_expected_in_part():
    scale = expected_numbers(START, came(("capex.scale", 2, 0.6)), 0.25).capex.scale
    assert scale[2] == pytest.approx(0.9)
    assert expected_numbers(START, came(("capex.scale", 2, 0.6)), 1.0).capex.scale[2] == pytest.approx(0.6)


def test_policy_is_what_treasury_and_central_bank_do():
    changed = came(("vehicles.support", 1, 0.5), ("government.account", 3, 1200.0), ("vehicles.roll", 1, 0.2))
    expected = expected_numbers(START, changed, 0.0)
    assert policy_surprises(changed, expected).tolist() == [0, 1, 0, 1, 0, 0]
    other = without_policy(changed, expected)
    assert other.vehicles.support[1] == 0.0
    assert other.government.account[3] == START.government.account[3]
    assert other.vehicles.roll[1] == 0.2
