"""What comes of jobs: block by block, job by job, or of markets that are looked at beside one another."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

from flowsim.ensemble.elsewhere import results_elsewhere
from flowsim.ensemble.engine import Engine
from flowsim.ensemble.executor import Counter, Executor, Progress
from flowsim.ensemble.job import Job
from flowsim.ensemble.kept_results import KeptResults
from flowsim.ensemble.worker import Histories, Worker
from flowsim.errors import RunError


def blocks_kept(
    job: Job, histories: Histories, *, threads: int | None = None, progress: Progress | None = None
) -> Iterator[Any]:
    """Yield what is kept of each block of a job, in their order.

    Raises
    ------
    RunError
        If the market diverges.
    """
    with Executor(threads) as executor:
        for blocks in executor.map(_worker([job], histories, executor, progress).attempt, job.by_block()):
            if isinstance(blocks, RunError):
                raise blocks
            yield from blocks


def results(
    executor: Executor | Engine,
    jobs: Iterable[Job],
    histories: Histories,
    progress: Progress | None = None,
    folder: KeptResults | None = None,
) -> Iterator[list[Any] | RunError]:
    """Yield what is kept of the blocks of each job, or how its market diverges, in the order of the jobs.

    What a `folder` has of a block is not simulated again, and what is simulated goes there.
    """
    jobs = list(jobs)
    if isinstance(executor, Engine):
        if not executor.in_this_process:
            yield from results_elsewhere(executor, jobs, histories, progress, folder)
            return
        with Executor(executor.workers) as here:
            yield from results(here, jobs, histories, progress, folder)
        return
    worker = _worker(jobs, histories, executor, progress)

    def attempt(piece: Job) -> list[Any] | RunError:
        found = None if folder is None else folder.get(piece.digest)
        if found is not None:
            worker.counter.add(piece.path_days)
            return found
        found = worker.attempt(piece)
        if folder is not None:
            folder.put(piece.digest, found)
        return found

    done = executor.map(attempt, (piece for job in jobs for piece in job.by_block()))
    for job in jobs:
        pieces = list(islice(done, len(job.blocks)))
        worker.forget(job)
        broken = [piece for piece in pieces if isinstance(piece, RunError)]
        yield broken[0] if broken else [kept for piece in pieces if not isinstance(piece, RunError) for kept in piece]


def side_by_side(
    executor: Executor | Engine,
    jobs: Mapping[str, Job],
    whole: str,
    histories: Histories,
    progress: Progress | None = None,
    folder: KeptResults | None = None,
) -> tuple[dict[str, list[Any]], dict[str, str]]:
    """Return what is kept of the blocks of each market, and the message of every one that diverges, as ordered.

    Raises
    ------
    RunError
        If the market named `whole` diverges: it is the one that must hold.
    """
    kept: dict[str, list[Any]] = {}
    broken: dict[str, str] = {}
    for name, found in zip(jobs, results(executor, jobs.values(), histories, progress, folder), strict=True):
        if not isinstance(found, RunError):
            kept[name] = found
        elif name == whole:
            raise found
        else:
            broken[name] = str(found)
    return kept, broken


def _worker(jobs: Iterable[Job], histories: Histories, executor: Executor, progress: Progress | None) -> Worker:
    counter = Counter(sum(job.path_days for job in jobs), progress)
    return Worker(histories, stop=executor.stop, counter=counter)
