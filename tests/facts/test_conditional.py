"""Conditional facts: their table, their score apart from the unconditional ones', the real market's."""

import csv
import json
import math

import numpy as np
import pytest
from helpers.drawn_runs import drawn_history, own_name, write_run

from flowsim.data.prices import read_prices
from flowsim.data.volatility_file import read_volatility
from flowsim.facts.conditional import CONDITIONAL
from flowsim.facts.fact_table import FactTable, Series, facts_of_run
from flowsim.facts.facts import FACTS
from flowsim.facts.histories import closes_of_prices
from flowsim.facts.market_facts import SAMPLES, Interval, conditional_facts
from flowsim.facts.measure import Measured, samples_of

NAN = math.nan
ELSEWHERE = {"SPY 2024-03..2025-04": "SPY 2024-2025"}
BY_NAME = {fact.name: fact for fact in CONDITIONAL}
DOWN = "share down after z<-3"


def held(real, **values):
    return Series(Measured("mine", {fact: Interval(value, NAN, NAN) for fact, value in values.items()}, {}), real)


def test_no_fact_is_in_both_tables():
    assert not {fact.name for fact in FACTS} & BY_NAME.keys()
    assert len(BY_NAME) == len(CONDITIONAL)


def test_the_shipped_table_has_each_conditional_fact_with_its_value_inside_its_interval():
    known = {fact for facts in conditional_facts().values() for fact in facts}
    no_published_volume = {name for name in BY_NAME if "volume" in name}
    assert known == BY_NAME.keys() - no_published_volume
    assert all(
        fact.has_ends and fact.holds(fact.value) for facts in conditional_facts().values() for fact in facts.values()
    )


def published(shared_folder):
    with (shared_folder / "facts" / "market_facts_2.csv").open() as file:
        for row in csv.DictReader(file):
            name = own_name(row["fact"])
            if name in BY_NAME:
                yield (
                    ELSEWHERE.get(row["sample"], row["sample"]),
                    name,
                    [float(row[x]) for x in ("value", "ci_lo", "ci_hi")],
                )


def test_the_shipped_table_quotes_what_is_published(shared_folder):
    for sample, name, row in published(shared_folder):
        assert list(conditional_facts()[sample][name]) == row, name


def test_the_real_market_gives_what_is_published_to_three_digits(shared_folder):
    prices = read_prices(shared_folder / "data" / "spx_daily.csv")
    volatility = read_volatility(shared_folder / "data" / "cboe_indices_close.csv")
    real = samples_of(closes_of_prices(prices, volatility))
    for sample, name, (value, _, _) in published(shared_folder):
        if sample in SAMPLES:
            assert f"{float(BY_NAME[name].compute(real[sample])):.3g}" == f"{value:.3g}", name


@pytest.mark.parametrize("fact", [fact for fact in CONDITIONAL if not fact.needs], ids=lambda fact: fact.name)
def test_a_conditional_fact_of_days_that_are_all_drawn_once_is_that_of_the_history(fact):
    history = drawn_history(400)
    once = fact.compute(history.weighted(np.ones((1, 400))))
    np.testing.assert_allclose(once, [fact.compute(history)], rtol=1e-9)


def test_a_fact_that_one_sample_alone_has_counts_inside_that_sample():
    real = {"1990-2026": {}, "SPY": {"night": Interval(0.4, 0.3, 0.5)}}
    assert held(real, night=0.45).is_inside("night")
    assert not held(real, night=0.25).is_inside("night")


def test_a_fact_that_no_sample_has_is_shown_and_not_scored():
    series = held({"1990-2026": {}}, night=0.4)
    assert series.scored == []
    assert "| night | 0.4   |" in FactTable("mine", [series]).as_markdown()


def test_conditional_facts_of_a_run_are_scored_apart_from_the_others(tmp_path):
    table = facts_of_run(write_run(tmp_path, n_paths=5)[0])
    (fitted,), (apart,) = table.series, table.conditional
    assert set(fitted.measured.facts) <= {fact.name for fact in FACTS}
    assert set(apart.measured.facts) <= BY_NAME.keys()
    lines = table.as_markdown().splitlines()
    assert lines.index("Conditional facts:") > 47
    assert lines[-2] == f"Conditional, {apart.score}"
    assert lines[-1] == fitted.score
    document = json.loads(json.dumps(table.as_dict(), allow_nan=False))
    (only,) = document["conditional"]["series"]
    assert only["score"]["of"] == len(apart.scored)
    assert document["conditional"]["market"]["1990-2026"][DOWN]["low"] == 0.272
