"""Laws and tapes notice what somebody might do to a rule: a sign, a cap, a window, a price of tomorrow."""

import ast

import pytest
from mutants import EQUIVALENT, FILES

from flowsim.testing.mutants import Mutant, mutants_of
from flowsim.testing.mutation_score import caught_by, score

SHARE = 0.95
"""Of the mutants of all built-in rules, those that laws or tapes must catch."""


@pytest.fixture(scope="module")
def every() -> list[Mutant]:
    return [mutant for file in FILES for mutant in mutants_of(file)]


def test_laws_and_tapes_catch_a_sample_of_mutants(every):
    # Every eleventh, whatever the file; a survivor or two are among them.
    counts, survivors = score(every[::11], same_rule=EQUIVALENT)
    assert counts.total() > 60
    assert len(survivors) <= (1.0 - SHARE) * counts.total(), [mutant.name for mutant in survivors]


@pytest.mark.slow
def test_laws_and_tapes_catch_the_mutants_of_every_rule(every):
    counts, survivors = score(every, same_rule=EQUIVALENT)
    assert counts["none"] <= (1.0 - SHARE) * (counts.total() - counts["same rule"]), [one.name for one in survivors]


def test_a_mutant_that_is_said_to_be_the_same_rule_is_one_of_them(every):
    assert set(EQUIVALENT) <= {mutant.name for mutant in every}


def test_a_rule_as_it_is_passes():
    [file] = [file for file in FILES if file.stem == "leveraged_etf"]
    assert caught_by(Mutant(file, "none", 1, "nothing", ast.parse(file.read_text()))) == ""


CLASSIC = (
    "vol_target.vol_target_ewma: view.day_return + held.last_return -> view.day_return - held.last_return",  # a sign
    "vol_target.vol_target: min(fund.cap, fund.target_vol / max(view.rv_21, view.rv_63, LOWEST_VOL)) ->"
    " fund.target_vol / max(view.rv_21, view.rv_63, LOWEST_VOL)",  # the cap
    "cta.cta: view.price -> view.price * math.exp(view.day_return)",  # tomorrow's close
    "vol_target.vol_target_average: view.rv_20 -> view.rv_21",  # a lookback off by one
    "cta.cta: fund.short_span_days -> fund.medium_span_days",  # fast and slow
    "vol_target.toward: gap if abs(gap) > buffer else 0.0 -> gap",  # the buffer
    "option_customers.collar: -1.0 -> 1.0",  # a leg that is bought and not sold
)


@pytest.mark.parametrize("name", CLASSIC)
def test_a_classic_mistake_is_caught(every, name):
    mutants = [mutant for mutant in every if mutant.name == name]
    assert mutants
    assert all(caught_by(mutant) for mutant in mutants)
