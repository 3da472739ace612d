"""What a sweep found: its arms, outcomes by path, and tables of them with intervals, alone and against another arm."""

from __future__ import annotations

import shutil
import weakref
from collections.abc import Iterable
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from flowsim.engine.blocks import blocks_of
from flowsim.ensemble.intervals import UNKNOWN, Interval
from flowsim.ensemble.job import job_digest
from flowsim.errors import InputError, RunError
from flowsim.files.arrays import Floats
from flowsim.files.nearest import nearest
from flowsim.sweeps.estimates import clear_of_zero, difference, estimate, joint_level
from flowsim.sweeps.outcomes import BlockOutcomes, Outcome
from flowsim.sweeps.store import ARMS, OUTCOMES, Store, block_frame, empty_frame
from flowsim.sweeps.words import as_markdown

DONE = "done"
PLACES = 1 << 40
"""More than there are paths, to tell a path of one seed from that of another."""


class Sweep:
    """A sweep in its folder, finished or not.

    `arms` is a polars frame, `outcomes` a lazy one with a row for each arm, seed and path. An arm that is broken in any
    block has no numbers: the paths that are left would be a selection.
    """

    def __init__(self, folder: str | Path, *, temporary: bool = False) -> None:
        self.folder = Path(folder)
        self.store = Store(self.folder)
        self.info = self.store.manifest
        if temporary:
            weakref.finalize(self, shutil.rmtree, self.folder, ignore_errors=True)

    def __repr__(self) -> str:
        return f"Sweep({str(self.folder)!r}: {self.label})"

    def _repr_markdown_(self) -> str:
        return self.as_markdown()

    @property
    def done(self) -> bool:
        """Whether every block is there."""
        return self.info["status"] == DONE

    @property
    def label(self) -> str:
        """Config, arms, paths and seeds in a few words."""
        seeds = ", ".join(map(str, self.info["seeds"]))
        unfinished = "" if self.done else ", not finished"
        return (
            f"{self.info['name']}, {self.info['arms']:,} arms, {self.info['paths']:,} paths,"
            f" {self.info['days']:,} days, seed{'s' * (len(self.info['seeds']) > 1)} {seeds}{unfinished}"
        )

    @property
    def keys(self) -> list[str]:
        """Keys that the design varies."""
        return list(self.info["keys"])

    @cached_property
    def arms(self) -> pl.DataFrame:
        """Number, name, settings and the value of each key of every arm."""
        return pl.read_parquet(self.folder / ARMS).drop("digest", "digests")

    @property
    def outcomes(self) -> pl.LazyFrame:
        """What was measured, by arm, seed and path; as far as it is there."""
        return pl.scan_parquet(self.folder / OUTCOMES / "*.parquet") if self.done else self._so_far[0].lazy()

    @property
    def broken(self) -> dict[str, str]:
        """Why each broken arm is, by its name."""
        return dict(self.info["broken"]) if self.done else self._so_far[1]

    @property
    def outcome_names(self) -> list[str]:
        """Outcomes that were asked for."""
        return [one["name"] for one in self.info["outcomes"]]

    def outcome(self, name: str) -> Outcome:
        """Return an outcome by its name.

        Raises
        ------
        InputError
            If it was not asked for.
        """
        for one in self.info["outcomes"]:
            if one["name"] == name:
                return Outcome(**one)
        raise InputError(f"{self.folder}: no outcome {name!r} here; {nearest(name, self.outcome_names)}")

    def table(self, *names: str, against: str | None = None) -> pl.DataFrame:
        """Return a row for each outcome and arm: value with intervals, and difference to another arm path by path.

        Parameters
        ----------
        names : str
            Outcomes; all of them by default.
        against : str, optional
            The arm that others are held against; that of the file by default.

        Returns
        -------
        DataFrame
            `low` and `high` are the ends of the 95 % interval of the row alone; with `_all` behind it, of intervals
            that all hold together over the arms of the table. `moved` says whether the joint interval of the
            difference leaves zero out; null where there is none.

        Raises
        ------
        InputError
            If an outcome or the arm is not there, or the arm is broken.
        """
        outcomes = [self.outcome(name) for name in names or self.outcome_names]
        whole = self.arm_number(against or self.info["against"])
        rows = [row for one in outcomes for row in self._rows(one, whole)]
        of_keys = self.arms.select("arm", *self.keys)
        return pl.DataFrame(rows, schema_overrides=_TYPES, infer_schema_length=None).join(of_keys, on="arm", how="left")

    def differences(self, *names: str, against: str | None = None) -> pl.DataFrame:
        """Return the differences of `table` alone, without the arm that others are held against."""
        found = self.table(*names, against=against)
        whole = self.arm_number(against or self.info["against"])
        columns = ["outcome", "unit", "arm", "name", "paths", *(name for name in found.columns if "difference" in name)]
        return found.filter(pl.col("arm") != whole).select(*columns, "moved", *self.keys)

    def as_markdown(self, *names: str, against: str | None = None) -> str:
        """Return a table with a row for each arm, and sentences on what is in it."""
        held = against or self.info["against"]
        return as_markdown(self.table(*names, against=held), self.label, held, self.broken)

    def values(self, arm: int, measured: str) -> Floats:
        """Return what was measured on the paths of an arm, (paths,), by seed and path."""
        frame = self._by_arm.get(arm)
        return np.zeros(0) if frame is None else frame[measured].to_numpy()

    def _rows(self, outcome: Outcome, whole: int) -> Iterable[dict[str, Any]]:
        numbers = [number for number in self.arms["arm"] if number in self._by_arm]
        level, apart_level = joint_level(len(numbers)), joint_level(len(numbers) - 1)
        pairs = bool(self.info["antithetic"])
        for number, name in zip(self.arms["arm"], self.arms["name"], strict=True):
            values = self.values(number, outcome.measured)
            row: dict[str, Any] = {"outcome": outcome.name, "unit": outcome.unit, "arm": number, "name": name}
            row["paths"] = len(values)
            there = number in self._by_arm
            alone = [
                estimate(values, outcome, antithetic=pairs, level=one) if there else UNKNOWN for one in (0.95, level)
            ]
            row |= _named("", alone)
            mine, theirs = self._paired(number, whole, outcome.measured)
            compared = there and number != whole and whole in self._by_arm
            apart = [difference(mine, theirs, outcome, antithetic=pairs, level=one) if compared else UNKNOWN
                     for one in (0.95, apart_level)]  # fmt: skip
            known = compared and np.isfinite(apart[1]).all()
            yield row | _named("difference", apart) | {"moved": clear_of_zero(apart[1]) if known else None}

    def _paired(self, number: int, whole: int, measured: str) -> tuple[Floats, Floats]:
        """Return what was measured on the paths that two arms have in common."""
        mine, theirs = self._by_arm.get(number), self._by_arm.get(whole)
        if mine is None or theirs is None:
            return np.zeros(0), np.zeros(0)
        if len(mine) == len(theirs) == self.info["paths"] * len(self.info["seeds"]):
            return mine[measured].to_numpy(), theirs[measured].to_numpy()
        both = mine.join(theirs, on=["seed", "path"], how="inner", maintain_order="left")
        return both[measured].to_numpy(), both[f"{measured}_right"].to_numpy()

    @cached_property
    def _by_arm(self) -> dict[int, pl.DataFrame]:
        """The outcomes of each arm that is whole so far."""
        broken = set(self.arms.filter(pl.col("name").is_in(list(self.broken)))["arm"])
        frames = self.outcomes.sort("arm", "seed", "path").collect().partition_by("arm", maintain_order=True)
        return {frame["arm"][0]: frame for frame in frames if frame["arm"][0] not in broken}

    @cached_property
    def _so_far(self) -> tuple[pl.DataFrame, dict[str, str]]:
        """The outcomes of the blocks that are there, and what is broken among them."""
        frames, broken = [], {}
        for number, name, digests in pl.read_parquet(self.folder / ARMS)["arm", "name", "digests"].iter_rows():
            for seed, digest in zip(self.info["seeds"], digests, strict=True):
                for block in blocks_of(self.info["paths"]):
                    found = self.store.results.get(job_digest(digest, [block], self.info["keep"]))
                    if isinstance(found, BlockOutcomes):
                        frames.append(block_frame(self.info["measured"], number, seed, block.path0, found))
                    elif isinstance(found, RunError):
                        broken.setdefault(name, f"broken so far: seed {seed}: {found}")
        return pl.concat(frames) if frames else empty_frame(self.info["measured"]), broken

    def arm_number(self, name: str) -> int:
        """Return the number of an arm by its name.

        Raises
        ------
        InputError
            If there is none.
        """
        found = self.arms.filter(pl.col("name") == name)["arm"].to_list()
        if not found:
            raise InputError(
                f"{self.folder}: no arm is called {name!r}; {nearest(name, self.arms['name'].to_list()[:20])}"
            )
        return found[0]


_ENDS = ("", "_low", "_high", "_low_all", "_high_all")
_TYPES = {"arm": pl.Int32, "paths": pl.Int64, "moved": pl.Boolean}


def _named(begin: str, found: list[Interval]) -> dict[str, float]:
    """Return the numbers of an interval alone and of the joint one, by the names of their columns."""
    alone, joint = found
    numbers = (alone.value, alone.low, alone.high, joint.low, joint.high)
    names = [f"{begin}{end}" for end in _ENDS] if begin else ["value", *(end[1:] for end in _ENDS[1:])]
    return dict(zip(names, numbers, strict=True))
