"""Tables on disk: what is the same of every CSV or Parquet file that is read, and what can be wrong with it."""

from __future__ import annotations

import csv
import gzip
import io
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from flowsim.errors import InputError

if TYPE_CHECKING:
    import polars as pl

FindColumns = Callable[[list[str]], dict[str, str]]
"""Says what each wanted column is called, from the names in the file; raises InputError where that cannot be said."""


def content_of(path: Path, what: str) -> bytes:
    """Return the bytes of a file that `what` is in.

    Raises
    ------
    InputError
        If there is no such file, or it cannot be read.
    """
    if not path.is_file():
        raise InputError(f"{path}: no such file; name a CSV or Parquet file of {what}")
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror}); check its permissions") from None


def is_parquet(content: bytes) -> bool:
    """Tell whether a file means to be Parquet; it is CSV else, if it is anything."""
    return content.startswith(b"PAR1")


def csv_rows(content: bytes, path: Path) -> Iterator[tuple[int, list[str]]]:
    """Yield the line, from 1, and the fields of each row of a CSV file, also gzipped; empty rows are passed over.

    Raises
    ------
    InputError
        If it is no text, or a row has not as many fields as the first.
    """
    # The csv module, unlike polars, says on which line each record stands.
    reader = csv.reader(io.StringIO(_text(content, path), newline=None))
    width = 0
    try:
        for fields in reader:
            if not any(map(str.strip, fields)):
                continue
            width = width or len(fields)
            if len(fields) != width:
                raise InputError(
                    f"{path}, row {reader.line_num}: {len(fields)} fields where the header has {width}; write one value"
                    " for each column, numbers without thousands separators"
                )
            yield reader.line_num, fields
    except csv.Error as error:
        raise InputError(f"{path}, row {reader.line_num}: not a line of a CSV file ({error}); mend it") from None


def parquet_columns(content: bytes, path: Path, find_columns: FindColumns) -> tuple[int, dict[str, pl.Series]]:
    """Return how many rows a Parquet file has, and its wanted columns.

    Raises
    ------
    InputError
        If it is damaged.
    """
    import polars as pl
    import pyarrow
    import pyarrow.parquet

    try:
        # polars would abort with a trace of its own on a damaged file.
        file = pyarrow.parquet.ParquetFile(pyarrow.BufferReader(content))
        found = find_columns(file.schema_arrow.names)
        read = file.read(list(found.values()))
        return file.metadata.num_rows, {name: pl.Series(given, read[given]) for name, given in found.items()}
    except (pyarrow.ArrowException, OSError, ValueError):
        raise InputError(f"{path} is a damaged Parquet file; write it again") from None


def _text(content: bytes, path: Path) -> str:
    try:
        plain = gzip.decompress(content) if content.startswith(b"\x1f\x8b") else content
        text = plain.decode("utf-8-sig")
    except (OSError, EOFError, UnicodeDecodeError, zlib.error):
        text = "\0"
    if "\0" in text:
        raise InputError(f"{path} is not a CSV or Parquet file; save the table as one of these")
    return text
