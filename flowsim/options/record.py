"""What is kept of the option market at a close: copied out of the book, so recording can never change a result."""

from __future__ import annotations

import numpy as np

from flowsim.kernel.functions import log
from flowsim.kernel.lanes import copy
from flowsim.kernel.marks import LANES, function
from flowsim.kernel.memory import zeros
from flowsim.options.arrays import INDICES, N_GREEKS, N_TENORS, OptionRecord
from flowsim.options.book import sum_gamma

SMILE = ("atm", "skew")
VOLATILITY_COLUMNS = (*INDICES, *(f"{what}_{index.removeprefix('vix') or '1m'}" for index in INDICES for what in SMILE))
PROFILE_PCT = np.arange(-10.0, 11.0)
"""Distances of the index from its close, in percent, at which dealers' gamma is kept."""
PROFILE_EVERY = 5
"""Sessions from one gamma profile to the next."""


def new_option_record(
    closes: int, n_programmes: int, n_parts: int, tables: tuple[str, ...], chains: int = 0, n_expiries: int = 0
) -> OptionRecord:
    """Allocate the record of the option market for so many recorded closes, and so many of them with their chain."""

    def block(table: str, n_rows: int, *columns: int) -> np.ndarray:
        return zeros(n_rows if table in tables else 0, *columns, LANES)

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


@function
def keep_options(listing, book, rho, record, scratch, log_price, day):
    """Write one row of each table of the option market."""
    row = record.row[0]
    record.row[0] += 1
    if record.volatility.shape[0] > 0:
        for tenor in range(N_TENORS):
            copy(record.volatility[row, tenor], book.points[tenor])
            copy(record.volatility[row, N_TENORS + 2 * tenor], book.smile[tenor, 0])
            copy(record.volatility[row, N_TENORS + 2 * tenor + 1], book.smile[tenor, 1])
    if record.index_parts.shape[0] > 0:
        for tenor in range(N_TENORS):
            for part in range(book.parts.shape[1]):
                for lane in range(LANES):
                    now = book.parts[tenor, part, lane]
                    record.index_parts[row, tenor, part, lane] = now - record.parts_before[tenor, part, lane]
                    record.parts_before[tenor, part, lane] = now
    if record.sums.shape[0] > 0:
        for programme in range(book.greeks.shape[0]):
            for greek in range(N_GREEKS):
                copy(record.sums[row, programme, greek], book.greeks[programme, greek])
    if record.gamma_profile.shape[0] > 0 and (day + 1) % PROFILE_EVERY == 0:
        keep_profile(listing, book, rho, record, scratch, log_price, day)


@function
def keep_profile(listing, book, rho, record, scratch, log_price, day):
    """Write dealers' gamma at each distance from the close."""
    row, shifted = record.profile_row[0], scratch.level
    record.profile_row[0] += 1
    for distance in range(PROFILE_PCT.size):
        shift = log(1.0 + PROFILE_PCT[distance] / 100.0)
        for lane in range(LANES):
            shifted[lane] = log_price[lane] + shift
        gamma = record.gamma_profile[row, distance]
        sum_gamma(listing, book, scratch.black_terms, rho, shifted, day + 1, gamma)
        for lane in range(LANES):
            gamma[lane] = -gamma[lane]


@function
def keep_surface(listing, book, record, log_price, row):
    """Keep the surface and the index of a close whose chain is to be written, if it is one."""
    if listing.keeps_chain[row] == 0 or record.level.shape[0] == 0:
        return
    chain = record.chain_row[0]
    record.chain_row[0] += 1
    copy(record.level[chain], log_price)
    for column in range(listing.n_expiries[row]):
        copy(record.surface[chain, column, 0], book.variance[column])
        copy(record.surface[chain, column, 1], book.phi[column])
