"""Run a sweep: plan, estimate, hand out pieces, keep what comes, gather it; and go on after whatever ended it."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from flowsim.config.overrides import Overrides
from flowsim.data.prices import PricesLike, prices_of
from flowsim.ensemble.engine import Engine, Gone
from flowsim.ensemble.engines import engine_of
from flowsim.ensemble.kit import stamp
from flowsim.ensemble.progress import Shown, shown
from flowsim.ensemble.station import Answer, close, do
from flowsim.ensemble.window import Task, Window
from flowsim.errors import InputError, RunError
from flowsim.sweeps.estimate import Estimate, estimated, kit_of
from flowsim.sweeps.found import Sweep
from flowsim.sweeps.plan import Piece, Plan, planned
from flowsim.sweeps.store import MissingError, Store

PIECE_SECONDS = 10.0
"""How long a piece is to take: long beside what handing it out costs, short beside what a death loses."""
PIECES_EACH = 4
"""Pieces that each worker gets at least, where there are as many blocks, so that all end at the same time."""
WHOLE = (1, 1)
"""The shard that is all there is."""


def sweep(
    source: str | Path | Mapping[str, object],
    *,
    n_paths: int | None = None,
    seeds: Sequence[int] | None = None,
    prices: PricesLike | None = None,
    overrides: Overrides = (),
    out: str | Path | None = None,
    resume: bool = False,
    threads: int | None = None,
    workers: int | None = None,
    cluster: str | None = None,
    executor: Executor | None = None,
    shard: str | None = None,
    progress: bool | Shown | None = None,
    announce: Callable[[str], None] | None = None,
    trust_data: bool = False,
    command: list[str] | None = None,
) -> Sweep:
    """Simulate many arms of one market on the same news and noise, and return what came.

    Parameters
    ----------
    source : path, name or mapping
        The TOML file of a sweep (docs/sweeps.md), the name of one that comes with flowsim, or the same as a mapping.
    n_paths : int, optional
        Paths of each arm and seed, instead of those of the file.
    seeds : sequence of int, optional
        Instead of those of the file.
    prices : Prices, path or table, optional
        Real history that every arm starts from, instead of the one that the config names.
    overrides : iterable of str, or mapping
        Settings of every arm, after those of the file.
    out : path, optional
        Folder for the sweep; a temporary one that goes with the returned object by default.
    resume : bool
        Go on with the unfinished sweep in `out`.
    threads, workers, cluster, executor : optional
        What does the work, one of them: threads of this process (all processors by default), fresh processes, a dask
        cluster by address or scheduler file, or any `concurrent.futures.Executor`. Never changes a result.
    shard : str, optional
        A part of the work, such as "3/16": the third of sixteen. All shards take the same `out`.
    progress : bool or callable, optional
        True shows how far it is; a function is called with finished and total path-days.
    announce : callable, optional
        Called once before the start with a sentence on how long it will take.
    trust_data : bool
        Take data that are not likely; see `flowsim.data.weigh`.
    command : list of str, optional
        The command line to keep in the manifest.

    Returns
    -------
    Sweep
        Unfinished if other shards have not done their part.

    Raises
    ------
    ConfigError, InputError
        If the file, an arm, the prices or the folder is not as it must be.
    RunError
        If no arm holds, pieces are lost, or what does the work is gone. What was done is kept.
    """
    part = _shard(shard)
    if out is None and (resume or shard):
        raise InputError("`out`: name the folder, which a sweep that goes on, or is shared, needs")
    with engine_of(threads=threads, workers=workers, cluster=cluster, executor=executor) as engine:
        with shown(progress, "resolving arms") as told:
            plan = planned(source, n_paths=n_paths, seeds=seeds, prices=prices_of(prices, trust_data=trust_data),
                           overrides=overrides, tell=told)  # fmt: skip
        folder = Path(mkdtemp(prefix="flowsim-")) if out is None else Path(out)
        if (resume or part != WHOLE) and (done := _finished(folder, plan)):
            return done
        store = Store(folder)
        known = {"command": command, "versions": stamp(), "shards": part[1]}
        store.begin(plan, known, resume=resume, shared=part != WHOLE)
        kit = kit_of(plan)
        estimate = estimated(plan)
        if announce is not None:
            announce(estimate.sentence(engine.workers, engine.name))
        running = Running(plan, store, engine, kit, part, _blocks_each(plan, estimate, engine.workers))
        try:
            with shown(progress, "sweeping") as running.tell:
                running.run()
        except BaseException as error:
            _note_failure(store, error)
            if isinstance(error, OSError):
                kept = "finished blocks are kept, mend the cause and go on with `resume=True`"
                raise RunError(f"{error.filename or folder}: {error.strerror or error}; {kept}") from error
            raise
        finally:
            close(kit)
    return Sweep(folder, temporary=out is None)


@dataclass(eq=False)
class Running:
    """A sweep under way: hands out pieces until every block of the shard is there."""

    plan: Plan
    store: Store
    engine: Engine
    kit: bytes
    part: tuple[int, int]
    blocks_each: int
    tell: Shown | None = None
    kept: set[str] = field(default_factory=set)
    lost: list[Piece] = field(default_factory=list)
    broken: set[int] = field(default_factory=set)
    began: float = field(default_factory=time.monotonic)

    def run(self) -> None:
        """Do what is not there, and gather all when it is.

        Raises
        ------
        RunError
            If a piece is lost, or no arm holds.
        """
        if self.engine.in_this_process:
            self.engine.stopping.append(lambda: close(self.kit))
        self.kept = self.store.names()
        self.store.note(status="running", error=None)
        window = Window(self.engine, self._take, self._lose)
        try:
            window.run(self._tasks())
        except Gone as gone:
            raise RunError(
                f"{gone}; {len(self.kept):,} of {self.plan.n_blocks:,} blocks are kept, go on with `resume=True`"
            ) from gone
        if self.lost:
            raise RunError(self._lost_sentence())
        if len(self.store.names()) >= self.plan.n_blocks:
            self._gather()
        elif self.part == WHOLE:
            raise RunError(f"{self.store.folder}: blocks went missing while it ran; go on with `resume=True`")

    def _tasks(self) -> Any:
        number, of = self.part
        for place, piece in enumerate(self.plan.pieces(self.blocks_each, lambda _: False)):
            if place % of == number - 1:
                left = tuple(
                    block for block in piece.blocks if self.plan.digest(piece.arm, piece.seed, block) not in self.kept
                )
                if left:
                    piece = piece._replace(blocks=left)
                    yield Task(piece, do, (self.kit, [self.plan.job(piece).to_text()]))

    def _take(self, task: Task[Piece], answer: Answer) -> None:
        piece = task.key
        for block, found in zip(piece.blocks, answer.blocks, strict=True):
            digest = self.plan.digest(piece.arm, piece.seed, block)
            self.store.results.put(digest, found)
            self.kept.add(digest)
            if isinstance(found, RunError):
                self.broken.add(piece.arm)
        line = {"arm": piece.arm, "seed": self.plan.seeds[piece.seed], "blocks": len(piece.blocks),
                "seconds": round(answer.seconds, 3), "host": answer.host, "process": answer.process,
                "broken": [str(one) for one in answer.blocks if isinstance(one, RunError)]}  # fmt: skip
        self.store.write_down(f"{self.part[0]}-of-{self.part[1]}", line)
        if self.tell is not None:
            said = f"{len(self.kept):,} of {self.plan.n_blocks:,} blocks" + (
                f", {len(self.broken)} arms broken" if self.broken else ""
            )
            self.tell(len(self.kept), self.plan.n_blocks, said)

    def _lose(self, task: Task[Piece]) -> None:
        self.lost.append(task.key)

    def _lost_sentence(self) -> str:
        names = list(dict.fromkeys(self.plan.arms[piece.arm].name for piece in self.lost))
        more = f" and {len(names) - 1} more" if len(names) > 1 else ""
        return (
            f"{len(self.lost)} pieces were lost: whatever did them ended, five times each; arm {names[0]!r}{more}."
            " The rest is kept; look at the memory of the workers, and go on with `resume=True`"
        )

    def _gather(self) -> None:
        try:
            digest, broken = self.store.gather(self.plan)
        except MissingError as missing:
            for name in missing.names:
                self.store.results.drop(name)
            raise RunError(
                f"{self.store.folder}: the files of {missing} are damaged; go on with `resume=True`"
            ) from None
        told = {name: f"broken in {len(said)} of {len(self.plan.blocks) * len(self.plan.seeds)} blocks: {said[0]}"
                for name, said in broken.items()}  # fmt: skip
        self.store.note(status="done", digest=digest, broken=told, seconds=round(time.monotonic() - self.began, 3))
        self.store.clear()
        if len(broken) == len(self.plan.arms):
            raise RunError(f"every arm is broken; {next(iter(broken))}: {next(iter(told.values()))}")


def _note_failure(store: Store, error: BaseException) -> None:
    """Say in the manifest what ended the sweep, if that can still be written."""
    status = "interrupted" if isinstance(error, KeyboardInterrupt) else "failed"
    with suppress(OSError):
        store.note(status=status, error=str(error) or type(error).__name__)


def _shard(text: str | None) -> tuple[int, int]:
    if text is None:
        return WHOLE
    number, slash, of = text.partition("/")
    if not (slash and number.isdigit() and of.isdigit() and 1 <= int(number) <= int(of)):
        raise InputError(f"`shard={text}`: write the number of the part and of all, such as 3/16, from 1/16 to 16/16")
    return int(number), int(of)


def _finished(folder: Path, plan: Plan) -> Sweep | None:
    """Return the sweep of a folder if it is this one and done."""
    store = Store(folder)
    manifest = store.manifest if (folder / "sweep.json").is_file() else {}
    return Sweep(folder) if manifest.get("status") == "done" and manifest["identity"] == plan.identity else None


def _blocks_each(plan: Plan, estimate: Estimate, workers: int) -> int:
    """Return how many blocks make a piece."""
    as_long = int(PIECE_SECONDS / max(estimate.block_seconds, 1e-3))
    as_even = plan.n_blocks // (PIECES_EACH * workers)
    return max(1, min(as_long, as_even, len(plan.blocks)))
