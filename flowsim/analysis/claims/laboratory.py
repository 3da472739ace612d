"""Where experiments run: markets prepared once, arms stepped block by block on the same news and noise."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from flowsim.analysis.claims.intervals import Floats, PerPath, joined
from flowsim.config import Config
from flowsim.errors import RunError
from flowsim.kernel.jit import LANES
from flowsim.market.option_record import VOLATILITY_COLUMNS
from flowsim.market.prepare import Market, prepare
from flowsim.market.recording import MARKET_COLUMNS
from flowsim.options.arrays import INDICES
from flowsim.prices import Prices
from flowsim.run.tables import PARTS, Kept
from flowsim.simulation import Block, run_block

OTHER_NEWS = 10_000
"""Blocks from one arm on other news to the next: 640,000 paths, so that they share no draw."""


@dataclass(frozen=True, eq=False)
class Sample:
    """One block of paths of one arm: arrays of shape (paths, days, ...), empty where the arm records no such table.

    The last axis of `contribution` and `flow` is the source, that of `agents_long` the population, that of `gap_parts`
    what VIX less VIX3M is made of, in vol points: the names in `parts`.
    """

    config: Config
    dates: np.ndarray
    sources: list[str]
    parts: list[str]
    contribution: Floats
    flow: Floats
    agents_long: Floats
    market: Floats
    volatility: Floats
    gap_parts: Floats

    @property
    def returns(self) -> Floats:
        """Daily log returns, (paths, days)."""
        return self.contribution.sum(axis=-1)

    def of(self, values: Floats, source: str) -> Floats:
        """Return what belongs to one source, (paths, days); zero where the arm has no such source."""
        if source not in self.sources:
            return np.zeros(values.shape[:2])
        return values[..., self.sources.index(source)]

    def total(self, values: Floats, sources: Iterable[str]) -> Floats:
        """Return the sum over sources, (paths, days)."""
        return sum((self.of(values, source) for source in sources), np.zeros(values.shape[:2]))

    def column(self, name: str) -> Floats:
        """Return a column of the table market or volatility, (paths, days)."""
        if name in MARKET_COLUMNS:
            return self.market[..., MARKET_COLUMNS.index(name)]
        return self.volatility[..., VOLATILITY_COLUMNS.index(name)]


Arms = Mapping[str, Config]
Samples = Mapping[str, Sample]
PerPathByName = dict[str, PerPath]
Measure = Callable[[Samples], PerPathByName]


class Laboratory:
    """Markets of one start and history, and the threads that step them.

    `n_paths` are those of the markets with options; `progress` is told of path-days done. `left_out` says of each block
    of paths that was left out how its market came apart.
    """

    def __init__(
        self,
        n_paths: int,
        *,
        prices: Prices | None = None,
        threads: int = 1,
        progress: Callable[[int], None] | None = None,
    ) -> None:
        self.n_paths, self.prices, self.threads = n_paths, prices, threads
        self._progress, self._lock = progress, threading.Lock()
        self.left_out: list[str] = []

    def observe(
        self,
        arms: Arms,
        measure: Measure,
        n_paths: int,
        *,
        on_other_news: tuple[str, ...] = (),
        whatever_breaks: bool = False,
    ) -> PerPathByName:
        """Measure arms path by path on common random numbers, but for those on other news.

        Parameters
        ----------
        arms : mapping of name to Config
        measure : callable
            From the samples of one block to the parts of each effect by path.
        n_paths : int
        on_other_news : tuple of str
            Arms that share no draw with the rest or each other, for a comparison of which nothing should come.
        whatever_breaks : bool
            Leave out the blocks of paths in which the market of an arm comes apart, unless that is all of them.

        Raises
        ------
        RunError
            If the market of an arm comes apart.
        """
        blocks = self.samples(arms, n_paths, on_other_news=on_other_news, whatever_breaks=whatever_breaks)
        measured = [measure(samples) for samples in blocks]
        return {name: joined([block[name] for block in measured]) for name in measured[0]}

    def samples(
        self, arms: Arms, n_paths: int, *, on_other_news: tuple[str, ...] = (), whatever_breaks: bool = False
    ) -> Iterator[dict[str, Sample]]:
        """Yield the samples of every arm, block by block, as `observe` measures them."""
        n_broken = 0
        away = {name: OTHER_NEWS * (1 + place) for place, name in enumerate(on_other_news)}
        with ThreadPoolExecutor(max_workers=self.threads) as pool:
            markets = dict(zip(arms, pool.map(self.market, arms.values()), strict=True))
            for first in range(0, n_paths, LANES):
                live = min(LANES, n_paths - first)
                blocks = {name: Block(first // LANES + away.get(name, 0), live) for name in arms}
                tasks = {name: pool.submit(self._step, markets[name], blocks[name]) for name in arms}
                try:
                    found = {name: task.result() for name, task in tasks.items()}
                except RunError as error:
                    n_broken += live
                    if not whatever_breaks or n_broken == n_paths:
                        pool.shutdown(wait=True, cancel_futures=True)
                        raise
                    self.left_out.append(f"{live} paths: {error}")
                except BaseException:
                    pool.shutdown(wait=True, cancel_futures=True)
                    raise
                else:
                    yield found

    def market(self, config: Config) -> Market:
        """Prepare a market at its start; an episode that a given history does not reach has its stand-in."""
        prices, start = self.prices, np.datetime64(config.time.start)
        reaches = prices is not None and (config.history.stand_in is None or start <= prices.dates[-1])
        return prepare(config, prices if reaches else None)

    def _step(self, market: Market, block: Block) -> Sample:
        kept = [chunk for chunk, _ in run_block(market, block)]
        if self._progress is not None:
            with self._lock:
                self._progress(block.live * len(market.dates))
        return _sample(market, kept, block.live)


def _sample(market: Market, kept: list[Kept], live: int) -> Sample:
    rows = market.source_rows

    def paths_first(blocks: list[np.ndarray]) -> Floats:
        return np.moveaxis(np.concatenate(blocks)[..., :live], -1, 0)

    return Sample(
        config=market.config,
        dates=market.dates,
        sources=[market.sources[row] for row in rows],
        parts=[*PARTS, *market.programmes],
        contribution=paths_first([chunk.record.contribution[:, rows] for chunk in kept]),
        flow=paths_first([chunk.record.flow[:, rows] for chunk in kept]),
        agents_long=paths_first([chunk.record.agents_long for chunk in kept]),
        market=paths_first([chunk.record.market for chunk in kept]),
        volatility=paths_first([chunk.options.volatility for chunk in kept]),
        gap_parts=_gap_parts(market, paths_first([chunk.options.index_parts for chunk in kept])),
    )


def _gap_parts(market: Market, changes: Floats) -> Floats:
    """Return the level of each part of VIX less VIX3M from the changes (paths, days, tenors, parts)."""
    vix, vix3m = INDICES.index("vix"), INDICES.index("vix3m")
    start = market.book.parts[vix, :, 0] - market.book.parts[vix3m, :, 0]
    return start + np.cumsum(changes[:, :, vix] - changes[:, :, vix3m], axis=1)
