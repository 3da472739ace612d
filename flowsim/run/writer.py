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
from flowsim.run.columns import HISTORY_TABLE, arrow_schema
from flowsim.run.manifest import AFTERWARDS, DONE, HISTORY, combined, write_json


class BlockWriter:
    """Write the tables of one block; use as a context manager, and call `finish` when every row is in."""

    def __init__(self, folder: Path, block: int, schemas: Mapping[str, pa.Schema]) -> None:
        self.folder, self.block = folder, block
        self.files = {table: part(folder, table, block) for table in schemas}
        self.rows = dict.fromkeys(schemas, 0)
        self.hashes = {table: {field.name: hashlib.sha256() for field in one} for table, one in schemas.items()}
        self.writers = {table: self._open(table, one) for table, one in schemas.items()}

    def __enter__(self) -> BlockWriter:
        return self

    def __exit__(self, *_: object) -> None:
        for table, writer in self.writers.items():
            if writer.is_open:
                writer.close()
            _temporary(self.files[table]).unlink(missing_ok=True)

    def write(self, table: str, batch: pa.RecordBatch) -> None:
        """Append a chunk to a table."""
        self.writers[table].write_batch(batch)
        self.rows[table] += batch.num_rows
        for name, column in zip(batch.schema.names, batch.columns, strict=True):
            self.hashes[table][name].update(content(column))

    def finish(self) -> None:
        """Give the finished files their names, then say that the block is done."""
        for table, writer in self.writers.items():
            writer.close()
            os.replace(_temporary(self.files[table]), self.files[table])
        done = {
            table: {"rows": self.rows[table], "sha256": combined(h.hexdigest() for h in self.hashes[table].values())}
            for table in self.files
        }
        write_json(self.folder / DONE / f"{self.block:05d}.json", done)

    def _open(self, table: str, columns: pa.Schema) -> pq.ParquetWriter:
        floats = [field.name for field in columns if pa.types.is_floating(field.type)]
        self.files[table].parent.mkdir(parents=True, exist_ok=True)
        # Doubles of a simulation do not repeat: a dictionary made them larger than raw, splitting bytes smaller. More
        # effort than level -5 took a twelfth of a run, for files smaller by a fiftieth.
        encoding: dict[str, Any] = {
            "use_dictionary": [field.name for field in columns if field.name not in floats],
            "use_byte_stream_split": floats,
        }
        file = _temporary(self.files[table])
        return pq.ParquetWriter(file, columns, compression="zstd", compression_level=-5, **encoding)


def part(folder: Path, table: str, block: int) -> Path:
    """Return the file of one block of a table."""
    return folder / table / f"part-{block:05d}.parquet"


def _temporary(file: Path) -> Path:
    return file.with_suffix(".parquet.tmp")


def write_real_closes(folder: Path, known: Prices, dates: Days) -> None:
    """Write the last real year before the simulated dates, and the closes known on these, for the pictures."""
    first, last = np.searchsorted(known.dates, [dates[0], dates[-1] + 1])
    for name, span in ((HISTORY, slice(max(first - YEAR, 0), first)), (AFTERWARDS, slice(first, last))):
        columns = arrow_schema(HISTORY_TABLE.columns)
        with pq.ParquetWriter(folder / name, columns) as writer:
            writer.write_batch(batch_of([known.dates[span], known.close[span]], columns))
