import pytest

from flowsim.ensemble.side_by_side import side_by_side
from flowsim.errors import RunError


def breaks():
    raise RunError("the price moved too far")


def test_results_stand_in_the_order_given_whatever_the_threads():
    markets = {name: lambda name=name: name.upper() for name in "cab"}
    for threads in (1, 3):
        results, broken = side_by_side(markets, "c", threads=threads)
        assert (list(results.items()), broken) == ([("c", "C"), ("a", "A"), ("b", "B")], {})


def test_an_arm_that_comes_apart_is_named_and_the_others_go_on():
    results, broken = side_by_side({"whole": lambda: 1, "part": breaks}, "whole")
    assert (results, broken) == ({"whole": 1}, {"part": "the price moved too far"})


def test_the_whole_market_must_hold():
    with pytest.raises(RunError, match="too far"):
        side_by_side({"whole": breaks, "part": lambda: 1}, "whole")


def test_progress_counts_the_markets():
    told = []
    side_by_side({"whole": lambda: 1, "part": breaks}, "whole", progress=lambda *counts: told.append(counts))
    assert told == [(1, 2), (2, 2)]
