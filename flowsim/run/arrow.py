"""Arrow arrays over the memory of numpy's, and back.

pyarrow's own conversions import pandas, to ask whether they were given anything of it, and every start would wait for
that.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

NAMES = pa.dictionary(pa.int16(), pa.string())
_STORED = {
    pa.int16(): np.int16,
    pa.int32(): np.int32,
    pa.float64(): np.float64,
    pa.date32(): np.int32,
    pa.timestamp("us"): np.int64,
}
_UNKNOWN = -1


def column(values: np.ndarray, kind: pa.DataType, unknown: np.ndarray | None = None) -> pa.Array:
    """Return numbers or dates (n,) as an Arrow array of a kind, null where `unknown` (n,)."""
    stored = np.ascontiguousarray(values).astype(_STORED[kind], copy=False)
    valid = None
    if unknown is not None:
        stored = np.where(unknown, np.array(_UNKNOWN, stored.dtype), stored)
        valid = pa.py_buffer(np.packbits(~unknown, bitorder="little"))
    return pa.Array.from_buffers(kind, len(stored), [valid, pa.py_buffer(stored)])


def named(indices: np.ndarray, names: Sequence[str]) -> pa.Array:
    """Return names by their position, int16 (n,), as an Arrow dictionary."""
    text = [name.encode() for name in names]
    ends = np.cumsum([0, *map(len, text)]).astype(np.int32)
    words = pa.StringArray.from_buffers(len(text), pa.py_buffer(ends), pa.py_buffer(b"".join(text)))
    return pa.DictionaryArray.from_arrays(column(indices, pa.int16()), words)


def batch_of(columns: Sequence[np.ndarray | pa.Array], schema: pa.Schema) -> pa.RecordBatch:
    """Return columns, all of one length, as a batch of a table."""
    arrays = [
        column(values, field.type) if isinstance(values, np.ndarray) else values
        for values, field in zip(columns, schema, strict=True)
    ]
    return pa.record_batch(arrays, schema=schema)


def content(array: pa.Array) -> bytes:
    """Return the bytes of an array of `column` or `named`: positions for names, -1 for null, days in 64 bits."""
    numbers = array.indices if pa.types.is_dictionary(array.type) else array
    stored = np.frombuffer(numbers.buffers()[1], _STORED[numbers.type])
    return (stored.astype(np.int64) if pa.types.is_date(numbers.type) else stored).tobytes()
