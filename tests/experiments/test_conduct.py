"""How an experiment is conducted, on made markets: verdict, thirds, scan, null arm, and what is said of them."""

from dataclasses import replace

import numpy as np
import pytest
from helpers.made_samples import MadeLaboratory, sample, us_equity

from flowsim.config import Config
from flowsim.ensemble.intervals import PerPath
from flowsim.ensemble.sample import Sample, Samples
from flowsim.errors import RunError
from flowsim.experiments.experiment import Experiment, NullPlan, ScanPlan, conduct, scan_paths, try_null
from flowsim.experiments.findings import Finding
from flowsim.experiments.verdicts import Criterion, Scale

RISE, FALL = "rise, %", "the other market's rise, %"
N_PATHS = 60


def moved_by(away: np.ndarray):
    """Return how a market is made: the index rises by its multiplier less 5, and on each path by so much beside.

    At 5 it all but stands still.
    """

    def made(config: Config) -> Sample:
        if config.market.multiplier > 9.0:
            raise RunError("the price moved by more than a factor of e on path 3")
        rise = config.market.multiplier - 5.0
        total = rise + away if rise else 0.01 * np.sign(away)
        return sample((N_PATHS, 1), contribution={"news": total[:, np.newaxis]})

    return made


ALIKE = moved_by(0.01 * np.resize([1.0, -1.0], N_PATHS))


def measure(samples: Samples) -> dict[str, PerPath]:
    return {RISE: PerPath.mean(samples["one"].returns[:, 0]), FALL: PerPath.mean(samples["other"].returns[:, 0])}


def at(multiplier: float, other: float):
    return lambda config: {name: config.override(f"market.multiplier={value}") for name, value in
                           (("one", multiplier), ("other", other))}  # fmt: skip


def experiment(multiplier: float, other: float, null: float = 5.0) -> Experiment:
    """Return an experiment that wants one market to rise and the other one to fall, by their multipliers."""
    return Experiment(
        number=8,
        title="A title",
        claim="A claim.",
        experiment="What is done.",
        criterion="What would count.",
        real=(("Real data say so", "Author 2021"),),
        criteria=(
            Criterion(RISE, "one rises", "above", 0.0, 0.1),
            Criterion(FALL, "the other falls", "below", 0.0, 0.1),
        ),
        prepared=lambda config: config.override("time.days=7", "time.start=2018-08-31"),
        arms=at(multiplier, other),
        measure=measure,
        scan=ScanPlan("multiplier of both", (3.0, 4.0, 6.0, 8.0, 10.0), lambda config, value: at(value, 4.0)(config),
                      lambda config: config.market.multiplier),
        null=NullPlan("two markets that stand still", at(null, 5.0), ("other",), {RISE: 0.0, FALL: 0.0}),
        tell=lambda effects: [f"One rises by {effects[RISE].value:+.1f}, the other by {effects[FALL].value:+.1f}."],
        paths_times=3,
    )  # fmt: skip


def found(multiplier: float, other: float, made=ALIKE) -> Finding:
    return conduct(experiment(multiplier, other), MadeLaboratory(made, N_PATHS), us_equity())


@pytest.mark.parametrize(
    ("multiplier", "other", "met", "verdict", "why"),
    [
        (6.0, 4.0, [True, True], "reproduced", "Of 2 criteria 2 are met and 0 fail: reproduced."),
        (4.0, 6.0, [False, False], "not reproduced", "Of 2 criteria 0 are met and 2 fail: not reproduced."),
        (6.0, 6.0, [True, False], "partly", "Of 2 criteria 1 is met and 1 fail: partly."),
        (4.0, 4.0, [False, True], "partly", "Of 2 criteria 1 is met and 1 fail: partly."),
    ],
)
def test_a_planted_effect_has_its_verdict_and_the_opposite_the_other(
    multiplier: float, other: float, met: list[bool], verdict: str, why: str
) -> None:
    finding = found(multiplier, other)
    assert finding.verdict == verdict
    assert [one.met for one in finding.tried] == met
    assert [one.met_by_third for one in finding.tried] == [[one] * 3 for one in met]
    assert finding.verdict_by_third == [verdict] * 3
    told = f"One rises by {multiplier - 5.0:+.1f}, the other by {other - 5.0:+.1f}."
    assert finding.sentences == [why, told]


