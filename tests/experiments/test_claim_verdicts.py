"""A verdict follows from intervals, by a rule that one can check by hand."""

import pytest

from flowsim.ensemble.intervals import UNKNOWN, Interval
from flowsim.experiments.verdicts import Criterion, agreed, verdict_of

ABOVE = Criterion("effect", "it is above one", "above", 1.0, 0.1)
BELOW = Criterion("effect", "it is below zero", "below", 0.0, 0.1)


@pytest.mark.parametrize(
    ("criterion", "low", "high", "met"),
    [
        (ABOVE, 1.01, 1.5, True),
        (ABOVE, 0.5, 0.9, False),
        (ABOVE, 0.9, 1.05, False),  # an effect that would count, 1.1, is ruled out
        (ABOVE, 0.9, 1.2, None),
        (BELOW, -0.5, -0.2, True),
        (BELOW, 0.1, 0.3, False),
        (BELOW, -0.05, 0.3, False),
        (BELOW, -0.2, 0.3, None),
    ],
)
def test_a_criterion_is_met_failing_or_open(criterion: Criterion, low: float, high: float, met: bool | None) -> None:
    assert criterion.met(Interval((low + high) / 2.0, low, high)) is met


def test_what_is_not_known_is_open() -> None:
    assert ABOVE.met(UNKNOWN) is None


@pytest.mark.parametrize(
    ("met", "verdict"),
    [
        ([True, True], "reproduced"),
        ([False, False], "not reproduced"),
        ([True, False], "partly"),
        ([True, False, None], "partly"),  # whatever the open one turns out to be
        ([True, None], "undecided"),
        ([False, None], "undecided"),
        ([None], "undecided"),
        ([], "undecided"),
    ],
)
def test_a_verdict_is_open_where_an_open_criterion_could_change_it(met: list[bool | None], verdict: str) -> None:
    assert verdict_of(met) == verdict


def test_thirds_that_disagree_leave_a_claim_undecided() -> None:
    assert agreed("partly", ["partly", "partly", "partly"]) == "partly"
    assert agreed("partly", ["partly", "undecided", "partly"]) == "undecided"
