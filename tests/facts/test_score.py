"""The score of several markets by the same code, and the rivals in it."""

import json

import numpy as np
import pytest
from typer.testing import CliRunner

from flowsim.cli.commands import app
from flowsim.config import load
from flowsim.errors import InputError
from flowsim.facts import rivals
from flowsim.facts.facts import FACTS
from flowsim.facts.measure import measure_paths
from flowsim.facts.score import score

YEAR = "time.days=300"


@pytest.fixture(scope="module")
def small():
    populations = [
        'population.noise={strategy="noise_trading", agents=1, capital_bn=60}',
        'population.fund={strategy="leveraged_etf", agents=1, capital_bn=30, leverage=3}',
    ]
    return score(load("plain", [YEAR, *populations]), 4)


def test_every_market_has_a_row_with_its_count_by_group(small):
    assert {"everything on", "no systematic population", "no liquidity feedback"} < set(small.markets)
    assert {rivals.GARCH, rivals.HESTON, rivals.PATH_DEPENDENT} < set(small.markets)
    for name in small.markets:
        counts = small.counts(name)
        assert counts["all"] == tuple(np.sum([part for group, part in counts.items() if group != "all"], axis=0))


def test_every_market_says_how_often_all_nine_moments_are_inside_on_one_path(small):
    assert set(small.joint) == set(small.markets)
    assert "nine moments, %" in small.as_markdown().splitlines()[0]
    assert small.as_dict()["markets"]["everything on"]["joint"]["paths"] == 4
    assert f"of real returns resampled to as many days {small.joint['everything on'].real_pct:.1f} %" in str(
        small.as_markdown()
    )


def test_what_is_inside_and_what_misses_add_up(small):
    for name, series in small.markets.items():
        inside, scored = small.counts(name)["all"]
        assert inside + len(series.misses) == scored


def test_the_table_names_what_each_market_misses(small):
    text = small.as_markdown()
    for name, series in small.markets.items():
        assert f"- {name} misses {', '.join(series.misses) or 'nothing'}." in text


def test_garch_has_the_volatility_and_the_tails_of_the_history_it_was_fitted_to():
    # 16 paths of 4 years; the fitted process has 18 % a year or so, with fat tails
    config = load("us_equity", ["time.days=1008"])
    measured = measure_paths([rivals.garch_closes(config, 16)], "garch")
    assert 10.0 < measured.facts["return annualized vol (%)"].value < 30.0
    assert measured.facts["return excess kurtosis"].value > 1.0
    assert "VIX mean" not in measured.facts


def test_hestons_index_starts_at_the_root_of_variance_and_ends_at_that_of_its_mean():
    assert rivals.heston_index(np.array([0.09]), 1e-9) == pytest.approx(30.0)
    assert rivals.heston_index(np.array([0.09]), 1e6) == pytest.approx(20.0, rel=1e-5)
    # halfway: exp(-1.15 T) for T = ln 2 / 1.15 is a half, so the weight is 0.5 / ln 2
    weight = 0.5 / np.log(2.0)
    expected = 100.0 * np.sqrt(0.04 + 0.05 * weight)
    assert rivals.heston_index(np.array([0.09]), np.log(2.0) / 1.15) == pytest.approx(expected)


def test_heston_has_every_fact_and_its_mean_variance():
    # theta = 0.04: 64 paths of 4 years know the mean variance to 6 %, so 25 % is four standard errors: 1 in 10,000
    config = load("us_equity", ["time.days=1008"])
    closes = rivals.heston_closes(config, 64)
    assert 252 / 1e4 * closes.returns_pct.var() == pytest.approx(0.04, rel=0.25)
    assert set(measure_paths([closes], "heston").facts) == {fact.name for fact in FACTS}


def test_path_dependent_volatility_rises_after_falls_and_lasts():
    # 16 paths of 4 years: the leverage effect is -0.2 or so, the memory of absolute returns 0.2 or so
    measured = measure_paths([rivals.path_dependent_closes(load("us_equity", ["time.days=1008"]), 16)], "pdv")
    assert 8.0 < measured.facts["return annualized vol (%)"].value < 25.0
    assert measured.facts["leverage corr(r_t,abs(r_t+1))"].value < -0.05
    assert measured.facts["ACF abs(r) lag 5"].value > 0.08
    assert "VIX mean" not in measured.facts


def test_rivals_give_the_same_paths_for_the_same_seed():
    config = load("us_equity", [YEAR])
    for closes in (rivals.garch_closes, rivals.heston_closes, rivals.path_dependent_closes):
        first, again = (closes(config, 2).returns_pct for _ in range(2))
        np.testing.assert_array_equal(first, again)
        other = closes(config.override("seed=2"), 2).returns_pct
        assert (first != other).any()


def test_a_score_of_less_than_a_year_is_refused():
    with pytest.raises(InputError, match=r"time\.days = 20; a score needs"):
        score(load("plain", ["time.days=20"]))


def test_the_command_prints_one_document():
    result = CliRunner().invoke(app, ["score", "plain", "--paths", "2", "--days", "300", "--json"])
    assert result.exit_code == 0, result.output
    document = json.loads(result.stdout)
    assert document["markets"]["everything on"]["counts"]["all"][1] > 0


def test_each_real_sample_alone_has_a_column_beside_the_rule_that_joins_them(small):
    header, _, first = small.as_markdown().splitlines()[:3]
    assert header.endswith("| 1990-2026 alone | 2010-2019 alone | 2020-2026 alone | nine moments, % |")
    whole = small.markets["everything on"]
    inside = [sum(sample in whole.samples(fact) for fact in whole.scored) for sample in whole.market]
    assert first.endswith(" | ".join(map(str, inside)) + " | 0.0 |")
    assert all(count < len(whole.scored) for count in inside)
