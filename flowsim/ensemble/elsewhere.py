"""Jobs done in other processes: the kit that they need, pieces of one block, and results in the order of the jobs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from flowsim.authoring.rule_texts import Texts, texts_of
from flowsim.ensemble.engine import Engine
from flowsim.ensemble.executor import Counter, Progress
from flowsim.ensemble.job import Job
from flowsim.ensemble.kept_results import KeptResults
from flowsim.ensemble.kit import Probe, packed, probe_job
from flowsim.ensemble.station import Answer, do
from flowsim.ensemble.window import Task, Window
from flowsim.ensemble.worker import Histories, Worker
from flowsim.errors import RunError


class Place(NamedTuple):
    """Which block of which job."""

    job: int
    block: int


def kit_for(jobs: Sequence[Job], histories: Histories) -> bytes:
    """Return what travels with the pieces of some jobs; the probe is that of the first."""
    probe, rules = probe_job(jobs[0]), Texts()
    (record,) = Worker(histories).kept(probe)
    for job in jobs:
        rules |= texts_of(job.market.strategies.values())
    starts = {job.history: histories.history(job) for job in jobs}
    return packed(starts.values(), rules, Probe(probe.without_places().to_text(), record))


def results_elsewhere(
    engine: Engine,
    jobs: Sequence[Job],
    histories: Histories,
    progress: Progress | None = None,
    folder: KeptResults | None = None,
) -> Iterator[list[Any] | RunError]:
    """Yield what `results` does, from an engine whose workers see nothing of this process.

    Raises
    ------
    RunError
        If a piece is lost, or the engine is gone.
    """
    if not jobs:
        return
    kit, counter = kit_for(jobs, histories), Counter(sum(job.path_days for job in jobs), progress)
    found: list[dict[int, Any]] = [{} for _ in jobs]

    def put(place: Place, piece: Job, result: Any) -> None:
        found[place.job][place.block] = result
        counter.add(piece.path_days)

    def tasks() -> Iterator[Task[Place]]:
        for number, job in enumerate(jobs):
            text_of = job.without_places()
            for block, piece in enumerate(job.by_block()):
                place = Place(number, block)
                known = None if folder is None else folder.get(piece.digest)
                if known is not None:
                    put(place, piece, known if isinstance(known, RunError) else known[0])
                else:
                    yield Task(place, do, (kit, [text_of.with_blocks(*piece.blocks).to_text()]))

    def take(task: Task[Place], answer: Answer) -> None:
        piece, result = jobs[task.key.job].by_block()[task.key.block], answer.blocks[0]
        if folder is not None:
            folder.put(piece.digest, result if isinstance(result, RunError) else [result])
        put(task.key, piece, result)

    window, next_job = Window(engine, take, _lost), 0
    for _ in window.steps(tasks()):
        while next_job < len(jobs) and len(found[next_job]) == len(jobs[next_job].blocks):
            yield _of_job(found[next_job])
            found[next_job].clear()
            next_job += 1
    for blocks in found[next_job:]:
        yield _of_job(blocks)


def _of_job(blocks: dict[int, Any]) -> list[Any] | RunError:
    in_order = [blocks[place] for place in sorted(blocks)]
    return next((one for one in in_order if isinstance(one, RunError)), in_order)


def _lost(task: Task[Place]) -> None:
    raise RunError(
        f"whatever did block {task.key.block} of market {task.key.job + 1} ended, five times; look at the memory of the"
        " workers, and begin again"
    )
