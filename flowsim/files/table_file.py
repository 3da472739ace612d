"""Tables from outside, in whatever they come: CSV, Parquet, Excel, and tables of pandas, polars and arrow."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from flowsim.errors import InputError
from flowsim.files.csv_text import decoded, lines_of, separator_of, unpacked
from flowsim.files.header import Vocabulary, table_of
from flowsim.files.table import Table

if TYPE_CHECKING:
    from flowsim.files.frames import Frame

_LONGEST_PATH = 100
_EXCEL = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")


def shown_path(path: str | Path) -> str:
    """Return a path for a message; one that is too long for any file is cut."""
    text = str(path)
    return text if len(text) <= 4 * _LONGEST_PATH else f"{text[:_LONGEST_PATH]}... ({len(text):,} letters)"


def path_of(given: str | Path) -> Path:
    """Return a path, with the home folder for `~`.

    Raises
    ------
    InputError
        If it begins with the name of a user who has no home folder, or no file can have this name.
    """
    try:
        path = Path(given).expanduser()
        path.exists()
    except RuntimeError:
        user = str(given).split("/", 1)[0].removeprefix("~")
        raise InputError(f"{shown_path(given)}: no user is called '{user}'; write the path without ~") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise InputError(f"{shown_path(given)}: no file has this name ({reason}); check the path") from None
    return path


def content_of(given: str | Path, what: str) -> bytes:
    """Return the bytes of a file that `what` is in.

    Raises
    ------
    InputError
        If there is no such file, or it cannot be read.
    """
    path = path_of(given)
    if not path.is_file():
        raise InputError(f"{shown_path(path)}: no such file; name a CSV, Parquet or Excel file of {what}")
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror}); check its permissions") from None


def read_file(
    given: str | Path, what: str, vocabulary: Vocabulary, needed: Callable[[Table], list[int]] | None = None
) -> Table:
    """Return the table in a file of `what`: CSV, Parquet or Excel, also gzipped or in a zip archive of its own.

    `vocabulary` says how its header is known; `needed` may choose the columns to read of a Parquet file.

    Raises
    ------
    InputError
        If there is no such file, or no table in it.
    """
    source = str(given)
    content = unpacked(content_of(given, what), source)
    if content.startswith(b"PAR1"):
        from flowsim.files.frames import parquet_table

        return parquet_table(content, source, needed)
    if content.startswith(_EXCEL):
        from flowsim.files.excel_file import excel_table

        return excel_table(content, source, vocabulary)
    text = decoded(content, source)
    separator = separator_of(text)
    lines = list(lines_of(text, separator, source))
    return table_of(lines, source, vocabulary, decimal_comma_likely=separator != ",")


def is_frame(given: object) -> bool:
    """Tell whether something is a table in memory, without importing what it would be one of."""
    return any(
        (module := sys.modules.get(name)) is not None
        and isinstance(given, tuple(getattr(module, kind) for kind in kinds))
        for name, kinds in (
            ("polars", ("DataFrame", "LazyFrame")),
            ("pandas", ("DataFrame", "Series")),
            ("pyarrow", ("Table", "RecordBatch")),
        )
    )


def read_table(
    given: str | Path | Frame,
    what: str,
    vocabulary: Vocabulary,
    needed: Callable[[Table], list[int]] | None = None,
    *,
    name: str = "the table",
) -> Table:
    """Return the table in a file or in memory; see `read_file`. `name` is what messages call one in memory.

    Raises
    ------
    InputError
        If there is no table in it, or it is neither a path nor a table.
    """
    if is_frame(given):
        from flowsim.files.frames import frame_table

        return frame_table(given, name)
    if isinstance(given, str | Path):
        return read_file(given, what, vocabulary, needed)
    raise InputError(
        f"{name} is of type {type(given).__name__}; give a path, or a table of pandas, polars or arrow, of {what}"
    )
