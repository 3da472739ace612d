"""What comes out of the experiments, as plain data: written to JSON, read back to resume, drawn and printed."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict

from flowsim.ensemble.intervals import Interval, PerPath, interval, thirds
from flowsim.experiments.verdicts import Verdict

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
    """A criterion, its effect, and whether it is met on all paths and on each third."""

    says: str
    beyond: str
    bound: float
    counts: float
    effect: Effect
    met: bool | None
    met_by_third: list[bool | None]


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
    """The experiment with the effect switched off: what was expected, what came, and the false-alarm rate."""

    says: str
    rate: float
    effects: list[Effect]
    expected: list[float]
    alarms: list[str]


class Table(Record):
    """A table with one column of names before the numbers."""

    name: str
    columns: list[str]
    rows: list[list[str | float | None]]


class Grid(Record):
    """A map over two parameters: values (y, x), None where the market diverges; `x0`, `y0` is the config."""

    name: str
    unit: str
    x_name: str
    y_name: str
    x: list[float]
    y: list[float]
    values: list[list[Number]]
    x0: float
    y0: float


class Finding(Record):
    """Everything that one experiment found."""

    number: int
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


class Findings(Record):
    """The findings of a run, and what it ran on."""

    config: str
    config_sha256: str
    history: str
    seed: int
    paths: int
    version: str
    findings: list[Finding]

    def as_dict(self) -> dict[str, Any]:
        """Return everything as plain data."""
        return self.model_dump(mode="json")
