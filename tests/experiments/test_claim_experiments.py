"""Every experiment runs, finds nothing where there is nothing, and comes to the same verdict on other seeds."""

import re
from dataclasses import replace

import pytest

from flowsim.config import Config, load
from flowsim.ensemble.laboratory import Laboratory
from flowsim.errors import InputError
from flowsim.experiments import arms
from flowsim.experiments.experiment import conduct, try_null
from flowsim.experiments.runner import EXPERIMENTS, claims


def shortened(label: str, days: int):
    """Return an experiment on shorter paths, of which no more are taken than asked for."""
    one = EXPERIMENTS[label]
    return replace(one, prepared=lambda config: one.prepared(config).override(f"time.days={days}"), paths_times=1)


def test_the_experiments_are_the_seven_of_the_plan_in_order() -> None:
    assert list(EXPERIMENTS)[:8] == ["1a", "1b", "2", "3", "4", "5", "6", "7"]
    assert [one.label for one in EXPERIMENTS.values()] == list(EXPERIMENTS)


@pytest.mark.parametrize("label", EXPERIMENTS)
def test_every_criterion_is_about_an_effect_whose_null_is_known(label: str) -> None:
    one = EXPERIMENTS[label]
    assert one.real
    assert all(re.search(r"\d{4}|\bown |\bcloses\b|\bFRED\b", source) for _, source in one.real)
    assert set(one.null.expected) & {criterion.effect for criterion in one.criteria}


def test_a_short_experiment_says_what_it_found() -> None:
    finding = conduct(shortened("3", 252), Laboratory(12, threads=2), load("us_equity"))
    assert finding.verdict in ("reproduced", "partly", "not reproduced", "undecided")
    assert len(finding.scan.points) == 5
    assert finding.scan.flips
    assert all(re.search(r"\d", said) for said in finding.sentences)
    assert finding.null.alarms == []
    assert finding.null.verdict in ("not reproduced", "undecided")
    assert finding.size in ("negligible", "small", "large")


def test_the_null_arm_of_a_planted_effect_gives_the_alarm() -> None:
    # The same measurement with trend followers left as large as they are: on common news what they do is there.
    one = shortened("7", 150)
    planted = replace(one, null=replace(one.null, arms=one.arms, on_other_news=()))
    assert try_null(planted, Laboratory(32), load("us_equity")).alarms


@pytest.mark.slow
@pytest.mark.parametrize("label", EXPERIMENTS)
def test_no_null_arm_gets_a_verdict_that_the_claim_wants(label: str) -> None:
    null = try_null(shortened(label, 504), Laboratory(64), load("us_equity"))
    assert null.verdict in ("not reproduced", "undecided")


@pytest.mark.slow
@pytest.mark.parametrize("label", EXPERIMENTS)
def test_null_arms_find_nothing_at_the_stated_rate(label: str) -> None:
    # 12 seeds at a rate of 1 % each: more than two alarms come 2 times in 10,000.
    one, alarms = shortened(label, 504), 0
    for seed in range(1, 13):
        alarms += bool(try_null(one, Laboratory(64), load("us_equity", [f"seed={seed}"])).alarms)
    assert alarms <= 2


@pytest.mark.slow
def test_verdicts_do_not_change_over_three_seeds_or_are_undecided() -> None:
    found = [[one.verdict for one in claims("us_equity", seed=seed).findings] for seed in (1, 2, 3)]
    for verdicts in zip(*found, strict=True):
        assert len(set(verdicts) - {"undecided"}) <= 1, verdicts


def test_families_are_found_by_strategy_and_not_by_name() -> None:
    config = load("us_equity")
    assert arms.traders(config, "vol_target") == ["vol_control"]
    assert set(arms.short_dated(config)) == {"event_hedge", "data_hedge", "short_dated", "zero_day"}
    assert set(arms.hedgers(config)) == {"put_hedge", "collar", "month_end_hedge", *arms.short_dated(config)}
    assert not arms.without_options(config).options.listed


def test_a_market_without_what_a_claim_is_about_is_refused() -> None:
    bare = load("us_equity", ["population.cta.capital_bn=0"])
    with pytest.raises(InputError, match=r"cta.*`only`"):
        claims(bare, 12, only=[3])
    with pytest.raises(InputError, match="options"):
        claims(arms.without_options(bare), 12, only=[5])


@pytest.mark.parametrize(("paths", "only"), [(11, ()), (12, (99,)), (12, ("1c",))])
def test_too_few_paths_or_an_unknown_claim_is_refused(paths: int, only: tuple[int | str, ...]) -> None:
    with pytest.raises(InputError):
        claims("us_equity", paths, only=only)


def test_scaling_and_switching_off_touch_nothing_else() -> None:
    config: Config = load("us_equity")
    off = arms.without(config, ["cta"])
    assert off.population["cta"].capital_bn == 0.0
    assert off.override(f"population.cta.capital_bn={config.population['cta'].capital_bn}") == config
    assert arms.scaled(config, ["cta"], 2.0).population["cta"].capital_bn == 2 * config.population["cta"].capital_bn
