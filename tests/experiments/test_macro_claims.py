"""Claims about the macro layer: fixed bounds, null arms that find nothing, and verdicts that a choice cannot make."""

import re
from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from test_written_plan import written

from flowsim.config import load
from flowsim.ensemble.laboratory import Laboratory
from flowsim.errors import InputError
from flowsim.experiments import growth_pillar, income_shift, like_2008, power_or_chips
from flowsim.experiments.experiment import _turns_on_a_choice, conduct, try_null
from flowsim.experiments.findings import Point, Scan
from flowsim.experiments.layer import BINDING, LayerLaboratory, real_growth_pct, sample_of_layer, with_settings
from flowsim.experiments.runner import EXPERIMENTS, MACRO_EXPERIMENTS, claims
from flowsim.macro.alone import macro_run

CONFIG = load("us_macro")
OF_LAYER = [label for label, one in MACRO_EXPERIMENTS.items() if one.of_layer]


@pytest.fixture(scope="module")
def found():
    return {label: conduct(MACRO_EXPERIMENTS[label], LayerLaboratory(12, 1), CONFIG) for label in OF_LAYER}


def test_claims_8_to_13_are_there_beside_the_seven():
    assert list(MACRO_EXPERIMENTS) == ["8", "9a", "9b", "10", "11a", "11b", "12", "13a", "13b"]
    assert [one.label for one in MACRO_EXPERIMENTS.values()] == list(MACRO_EXPERIMENTS)
    assert not set(MACRO_EXPERIMENTS) & set(EXPERIMENTS)


@pytest.mark.parametrize("label", MACRO_EXPERIMENTS)
def test_every_criterion_has_a_null_a_scan_and_real_data_beside_it(label):
    one = MACRO_EXPERIMENTS[label]
    assert all(re.search(r"\d{4}|\bown |\bcloses\b", source) for _, source in one.real)
    assert set(one.null.expected) & {criterion.effect for criterion in one.criteria}
    assert one.scan.configured(one.prepared(CONFIG)) in one.scan.values


def test_the_plan_is_the_one_that_was_written_down(file_regression):
    file_regression.check("\n\n".join("\n".join(written(one)) for one in MACRO_EXPERIMENTS.values()) + "\n")


def test_null_arms_find_nothing_and_get_no_verdict(found):
    for label, finding in found.items():
        assert finding.null.alarms == [], label
        assert finding.null.verdict in ("not reproduced", "undecided")


def test_the_null_arm_of_a_planted_effect_gives_the_alarm():
    one = growth_pillar.EXPERIMENT
    planted = replace(one, null=replace(one.null, arms=one.arms, on_other_news=()))
    assert try_null(planted, LayerLaboratory(4, 1), CONFIG).alarms == [growth_pillar.LOST]


def test_a_verdict_that_turns_inside_the_range_of_a_choice_is_undecided(found):
    finding = found["8"]
    by_value = {point.value: point.verdict for point in finding.scan.points}
    assert by_value[0.75] == "partly"
    assert by_value[0.9] == "not reproduced"
    assert finding.verdict == "undecided"
    assert "is a choice of ours" in finding.sentences[0]
    assert found["10"].verdict == "not reproduced"  # at all values tried


def test_what_flips_outside_the_range_of_a_choice_leaves_the_verdict(found):
    assert {point.verdict for point in found["12"].scan.points} == {"reproduced", "partly"}
    assert found["12"].verdict == "reproduced"


def test_a_claim_that_an_input_decides_is_undecided(found):
    assert (found["13a"].verdict, found["13a"].tried[0].counted) == ("undecided", False)


def test_a_sample_of_the_layer_is_the_run_of_its_scenario():
    sample = sample_of_layer(with_settings(CONFIG, "capex_pause", {"revenue.margin": 0.55}), 6, seed=3)
    run = macro_run("capex_pause", 6, quarters=9, seed=3, overrides={"revenue.margin": 0.55})
    assert (sample["output_bn"].ravel() == run.tables["macro"]["output_bn"].to_numpy()).all()
    bound = run.tables["builders"].group_by("path", "quarter", maintain_order=True).agg(binding_is_power())
    assert sample[BINDING].ravel() == pytest.approx(bound["binding"].to_numpy())


