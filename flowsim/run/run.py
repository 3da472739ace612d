"""A finished run: lazy tables, and what is known about it."""

from __future__ import annotations

import json
import shutil
import weakref
from collections.abc import Iterator
from copy import copy
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl
from polars.io.plugins import register_io_source

from flowsim.config.asset import LEAD
from flowsim.errors import InputError
from flowsim.files.html import card
from flowsim.files.nearest import nearest
from flowsim.run.manifest import AFTERWARDS, HISTORY, MANIFEST, Manifest, file_of

if TYPE_CHECKING:
    import pandas as pd


class Run:
    """The result of a simulation on disk.

    `market`, `flows`, `positions`, `volatility` and `vix_sources` are lazy polars frames over the run's parquet files;
    `table` gives any other, `to_pandas` and `to_polars` load one. Amounts are in USD bn at the index level of the start
    date. The folder of a `temporary` run goes with the object and the last frame made from it.

    Of several markets it is the first, as if alone; `of_market` gives another, and `of_all_markets` a table of all.
    """

    def __init__(self, folder: str | Path, *, temporary: bool = False) -> None:
        self.folder = Path(folder)
        self.temporary = temporary
        self.asset, self._whole = LEAD, self
        if temporary:
            weakref.finalize(self, shutil.rmtree, self.folder, ignore_errors=True)
        file = self.folder / MANIFEST
        if not file.is_file():
            raise InputError(f"{self.folder}: no run here ({MANIFEST} is missing); give the folder of a run")
        try:
            self.info: Manifest = json.loads(file.read_text())
        except json.JSONDecodeError as error:
            raise InputError(f"{file}:{error.lineno}: not a manifest of a run ({error.msg}); run it again") from None
        if self.info["status"] != "done":
            raise InputError(
                f"{self.folder}: this run is not finished (status {self.info['status']!r}); go on with `resume=True`"
            )

    def __repr__(self) -> str:
        return f"Run({str(self.folder)!r}: {self.label})"

    def _repr_html_(self) -> str:
        rows = [[name, f"{table['rows']:,}"] for name, table in self.info["tables"].items()]
        known = [
            self.description,
            f"From the close of {self.start}, {self.info['history']['source']}.",
            str(self.folder),
        ]
        return card(self.label, known, ("table", "rows"), rows)

    @property
    def market(self) -> pl.LazyFrame:
        """Price, return and states by path and date (and bar)."""
        return self.table("market")

    @property
    def flows(self) -> pl.LazyFrame:
        """Flow and contribution to the return by path, date (and bar) and source."""
        return self.table("flows")

    @property
    def positions(self) -> pl.LazyFrame:
        """Exposure and counts of agents by path, date (and bar) and population."""
        return self.table("positions")

    @property
    def volatility(self) -> pl.LazyFrame:
        """VIX9D to VIX1Y, at-the-money volatility and skew by path and date, in points."""
        return self.table("volatility")

    @property
    def vix_sources(self) -> pl.LazyFrame:
        """Change of each index since the date before, by path, date, index and source; sources add up to it."""
        return self.table("vix_sources")

    @property
    def markets(self) -> list[str]:
        """Names of the markets of the run, in the order of the config."""
        return [LEAD, *self._whole.info.get("markets", {})]

    def of_market(self, name: str) -> Run:
        """Return the run of one of its markets, with its tables, sources and history.

        Raises
        ------
        InputError
            If it has no such market.
        """
        if name not in self.markets:
            raise InputError(f"{self.folder}: no market is called {name!r}; {nearest(name, self.markets, 'markets')}")
        whole = self._whole
        if name == LEAD:
            return whole
        other = copy(whole)
        for known in ("history", "afterwards"):
            other.__dict__.pop(known, None)
        other.asset, other._whole = name, whole
        other.info = {**whole.info, **whole.info.get("markets", {})[name]}
        return other

    def of_all_markets(self, name: str) -> pl.LazyFrame:
        """Return a table of all markets as a lazy frame, with the market's name in the column `asset`.

        Raises
        ------
        InputError
            If the run did not record it.
        """
        runs = [self.of_market(market) for market in self.markets]
        frames = [one.table(name) for one in runs if name in one.info["tables"]] or [self.table(name)]
        named = [
            frame.with_columns(pl.col(pl.Categorical).cast(pl.String), asset=pl.lit(one.asset))
            for frame, one in zip(frames, runs, strict=False)
        ]
        return pl.concat(named)

    def table(self, name: str) -> pl.LazyFrame:
        """Return a table as a lazy frame.

        Raises
        ------
        InputError
            If the run did not record it.
        """
        if name not in self.info["tables"]:
            recorded = ", ".join(self.info["tables"]) or "none"
            raise InputError(
                f"{self.folder}: this run has no table {name!r} (recorded: {recorded}); record it with record.tables"
            )
        return self._held(name) if self.temporary else self._scan(name)

    def _scan(self, name: str) -> pl.LazyFrame:
        if len(self.markets) == 1:
            return pl.scan_parquet(self.folder / name / "*.parquet")
        market = "" if self.asset == LEAD else f"-{self.asset}"
        frame = pl.scan_parquet(self.folder / name / f"part-?????{market}.parquet")
        return frame.drop("asset", strict=False)

    def _held(self, name: str) -> pl.LazyFrame:
        """Return a table whose frame keeps this run, and so its folder: of `simulate(...).market` nothing else does."""

        def read(
            columns: list[str] | None, predicate: pl.Expr | None, n_rows: int | None, _batch_size: int | None
        ) -> Iterator[pl.DataFrame]:
            frame = self._scan(name)
            frame = frame if predicate is None else frame.filter(predicate)
            frame = frame if columns is None else frame.select(columns)
            yield (frame if n_rows is None else frame.head(n_rows)).collect()

        return register_io_source(read, schema=self._scan(name).collect_schema())

    def to_polars(self, name: str) -> pl.DataFrame:
        """Load a table into polars."""
        return self.table(name).collect()

    def to_pandas(self, name: str) -> pd.DataFrame:
        """Load a table into pandas."""
        return self.to_polars(name).to_pandas()

    @property
    def sources(self) -> list[str]:
        """News, policy, those of subsystems, then the populations that trade stock, in the order of the config."""
        return list(self.info["sources"])

    @property
    def populations(self) -> list[str]:
        """Populations that traded stock, in the order of the config."""
        return [name for name in self.sources if name in self.info["kinds"]]

    @property
    def programmes(self) -> list[str]:
        """Option programmes, in the order of the config; dealers hold the other side of them."""
        return list(self.info["programmes"])

    @property
    def hedger(self) -> str | None:
        """Population that hedges the options, or None where nobody does."""
        return self.info.get("hedger")

    def populations_of(self, kind: str) -> list[str]:
        """Return the populations whose strategy is "systematic", "discretionary" or an "intermediary"."""
        return [name for name in self.populations if self.info["kinds"][name] == kind]

    @property
    def n_paths(self) -> int:
        """Number of paths."""
        return int(self.info["paths"])

    @property
    def start(self) -> date:
        """Last real session before the first simulated one."""
        return date.fromisoformat(self.info["config"]["time"]["start"])

    @property
    def description(self) -> str:
        """What the config says it is; empty where its values were changed."""
        return str(self.info.get("about", self.info["config"]["description"]))

    @property
    def sized(self) -> str:
        """When the sizes of its populations were measured, if the config says so."""
        return str(self.info.get("sized", ""))

    @property
    def label(self) -> str:
        """Config with its changes, paths, days and seed in a few words."""
        name = str(self.info.get("name", Path(self.info["source"]).stem))
        name += "" if self.asset == LEAD else f", market {self.asset}"
        name += "; " if self.info.get("changes") else ", "
        return f"{name}{self.n_paths} paths, {self.info['days']} days, seed {self.info['seed']}"

    @cached_property
    def history(self) -> pl.DataFrame:
        """The last real year before the start: date, close."""
        return pl.read_parquet(self.folder / file_of(HISTORY, self.asset))

    @cached_property
    def afterwards(self) -> pl.DataFrame:
        """What really followed the start, as far as the price file has it: date, close."""
        file = self.folder / file_of(AFTERWARDS, self.asset)
        return pl.read_parquet(file) if file.is_file() else self.history.clear()
