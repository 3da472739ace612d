"""What the tables beside the page on the claims hold: each column with type, unit and meaning."""

from __future__ import annotations

from flowsim.files.columns import Column, Table

EFFECT = Column("effect", "name", "", "what was measured, as in the report")
INTERVAL = (
    Column("value", "float64", "as the effect says", "effect over all its paths, null where it has none"),
    Column("low", "float64", "as the effect says", "lower end of its 95 % interval"),
    Column("high", "float64", "as the effect says", "upper end of its 95 % interval"),
)
CLAIM_TABLES = (
    Table(
        "claim-{label}-effects",
        "effect and part of the paths",
        (EFFECT, Column("part", "name", "", '"all paths", or one of three thirds of them'), *INTERVAL),
    ),
    Table(
        "claim-{label}-scan",
        "value of the scanned parameter and effect",
        (
            Column("parameter", "float64", "of the parameter", "its value"),
            Column("verdict", "name", "", "verdict at that value, null where the market breaks"),
            EFFECT,
            *INTERVAL,
            Column("broken", "name", "", "how the market broke, empty where it did not"),
        ),
    ),
    Table(
        "claim-{label}-map-{place}",
        "pair of values of two parameters",
        (
            Column("(first parameter)", "float64", "of the parameter", "its value"),
            Column("(second parameter)", "float64", "of the parameter", "its value"),
            Column("(effect, unit)", "float64", "as named", "effect there, null where the market breaks"),
        ),
        "Columns are named by what they hold.",
    ),
    Table(
        "claim-{label}-{name}",
        "name in its first column",
        (
            Column("(names)", "name", "", "what the row is about"),
            Column("(numbers)", "float64", "as named", "one column for each that the report shows"),
        ),
        "A further table of the report, under its title.",
    ),
)
