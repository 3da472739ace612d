"""What a run keeps of its quarters, and the tables that it becomes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from flowsim.files.arrays import Floats
from flowsim.macro.columns import BUILDER_COLUMNS, MACRO_COLUMNS, read
from flowsim.macro.numbers import COMPANIES
from flowsim.macro.rows import FLOWS, N_FLOWS, SECTORS
from flowsim.macro.state import Layer

if TYPE_CHECKING:
    import polars as pl


class Recorded:
    """Room for the columns of every table, each (paths, quarters) or with companies or payments as a third axis."""

    def __init__(self, n_paths: int, quarters: int, *, accounts: bool) -> None:
        shape = n_paths, quarters
        self.macro = {column.name: np.empty(shape) for column, _ in MACRO_COLUMNS}
        self.builders = {column.name: np.empty((*shape, len(COMPANIES))) for column, _ in BUILDER_COLUMNS}
        self.payments: Floats | None = np.empty((*shape, N_FLOWS)) if accounts else None

    def keep(self, layer: Layer, place: int, path0: int, live: int) -> None:
        """Keep what a quarter left behind in the first lanes of a block."""
        paths = slice(path0, path0 + live)
        for name, values in read(MACRO_COLUMNS, layer, live).items():
            self.macro[name][paths, place] = values
        for name, values in read(BUILDER_COLUMNS, layer, live).items():
            self.builders[name][paths, place] = values.T
        if self.payments is not None:
            self.payments[paths, place] = layer.flows[:, :live].T

    def tables(self, quarters: Sequence[str]) -> dict[str, pl.DataFrame]:
        """Return the tables by name, by path, then quarter, then company or payment."""
        import polars as pl

        found = {"macro": self._table(self.macro, quarters, {})}
        builders = self._table(self.builders, quarters, {"company": list(COMPANIES)})
        found["builders"] = builders.with_columns(pl.col("binding").cast(pl.Int16))
        if self.payments is not None:
            named = {
                "payment": [flow.name for flow in FLOWS],
                "payer": [SECTORS[flow.payer] for flow in FLOWS],
                "payee": [SECTORS[flow.payee] for flow in FLOWS],
            }
            found["accounts"] = self._table({"amount_bn": self.payments}, quarters, named)
        return found

    def _table(
        self, columns: dict[str, np.ndarray], quarters: Sequence[str], members: dict[str, list[str]]
    ) -> pl.DataFrame:
        import polars as pl

        n_paths = next(iter(self.macro.values())).shape[0]
        each = max((len(names) for names in members.values()), default=1)
        paths = np.repeat(np.arange(n_paths, dtype=np.int32), len(quarters) * each)
        index = {"path": paths, "quarter": pl.Series(np.repeat(quarters, each).tolist() * n_paths)}
        index |= {name: pl.Series(names * (n_paths * len(quarters))) for name, names in members.items()}
        return pl.DataFrame(index | {name: values.ravel() for name, values in columns.items()})
