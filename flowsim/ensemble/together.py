"""Measurements that share markets, done elsewhere: what shares a market in a block of paths is one piece."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from flowsim.ensemble.elsewhere import kit_for
from flowsim.ensemble.engine import Engine
from flowsim.ensemble.job import Job, function_of
from flowsim.ensemble.shared_market import SharedMarket, measured
from flowsim.ensemble.station import Answer, answered, station_of
from flowsim.ensemble.window import Task, Window
from flowsim.ensemble.worker import Histories
from flowsim.errors import RunError


class Asked(NamedTuple):
    """A measurement of one block of paths: what the caller knows it by, the job of each arm, the measure by name."""

    key: Any
    jobs: dict[str, Job]
    measure: str


def sharing(asked: Iterable[Asked]) -> list[list[Asked]]:
    """Return groups of measurements: two are in one if they share a block of a market, or both share with a third."""
    groups: list[tuple[set[tuple[str, int]], list[Asked]]] = []
    for one in asked:
        blocks, members = {(job.steps_digest, job.blocks[0].number) for job in one.jobs.values()}, [one]
        apart = []
        for there, others in groups:
            if there & blocks:
                blocks, members = there | blocks, others + members
            else:
                apart.append((there, others))
        groups = [*apart, (blocks, members)]
    return [members for _, members in groups]


def measured_elsewhere(
    engine: Engine, asked: Sequence[Asked], histories: Histories, take: Callable[[Asked, Any], None]
) -> None:
    """Measure all that is asked for on an engine, and hand over what came, or how a market diverges, as it comes.

    Raises
    ------
    RunError
        If a piece is lost, or the engine is gone.
    """
    first_of = {job.steps_digest: job for one in asked for job in one.jobs.values()}
    if not first_of:
        return
    kit, texts = kit_for([*first_of.values()], histories), dict[str, Job]()

    def text(job: Job) -> str:
        travelling = texts.setdefault(job.market_digest, job.without_places())
        return travelling.with_blocks(*job.blocks).to_text()

    def tasks() -> Iterable[Task[list[Asked]]]:
        for group in sharing(asked):
            given = [({name: text(job) for name, job in one.jobs.items()}, one.measure) for one in group]
            yield Task(group, measure_together, (kit, given))

    def taken(task: Task[list[Asked]], answer: Answer) -> None:
        for one, found in zip(task.key, answer.blocks, strict=True):
            take(one, found)

    Window(engine, taken, _lost).run(tasks())


def measure_together(kit: bytes, given: Sequence[tuple[Mapping[str, str], str]]) -> Answer:
    """Measure what shares markets, in a worker: each market is stepped once, as far as any measurement goes."""
    station, began, markets = station_of(kit), time.perf_counter(), dict[str, SharedMarket]()
    planned = []
    for texts, measure in given:
        jobs = {name: station.job(text) for name, text in texts.items()}
        arms = {
            name: (markets.setdefault(job.steps_digest, SharedMarket(job, station.worker)), job)
            for name, job in jobs.items()
        }
        for market, job in arms.values():
            market.expect(job)
        planned.append((arms, function_of(measure)))
    return answered([measured(arms, measure) for arms, measure in planned], began)


def _lost(task: Task[list[Asked]]) -> None:
    raise RunError(
        f"whatever measured {len(task.key)} blocks of paths ended, five times; look at the memory of the workers, and"
        " go on with `resume=True`"
    )
