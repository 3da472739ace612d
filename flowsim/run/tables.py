"""How a block's records become Arrow batches of the tables of a run, whose columns `flowsim.run.columns` declares."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from flowsim.config import Config
from flowsim.engine.blocks import ChunkRecord, Rows
from flowsim.engine.prepare import Market
from flowsim.futures.products import VIX_PRODUCTS
from flowsim.market.arrays import Record
from flowsim.market.recording import MARKET_COLUMNS
from flowsim.market.registry import MARKET_MAKER
from flowsim.options.arrays import INDICES, N_GREEKS, OptionRecord
from flowsim.options.record import PROFILE_PCT, VOLATILITY_COLUMNS
from flowsim.run.arrow import batch_of, column, named
from flowsim.run.chains import ChainLabels, chain_batches, chain_labels
from flowsim.run.columns import ASSET, CHAIN, OPTION_TABLES, arrow_schema, index_columns, schema

PARTS = ("path_dependent", "sentiment", "events", "quotes")


@dataclass(frozen=True, eq=False)
class Labels:
    """What stands beside the numbers: names of sources and accounts, and which populations count their agents.

    `schemas` has every table that is written, `published` the rows that are the columns of each subsystem's own.
    `asset` names the market where the run has more than one.
    """

    sources: list[str]
    source_rows: np.ndarray
    accounts: list[str]
    account_rows: np.ndarray
    counted: np.ndarray
    by_bar: bool
    programmes: list[str]
    index_programmes: list[str]
    chains: ChainLabels
    published: dict[str, slice]
    schemas: dict[str, pa.Schema]
    asset: str | None


def labels_of(market: Market, *, several: bool = False) -> Labels:
    """Return what stands beside the numbers of every block of a market, which is one of `several` in its run or not."""
    n, registry = len(market.populations), market.registry
    # With a population that provides liquidity, nothing is ever booked to the unnamed market maker.
    moving = market.source_rows
    traders = moving[moving >= registry.first_population] - registry.first_population
    market_maker, holders = registry.accounts.index(MARKET_MAKER), market.rules.holders
    rows = [
        *traders,
        *range(n, market_maker),
        *([market_maker] if market.rules.market_maker == market_maker else []),
        holders,
    ]
    counted = np.zeros(len(registry.accounts), bool)
    counted[:n] = market.rules.exposure_row >= 0
    by_bar = market.spec.record.grain == "bar"
    names = [market.sources[row] for row in moving]
    return Labels(
        names,
        moving,
        market.accounts,
        np.array(rows),
        counted,
        by_bar,
        market.programmes,
        [*market.programmes, *([VIX_PRODUCTS.name] if market.spec.vix_products is not None else [])],
        chain_labels(market),
        _shown(market),
        _schemas(market, by_bar, several=several),
        market.name if several else None,
    )


def _shown(market: Market) -> dict[str, slice]:
    """Return which of the published rows belong to each subsystem that has any."""
    rows, first = {}, 0
    for one in market.subsystems:
        if one.published:
            rows[one.name] = slice(first, first + len(one.published))
            first += len(one.published)
    return rows


def _schemas(market: Market, by_bar: bool, *, several: bool) -> dict[str, pa.Schema]:
    """Return the tables of a run: those that its config asks for, and one for each subsystem that publishes rows."""
    index = index_columns("market", by_bar=by_bar)
    own = {one.name: arrow_schema((*index, *one.published)) for one in market.subsystems if one.published}
    return {table: schema(table, by_bar, several=several) for table in tables_of(market.config)} | own


def written_by(market: Market) -> tuple[str, ...]:
    """Return the tables that a run of a market writes, those of its subsystems last."""
    return (*tables_of(market.config), *_shown(market))


def tables_of(config: Config) -> tuple[str, ...]:
    """Return the tables that a run of a config writes."""
    chain = (CHAIN,) if config.record.chain_dates else ()
    tables = (*config.record.tables, *chain)
    return tuple(table for table in tables if config.options.listed or table not in (*OPTION_TABLES, CHAIN))


def batches(table: str, chunk: ChunkRecord, rows: Rows, labels: Labels) -> Iterator[pa.RecordBatch]:
    """Yield one chunk of a table, a chain date by date."""
    if table == CHAIN:
        yield from chain_batches(chunk.options, rows.chains, rows.paths, labels.chains, labels.schemas[CHAIN])
    else:
        yield batch(table, chunk, rows, labels)


def batch(table: str, chunk: ChunkRecord, rows: Rows, labels: Labels) -> pa.RecordBatch:
    """Return one chunk of a table. Rows run by date, then bar, then name, then path, whatever the chunks are."""
    by_bar = labels.by_bar and table not in OPTION_TABLES
    n_rows, live = len(_dates(table, rows)), len(rows.paths)
    columns, names = _columns(table, chunk, n_rows, live, labels)
    index: list[np.ndarray | pa.Array] = [
        np.tile(rows.paths, n_rows * names),
        np.repeat(_dates(table, rows), names * live),
    ]
    if by_bar:
        index.append(np.repeat(rows.bars, names * live))
    if ASSET.name in labels.schemas[table].names:
        index.append(_named([labels.asset or ""], n_rows * names, live))
    return batch_of(index + columns, labels.schemas[table])


def _dates(table: str, rows: Rows) -> np.ndarray:
    return rows.profiles if table == "gamma" else rows.closes if table in OPTION_TABLES else rows.dates


def _columns(
    table: str, chunk: ChunkRecord, n_rows: int, live: int, labels: Labels
) -> tuple[list[np.ndarray | pa.Array], int]:
    """Return the values of a table, and how many rows each path has at a time."""
    record, options = chunk.record, chunk.options
    if table in labels.published:
        return [_flat(column) for column in record.published[:n_rows, labels.published[table], :live].swapaxes(0, 1)], 1
    if table == "market":
        return [_flat(record.market[:n_rows, column, :live]) for column in range(len(MARKET_COLUMNS))], 1
    if table == "flows":
        rows = labels.source_rows
        flow, contribution = record.flow[:n_rows, rows, :live], record.contribution[:n_rows, rows, :live]
        return [_named(labels.sources, n_rows, live), _flat(flow), _flat(contribution)], len(labels.sources)
    if table == "positions":
        return _positions(record, n_rows, live, labels), len(labels.account_rows)
    if table == "volatility":
        return [_flat(options.volatility[:n_rows, column, :live]) for column in range(len(VOLATILITY_COLUMNS))], 1
    if table == "vix_sources":
        return _index_parts(options, n_rows, live, labels), len(INDICES) * (len(PARTS) + len(labels.index_programmes))
    if table == "options":
        return _greeks(options, n_rows, live, labels), len(labels.programmes)
    spot = np.tile(np.repeat(PROFILE_PCT, live), n_rows)
    return [spot, _flat(options.gamma_profile[:n_rows, :, :live])], len(PROFILE_PCT)


def _index_parts(record: OptionRecord, n_rows: int, live: int, labels: Labels) -> list[np.ndarray | pa.Array]:
    sources = [*PARTS, *labels.index_programmes]
    of_index = _named(INDICES, n_rows, len(sources) * live)
    return [of_index, _named(sources, n_rows * len(INDICES), live), _flat(record.index_parts[:n_rows, :, :, :live])]


def _greeks(record: OptionRecord, n_rows: int, live: int, labels: Labels) -> list[np.ndarray | pa.Array]:
    sums = record.sums[:n_rows, :, :, :live]
    columns = [_flat(sums[:, :, greek]) for greek in range(N_GREEKS)]
    return [_named(labels.programmes, n_rows, live), *columns]


def _positions(record: Record, n_rows: int, live: int, labels: Labels) -> list[np.ndarray | pa.Array]:
    accounts = [labels.accounts[row] for row in labels.account_rows]
    exposure = record.exposure[:n_rows, labels.account_rows, :live]
    counts = []
    for kept in (record.agents_long, record.agents_short):
        padded = np.zeros((n_rows, len(labels.accounts), live), np.int32)
        padded[:, : kept.shape[1]] = kept[:n_rows, :, :live]
        unknown = np.broadcast_to(~labels.counted[labels.account_rows][None, :, None], exposure.shape)
        counts.append(column(_flat(padded[:, labels.account_rows]), pa.int32(), unknown=_flat(unknown)))
    return [_named(accounts, n_rows, live), _flat(exposure), *counts]


def _named(names: Sequence[str], n_rows: int, live: int) -> pa.Array:
    return named(np.tile(np.repeat(np.arange(len(names), dtype=np.int16), live), n_rows), names)


def _flat(values: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(values).ravel()
