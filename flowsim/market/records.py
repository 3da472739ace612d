"""Room for what a chunk of days leaves behind."""

from __future__ import annotations

import numpy as np

from flowsim.kernel.marks import LANES
from flowsim.kernel.memory import zeros
from flowsim.market.arrays import Record
from flowsim.market.recording import MARKET_COLUMNS
from flowsim.market.registry import Registry
from flowsim.options.arrays import FIRST_PROGRAMME, N_GREEKS, N_TENORS, OptionRecord
from flowsim.options.record import PROFILE_PCT, VOLATILITY_COLUMNS


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
        agents_long=block("positions", n),
        agents_short=block("positions", n),
        row=np.zeros(1, np.int64),
        log_price=zeros(LANES),
    )


def new_option_record(
    closes: int, n_programmes: int, tables: tuple[str, ...], chains: int = 0, n_expiries: int = 0
) -> OptionRecord:
    """Allocate the record of the option market for so many recorded closes, and so many of them with their chain."""

    def block(table: str, n_rows: int, *columns: int) -> np.ndarray:
        return zeros(n_rows if table in tables else 0, *columns, LANES)

    n_parts = FIRST_PROGRAMME + n_programmes
    return OptionRecord(
        volatility=block("volatility", closes, len(VOLATILITY_COLUMNS)),
        index_parts=block("vix_sources", closes, N_TENORS, n_parts),
        sums=block("options", closes, n_programmes, N_GREEKS),
        gamma_profile=block("gamma", closes, len(PROFILE_PCT)),
        surface=zeros(chains, n_expiries, 2, LANES),
        level=zeros(chains, LANES),
        parts_before=zeros(N_TENORS, n_parts, LANES),
        row=np.zeros(1, np.int64),
        profile_row=np.zeros(1, np.int64),
        chain_row=np.zeros(1, np.int64),
    )
