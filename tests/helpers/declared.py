"""Whether a frame holds what the declaration of its table says."""

import re

import polars as pl

from flowsim.files.columns import Table

KINDS = {
    "float64": pl.Float64,
    "int64": pl.Int64,
    "int32": pl.Int32,
    "date": pl.Date,
    "name": pl.String,
    "bool": pl.Boolean,
}


def differs(frame: pl.DataFrame, table: Table) -> list[str]:
    """Return what a frame has and its declaration has not, or the other way round; {days} stands for a number."""
    found = {f"{_any_days(name)}, {kind}" for name, kind in frame.schema.items()}
    return sorted(found ^ {f"{_any_days(one.name)}, {KINDS[one.kind]()}" for one in table.columns})


def _any_days(name: str) -> str:
    return re.sub(r"_\d+(d|$)", r"_{days}\1", name)
