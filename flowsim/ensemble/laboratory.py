"""Where experiments run: what is planned is stepped block by block, every market once, on the same news and noise."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any, Generic, NamedTuple, TypeVar

from flowsim.data.prices import Prices
from flowsim.engine.blocks import Block, blocks_of
from flowsim.ensemble.engine import Engine
from flowsim.ensemble.executor import Counter, Executor
from flowsim.ensemble.intervals import independent, interval, joined
from flowsim.ensemble.job import Job, digest_of, name_of
from flowsim.ensemble.kept_results import KeptResults
from flowsim.ensemble.sample import Arms, PerPathByName, Samples, sample_of
from flowsim.ensemble.shared_market import SharedMarket, measured
from flowsim.ensemble.together import Asked, measured_elsewhere
from flowsim.ensemble.worker import Histories, Worker
from flowsim.errors import RunError

OTHER_NEWS = 10_000
"""Blocks from one arm on other news to the next: 640,000 paths, so that they share no draw."""


class Work(NamedTuple):
    """What is to be simulated: markets to prepare and days of blocks to step, with options and without; path-days."""

    listed_markets: int = 0
    listed_block_days: int = 0
    plain_markets: int = 0
    plain_block_days: int = 0
    path_days: int = 0

    def plus(self, other: Work) -> Work:
        """Return both together."""
        return Work(*(one + more for one, more in zip(self, other, strict=True)))


Found = TypeVar("Found")


@dataclass(frozen=True)
class PlannedBlock(Generic[Found]):
    """One block of paths of an observation: for each arm a market and the job of the block.

    `digest` is that of the jobs and the measure, where results are kept; `known` what was kept before.
    """

    arms: dict[str, tuple[SharedMarket, Job]]
    paths: int
    digest: str | None
    known: Found | RunError | None


@dataclass(eq=False)
class Observation(Generic[Found]):
    """A measurement that is planned: its blocks of paths and, once they have run, what came of each."""

    run: Callable[[], None]
    measure: Callable[[Samples], Found]
    n_paths: int
    planned_blocks: list[PlannedBlock[Found]]
    whatever_breaks: bool
    antithetic: bool = False
    found: list[Found | RunError] = field(default_factory=list)

    @property
    def blocks(self) -> list[Found]:
        """What was measured in each block of paths; whatever is planned runs first.

        Raises
        ------
        RunError
            If the market of an arm diverges in a block, or in all of them where that is all that counts.
        """
        if not self.found:
            self.run()
        whole = [block for block in self.found if not isinstance(block, RunError)]
        broken = [block for block in self.found if isinstance(block, RunError)]
        if broken and not (whole and self.whatever_breaks):
            raise broken[0]
        return whole

    @property
    def parts(self: Observation[PerPathByName]) -> PerPathByName:
        """The parts of each effect by path, or by pair of antithetic paths, of all blocks."""
        blocks = self.blocks
        by_path = {name: joined([block[name] for block in blocks]) for name in blocks[0]}
        return {name: independent(parts, antithetic=self.antithetic) for name, parts in by_path.items()}

    @property
    def left_out(self) -> list[str]:
        """How the market diverged in each block of paths that was left out."""
        pairs = zip(self.planned_blocks, self.found, strict=True)
        return [f"{block.paths} paths: {found}" for block, found in pairs if isinstance(found, RunError)]


def value_of(observed: Observation[PerPathByName], effect: str) -> float | None:
    """Return an effect without its interval; None where the market diverges."""
    try:
        return interval(observed.parts[effect]).value
    except RunError:
        return None


class Laboratory:
    """Observations that are planned, the markets that they share, and the threads that step them.

    `n_paths` are those of the markets with options; `counter` is told of path-days done. Where `results` are kept, what
    is measured in a block is kept there as soon as it is there, and taken from there the next time.
    """

    def __init__(
        self,
        n_paths: int,
        *,
        prices: Prices | None = None,
        threads: int | None = None,
        counter: Counter | None = None,
        results: KeptResults | None = None,
        engine: Engine | None = None,
    ) -> None:
        self.n_paths, self.threads, self.results = n_paths, threads or os.cpu_count() or 1, results
        self._histories, self._stop = Histories(prices, stand_ins=True), threading.Event()
        self._worker = Worker(self._histories, stop=self._stop, counter=counter)
        self._markets: dict[str, SharedMarket] = {}
        self._planned: list[Observation[Any]] = []
        self._elsewhere = None if engine is None or engine.in_this_process else engine
        self._counter, self._ran, self._foreseen = counter, False, Work()

    def plan(
        self,
        arms: Arms,
        measure: Callable[[Samples], Found],
        n_paths: int,
        *,
        on_other_news: tuple[str, ...] = (),
        whatever_breaks: bool = False,
    ) -> Observation[Found]:
        """Plan to measure arms path by path on common random numbers, but for those on other news.

        Parameters
        ----------
        arms : mapping of name to Config
        measure : callable
            From the samples of one block to the parts of each effect by path, or to anything else.
        n_paths : int
        on_other_news : tuple of str
            Arms that share no draw with the rest or each other, for a comparison of which nothing should come.
        whatever_breaks : bool
            Leave out the blocks of paths in which the market of an arm diverges, unless that is all of them.
        """
        away = {name: OTHER_NEWS * (1 + place) for place, name in enumerate(on_other_news)}
        jobs = {name: self._histories.job(config, [], sample_of) for name, config in arms.items()}
        planned_blocks = []
        for block in blocks_of(n_paths):
            moved = {name: Block(block.number + away.get(name, 0), block.live) for name in jobs}
            planned_blocks.append(
                self._planned_block({name: job.with_blocks(moved[name]) for name, job in jobs.items()}, measure)
            )
        antithetic = any(config.antithetic for config in arms.values())
        planned = Observation(self.run, measure, n_paths, planned_blocks, whatever_breaks, antithetic)
        self._planned.append(planned)
        return planned

    def foresee(self, work: Work) -> None:
        """Count work that can only be planned by what is found before."""
        self._foreseen = self._foreseen.plus(work)

    @property
    def work(self) -> Work:
        """What is planned or foreseen."""
        return self._planned_work.plus(self._foreseen)

    @property
    def _planned_work(self) -> Work:
        listed = [market for market in self._markets.values() if market.market.options.listed]
        plain = [market for market in self._markets.values() if not market.market.options.listed]
        return Work(
            len(listed),
            sum(market.block_days for market in listed),
            len(plain),
            sum(market.block_days for market in plain),
            sum(market.path_days for market in self._markets.values()),
        )

    def run(self) -> None:
        """Step and measure all that is planned, block by block, so that few blocks are kept at a time.

        The tasks are done in the order that they are handed out. An observation is measured after the steps of the next
        one have begun, so that no thread waits for its last arm.
        """
        if self._ran and self._counter is not None:
            # What is planned after the first run, by what it found, is in the count only as far as it was foreseen.
            path_days = self._planned_work.path_days
            foreseen = min(path_days, self._foreseen.path_days)
            self._counter.total += path_days - foreseen
            self._foreseen = self._foreseen._replace(path_days=self._foreseen.path_days - foreseen)
        self._ran = True
        planned, self._planned, self._markets = self._planned, [], {}
        if self._elsewhere is not None:
            self._run_elsewhere(planned, self._elsewhere)
            return
        n_blocks = max((len(one.planned_blocks) for one in planned), default=0)
        order = [(one, block) for block in range(n_blocks) for one in planned if block < len(one.planned_blocks)]
        tasks_of: dict[Observation[Any], list[Future[Any]]] = {one: [] for one in planned}
        with Executor(self.threads, self._stop) as executor:
            for stepped, measurable in zip([*order, None], [None, *order], strict=True):
                if stepped is not None:
                    for market, job in stepped[0].planned_blocks[stepped[1]].arms.values():
                        executor.submit(market.step, job)
                if measurable is not None:
                    one, block = measurable
                    tasks_of[one].append(executor.submit(self._measured, one.planned_blocks[block], one.measure))
            for one, tasks in tasks_of.items():
                one.found = [executor.result(task) for task in tasks]

    def _run_elsewhere(self, planned: list[Observation[Any]], engine: Engine) -> None:
        """Measure all that is planned on an engine whose workers see nothing of this process."""
        found = {one: [block.known for block in one.planned_blocks] for one in planned}
        asked = [
            Asked((one, place), {name: job for name, (_, job) in block.arms.items()}, name_of(one.measure))
            for one in planned
            for place, block in enumerate(one.planned_blocks)
            if block.known is None
        ]

        def take(one: Asked, result: Any) -> None:
            observation, place = one.key
            found[observation][place] = result
            digest = observation.planned_blocks[place].digest
            if self.results is not None and digest is not None:
                self.results.put(digest, result)
            if self._counter is not None:
                self._counter.add(sum(job.path_days for job in one.jobs.values()))

        measured_elsewhere(engine, asked, self._histories, take)
        for one in planned:
            one.found = found[one]

    def _planned_block(self, jobs: dict[str, Job], measure: Callable[[Samples], Found]) -> PlannedBlock[Found]:
        """Plan one block of each arm, unless its result is kept."""
        digest = None
        if self.results is not None:
            digest = digest_of([[[name, job.digest] for name, job in jobs.items()], name_of(measure)])
        known = self.results.get(digest) if self.results is not None and digest is not None else None
        paths = max(job.blocks[0].live for job in jobs.values())
        if known is not None:
            return PlannedBlock({}, paths, digest, known)
        arms = {name: (self._shared(job), job) for name, job in jobs.items()}
        for market, job in arms.values():
            market.expect(job)
        return PlannedBlock(arms, paths, digest, None)

    def _shared(self, job: Job) -> SharedMarket:
        return self._markets.setdefault(job.steps_digest, SharedMarket(job, self._worker))

    def _measured(self, block: PlannedBlock[Found], measure: Callable[[Samples], Found]) -> Found | RunError:
        """Measure one block of paths, or say how the market of an arm diverges in it."""
        if block.known is not None:
            return block.known
        found = measured(block.arms, measure)
        if self.results is not None and block.digest is not None:
            self.results.put(block.digest, found)
        return found
