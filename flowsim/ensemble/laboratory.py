"""Where experiments run: what is planned is stepped block by block, every market once, on the same news and noise."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any, Generic, NamedTuple, TypeVar

import numpy as np

from flowsim.config import Config
from flowsim.data.prices import Prices
from flowsim.engine.prepare import Market, prepare
from flowsim.ensemble.executor import Executor
from flowsim.ensemble.intervals import independent, interval, joined
from flowsim.ensemble.sample import Arms, PerPathByName, Sample, Samples
from flowsim.ensemble.shared_market import Look, SharedMarket, same_market
from flowsim.errors import RunError
from flowsim.kernel.marks import LANES

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


@dataclass(eq=False)
class Observation(Generic[Found]):
    """A measurement that is planned: what it looks at in each block of paths and, once that has run, what came."""

    run: Callable[[], None]
    measure: Callable[[Samples], Found]
    n_paths: int
    looks: list[dict[str, tuple[SharedMarket, Look]]]
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
        pairs = zip(self.looks, self.found, strict=True)
        return [f"{_paths(looks)} paths: {found}" for looks, found in pairs if isinstance(found, RunError)]

    def look(self, place: int) -> Found | RunError:
        """Measure one block of paths, or say how the market of an arm diverges in it."""
        samples: dict[str, Sample] = {}
        broken: list[RunError] = []
        for name, (market, look) in self.looks[place].items():
            try:
                samples[name] = market.sample(look)
            except RunError as error:
                broken.append(error)
        return broken[0] if broken else self.measure(samples)


def value_of(observed: Observation[PerPathByName], effect: str) -> float | None:
    """Return an effect without its interval; None where the market diverges."""
    try:
        return interval(observed.parts[effect]).value
    except RunError:
        return None


class Laboratory:
    """Observations that are planned, the markets that they share, and the threads that step them.

    `n_paths` are those of the markets with options; `progress` is told of path-days done.
    """

    def __init__(
        self,
        n_paths: int,
        *,
        prices: Prices | None = None,
        threads: int | None = None,
        progress: Callable[[int], None] | None = None,
    ) -> None:
        self.n_paths, self.prices, self.threads = n_paths, prices, threads or os.cpu_count() or 1
        self.progress, self._lock, self._stop = progress, threading.Lock(), threading.Event()
        self._markets: dict[str, SharedMarket] = {}
        self._planned: list[Observation[Any]] = []

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
        markets = {name: self._shared(config) for name, config in arms.items()}
        looks: list[dict[str, tuple[SharedMarket, Look]]] = []
        for first in range(0, n_paths, LANES):
            looks.append({})
            for name, config in arms.items():
                look = Look(first // LANES + away.get(name, 0), min(LANES, n_paths - first), config.time.days)
                markets[name].expect(config, look)
                looks[-1][name] = markets[name], look
        antithetic = any(config.antithetic for config in arms.values())
        planned = Observation(self.run, measure, n_paths, looks, whatever_breaks, antithetic)
        self._planned.append(planned)
        return planned

    @property
    def work(self) -> Work:
        """What is planned."""
        listed = [market for market in self._markets.values() if market.config.options.listed]
        plain = [market for market in self._markets.values() if not market.config.options.listed]
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
        planned, self._planned, self._markets = self._planned, [], {}
        n_blocks = max((len(one.looks) for one in planned), default=0)
        order = [(one, block) for block in range(n_blocks) for one in planned if block < len(one.looks)]
        measured: dict[Observation[Any], list[Future[Any]]] = {one: [] for one in planned}
        with Executor(self.threads, self._stop) as executor:
            for stepped, looked in zip([*order, None], [None, *order], strict=True):
                if stepped is not None:
                    for market, look in stepped[0].looks[stepped[1]].values():
                        executor.submit(market.step, look.block)
                if looked is not None:
                    measured[looked[0]].append(executor.submit(looked[0].look, looked[1]))
            for one, tasks in measured.items():
                one.found = [executor.result(task) for task in tasks]

    def _shared(self, config: Config) -> SharedMarket:
        new = SharedMarket(config, self._prepare, self._stop, self._add)
        return self._markets.setdefault(same_market(config), new)

    def _prepare(self, config: Config) -> Market:
        """Prepare a market at its start; an episode that a given history does not reach has its stand-in."""
        prices, start = self.prices, np.datetime64(config.time.start)
        reaches = prices is not None and (config.history.stand_in is None or start <= prices.dates[-1])
        return prepare(config, prices if reaches else None)

    def _add(self, path_days: int) -> None:
        if self.progress is not None:
            with self._lock:
                self.progress(path_days)


def _paths(looks: dict[str, tuple[SharedMarket, Look]]) -> int:
    return next(look.paths for _, look in looks.values())
