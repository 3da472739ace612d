"""Two runs, or two arms of sweeps, held against each other: path by path where they saw the same news."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from flowsim.clock.year import YEAR
from flowsim.ensemble.intervals import LEVEL, UNKNOWN, Interval
from flowsim.errors import InputError
from flowsim.files.arrays import Floats
from flowsim.run.run import Run
from flowsim.sweeps.estimates import clear_of_zero, difference, difference_unpaired, joint_level, value_of
from flowsim.sweeps.found import Sweep
from flowsim.sweeps.outcomes import (
    OF_RETURNS,
    OF_SOURCES,
    OF_VOLATILITY,
    OVER_A_HORIZON,
    Outcome,
    horizon_of,
    measured_of,
    outcomes_of,
)
from flowsim.sweeps.run_sample import samples_of_run
from flowsim.sweeps.words import number

HORIZONS = (21, 63, YEAR)
RETURNS, VIX, FLOWS = "returns", "VIX", "flows"
TYPES = {"moved": pl.Boolean, "a": pl.Float64, "b": pl.Float64}


@dataclass(frozen=True, eq=False)
class Side:
    """One of the two: what it is called, what was measured by path, and what must be the same for paths to pair."""

    label: str
    values: dict[str, Floats]
    outcomes: list[Outcome]
    antithetic: bool
    news: dict[str, object]

    @property
    def paths(self) -> int:
        """Number of paths."""
        return len(next(iter(self.values.values())))


@dataclass(frozen=True, eq=False)
class Comparison:
    """What two runs or arms differ in.

    `table` has a row for each outcome: `a`, `b`, the difference b - a with its 95 % interval, alone and with all rows
    of the table held together, and whether the joint one leaves zero out. `returns` are those of each side by path over
    the longest horizon that both have, in percent.
    """

    a: Side
    b: Side
    paired: bool
    why: str
    table: pl.DataFrame

    @property
    def returns(self) -> tuple[int, Floats, Floats]:
        """The longest horizon that both have, in sessions, and the returns over it of each side, in percent."""
        days = max((horizon_of(name) for name in self.a.values if name in self.b.values), default=0)
        name = f"return_{days}d_pct"
        return days, self.a.values.get(name, np.zeros(0)), self.b.values.get(name, np.zeros(0))

    def as_dict(self) -> dict[str, Any]:
        """Return everything as plain values."""
        return {
            "a": self.a.label,
            "b": self.b.label,
            "paired": self.paired,
            "why": self.why,
            "table": self.table.to_dicts(),
        }

    def _repr_markdown_(self) -> str:
        return self.as_markdown()

    def as_markdown(self) -> str:
        """Return a table with a row for each outcome, and what there is to know."""
        lines = ["| outcome | A | B | B less A | 95 % |", "|---|---:|---:|---:|---|"]
        for row in self.table.iter_rows(named=True):
            star = "*" if row["moved"] else ""
            name = f"{row['outcome']}, {row['unit']}" if row["unit"] else row["outcome"]
            ends = f"{number(row['low'], signed=True)} to {number(row['high'], signed=True)}"
            apart = number(row["difference"], signed=True)
            lines.append(f"| {name} | {number(row['a'])} | {number(row['b'])} | {apart}{star} | {ends} |")
        compared = self.table.filter(pl.col("moved").is_not_null())
        few = self.table.filter(~pl.col("difference").is_finite())
        return "\n".join(
            [
                *lines,
                "",
                f"A: {self.a.label}.",
                f"B: {self.b.label}.",
                f"{self.why} * = other than zero with all {len(compared)} rows held together (Bonferroni).",
                *([f"Too few paths in the tail for {', '.join(few['outcome'])}."] if len(few) else []),
            ]
        )


def compare(
    a: Run | Sweep | str | Path, b: Run | Sweep | str | Path, *, arms: tuple[str, str] | None = None
) -> Comparison:
    """Compare two runs, or two arms of sweeps: facts, tails, volatility indices and flows.

    Parameters
    ----------
    a, b : Run, or path
        Runs or their folders; or an arm of a sweep as ``"FOLDER:ARM"``.
    arms : tuple of str, optional
        With sweeps: their arms by name.

    Returns
    -------
    Comparison
        Path by path where seed, start, closes, days and pairs are the same, over the paths that both have; else by
        Welch's interval, and says why.

    Raises
    ------
    InputError
        If a folder has neither, an arm is not there or is broken, or nothing was measured in both.
    """
    first, second = (_side(one, None if arms is None else arms[place]) for place, one in enumerate((a, b)))
    known = {one.name: one for one in first.outcomes}
    both = [known[one.name] for one in second.outcomes if one.name in known]
    if not both:
        raise InputError(f"{first.label} and {second.label} have no outcome in common; sweep over the same outcomes")
    differs = [
        f"{name} ({first.news[name]} and {second.news[name]})"
        for name in first.news
        if first.news[name] != second.news.get(name)
    ]
    paired, n = not differs, min(first.paths, second.paths)
    if paired:
        more = "" if first.paths == second.paths else f" over the first {n:,} paths, which both have"
        why = f"Path by path{more}: both saw the same news and noise."
        first, second = _shortened(first, n), _shortened(second, n)
    else:
        why = f"Not path by path, as they differ in {', '.join(differs)}; intervals are Welch's, and wider."
    return Comparison(first, second, paired, why, _table(first, second, both, paired=paired))


def _table(first: Side, second: Side, outcomes: list[Outcome], *, paired: bool) -> pl.DataFrame:
    level, rows = joint_level(len(outcomes)), []
    for one in outcomes:
        mine, theirs = first.values[one.measured], second.values[one.measured]
        alone, joint = (_difference(second, first, theirs, mine, one, of, paired=paired) for of in (LEVEL, level))
        known = bool(np.isfinite(joint).all())
        row = {"group": group_of(one), "outcome": one.name, "unit": one.unit}
        row |= {"a": value_of(mine, one), "b": value_of(theirs, one)}
        row |= {"difference": alone.value, "low": alone.low, "high": alone.high}
        row |= {"low_all": joint.low, "high_all": joint.high, "moved": clear_of_zero(joint) if known else None}
        rows.append(row)
    return pl.DataFrame(rows, schema_overrides=TYPES)


def _difference(
    second: Side, first: Side, theirs: Floats, mine: Floats, outcome: Outcome, level: float, *, paired: bool
) -> Interval:
    if paired:
        return difference(theirs, mine, outcome, antithetic=first.antithetic, level=level)
    pairs = second.antithetic, first.antithetic
    found = difference_unpaired(theirs, mine, outcome, antithetic=pairs, level=level)
    return found if np.isfinite(found).all() else UNKNOWN


def group_of(outcome: Outcome) -> str:
    """Return what an outcome is about."""
    if outcome.name in OF_VOLATILITY:
        return VIX
    return FLOWS if outcome.unit == "USD bn" or outcome.name.startswith("share_") else RETURNS


def _shortened(side: Side, n: int) -> Side:
    values = {name: values[:n] for name, values in side.values.items()}
    return Side(side.label, values, side.outcomes, side.antithetic, side.news)


def _side(one: Run | Sweep | str | Path, arm: str | None) -> Side:
    if isinstance(one, Run):
        return _of_run(one)
    if isinstance(one, Sweep):
        return _of_arm(one, arm or str(one.info["against"]))
    folder, colon, name = str(one).rpartition(":")
    if (Path(one) / "run.json").is_file():
        return _of_run(Run(one))
    if (Path(one) / "sweep.json").is_file():
        return _of_arm(Sweep(one), arm or "base")
    if colon and (Path(folder) / "sweep.json").is_file():
        return _of_arm(Sweep(folder), name)
    raise InputError(f"{one}: neither the folder of a run nor an arm of a sweep; write an arm as FOLDER:ARM")


def _of_run(run: Run) -> Side:
    names = [*_names(run)]
    horizons = [days for days in HORIZONS if days <= run.info["days"]] or [run.info["days"]]
    outcomes = outcomes_of(names, horizons, run.sources)
    measured = [measured_of(name) for name in dict.fromkeys(one.measured for one in outcomes)]
    blocks = [[one.compute(sample) for one in measured] for sample in samples_of_run(run, run.sources)]
    values = {one.name: np.concatenate([block[place] for block in blocks]) for place, one in enumerate(measured)}
    config = run.info["config"]
    news = {"seed": run.info["seed"], "days": run.info["days"], "start": config["time"]["start"],
            "closes before": run.info["history"]["sha256"][:12], "antithetic": config["antithetic"]}  # fmt: skip
    return Side(run.label, values, outcomes, bool(config["antithetic"]), news)


def _names(run: Run) -> Iterator[str]:
    yield from OVER_A_HORIZON
    yield from OF_RETURNS
    tables = run.info["tables"]
    if tables.get("volatility", {}).get("rows"):
        yield from OF_VOLATILITY
    if "flows" in tables:
        for form in OF_SOURCES:
            traders = run.sources if form.startswith("share") else run.populations
            yield from (form.format(source) for source in traders)


def _of_arm(sweep: Sweep, arm: str) -> Side:
    number_of = sweep.arm_number(arm)
    if arm in sweep.broken:
        raise InputError(f"{sweep.folder}: arm {arm!r} is {sweep.broken[arm]}; compare arms that hold")
    outcomes = [sweep.outcome(name) for name in sweep.outcome_names]
    values = {name: sweep.values(number_of, name) for name in sweep.info["measured"]}
    row = sweep.arms.row(number_of, named=True)
    info = sweep.info
    own = [setting for setting in row["settings"] if setting.split("=")[0].strip() in ("time.start", "time.days")]
    news = {"seed": info["seeds"], "days": info["days"], "start": info["start"], "closes before": info["closes"],
            "antithetic": info["antithetic"], "paths": info["paths"], "settings of time": own}  # fmt: skip
    return Side(f"{arm} of {sweep.label}", values, outcomes, bool(info["antithetic"]), news)
