"""What comes out of the experiments, as plain data: written to JSON, read back to resume, drawn and printed."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from flowsim.ensemble.intervals import Interval, PerPath, interval, thirds
from flowsim.experiments.verdicts import UNDECIDED, Verdict, size_class

Number = float | None
"""None where a number cannot be known."""


class Record(BaseModel):
    """Plain data that never changes."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Effect(Record):
    """An effect with its 95 % interval over paths; its name carries its unit."""

    name: str
    value: Number
    low: Number
    high: Number

    @classmethod
    def of(cls, name: str, found: Interval) -> Effect:
        """Return an interval under a name."""
        value, low, high = (float(number) if number == number else None for number in found)
        return cls(name=name, value=value, low=low, high=high)

    @property
    def interval(self) -> Interval:
        """The numbers, nan where they cannot be known."""
        return Interval(*(float("nan") if number is None else number for number in (self.value, self.low, self.high)))


class Measured(Record):
    """An effect on all paths and on each third of them."""

    effect: Effect
    thirds: list[Effect]

    @classmethod
    def of(cls, name: str, parts: PerPath) -> Measured:
        """Return the effect of all paths and of each third."""
        return cls(
            effect=Effect.of(name, interval(parts)), thirds=[Effect.of(name, interval(p)) for p in thirds(parts)]
        )


class CriterionResult(Record):
    """A criterion, its effect, and whether it is met on all paths, on each third, and on the null arms.

    `assumed` names the input that decides it, if one does. `size_pct` is how large the effect is, in percent.
    """

    says: str
    beyond: str
    bound: float
    counts: float
    effect: Effect
    met: bool | None
    met_by_third: list[bool | None]
    met_on_null: bool | None = None
    assumed: str = ""
    size_pct: Number = None

    @property
    def counted(self) -> bool:
        """Whether it says something about the claim: no input decides it, and the null arms do not meet it."""
        return not self.assumed and self.met_on_null is not True


class Point(Record):
    """One value of the scanned parameter: the effects of the criteria and the verdict, or how the market broke."""

    value: float
    verdict: Verdict | None
    effects: list[Effect]
    broken: str = ""


class Scan(Record):
    """The verdict over the claim's own parameter; `configured` is where the config stands."""

    parameter: str
    configured: float
    points: list[Point]
    flips: list[str]


class Null(Record):
    """The experiment with the effect switched off: what was expected, what came, and the false-alarm rate.

    `met` says of each criterion whether the null arms meet it, and `verdict` is that on the criteria that count.
    """

    says: str
    rate: float
    effects: list[Effect]
    expected: list[float]
    alarms: list[str]
    met: list[bool | None] = []
    verdict: Verdict = UNDECIDED


class Table(Record):
    """A table with one column of names before the numbers."""

    name: str
    columns: list[str]
    rows: list[list[str | float | None]]


class Grid(Record):
    """A map over two parameters: values (y, x), None where there is no such market; `x0`, `y0` is the config.

    `outside`, (y, x), marks markets that are unlike the real one; empty where that is not asked.
    """

    name: str
    unit: str
    x_name: str
    y_name: str
    x: list[float]
    y: list[float]
    values: list[list[Number]]
    x0: float
    y0: float
    outside: list[list[bool]] = []


class Finding(Record):
    """Everything that one experiment found; `part` is a letter where a claim has several."""

    number: int
    part: str = ""
    title: str
    claim: str
    experiment: str
    criterion: str
    setting: str
    verdict: Verdict
    verdict_by_third: list[Verdict]
    sentences: list[str]
    tried: list[CriterionResult]
    effects: list[Measured]
    scan: Scan
    null: Null
    real: list[tuple[str, str]]
    tables: list[Table]
    grids: list[Grid]

    @property
    def label(self) -> str:
        """What the claim is called: 1a."""
        return f"{self.number}{self.part}"

    @property
    def largest(self) -> CriterionResult | None:
        """The criterion that counts with the largest effect, of those whose effect has a size."""
        sized = [one for one in self.tried if one.counted and one.size_pct is not None]
        return max(sized, key=lambda one: abs(one.size_pct or 0.0), default=None)

    @property
    def size(self) -> str:
        """How large the largest effect that counts is, in a word; empty where none has a size."""
        return "" if self.largest is None else size_class(self.largest.size_pct or 0.0)


class Findings(Record):
    """The findings of a run, and what it ran on."""

    config: str
    config_sha256: str
    history: str
    seed: int
    paths: int
    version: str
    findings: list[Finding]

    def as_dict(self) -> dict[str, object]:
        """Return everything as plain data."""
        return self.model_dump(mode="json")
