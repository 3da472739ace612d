"""What the table of the evidence holds: each column with type, unit and meaning."""

from __future__ import annotations

from flowsim.files.columns import Column, Table

EVIDENCE_TABLES = (
    Table(
        "evidence",
        "target, regressor and era",
        (
            Column("target", "name", "", "what is explained: the next day's return, and its range or size"),
            Column(
                "regressor", "name", "", "population whose flow of that day is known, all of them, or dealers' gamma"
            ),
            Column("era", "name", "", "years, or all with such funds"),
            Column("first", "date", "", "first session of it with all that is known"),
            Column("last", "date", "", "last session of it"),
            Column("had_funds", "bool", "", "whether there were such funds then"),
            Column("coefficient", "float64", "of the target per USD bn", "beyond the controls"),
            Column("low", "float64", "of the target per USD bn", "lower end of its 95 % interval (Newey-West)"),
            Column("high", "float64", "of the target per USD bn", "upper end of its 95 % interval (Newey-West)"),
            Column("t", "float64", "", "coefficient over its error"),
            Column("placebo_share", "float64", "fraction", "circular shifts of the regressor with as large a t"),
            Column("partial_r_squared_pct", "float64", "%", "part of the variance left by the controls"),
            Column(
                "law", "float64", "of the target per USD bn", "what the law of impact says, null where it says nothing"
            ),
            Column("days", "int64", "sessions", "that are regressed on"),
        ),
    ),
)