def test_what_the_paths_do_not_agree_on_is_undecided_and_said_so() -> None:
    # The last third of the paths falls by 0.3 where the others rise by 1.
    apart = moved_by(np.where(np.arange(N_PATHS) < 40, 0.0, -1.3) + 0.001 * np.resize([1.0, -1.0], N_PATHS))
    finding = found(6.0, 3.0, apart)
    assert [one.met for one in finding.tried] == [True, True]
    assert finding.verdict == "undecided"
    assert finding.verdict_by_third == ["reproduced", "reproduced", "partly"]
    assert finding.sentences[0] == (
        "Of 2 criteria 2 are met and 0 fail: undecided, since the thirds of the paths say reproduced, reproduced,"
        " partly."
    )


def test_what_no_interval_decides_is_open() -> None:
    wide = moved_by(np.resize([3.0, -3.0], N_PATHS))
    finding = found(5.2, 2.0, wide)
    assert [one.met for one in finding.tried] == [None, True]
    assert finding.sentences[0] == "Of 2 criteria 1 is met and 0 fail, 1 open: undecided."


def test_a_finding_holds_each_effect_with_its_interval_and_thirds() -> None:
    (rise, fall) = found(6.0, 4.0).effects
    half = 0.01 * np.sqrt(N_PATHS / (N_PATHS - 1.0) / N_PATHS) * 2.0009954  # Student's quantile of 59 degrees
    assert rise.effect.name == RISE
    assert (rise.effect.value, rise.effect.low, rise.effect.high) == pytest.approx((1.0, 1.0 - half, 1.0 + half))
    assert [third.value for third in fall.thirds] == pytest.approx([-1.0] * 3)


def test_the_scan_says_where_the_verdict_and_each_answer_change() -> None:
    scan = found(6.0, 4.0).scan
    assert (scan.parameter, scan.configured) == ("multiplier of both", 5.0)
    assert [point.value for point in scan.points] == [3.0, 4.0, 6.0, 8.0, 10.0]
    assert [point.verdict for point in scan.points] == ["partly", "partly", "reproduced", "reproduced", None]
    assert [point.effects[0].value for point in scan.points[:4]] == pytest.approx([-2.0, -1.0, 1.0, 3.0])
    assert scan.points[4].broken == "the price moved by more than a factor of e on path 3"
    assert scan.flips == [
        "from partly to reproduced between 4 and 6",
        "from reproduced to the market diverges between 8 and 10",
        "one rises: from failing to met between 4 and 6",
    ]


def test_a_verdict_that_never_changes_is_said_so() -> None:
    one = experiment(6.0, 4.0)
    flat = replace(one, scan=replace(one.scan, values=(6.0, 8.0)))
    assert conduct(flat, MadeLaboratory(ALIKE), us_equity()).scan.flips == ["reproduced at all values tried"]


@pytest.mark.parametrize(("null", "alarms"), [(5.0, []), (5.5, [RISE]), (4.5, [RISE])])
def test_the_null_arm_names_what_is_there_and_should_not_be(null: float, alarms: list[str]) -> None:
    found = try_null(experiment(6.0, 4.0, null), MadeLaboratory(ALIKE), us_equity())
    assert found.alarms == alarms
    assert (found.says, found.rate, found.expected) == ("two markets that stand still", 0.01, [0.0, 0.0])
    # Two effects share a rate of 1 %: the interval of each is that of 99.5 %, Student's quantile at 0.9975.
    half = 0.01 * np.sqrt(N_PATHS / (N_PATHS - 1.0) / N_PATHS) * 2.9147 if alarms else None
    if half is not None:
        assert (found.effects[0].high or 0.0) - (null - 5.0) == pytest.approx(half, rel=1e-3)


