"""Room for what a chunk of days leaves behind."""

from __future__ import annotations

import numpy as np

from flowsim.kernel.marks import LANES
from flowsim.kernel.memory import zeros
from flowsim.market.arrays import Record
from flowsim.market.recording import MARKET_COLUMNS
from flowsim.market.registry import Registry


def no_record() -> Record:
    """Return a record that keeps nothing."""
    return new_record(0, Registry(()), (), by_step=False, every=1 << 40)


def new_record(rows: int, registry: Registry, tables: tuple[str, ...], *, by_step: bool, every: int) -> Record:
    """Allocate the record of a chunk of days; a table that is not asked for has no rows."""

    def block(table: str, columns: int) -> np.ndarray:
        return zeros(rows if table in tables else 0, columns, LANES)

    n, n_sources = len(registry.populations), len(registry.sources)
    return Record(
        by_step=int(by_step),
        every=every,
        market=block("market", len(MARKET_COLUMNS)),
        flow=block("flows", n_sources),
        contribution=block("flows", n_sources),
        exposure=block("positions", len(registry.accounts)),
        published=zeros(rows, len(registry.published), LANES),
        agents_long=block("positions", n),
        agents_short=block("positions", n),
        row=np.zeros(1, np.int64),
        log_price=zeros(LANES),
    )
