"""The folder of a sweep: what it is, its arms, each block as it comes, and one sorted table when all are there.

One process writes, the one that hands out pieces; shards write to the same folder, each its own blocks. A file is whole
or not there, so whatever is killed, what is there can be gone on with.
"""

from __future__ import annotations

import json
import os
import shutil
import time
from collections.abc import Iterator, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from flowsim.ensemble.kept_results import KeptResults
from flowsim.errors import InputError, RunError
from flowsim.run.manifest import new_folder, write_json
from flowsim.sweeps.file import BASE
from flowsim.sweeps.outcomes import BlockOutcomes
from flowsim.sweeps.plan import Plan

MANIFEST, ARMS, BLOCKS, OUTCOMES, DONE_WORK = "sweep.json", "arms.parquet", "blocks", "outcomes", "work"
ARMS_A_FILE, ROWS_A_FILE, ARMS_A_GROUP = 1024, 1 << 21, 64
"""Arms in one file of the table, but no more rows than fit into little memory; arms in one of its row groups."""
_SAME = {"paths": "number of paths", "seeds": "seeds", "outcomes": "outcomes", "horizons": "horizons"}


class Store:
    """A folder with a sweep in it, or for one."""

    def __init__(self, folder: str | Path) -> None:
        self.folder = Path(folder)
        self.results = KeptResults(self.folder / BLOCKS)

    @property
    def manifest(self) -> dict[str, Any]:
        """What is known of the sweep.

        Raises
        ------
        InputError
            If there is none.
        """
        file = self.folder / MANIFEST
        try:
            return json.loads(file.read_text(encoding="utf-8"))
        except OSError:
            raise InputError(
                f"{self.folder}: no sweep here ({MANIFEST} is missing); give the folder of a sweep"
            ) from None
        except json.JSONDecodeError as error:
            raise InputError(f"{file}:{error.lineno}: not a manifest of a sweep ({error.msg}); run it again") from None

    def begin(self, plan: Plan, known: Mapping[str, Any], *, resume: bool, shared: bool) -> None:
        """Open the folder for a plan, or go on in it.

        Raises
        ------
        InputError
            If it holds something else, or another sweep; says what differs.
        """
        if (self.folder / MANIFEST).is_file() and (resume or shared):
            self._require_same(plan)
            return
        if resume and not shared:
            raise InputError(f"{self.folder}: no sweep to resume ({MANIFEST} is missing); sweep without `resume=True`")
        if not shared or not self.folder.is_dir():
            new_folder(self.folder)
        try:
            arms_frame(plan).write_parquet(self.folder / f"{ARMS}.{os.getpid()}.tmp")
            os.replace(self.folder / f"{ARMS}.{os.getpid()}.tmp", self.folder / ARMS)
            write_json(
                self.folder / MANIFEST, {"status": "running", "identity": plan.identity, **described(plan), **known}
            )
        except OSError as error:
            raise InputError(f"{self.folder}: cannot be written ({error.strerror}); choose another `out`") from None

    def _require_same(self, plan: Plan) -> None:
        there, now = self.manifest, described(plan)
        if there["identity"] == plan.identity:
            return
        other = [f"{words} ({there[key]}, now {now[key]})" for key, words in _SAME.items() if there[key] != now[key]]
        if not other:
            before = pl.read_parquet(self.folder / ARMS)
            names = dict(zip(before["name"], before["digest"], strict=True))
            changed = [arm.name for arm, digests in zip(plan.arms, plan.digests, strict=True)
                       if names.get(arm.name) != digests[0]]  # fmt: skip
            other = (
                [f"arm {changed[0]!r}" + (f" and {len(changed) - 1} more" if len(changed) > 1 else "")]
                if changed
                else ["version of flowsim"]
            )
        raise InputError(
            f"{self.folder}: the sweep there has another {' and another '.join(other)}; resume with the same file,"
            " options and version, or choose another `out`"
        )

    def note(self, **known: Any) -> None:
        """Put more into the manifest."""
        write_json(self.folder / MANIFEST, self.manifest | known)

    def names(self) -> set[str]:
        """Return the digests of the blocks that are there."""
        folder = self.folder / BLOCKS
        return {name[:-4] for name in os.listdir(folder) if name.endswith(".npz")} if folder.is_dir() else set()

    def write_down(self, shard: str, line: Mapping[str, Any]) -> None:
        """Add a line on who did a piece, in which time; for `status` alone."""
        folder = self.folder / DONE_WORK
        folder.mkdir(exist_ok=True)
        with (folder / f"{shard}.jsonl").open("a", encoding="utf-8") as file:
            file.write(json.dumps({"at": round(time.time(), 1), **line}, ensure_ascii=False) + "\n")

    def work_done(self) -> Iterator[dict[str, Any]]:
        """Yield the lines of all pieces done; one that a kill cut short is left out."""
        for file in sorted((self.folder / DONE_WORK).glob("*.jsonl")):
            for line in file.read_text(encoding="utf-8").splitlines():
                try:
                    yield json.loads(line)
                except json.JSONDecodeError:
                    continue

    def gather(self, plan: Plan) -> tuple[str, dict[str, list[str]]]:
        """Write the table of outcomes, sorted by arm, seed and path; return its digest, and what broke by arm.

        The digest is that of what the engine recorded of each block, in their order and not in that of arrival. Writes
        beside the table and gives it its name at the end, so it can be done again.

        Raises
        ------
        MissingError
            If a block is not there, or its file is damaged.
        """
        unfinished, digest = self.folder / f"{OUTCOMES}.tmp", sha256()
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir()
        broken: dict[str, list[str]] = {}
        rows_an_arm = plan.n_paths * len(plan.seeds)
        each = max(1, min(ARMS_A_FILE, ROWS_A_FILE // rows_an_arm))
        for first in range(0, len(plan.arms), each):
            places = range(first, min(first + each, len(plan.arms)))
            rows = []
            for arm in places:
                for frame, record, said in self._arm(plan, arm):
                    digest.update(record.encode())
                    rows.append(frame)
                    if said:
                        broken.setdefault(plan.arms[arm].name, []).append(said)
            file = unfinished / f"part-{first // each:05d}.parquet"
            pl.concat(rows).write_parquet(file, row_group_size=min(ARMS_A_GROUP * rows_an_arm, ROWS_A_FILE // 2))
        shutil.rmtree(self.folder / OUTCOMES, ignore_errors=True)
        os.replace(unfinished, self.folder / OUTCOMES)
        return digest.hexdigest(), broken

    def clear(self) -> None:
        """Remove the blocks, which are in the table now."""
        shutil.rmtree(self.folder / BLOCKS, ignore_errors=True)

    def _arm(self, plan: Plan, arm: int) -> Iterator[tuple[pl.DataFrame, str, str]]:
        missing = []
        for place, seed in enumerate(plan.seeds):
            for block in plan.blocks:
                name = plan.digest(arm, place, block)
                found = self.results.get(name)
                if isinstance(found, BlockOutcomes):
                    yield block_frame(plan.measured, arm, seed, block.path0, found), found.record, ""
                elif isinstance(found, RunError):
                    yield empty_frame(plan.measured), str(found), f"seed {seed}: {found}"
                else:
                    missing.append(name)
        if missing:
            raise MissingError(missing)


class MissingError(Exception):
    """Say which blocks are not there."""

    def __init__(self, names: list[str]) -> None:
        self.names = names
        super().__init__(f"{len(names)} blocks")


def described(plan: Plan) -> dict[str, Any]:
    """Return what a plan is, as plain values."""
    return {
        "description": plan.file.description,
        "config": plan.file.config,
        "file": plan.file.model_dump(mode="json", exclude_none=True, exclude_unset=True),
        "paths": plan.n_paths,
        "days": plan.base.time.days,
        "antithetic": plan.base.antithetic,
        "seeds": list(plan.seeds),
        "arms": len(plan.arms),
        "same": plan.same,
        "blocks": plan.n_blocks,
        "measured": plan.measured,
        "keep": plan.keep,
        "outcomes": [one._asdict() for one in plan.outcomes],
        "horizons": list(plan.file.outcomes.horizons or (plan.base.time.days,)),
        "against": plan.file.outcomes.against,
        "keys": list(plan.file.design.values or plan.file.design.ranges),
        "kind": plan.file.design.kind,
        "name": plan.base.name,
        "start": str(plan.base.time.start),
        "closes": plan.history(plan.base).digest[:12],
    }


def arms_frame(plan: Plan) -> pl.DataFrame:
    """Return the arms: number, name, settings, a column for each key that the design varies, digests by seed."""
    keys = list(plan.file.design.values or plan.file.design.ranges)
    columns: dict[str, Any] = {
        "arm": pl.Series(range(len(plan.arms)), dtype=pl.Int32),
        "name": [arm.name for arm in plan.arms],
        "settings": pl.Series([list(arm.settings) for arm in plan.arms], dtype=pl.List(pl.String)),
    }
    for key in keys:
        configured = _configured(plan, key)
        columns[key] = _column([configured if arm.name == BASE else arm.values.get(key) for arm in plan.arms])
    columns["digest"] = [digests[0] for digests in plan.digests]
    columns["digests"] = pl.Series([list(digests) for digests in plan.digests], dtype=pl.List(pl.String))
    return pl.DataFrame(columns)


def _configured(plan: Plan, key: str) -> object:
    """Return the value of a key in the market without changes; None where it has none."""
    node: Any = plan.base.resolved()
    for name in key.split("."):
        node = node.get(name) if isinstance(node, dict) else None
    return node


def _column(values: list[Any]) -> pl.Series:
    """Return the values of a key by arm, as numbers where all are; an arm with a name of its own has none."""
    if all(isinstance(value, int | float) and not isinstance(value, bool) for value in values if value is not None):
        return pl.Series([None if value is None else float(value) for value in values], dtype=pl.Float64)
    return pl.Series([None if value is None else str(value) for value in values], dtype=pl.String)


def block_frame(measured: list[str], arm: int, seed: int, first: int, found: BlockOutcomes) -> pl.DataFrame:
    """Return the rows of one block."""
    n = found.values.shape[1]
    return pl.DataFrame(
        {
            "arm": pl.Series(np.full(n, arm, np.int32)),
            "seed": pl.Series(np.full(n, seed, np.int64)),
            "path": pl.Series(np.arange(first, first + n, dtype=np.int32)),
            **{name: pl.Series(values) for name, values in zip(measured, found.values, strict=True)},
        }
    )


def empty_frame(measured: list[str]) -> pl.DataFrame:
    """Return the table without rows."""
    return block_frame(measured, 0, 0, 0, BlockOutcomes(np.zeros((len(measured), 0)), ""))
