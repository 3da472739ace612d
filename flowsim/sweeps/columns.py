"""What the tables of a sweep hold: each column with type, unit, sign and meaning."""

from __future__ import annotations

from flowsim.files.columns import Column, Table

ARM = Column("arm", "int32", "", "number of the arm, 0 for the market without changes")
NAME = Column("name", "name", "", "name of the arm")


def _interval(of: str, begin: str, sign: str = "") -> tuple[Column, ...]:
    low, high = (f"{begin}_{end}" if begin else end for end in ("low", "high"))
    unit = "that of the outcome"
    return (
        Column(begin or "value", "float64", unit, of, sign),
        Column(low, "float64", unit, "low end of its own 95 % interval", sign),
        Column(high, "float64", unit, "high end of its own 95 % interval", sign),
        Column(f"{low}_all", "float64", unit, "low end where the intervals of all arms are to hold together", sign),
        Column(f"{high}_all", "float64", unit, "high end where the intervals of all arms are to hold together", sign),
    )


SWEEP_TABLES = (
    Table(
        "arms",
        "arm",
        (
            ARM,
            NAME,
            Column("settings", "name", "", "list of its settings; a column more for each key that the design varies"),
            Column("digest", "name", "", "SHA-256 of its market under the first seed"),
            Column("digests", "name", "", "list of those under each seed"),
        ),
    ),
    Table(
        "outcomes",
        "arm, seed and path",
        (
            ARM,
            Column("seed", "int64", "", "key of the random streams"),
            Column("path", "int32", "", "number of the path, from 0"),
            Column("vol_pct", "float64", "%", "and so on: what is measured, a column for each outcome of a path"),
        ),
        "Blocks that broke have no rows.",
    ),
    Table(
        "table",
        "outcome and arm",
        (
            Column("outcome", "name", "", "its name"),
            Column("unit", "name", "", "its unit"),
            ARM,
            NAME,
            Column("paths", "int64", "", "paths that count; 0 for an arm that is broken"),
            *_interval("mean over paths, value at risk or expected shortfall", ""),
            *_interval("that less the value of the arm held against, path by path", "difference", "more here"),
            Column("moved", "bool", "", "whether the joint interval of the difference leaves zero out"),
        ),
        "A column more for each key that the design varies.",
    ),
)
