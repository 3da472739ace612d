"""CSV text as vendors, spreadsheets and countries write it: encoding, separator, lines, and where the header ends."""

from __future__ import annotations

import csv
import gzip
import io
import re
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from flowsim.errors import InputError

SEPARATORS = "\t;|,"
"""A file whose numbers have decimal commas is separated by something else, so the comma is the last that is tried."""

_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")
_SAMPLE = 60
_LONGEST_SAMPLE_LINE = 10_000
_MOST_LINES_IN_A_FIELD = 5
_NOT_A_TABLE = "is not a CSV, Parquet or Excel file; save the table as one of these"


class Line(NamedTuple):
    """A record: the line of the file that it ends on, from 1, and its fields as they are."""

    row: int
    fields: list[str]


def unpacked(content: bytes, source: str) -> bytes:
    """Return what is in a file that is gzipped, or is a zip archive of one file; any other content as it is.

    Raises
    ------
    InputError
        If it is damaged, or an archive of several files.
    """
    try:
        if content.startswith(b"\x1f\x8b"):
            return gzip.decompress(content)
        if content.startswith(b"PK\x03\x04"):
            archive = zipfile.ZipFile(io.BytesIO(content))
            names = [name for name in archive.namelist() if not name.endswith("/") and not name.startswith("__MACOSX")]
            if len(names) == 1:
                return archive.read(names[0])
            if not any(name.lower().startswith(("xl/", "[content_types]", "mimetype")) for name in names):
                raise InputError(f"{source} is an archive of {len(names)} files; unpack it, and name one of them")
    except (OSError, EOFError, ValueError, RuntimeError, NotImplementedError, zlib.error, zipfile.BadZipFile):
        raise InputError(f"{source} {_NOT_A_TABLE}") from None
    return content


def decoded(content: bytes, source: str) -> str:
    """Return the text of a file in UTF-8, UTF-16 or, as old spreadsheets wrote it, Windows' Western encoding.

    Raises
    ------
    InputError
        If it is no text, or a web page.
    """
    text = _decoded(content)
    if text is None or _CONTROL.search(text):
        raise InputError(f"{source} {_NOT_A_TABLE}")
    begin = text[:200].lstrip().lower()
    if begin.startswith(("<!doctype", "<html", "<?xml")):
        raise InputError(f"{source} is a web page and not a table; download the table itself")
    if re.match(r"\{\s*[\"}]|\[\s*[\[{]", begin):
        raise InputError(f"{source} is JSON and not a table; save it as CSV, by pandas.read_json and to_csv")
    return text


def _decoded(content: bytes) -> str | None:
    for mark, encoding in ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"), (b"", "utf-8-sig")):
        if content.startswith(mark):
            try:
                return content.decode(encoding)
            except UnicodeDecodeError:
                break
    # UTF-16 without its mark: of Western text every other byte is zero.
    wide = "utf-16-be" if content[:1] == b"\0" else "utf-16-le"
    encoding = wide if b"\0" in content[:400] else "cp1252"
    try:
        return content.decode(encoding)
    except UnicodeDecodeError:
        return None


def separator_of(text: str) -> str:
    """Return what separates the fields: that by which most lines have the same number of fields, more than one."""
    named = text.split("\n", 1)[0].strip().strip('"').lower()
    if named.startswith("sep=") and len(named) == len("sep=") + 1:
        return named[-1]
    sample = [line for line in text[: _SAMPLE * _LONGEST_SAMPLE_LINE].splitlines() if line.strip()][:_SAMPLE]
    best, most = ",", 0
    for separator in SEPARATORS:
        widths = Counter(_width(line, separator) for line in sample)
        agreeing = max((count for width, count in widths.items() if width > 1), default=0)
        if agreeing > most:
            best, most = separator, agreeing
    return best


def _width(line: str, separator: str) -> int:
    try:
        return len(next(csv.reader([line], delimiter=separator), []))
    except csv.Error:
        return 0


def lines_of(text: str, separator: str, source: str) -> Iterator[Line]:
    """Yield the records that are not blank; a first line ``sep=;``, as Excel writes it, is left out.

    Lines within one field, as headers of spreadsheets have them, become one.

    Raises
    ------
    InputError
        If a line is none of a CSV file, or a quotation mark is opened and not closed.
    """
    # The csv module, unlike polars, says on which line each record stands.
    reader = csv.reader(io.StringIO(text, newline=None), delimiter=separator)
    begin = 1
    try:
        for fields in reader:
            if reader.line_num > begin:
                fields = [_one_line(field, begin, source) for field in fields]
            begin = reader.line_num + 1
            if any(map(str.strip, fields)) and not (reader.line_num == 1 and fields[0].lower().startswith("sep=")):
                yield Line(reader.line_num, fields)
    except csv.Error as error:
        raise InputError(f"{source}, row {reader.line_num}: not a line of a CSV file ({error}); mend it") from None


def _one_line(field: str, row: int, source: str) -> str:
    lines = field.split("\n")
    if len(lines) > _MOST_LINES_IN_A_FIELD:
        raise InputError(
            f"{source}, row {row}: a quotation mark opens a field that goes on for {len(lines):,} lines; close it, or"
            " remove it"
        )
    return " ".join(field.split())


def body_of(lines: list[Line], width: int, source: str) -> list[Line]:
    """Return the lines below a header that is so wide, without a footer; a line may have empty fields too many.

    A footer is what vendors write below a table: at the end, lines of a single field, which does not begin as dates and
    numbers do, or is the number of rows.

    Raises
    ------
    InputError
        At the first line with other fields than the header has.
    """
    end = len(lines)
    while end and width > 1 and (_is_remark(lines[end - 1].fields) or lines[end - 1].fields == [str(end - 1)]):
        end -= 1
    for line in lines[:end]:
        n_fields = len(line.fields)
        if n_fields < width or (n_fields > width and any(map(str.strip, line.fields[width:]))):
            raise InputError(
                f"{source}, row {line.row}: {n_fields} fields where the header has {width}; write one value for each"
                " column, numbers with thousands separators in quotes"
            )
    return lines[:end]


def _is_remark(fields: list[str]) -> bool:
    filled = [field.strip() for field in fields if field.strip()]
    return len(filled) == 1 and (filled[0][0].isalpha() or filled[0][0] in "*#([©")
