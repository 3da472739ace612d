"""Sheets of Excel: the first that is a table."""

from __future__ import annotations

import importlib.util
import io

import polars as pl

from flowsim.errors import InputError
from flowsim.files.csv_text import Line
from flowsim.files.header import Vocabulary, is_header, table_of
from flowsim.files.table import Table


def excel_table(content: bytes, source: str, vocabulary: Vocabulary) -> Table:
    """Return the table in the first sheet of a workbook whose header is known, else in the first that is not empty.

    Raises
    ------
    InputError
        If the file is damaged, or what reads Excel is not installed.
    """
    if importlib.util.find_spec("fastexcel") is None:
        raise InputError(
            f"{source} is an Excel file, which needs the extra excel; install flowsim-market[excel], or save the"
            " file as CSV"
        )
    sheets = [lines for sheet in _sheets(content, source) if (lines := _lines(sheet))]
    known = [lines for lines in sheets if any(is_header(line.fields, vocabulary) for line in lines)]
    return table_of((known or sheets or [[]])[0], source, vocabulary)


def _sheets(content: bytes, source: str) -> list[pl.DataFrame]:
    try:
        found = pl.read_excel(
            io.BytesIO(content),
            sheet_id=0,
            has_header=False,
            read_options={"skip_rows": 0},
            infer_schema_length=0,
            drop_empty_rows=False,
            drop_empty_cols=False,
            raise_if_empty=False,
        )
    except Exception as error:
        # What reads Excel has errors of its own, which cannot be named where it is not installed.
        if type(error).__module__.partition(".")[0] not in ("_fastexcel", "fastexcel", "polars", "builtins"):
            raise
        raise InputError(f"{source} is a damaged Excel file; save it again, or as CSV") from None
    return list(found.values())


def _lines(sheet: pl.DataFrame) -> list[Line]:
    """Return the rows of a sheet that are not blank, counted from 1 as Excel does."""
    rows = ([(value or "").strip() for value in row] for row in sheet.iter_rows())
    return [Line(number, fields) for number, fields in enumerate(rows, 1) if any(fields)]
