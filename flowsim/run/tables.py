"""The tables of a run: their columns, and how a block's records become Arrow batches."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from flowsim.market.arrays import Record
from flowsim.market.recording import MARKET_COLUMNS

TABLES = ("market", "flows", "positions")
NAMES = pa.dictionary(pa.int16(), pa.string())


@dataclass(frozen=True, eq=False)
class Labels:
    """What stands beside the numbers: names of sources and accounts, and which populations count their agents."""

    sources: list[str]
    accounts: list[str]
    account_rows: np.ndarray
    counted: np.ndarray
    by_bar: bool


@dataclass(frozen=True, eq=False)
class Rows:
    """The recorded rows of a chunk: their dates, datetime64[D] (rows,), their bars (rows,), and the block's paths."""

    dates: np.ndarray
    bars: np.ndarray
    paths: np.ndarray


def schema(table: str, by_bar: bool) -> pa.Schema:
    """Return the Arrow schema of a table; `bar` 0 is the night before the open."""
    index = [("path", pa.int32()), ("date", pa.date32())] + ([("bar", pa.int16())] if by_bar else [])
    values = {
        "market": [(name, pa.float64()) for name in MARKET_COLUMNS],
        "flows": [("source", NAMES), ("flow_bn", pa.float64()), ("contribution", pa.float64())],
        "positions": [
            ("population", NAMES),
            ("exposure_bn", pa.float64()),
            ("agents_long", pa.int32()),
            ("agents_short", pa.int32()),
        ],
    }
    return pa.schema(index + values[table])


def batch(table: str, record: Record, rows: Rows, labels: Labels) -> pa.RecordBatch:
    """Return one chunk of a table. Rows run by date, then bar, then name, then path, whatever the chunks are."""
    n_rows, live = len(rows.dates), len(rows.paths)
    names = {"market": 1, "flows": len(labels.sources), "positions": len(labels.account_rows)}[table]
    index = [np.tile(rows.paths, n_rows * names), np.repeat(rows.dates, names * live)]
    if labels.by_bar:
        index.append(np.repeat(rows.bars, names * live))
    if table == "market":
        columns = [_flat(record.market[:n_rows, column, :live]) for column in range(len(MARKET_COLUMNS))]
    elif table == "flows":
        flow, contribution = record.flow[:n_rows, :, :live], record.contribution[:n_rows, :, :live]
        columns = [_named(labels.sources, n_rows, live), _flat(flow), _flat(contribution)]
    else:
        columns = _positions(record, n_rows, live, labels)
    wanted = schema(table, labels.by_bar)
    arrays = [
        pa.array(values, field.type) if isinstance(values, np.ndarray) else values
        for values, field in zip(index + columns, wanted, strict=True)
    ]
    return pa.record_batch(arrays, schema=wanted)


def _positions(record: Record, n_rows: int, live: int, labels: Labels) -> list[np.ndarray | pa.Array]:
    accounts = [labels.accounts[row] for row in labels.account_rows]
    exposure = record.exposure[:n_rows, labels.account_rows, :live]
    counts = []
    for kept in (record.agents_long, record.agents_short):
        padded = np.zeros((n_rows, len(labels.accounts), live), np.int32)
        padded[:, : kept.shape[1]] = kept[:n_rows, :, :live]
        unknown = np.broadcast_to(~labels.counted[labels.account_rows][None, :, None], exposure.shape)
        counts.append(pa.array(_flat(padded[:, labels.account_rows]), pa.int32(), mask=_flat(unknown)))
    return [_named(accounts, n_rows, live), _flat(exposure), *counts]


def _named(names: list[str], n_rows: int, live: int) -> pa.Array:
    indices = np.tile(np.repeat(np.arange(len(names), dtype=np.int16), live), n_rows)
    return pa.DictionaryArray.from_arrays(pa.array(indices), pa.array(names, pa.string()))


def _flat(values: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(values).ravel()
