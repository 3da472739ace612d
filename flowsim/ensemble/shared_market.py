"""A market that several observations look at: prepared once, and each block of its paths stepped once for all.

A run of fewer days is the beginning of a longer one, bit for bit, and recording changes nothing; so observations whose
jobs differ in days or tables look at the same steps (`Job.steps_digest`).
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Mapping
from typing import TypeVar

from flowsim.engine.blocks import Block
from flowsim.ensemble.job import Job
from flowsim.ensemble.sample import Sample
from flowsim.ensemble.worker import Worker
from flowsim.errors import RunError

Found = TypeVar("Found")


class SharedMarket:
    """The looks at one market that are still to come, each the job of one block, and the blocks kept for them."""

    def __init__(self, job: Job, worker: Worker) -> None:
        self.market, self.days = job.market, 0
        self._first, self._worker = job, worker
        self._tables: set[str] = set()
        self._paths: Counter[int] = Counter()
        self._waiting: Counter[int] = Counter()
        self._kept: dict[int, Sample | RunError] = {}
        self._longest: Job | None = None
        self._lengthening = threading.Lock()
        self._stepping: dict[int, threading.Lock] = {}

    def expect(self, look: Job) -> None:
        """Take note of a look that is to come, at this market."""
        (block,) = look.blocks
        self.days = max(self.days, look.market.time.days)
        self._tables |= set(look.market.record.tables)
        self._paths[block.number] = max(self._paths[block.number], block.live)
        self._waiting[block.number] += 1
        self._stepping.setdefault(block.number, threading.Lock())

    @property
    def block_days(self) -> int:
        """Days to step, over all blocks."""
        return self.days * len(self._paths)

    @property
    def path_days(self) -> int:
        """Days to step, over all paths that count."""
        return self.days * self._paths.total()

    def step(self, look: Job) -> None:
        """Step the block of a look as far as any look at it goes, unless that is done or nobody waits for it."""
        number = look.blocks[0].number
        with self._stepping[number]:
            if number not in self._kept and self._waiting[number]:
                block = Block(number, self._paths[number])
                self._kept[number] = self._sample_of(self._longest_job().with_blocks(block))

    def sample(self, look: Job) -> Sample:
        """Return the sample of a look; the last one lets go of what was kept.

        Raises
        ------
        RunError
            If the market diverges within the days of the look.
        """
        self.step(look)
        (block,), days = look.blocks, look.market.time.days
        found = self._kept[block.number]
        if isinstance(found, RunError) and days < self.days:
            found = self._sample_of(look)
            self._worker.forget(look)
        with self._stepping[block.number]:
            self._waiting[block.number] -= 1
            if not self._waiting[block.number]:
                del self._kept[block.number]
            if not +self._waiting:
                self._worker.forget(self._longest_job())
        if isinstance(found, RunError):
            raise found
        return found.first(block.live, days)

    def _sample_of(self, job: Job) -> Sample | RunError:
        found = self._worker.attempt(job)
        return found if isinstance(found, RunError) else found[0]

    def _longest_job(self) -> Job:
        """Return the job of all days and tables that any look wants."""
        with self._lengthening:
            self._longest = self._longest or self._first.recording(self.days, sorted(self._tables))
            return self._longest


def measured(
    arms: Mapping[str, tuple[SharedMarket, Job]], measure: Callable[[Mapping[str, Sample]], Found]
) -> Found | RunError:
    """Measure one block of paths of some arms, or say how the market of one diverges in it."""
    samples: dict[str, Sample] = {}
    broken: list[RunError] = []
    for name, (market, job) in arms.items():
        try:
            samples[name] = market.sample(job)
        except RunError as error:
            broken.append(error)
    return broken[0] if broken else measure(samples)
