"""The table `chain`: what is quoted at the close of chosen dates, in the columns that `flowsim vix` reads.

A run keeps the surface of those closes; the quotes are written from it, by the functions that the indices came from. So
the table gives the indices back.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from flowsim.engine.prepare import Market
from flowsim.options.arrays import OptionRecord
from flowsim.options.build import build_surface
from flowsim.options.calendar import closing_time
from flowsim.options.quotes import MOST_STRIKES, SPACINGS, quote_expiry
from flowsim.run.arrow import batch_of, named

ROOTS, SIDES = ("SPX", "SPXW"), ("C", "P")
MINUTE = np.timedelta64(1, "m")
MORNING = np.timedelta64(9 * 60 + 30, "m")


@dataclass(frozen=True, eq=False)
class Listed:
    """What is listed at a close whose chain is kept; arrays have shape (expiries,)."""

    as_of: np.datetime64
    expiry: np.ndarray
    root: np.ndarray  # int16, position in ROOTS
    spacing: np.ndarray  # row of SPACINGS


@dataclass(frozen=True, eq=False)
class ChainLabels:
    """What stands beside the quotes: what is listed by date, and two numbers of the surface."""

    listed: dict[np.datetime64, Listed]
    rho: float
    half_spread: float


def chain_labels(market: Market) -> ChainLabels:
    """Return what is listed at each close whose chain is kept; row d + 1 of the listing is marked at the close of d."""
    listing, surface = market.listing, build_surface(market.spec)
    listed = {}
    for day in np.flatnonzero(listing.keeps_chain[1:]):
        n, date = int(listing.n_expiries[day + 1]), market.dates[day]
        as_of = closing_time(date)
        minutes = np.rint(listing.years[day + 1, :n] * 525_600.0).astype(np.int64)
        settles = as_of + minutes * MINUTE
        expiry = settles.astype("datetime64[D]")
        root = np.where(settles - expiry == MORNING, ROOTS.index("SPX"), ROOTS.index("SPXW")).astype(np.int16)
        listed[date] = Listed(as_of, expiry, root, listing.spacing[day + 1, :n])
    return ChainLabels(listed, surface.rho, surface.half_spread)


def chain_batches(
    record: OptionRecord, dates: np.ndarray, paths: np.ndarray, labels: ChainLabels, schema: pa.Schema
) -> Iterator[pa.RecordBatch]:
    """Yield the quotes of each date: rows run by path, then expiry, then strike, each call before its put."""
    for row, date in enumerate(dates):
        listed = labels.listed[date]
        found = [
            (path, expiry, *_quotes(record.level[row, lane], record.surface[row, expiry, :, lane], spacing, labels))
            for lane, path in enumerate(paths.tolist())
            for expiry, spacing in enumerate(listed.spacing.tolist())
        ]
        counts = np.array([2 * len(strikes) for _, _, strikes, _ in found])
        expiry = np.repeat([expiry for _, expiry, _, _ in found], counts)
        quotes = np.concatenate([quotes for _, _, _, quotes in found]).reshape(-1, 2)
        total = len(quotes)
        columns = [
            np.repeat(np.array([path for path, _, _, _ in found], np.int32), counts),
            np.full(total, date),
            np.full(total, listed.as_of.astype("datetime64[us]")),
            named(listed.root[expiry], ROOTS),
            listed.expiry[expiry],
            np.repeat(np.concatenate([strikes for _, _, strikes, _ in found]), 2),
            named(np.tile(np.arange(2, dtype=np.int16), total // 2), SIDES),
            np.ascontiguousarray(quotes[:, 0]),
            np.ascontiguousarray(quotes[:, 1]),
        ]
        yield batch_of(columns, schema)


def _quotes(log_price: float, surface: np.ndarray, spacing: int, labels: ChainLabels) -> tuple[np.ndarray, np.ndarray]:
    """Return the strikes of an expiry (n,), and the bid and ask of call and put (n, 4)."""
    strikes, quotes = np.empty(MOST_STRIKES), np.empty((MOST_STRIKES, 4))
    variance, phi = surface.tolist()
    count = quote_expiry(
        float(log_price), variance, phi, labels.rho, labels.half_spread, SPACINGS[spacing], strikes, quotes
    )
    return strikes[:count], quotes[:count]