def test_paths_are_those_of_the_plan_and_the_null_is_on_other_news() -> None:
    laboratory = MadeLaboratory(ALIKE, n_paths=192)
    finding = conduct(experiment(6.0, 4.0), laboratory, us_equity())
    asked = [(n_paths, on_other_news) for _, n_paths, on_other_news in laboratory.planned]
    assert asked == [(576, ()), *[(192, ())] * 5, (576, ("other",))]
    assert finding.setting == "576 paths of 7 days from 2018-08-31, with options"


@pytest.mark.parametrize(("n_paths", "scanned"), [(12, 12), (64, 64), (150, 64), (576, 192)])
def test_a_point_of_the_scan_takes_a_third_of_the_paths_but_no_less_than_a_block(n_paths: int, scanned: int) -> None:
    assert scan_paths(n_paths) == scanned


def test_a_finding_carries_the_words_of_the_plan() -> None:
    finding = found(6.0, 4.0)
    words = (finding.number, finding.title, finding.claim, finding.experiment, finding.criterion, finding.real)
    assert words == (
        8,
        "A title",
        "A claim.",
        "What is done.",
        "What would count.",
        [("Real data say so", "Author 2021")],
    )


def unfair(multiplier: float, *, null: float = 5.0, assumed: str = "") -> Finding:
    """Conduct the experiment with null arms that move too, or a second criterion that an input decides."""
    one = experiment(multiplier, 4.0, null)
    criteria = (one.criteria[0], one.criteria[1]._replace(assumed=assumed, scale=Scale(0.0, 5.0)))
    return conduct(replace(one, criteria=criteria), MadeLaboratory(ALIKE, N_PATHS), us_equity())


def test_a_criterion_that_the_null_arms_meet_does_not_count() -> None:
    finding = unfair(4.0, null=6.0)
    assert [one.met for one in finding.tried] == [False, True]
    assert [one.met_on_null for one in finding.tried] == [True, False]
    assert (finding.verdict, finding.null.verdict) == ("reproduced", "not reproduced")
    assert finding.sentences[0] == (
        "Of 2 criteria 1 counts, of which 1 is met and 0 fail: reproduced. Not counted: the null arms meet “one rises”"
        " too."
    )


def test_a_criterion_that_an_input_decides_is_named_and_does_not_count() -> None:
    finding = unfair(6.0, assumed="the multiplier")
    assert [one.counted for one in finding.tried] == [True, False]
    assert (finding.verdict, finding.null.verdict) == ("reproduced", "not reproduced")
    assert finding.sentences[0].endswith("Not counted: “the other falls” is decided by the multiplier.")
    assert finding.size == ""


@pytest.mark.parametrize(("other", "size"), [(4.7, "negligible"), (4.0, "small"), (1.0, "large")])
def test_the_size_of_the_largest_effect_that_counts_is_told_in_a_word(other: float, size: str) -> None:
    one = experiment(6.0, other)
    criteria = (one.criteria[0], one.criteria[1]._replace(scale=Scale(0.0, 5.0)))
    finding = conduct(replace(one, criteria=criteria), MadeLaboratory(ALIKE, N_PATHS), us_equity())
    assert finding.size == size
    assert finding.largest is not None
    assert finding.largest.size_pct == pytest.approx(5.0 * (other - 5.0), abs=0.01)


def test_a_sound_experiment_gets_no_verdict_from_its_null_arms() -> None:
    finding = found(6.0, 4.0)
    assert finding.verdict == "reproduced"
    assert finding.null.verdict == "not reproduced"
    assert finding.null.met == [False, False]
