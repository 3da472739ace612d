"""What an outlook has found, as tables and numbers."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import polars as pl

from flowsim.chain.open_interest import DealerGamma
from flowsim.history.forward import Forward


@dataclass(frozen=True, eq=False)
class OutlookTables:
    """An outlook from one close. Tables: see `scenarios`, `turning_table`, `reaction_table`, `roll_off`, `Forward`.

    `state` has population and position_bn (null without one; of option programmes their delta, of dealers the hedge).
    `volatility` has index, path_dependent and real, in points. `daily_vol` is that of the last quarter, a fraction.
    `systematic` names the populations in the totals, and `hedgers` those of them who hedge options. `layer` has the
    coming quarters of the macro layer, and is empty without one.
    """

    label: str
    description: str
    as_of: np.datetime64
    close: float
    daily_vol: float
    horizons: tuple[int, ...]
    systematic: list[str]
    hedgers: list[str]
    history: pl.DataFrame
    state: pl.DataFrame
    scenarios: pl.DataFrame
    turning: pl.DataFrame
    reactions: pl.DataFrame
    roll_off: pl.DataFrame
    volatility: pl.DataFrame
    forward: Forward
    gamma: DealerGamma | None
    layer: pl.DataFrame = field(default_factory=pl.DataFrame)

    @property
    def tables(self) -> dict[str, pl.DataFrame]:
        """The tables by name; an empty one is left out."""
        names = ("state", "scenarios", "turning", "reactions", "roll_off", "volatility", "layer")
        found = {name: getattr(self, name) for name in names}
        found |= {
            f"forward_{name}": getattr(self.forward, name) for name in ("index", "volatility", "flows", "returns")
        }
        if self.gamma is not None:
            columns = {"spot_pct": self.gamma.spot_pct, "gamma_1pct_bn": self.gamma.gamma_1pct_bn}
            found["gamma"] = pl.DataFrame(columns)
        return {name: table for name, table in found.items() if table.height}
