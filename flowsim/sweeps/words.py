"""Tables of a sweep in Markdown, and the sentences below them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import polars as pl

from flowsim.ensemble.intervals import LEVEL

MOST_ROWS = 60
"""Arms that a printed table shows; `--csv` and Python have all of them."""


def as_markdown(table: pl.DataFrame, label: str, against: str, broken: Mapping[str, str]) -> str:
    """Return a row for each arm, a column for each outcome with its difference, and what there is to know."""
    outcomes = list(dict.fromkeys(table["outcome"]))
    units = dict(zip(table["outcome"], table["unit"], strict=True))
    heads = [f"{name}, {units[name]}" if units[name] else name for name in outcomes]
    lines = [f"| arm | {' | '.join(heads)} |", "|---|" + "---:|" * len(heads)]
    names = list(dict.fromkeys(table["name"]))
    rows = {(row["name"], row["outcome"]): row for row in table.iter_rows(named=True)}
    for name in names[:MOST_ROWS]:
        if name in broken:
            lines.append(f"| {name} | " + " | ".join(["broken"] * len(outcomes)) + " |")
        else:
            lines.append(f"| {name} | " + " | ".join(_cell(rows[name, outcome]) for outcome in outcomes) + " |")
    if len(names) > MOST_ROWS:
        lines.append(f"| and {len(names) - MOST_ROWS:,} more |" + " |" * len(outcomes))
    return "\n".join([*lines, "", *sentences(table, label, against, broken)])


def sentences(table: pl.DataFrame, label: str, against: str, broken: Mapping[str, str]) -> list[str]:
    """Return what a reader of a table must know, a sentence a line."""
    compared = table.filter(pl.col("moved").is_not_null())
    by_luck = (1.0 - LEVEL) * len(compared)
    each = compared["name"].n_unique()
    said = [
        f"{label}. The same news and noise in every arm. In brackets the difference to {against!r}, path by path,"
        f" ± half its 95 % interval; * = other than zero with the differences of all {each:,} arms held together"
        " (Bonferroni).",
    ]
    if by_luck >= 0.5:
        said.append(
            f"By single intervals, about {by_luck:.0f} of {len(compared):,} differences would leave out zero by luck."
        )
    few = table.filter(~pl.col("value").is_finite() & (pl.col("paths") > 0))
    if len(few):
        said.append(f"Nothing is said of {few['outcome'][0]} with fewer than five paths in the tail; take more paths.")
    said += [f"{name}: {message}." for name, message in broken.items()]
    return said


def _cell(row: dict[str, Any]) -> str:
    if not np.isfinite(row["value"]):
        return "-"
    alone = number(row["value"])
    if not np.isfinite(row["difference"]):
        return alone
    half = (row["difference_high"] - row["difference_low"]) / 2.0
    star = "*" if row["moved"] else ""
    return f"{alone} ({number(row['difference'], signed=True)} ± {number(half)}{star})"


def number(value: float, *, signed: bool = False) -> str:
    """Return a number with three digits or so."""
    if not np.isfinite(value):
        return "-"
    digits = 0 if abs(value) >= 1000.0 else 1 if abs(value) >= 10.0 else 2 if abs(value) >= 0.1 or value == 0.0 else 3
    rounded = round(value, digits) + 0.0
    return f"{rounded:{'+' if signed else ''},.{digits}f}"
