"""Who does jobs: knows the histories that they start from, prepares each market once, and steps its blocks."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from flowsim.config import Config
from flowsim.data.prices import Prices
from flowsim.engine.blocks import Block, Chunk, run_block
from flowsim.engine.histories_beside import histories_beside
from flowsim.engine.prepare import Market, configured_prices, prepare
from flowsim.ensemble.executor import Counter, Stopped
from flowsim.ensemble.job import Job, Keep, function_of
from flowsim.errors import InputError, RunError


class Histories:
    """Real histories by their digest: `given` for every config, or else what each config names.

    `beside` are those given for markets beside the first, by name. With `stand_ins` a config whose start `given` does
    not reach, and which has a stand-in, has its own history.
    """

    def __init__(
        self, given: Prices | None = None, *, stand_ins: bool = False, beside: Mapping[str, Prices] | None = None
    ) -> None:
        self.given, self.stand_ins, self.beside = given, stand_ins, beside or {}
        self._known: dict[str, Prices] = {}

    def add(self, history: Prices) -> None:
        """Let a history be known."""
        self._known.setdefault(history.digest, history)

    def job(self, config: Config, blocks: Sequence[Block], keep: Keep) -> Job:
        """Return the job of some blocks of a config, and keep the history that it starts from.

        Raises
        ------
        InputError
            If the config names a history that cannot be read.
        """
        history = self._start(config)
        beside = histories_beside(config, history, self.beside)
        for one in (history, *beside.values()):
            self.add(one)
        return Job.of(config, history, blocks, keep, beside)

    def _start(self, config: Config) -> Prices:
        given, stand_in = self.given, config.history.stand_in
        if given is None:
            return configured_prices(config)
        ends_before = np.datetime64(config.time.start) > given.dates[-1]
        return configured_prices(config) if self.stand_ins and stand_in is not None and ends_before else given

    def history(self, job: Job) -> Prices:
        """Return the history that a job starts from.

        Raises
        ------
        InputError
            If it is not known here.
        """
        return self._of(job, job.history)

    def histories_beside(self, job: Job) -> dict[str, Prices]:
        """Return the histories that the markets beside the first start from, by name.

        Raises
        ------
        InputError
            If one is not known here.
        """
        return {name: self._of(job, digest) for name, digest in job.beside}

    def _of(self, job: Job, digest: str) -> Prices:
        if digest not in self._known:
            raise InputError(
                f"{job.source or 'a job'} starts from prices with SHA-256 {digest[:12]}, which are not known here;"
                " send the prices along"
            )
        return self._known[digest]


class Worker:
    """Does jobs, from as many threads as one likes.

    `stop` ends what is under way at its next chunk when it is set; `counter` is told of path-days done.
    """

    def __init__(
        self, histories: Histories, *, stop: threading.Event | None = None, counter: Counter | None = None
    ) -> None:
        self.histories, self.stop, self.counter = histories, stop, counter or Counter(0, None)
        self._markets: dict[str, Market] = {}
        self._preparing: dict[str, threading.Lock] = {}

    def market(self, job: Job) -> Market:
        """Return the market of a job at its start, prepared once and kept until it is forgotten.

        Raises
        ------
        FlowsimError
            As `prepare` does.
        """
        key = job.market_digest
        with self._preparing.setdefault(key, threading.Lock()):
            if key not in self._markets:
                beside = self.histories.histories_beside(job)
                self._markets[key] = prepare(job.market, self.histories.history(job), beside=beside)
            return self._markets[key]

    def forget(self, job: Job) -> None:
        """Let go of the market of a job."""
        self._markets.pop(job.market_digest, None)

    def kept(self, job: Job, *where: Any) -> list[Any]:
        """Do a job, and return what is kept of each block; `where` goes on to what writes it into files.

        Raises
        ------
        RunError
            If the market diverges.
        """
        market, keep = self.market(job), function_of(job.keep)
        return [keep(market, block, self._chunks(market, block), *where) for block in job.blocks]

    def attempt(self, job: Job) -> list[Any] | RunError:
        """Do a job, and return what is kept of each block, or how the market diverges."""
        try:
            return self.kept(job)
        except RunError as error:
            return error

    def _chunks(self, market: Market, block: Block) -> Iterator[Chunk]:
        """Step a block and count its days: all of them, even where it breaks or not every close is recorded.

        Raises
        ------
        Stopped
            If it was to stop, so that nobody takes what is there for the whole.
        """
        left = block.live * len(market.dates)
        try:
            for kept, rows in run_block(market, block, stop=self.stop):
                yield kept, rows
                done = block.live * len(np.unique(rows.dates))
                self.counter.add(done)
                left -= done
        except RunError:
            self.counter.add(left)
            raise
        if self.stop is not None and self.stop.is_set():
            raise Stopped
        if left:
            self.counter.add(left)
