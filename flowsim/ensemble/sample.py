"""What an experiment measures: the days of one block of paths of one market, as arrays by path."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np

from flowsim.config import Config
from flowsim.engine.blocks import Block, Chunk
from flowsim.engine.prepare import Market
from flowsim.ensemble.intervals import PerPath
from flowsim.files.arrays import Days, Floats, PathsByDays, PathsByDaysByColumns, PathsByDaysBySources
from flowsim.market.recording import MARKET_COLUMNS
from flowsim.options.arrays import INDICES
from flowsim.options.record import VOLATILITY_COLUMNS
from flowsim.run.tables import PARTS


class BySource:
    """Returns of some paths by what they are made of."""

    sources: list[str]
    contribution: PathsByDaysBySources
    flow: PathsByDaysBySources

    @property
    def returns(self) -> PathsByDays:
        """Daily log returns, (paths, days)."""
        return self.contribution.sum(axis=-1)

    def of(self, values: Floats, source: str) -> PathsByDays:
        """Return what belongs to one source, (paths, days); zero where the arm has no such source."""
        if source not in self.sources:
            return np.zeros(values.shape[:2])
        return values[..., self.sources.index(source)]


@dataclass(frozen=True, eq=False)
class Sample(BySource):
    """One block of paths of one arm: arrays of shape (paths, days, ...), empty where no such table is recorded.

    The last axis of `contribution` and `flow` is the source, that of `agents_long` the population, that of `gap_parts`
    what VIX less VIX3M is made of, in vol points: the names in `parts`.
    """

    config: Config
    dates: Days
    sources: list[str]
    parts: list[str]
    contribution: PathsByDaysBySources
    flow: PathsByDaysBySources
    agents_long: PathsByDaysBySources
    market: PathsByDaysByColumns
    volatility: PathsByDaysByColumns
    gap_parts: PathsByDaysByColumns

    def total(self, values: Floats, sources: Iterable[str]) -> PathsByDays:
        """Return the sum over sources, (paths, days)."""
        return sum((self.of(values, source) for source in sources), np.zeros(values.shape[:2]))

    def column(self, name: str) -> PathsByDays:
        """Return a column of the table market or volatility, (paths, days)."""
        if name in MARKET_COLUMNS:
            return self.market[..., MARKET_COLUMNS.index(name)]
        return self.volatility[..., VOLATILITY_COLUMNS.index(name)]

    def first(self, paths: int, days: int) -> Sample:
        """Return the first paths and days of the sample, as a shorter run of fewer paths has them."""
        return replace(
            self,
            dates=self.dates[:days],
            contribution=self.contribution[:paths, :days],
            flow=self.flow[:paths, :days],
            agents_long=self.agents_long[:paths, :days],
            market=self.market[:paths, :days],
            volatility=self.volatility[:paths, :days],
            gap_parts=self.gap_parts[:paths, :days],
        )


Arms = Mapping[str, Config]
Samples = Mapping[str, Sample]
PerPathByName = dict[str, PerPath]
Measure = Callable[[Samples], PerPathByName]


def sample_of(market: Market, block: Block, chunks: Iterator[Chunk]) -> Sample:
    """Return the sample of what the chunks of a block recorded."""
    rows, kept = market.source_rows, [chunk for chunk, _ in chunks]

    def paths_first(blocks: list[np.ndarray]) -> Floats:
        return np.moveaxis(np.concatenate(blocks)[..., : block.live], -1, 0)

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
