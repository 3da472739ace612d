"""What an experiment is, and how every one of them is conducted: arms, criteria, scan, null arm, verdict."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flowsim.config import Config
from flowsim.ensemble.intervals import Interval, interval
from flowsim.ensemble.laboratory import Laboratory, Observation
from flowsim.ensemble.sample import PerPathByName
from flowsim.errors import RunError
from flowsim.experiments.findings import CriterionResult, Effect, Finding, Grid, Measured, Null, Point, Scan, Table
from flowsim.experiments.layer import LayerLaboratory, LayerObservation
from flowsim.experiments.verdicts import UNDECIDED, Criterion, Verdict, agreed, verdict_of
from flowsim.kernel.marks import LANES

FALSE_ALARMS = 0.01
"""Rate at which the null arm of an experiment is allowed to find an effect that is not there, over all its effects."""

Effects = Mapping[str, Interval]
Effected = Observation[PerPathByName] | LayerObservation


@dataclass(frozen=True)
class ScanPlan:
    """A parameter of the claim itself: its values, the arms at each, and where the config stands.

    `choice` is the range in which the number is a choice of ours: a verdict that flips inside it is undecided.
    """

    parameter: str
    values: tuple[float, ...]
    arms: Callable[[Config, float], Any]
    configured: Callable[[Config], float]
    choice: tuple[float, float] | None = None


@dataclass(frozen=True)
class NullPlan:
    """The arms with the effect switched off, those of them on other news, and what should come out."""

    says: str
    arms: Callable[[Config], Any]
    on_other_news: tuple[str, ...]
    expected: Mapping[str, float]


@dataclass(frozen=True)
class FurtherFindings:
    """What an experiment finds beside its effects."""

    sentences: list[str] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)
    grids: list[Grid] = field(default_factory=list)


FindFurther = Callable[[], FurtherFindings]
"""What is to be made of observations when they have run."""


@dataclass(frozen=True)
class Experiment:
    """One claim: the essay's words, those of the experiment and its criteria, and the functions that carry it out.

    `part` is a letter where a claim has several. `prepared` turns a config into the market of the experiment. `measure`
    gives, from the samples of the arms, the parts of each effect by path; names carry units. `tell` says in sentences
    what came, from the numbers alone. `paths_times` is how many times the number of paths asked for the experiment
    takes; one without options is cheap. `of_layer` says that its arms are layers and no markets.
    """

    number: int
    title: str
    claim: str
    experiment: str
    criterion: str
    real: tuple[tuple[str, str], ...]
    criteria: tuple[Criterion, ...]
    prepared: Callable[[Config], Config]
    arms: Callable[[Config], Any]
    measure: Callable[[Any], PerPathByName]
    scan: ScanPlan
    null: NullPlan
    tell: Callable[[Effects], list[str]]
    paths_times: int = 1
    part: str = ""
    of_layer: bool = False
    further: Callable[[Any, Config], FindFurther] = lambda laboratory, config: FurtherFindings

    @property
    def label(self) -> str:
        """What the claim is called: 1a."""
        return f"{self.number}{self.part}"


def scan_paths(n_paths: int) -> int:
    """Return the paths of each point of a scan: a third, but no less than a block."""
    return min(n_paths, max(LANES, n_paths // 3))


def conduct(experiment: Experiment, laboratory: Laboratory | LayerLaboratory, config: Config) -> Finding:
    """Run an experiment on a config, as `planned` has it."""
    return planned(experiment, laboratory, config)()


def planned(experiment: Experiment, laboratory: Laboratory | LayerLaboratory, config: Config) -> Callable[[], Finding]:
    """Plan an experiment on a config; return the function that runs all that is planned there, and finds.

    Raises
    ------
    RunError
        On running, if the market of a main arm diverges in every block of paths; at a point of the scan that is a
        result.
    InputError
        If the config has not what the claim is about.
    """
    config = experiment.prepared(config)
    n_paths = experiment.paths_times * laboratory.n_paths
    main = laboratory.plan(experiment.arms(config), experiment.measure, n_paths, whatever_breaks=True)
    further = experiment.further(laboratory, config)
    scan = _plan_scan(experiment, laboratory, config, scan_paths(n_paths))
    null = _plan_null(experiment, laboratory, config, n_paths)

    def find() -> Finding:
        off = _null(experiment, null)
        return _finding(experiment, config, main, further(), _scan(experiment, config, scan, off), off)

    return find


def _finding(
    experiment: Experiment, config: Config, main: Effected, further: FurtherFindings, scan: Scan, null: Null
) -> Finding:
    measured = {name: Measured.of(name, part) for name, part in main.parts.items()}
    tried = [
        _tried(criterion, measured[criterion.effect], met)
        for criterion, met in zip(experiment.criteria, null.met, strict=True)
    ]
    counted = [one for one in tried if one.counted]
    by_third: list[Verdict] = [verdict_of([one.met_by_third[third] for one in counted]) for third in range(3)]
    verdict = agreed(verdict_of([one.met for one in counted]), by_third)
    turned = _turns_on_a_choice(experiment.scan, scan, verdict)
    verdict = UNDECIDED if turned else verdict
    effects = {name: one.effect.interval for name, one in measured.items()}
    return Finding(
        number=experiment.number,
        part=experiment.part,
        title=experiment.title,
        claim=experiment.claim,
        experiment=experiment.experiment,
        criterion=experiment.criterion,
        setting=_setting(config, main),
        verdict=verdict,
        verdict_by_third=by_third,
        sentences=[turned or _why(verdict, by_third, tried), *experiment.tell(effects), *further.sentences],
        tried=tried,
        effects=list(measured.values()),
        scan=scan,
        null=null,
        real=list(experiment.real),
        tables=further.tables,
        grids=further.grids,
    )


def _turns_on_a_choice(plan: ScanPlan, scan: Scan, verdict: Verdict) -> str:
    """Say at which values inside its range a number that is a choice turns the verdict; empty where none does."""
    if plan.choice is None or verdict == UNDECIDED:
        return ""
    low, high = plan.choice
    others = [one for one in scan.points if low <= one.value <= high and one.verdict not in (None, UNDECIDED, verdict)]
    if not others:
        return ""
    values = ", ".join(f"{one.verdict} at {one.value:g}" for one in others)
    return (
        f"Undecided: {verdict} at {plan.parameter} of {scan.configured:g}, but {values}, and {low:g} to {high:g} is a"
        " choice of ours."
    )


def try_null(experiment: Experiment, laboratory: Laboratory | LayerLaboratory, config: Config) -> Null:
    """Run the null arm of an experiment alone."""
    n_paths = experiment.paths_times * laboratory.n_paths
    return _null(experiment, _plan_null(experiment, laboratory, experiment.prepared(config), n_paths))


def _tried(criterion: Criterion, measured: Measured, met_on_null: bool | None) -> CriterionResult:
    return CriterionResult(
        says=criterion.says,
        beyond=criterion.beyond,
        bound=criterion.bound,
        counts=criterion.counts,
        effect=measured.effect,
        met=criterion.met(measured.effect.interval),
        met_by_third=[criterion.met(third.interval) for third in measured.thirds],
        met_on_null=met_on_null,
        assumed=criterion.assumed,
        size_pct=_size_pct(criterion, measured.effect),
    )


def _size_pct(criterion: Criterion, effect: Effect) -> float | None:
    if criterion.scale is None or effect.value is None:
        return None
    return criterion.scale.pct_per_unit * (effect.value - criterion.scale.neutral)


def _counts(criterion: Criterion, met_on_null: bool | None) -> bool:
    """Tell whether a criterion says something about the claim."""
    return not criterion.assumed and met_on_null is not True


def _plan_scan(
    experiment: Experiment, laboratory: Laboratory | LayerLaboratory, config: Config, n_paths: int
) -> list[Effected]:
    plan = experiment.scan
    return [laboratory.plan(plan.arms(config, value), experiment.measure, n_paths) for value in plan.values]


def _scan(experiment: Experiment, config: Config, observed: list[Effected], null: Null) -> Scan:
    plan = experiment.scan
    points = [_point(experiment, one, value, null) for one, value in zip(observed, plan.values, strict=True)]
    return Scan(
        parameter=plan.parameter,
        configured=plan.configured(config),
        points=points,
        flips=_flips(plan, experiment.criteria, points),
    )


def _point(experiment: Experiment, observed: Effected, value: float, null: Null) -> Point:
    try:
        parts = observed.parts
    except RunError as error:
        return Point(value=value, verdict=None, effects=[], broken=str(error))
    found = [(criterion, interval(parts[criterion.effect])) for criterion in experiment.criteria]
    pairs = zip(found, null.met, strict=True)
    verdict = verdict_of([criterion.met(effect) for (criterion, effect), off in pairs if _counts(criterion, off)])
    return Point(value=value, verdict=verdict, effects=[Effect.of(one.effect, effect) for one, effect in found])


def _flips(plan: ScanPlan, criteria: tuple[Criterion, ...], points: list[Point]) -> list[str]:
    """Say between which values the verdict changes, and then the answer to each criterion."""
    verdicts = _changes([point.verdict or "the market diverges" for point in points], plan.values)
    said = verdicts or [f"{points[0].verdict or 'the market diverges'} at all values tried"]
    whole = [point for point in points if not point.broken]
    values = [point.value for point in whole]
    for place, criterion in enumerate(criteria):
        answers = [_answer(criterion.met(point.effects[place].interval)) for point in whole]
        said += [f"{criterion.says}: {change}" for change in _changes(answers, values)]
    return said


def _changes(said: Sequence[str], values: Sequence[float]) -> list[str]:
    pairs = zip(said, said[1:], values, values[1:], strict=False)
    return [f"from {one} to {other} between {a:g} and {b:g}" for one, other, a, b in pairs if one != other]


def _answer(met: bool | None) -> str:
    return "open" if met is None else "met" if met else "failing"


def _plan_null(
    experiment: Experiment, laboratory: Laboratory | LayerLaboratory, config: Config, n_paths: int
) -> Effected:
    plan = experiment.null
    arms = plan.arms(config)
    return laboratory.plan(arms, experiment.measure, n_paths, on_other_news=plan.on_other_news, whatever_breaks=True)


def _null(experiment: Experiment, observed: Effected) -> Null:
    plan, parts = experiment.null, observed.parts
    level = 1.0 - FALSE_ALARMS / len(plan.expected)
    found = {name: interval(parts[name], level) for name in plan.expected}
    alarms = [name for name, value in plan.expected.items() if not found[name].low <= value <= found[name].high]
    wide = 1.0 - FALSE_ALARMS / max(len(experiment.criteria), 1)
    met = [criterion.met(interval(parts[criterion.effect], wide)) for criterion in experiment.criteria]
    counted = [one for criterion, one in zip(experiment.criteria, met, strict=True) if _counts(criterion, one)]
    return Null(
        says=plan.says,
        rate=FALSE_ALARMS,
        effects=[Effect.of(name, effect) for name, effect in found.items()],
        expected=list(plan.expected.values()),
        alarms=alarms,
        met=met,
        verdict=verdict_of(counted),
    )


def _why(verdict: Verdict, by_third: list[Verdict], tried: list[CriterionResult]) -> str:
    """Say how many criteria count and are met, why the others do not, and why a claim is undecided."""
    counted = [one for one in tried if one.counted]
    met, failed = sum(one.met is True for one in counted), sum(one.met is False for one in counted)
    count = f"Of {len(tried)} criteria {met} {'is' if met == 1 else 'are'} met and {failed} fail"
    if len(counted) < len(tried):
        said = "none counts" if not counted else f"{len(counted)} count{'s' * (len(counted) == 1)}"
        count = f"Of {len(tried)} criteria {said}"
        count += f", of which {met} {'is' if met == 1 else 'are'} met and {failed} fail" if counted else ""
    still_open = f", {len(counted) - met - failed} open" if met + failed < len(counted) else ""
    if verdict == UNDECIDED and verdict_of([one.met for one in counted]) != UNDECIDED:
        return f"{count}{still_open}: undecided, since the thirds of the paths say {', '.join(by_third)}.{_left(tried)}"
    return f"{count}{still_open}: {verdict}.{_left(tried)}"


def _left(tried: list[CriterionResult]) -> str:
    """Say which criteria do not count, and why."""
    assumed = [f"“{one.says}” is decided by {one.assumed}" for one in tried if one.assumed]
    empty = [f"“{one.says}”" for one in tried if one.met_on_null and not one.assumed]
    also = [f"the null arms meet {' and '.join(empty)} too"] if empty else []
    return f" Not counted: {'; '.join([*assumed, *also])}." if assumed or also else ""


def _setting(config: Config, main: Effected) -> str:
    if isinstance(main, LayerObservation):
        return main.setting
    options = "with options" if config.options.listed else "options not listed"
    lost = main.left_out
    left_out = f"; left out, since a market diverged, {'; '.join(lost)}" if lost else ""
    return f"{main.n_paths} paths of {config.time.days} days from {config.time.start}, {options}{left_out}"