def binding_is_power():
    return (pl.col("binding") == 1).mean()


def test_claims_are_about_the_numbers_that_a_config_has():
    config = load("us_macro", ['macro.numbers=["firms.zeta=1.4", "power.additions_scale=0.8"]'])
    for experiment, key, value in (
        (income_shift.EXPERIMENT, "firms.zeta", 1.4),
        (power_or_chips.EXPERIMENT, "power.additions_scale", 0.8),
    ):
        assert experiment.scan.configured(config) == value
        assert dict(next(iter(experiment.arms(config).values())).settings)[key] == value


def test_inflation_comes_off_growth():
    usual, higher = (
        real_growth_pct(sample_of_layer(with_settings(config), 2, 1), "output_bn", 0, 4)
        for config in (load("us_macro"), load("us_macro", ['macro.numbers=["economy.deflator=0.008"]']))
    )
    np.testing.assert_allclose(usual - higher, 100.0 * 4 * (0.008 - 0.006), rtol=1e-9)


def test_power_that_is_not_scarce_holds_nobody_back(found):
    assert found["12"].null.effects[0].value == 0.0
    assert found["12"].tried[0].effect.value > 90.0
    assert found["12"].tried[0].effect.name == power_or_chips.BOUND


def test_effects_have_the_signs_of_their_words(found):
    effects = {one.effect.name: one.effect.value for finding in found.values() for one in finding.effects}
    assert 0.0 < effects[growth_pillar.LOST] < 100.0
    assert effects[income_shift.LABOR] < 0.0 < effects[income_shift.TOP]
    assert effects[like_2008.LOSSES] > 0.0 > effects[like_2008.BUYBACKS]


def test_the_runner_tries_them_where_the_config_has_the_layer(tmp_path, found):
    one = claims("us_macro", 12, only=["9a"], out=tmp_path / "claims", threads=1)
    assert [finding.label for finding in one.findings] == ["9a"]
    assert one.findings[0] == found["9a"]
    again = claims("us_macro", 12, only=["9a"], out=tmp_path / "claims", threads=1, resume=True)
    assert again.findings == one.findings
    with pytest.raises(InputError, match=r"claim 8 is about the macro layer, and us_equity has no table macro"):
        claims("us_equity", 12, only=["8"])


@pytest.mark.parametrize("seed", [2])
def test_verdicts_on_the_layer_do_not_change_with_the_seed(found, seed):
    for label in ("8", "12"):
        verdict = conduct(MACRO_EXPERIMENTS[label], LayerLaboratory(4, seed), CONFIG).verdict
        assert verdict == found[label].verdict, label


@pytest.mark.slow
@pytest.mark.parametrize("label", ["9b", "11a", "13b"])
def test_no_null_arm_of_a_market_gets_a_verdict_that_the_claim_wants(label):
    null = try_null(MACRO_EXPERIMENTS[label], Laboratory(64), CONFIG)
    assert null.verdict in ("not reproduced", "undecided")
    assert null.alarms == []


def test_a_point_that_broke_or_is_undecided_turns_no_verdict():
    plan = income_shift.EXPERIMENT.scan
    points = [
        Point(value=1.0, verdict=None, effects=[], broken="broke"),
        Point(value=1.2, verdict="undecided", effects=[]),
    ]
    scan = Scan(parameter=plan.parameter, configured=1.15, points=points, flips=[])
    assert _turns_on_a_choice(plan, scan, "reproduced") == ""
    turned = scan.model_copy(update={"points": [*points, Point(value=1.5, verdict="partly", effects=[])]})
    assert "partly at 1.5" in _turns_on_a_choice(plan, turned, "reproduced")
