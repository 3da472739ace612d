"""What a market says of the sessions after one real close, from what was known at that close and nothing later."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from flowsim.config import Config
from flowsim.data.prices import Prices
from flowsim.engine.blocks import Block, Chunk, blocks_of
from flowsim.engine.prepare import Market
from flowsim.ensemble.job import Job
from flowsim.facts.histories import RECORD, closes_of_block
from flowsim.forecasts.paths import INDEX, Paths
from flowsim.history.path_dependent import INDICES
from flowsim.options.build import carrier_of


def known_at(prices: Prices, place: int) -> Prices:
    """Return the closes up to one of them, so that nothing that a forecast is made of can be later."""
    rows = None if prices.rows is None else prices.rows[: place + 1]
    return Prices(prices.dates[: place + 1], prices.close[: place + 1], prices.source, rows, trusted=prices.trusted)


def forecast_job(config: Config, known: Prices, points: Sequence[float], days: int, n_paths: int) -> Job:
    """Return the job that simulates the market from the last of the closes known, for so many sessions.

    Indices start at their real closes where the market has somebody whose demand that can be, and the state of depth,
    which nobody sees, is drawn from what it is over the years.

    Parameters
    ----------
    points : (4,)
        Closes of `INDICES` on the day, nan where there is none.
    """
    settings = [f"time.start={known.dates[-1]}", f"time.days={days}", RECORD]
    if config.liquidity.initial_vol == 0.0:
        settings.append(f"liquidity.initial_vol={config.liquidity.vol}")
    spec = config.active().spec()
    if spec.options.listed and carrier_of(spec) >= 0 and points[INDICES.index(INDEX)] > 0.0:
        settings.append(f"options.initial_points={[one if one > 0.0 else 0.0 for one in points]}")
    return Job.of(config.override(*settings), known, blocks_of(n_paths), paths_of_block)


def paths_of_block(market: Market, block: Block, chunks: Iterator[Chunk]) -> Paths:
    """Return the paths of one block of a market that records as `histories.RECORD` has it."""
    closes = closes_of_block(market, block, chunks)
    indices = {INDEX: np.ascontiguousarray(closes.indices[INDEX])} if INDEX in closes.indices else {}
    return Paths(closes.returns_pct / 100.0, indices)
