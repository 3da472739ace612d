"""One block of paths on its way to disk: streamed, hashed, and only then given its name.

A block's tables are written under a temporary name and renamed when all are whole; a small JSON file written last
says that the block is done, how many rows it has, and the digest of their content. A killed run loses unfinished
blocks only.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from flowsim.clock.year import YEAR
from flowsim.data.prices import Prices
from flowsim.files.arrays import Days
from flowsim.run.arrow import batch_of, content
from flowsim.run.columns import ASSET, HISTORY_TABLE, arrow_schema
from flowsim.run.manifest import AFTERWARDS, DONE, HISTORY, combined, file_of, key_of, write_json

Part = tuple[str, str]
"""Table and market, which is empty for the first."""


class BlockWriter:
    """Write the tables of one block; use as a context manager, and call `finish` when every row is in.

    Each market of a run has files and digests of its own, in which its name does not count: those of the first market
    are the same with others beside it and without.
    """

    def __init__(self, folder: Path, block: int, schemas: Mapping[Part, pa.Schema]) -> None:
        self.folder, self.block = folder, block
        self.files = {one: part(folder, *one, block) for one in schemas}
        self.rows = dict.fromkeys(schemas, 0)
        self.hashes = {
            one: {field.name: hashlib.sha256() for field in schema if field.name != ASSET.name}
            for one, schema in schemas.items()
        }
        self.writers = {one: self._open(one, schema) for one, schema in schemas.items()}

    def __enter__(self) -> BlockWriter:
        return self

    def __exit__(self, *_: object) -> None:
        for one, writer in self.writers.items():
            if writer.is_open:
                writer.close()
            _temporary(self.files[one]).unlink(missing_ok=True)

    def write(self, one: Part, batch: pa.RecordBatch) -> None:
        """Append a chunk to a table."""
        self.writers[one].write_batch(batch)
        self.rows[one] += batch.num_rows
        for name, column in zip(batch.schema.names, batch.columns, strict=True):
            if name in self.hashes[one]:
                self.hashes[one][name].update(content(column))

    def finish(self) -> None:
        """Give the finished files their names, then say that the block is done."""
        for one, writer in self.writers.items():
            writer.close()
            os.replace(_temporary(self.files[one]), self.files[one])
        done = {
            key_of(*one): {"rows": self.rows[one], "sha256": combined(h.hexdigest() for h in self.hashes[one].values())}
            for one in self.files
        }
        write_json(self.folder / DONE / f"{self.block:05d}.json", done)

    def _open(self, one: Part, columns: pa.Schema) -> pq.ParquetWriter:
        floats = [field.name for field in columns if pa.types.is_floating(field.type)]
        self.files[one].parent.mkdir(parents=True, exist_ok=True)
        # Doubles of a simulation do not repeat: a dictionary made them larger than raw, splitting bytes smaller. More
        # effort than level -5 took a twelfth of a run, for files smaller by a fiftieth.
        encoding: dict[str, Any] = {
            "use_dictionary": [field.name for field in columns if field.name not in floats],
            "use_byte_stream_split": floats,
        }
        file = _temporary(self.files[one])
        return pq.ParquetWriter(file, columns, compression="zstd", compression_level=-5, **encoding)


def part(folder: Path, table: str, market: str, block: int) -> Path:
    """Return the file of one block of a table of a market, which has no name where it is the first."""
    return folder / table / f"part-{block:05d}{market and f'-{market}'}.parquet"


def _temporary(file: Path) -> Path:
    return file.with_suffix(".parquet.tmp")


def write_real_closes(folder: Path, known: Prices, dates: Days, market: str = "") -> None:
    """Write the last real year before the simulated dates, and the closes known on these, for the pictures."""
    first, last = np.searchsorted(known.dates, [dates[0], dates[-1] + 1])
    for name, span in ((HISTORY, slice(max(first - YEAR, 0), first)), (AFTERWARDS, slice(first, last))):
        columns = arrow_schema(HISTORY_TABLE.columns)
        with pq.ParquetWriter(folder / file_of(name, market), columns) as writer:
            writer.write_batch(batch_of([known.dates[span], known.close[span]], columns))
