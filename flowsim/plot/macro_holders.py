"""The picture of who holds the debt: by instrument and holder, at the start and at the end of a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from flowsim.plot.macro_page import macro_page, stack, swatches
from flowsim.plot.style import ALERT, COLORS, INDEX, dress

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from flowsim.macro.alone import MacroRun

LENDERS, CENTRAL_BANK, ABROAD = "lenders", "central_bank", "abroad"
HOLDERS = {
    LENDERS: ("lenders", INDEX),
    CENTRAL_BANK: ("central bank", COLORS["policy"]),
    ABROAD: ("abroad", COLORS["passive"]),
}
DEBTS = (
    ("Treasury", {LENDERS: "lender_bonds_bn", CENTRAL_BANK: "central_bank_bonds_bn", ABROAD: "abroad_bonds_bn"}),
    ("firms", {LENDERS: "firm_debt_bn"}),
    ("utilities", {LENDERS: "utility_debt_bn"}),
    ("builders", {LENDERS: "builder_debt_bn"}),
    ("vehicles", {LENDERS: "vehicle_debt_bn"}),
)
"""Who owes, and the column of the table macro that each holder has of it."""
BORNE = {
    "builder_debt_bn": ("bonds of builders", INDEX),
    "guarantee_left_bn": ("vehicles, guaranteed", COLORS["risk_parity"]),
    "alone_bn": ("vehicles, alone", ALERT),
}
"""Who pays what lenders lent for AI, first."""
TRILLION = 1000.0


def holders(found: MacroRun) -> Figure:
    """Draw each debt at the first and the last quarter's end by holder, and AI's own by who must pay it."""
    figure, (every, of_ai) = macro_page("Who holds the debt", found, 2)
    alone = (pl.col("vehicle_debt_bn") - pl.col("guarantee_left_bn")).alias("alone_bn")
    table = found.tables["macro"].with_columns(alone)
    means = table.group_by("quarter", maintain_order=True).mean()
    ends = pl.concat([means.head(1), means.tail(1)])
    parts = [
        np.array([ends[held[who]][end] / TRILLION if who in held else 0.0 for _, held in DEBTS for end in (0, 1)])
        for who in HOLDERS
    ]
    places = np.array([3.0 * row + end for row in range(len(DEBTS)) for end in (0, 1)])
    stack(every, places, parts, [ink for _, ink in HOLDERS.values()])
    _names(every, places, [f"{name}\n{quarter}" for name, _ in DEBTS for quarter in ends["quarter"]])
    dress(every, "All debt by who owes and who holds it, mean over paths, at the first and the last quarter", "USD trn")
    swatches(every, HOLDERS)
    quarters = np.arange(means.height, dtype=float)
    stack(of_ai, quarters, [means[name].to_numpy() for name in BORNE], [ink for _, ink in BORNE.values()])
    step = -(-means.height // 9)
    _names(of_ai, quarters[::step], means["quarter"].to_list()[::step])
    dress(
        of_ai,
        "What lenders lent for AI by who must pay it first: builders, builders who guarantee, or vehicles alone",
        "USD bn",
    )
    swatches(of_ai, BORNE)
    return figure


def _names(axes: Axes, places: np.ndarray, names: list[str]) -> None:
    axes.set_xticks(places, names)
    for text in axes.get_xticklabels():
        text.set_parse_math(False)
