"""The days of a block of paths of a finished run, as arrays, so that a run is measured as an arm of a sweep is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from flowsim.ensemble.sample import BySource
from flowsim.errors import InputError
from flowsim.files.arrays import Floats, PathsByDays, PathsByDaysBySources
from flowsim.run.run import Run


@dataclass(frozen=True, eq=False)
class RunSample(BySource):
    """Some paths of a run by day: arrays of shape (paths, days) and (paths, days, sources).

    Without the table flows, everything that moved the price is one source without a name.
    """

    sources: list[str]
    contribution: PathsByDaysBySources
    flow: PathsByDaysBySources
    indices: dict[str, PathsByDays]

    def column(self, name: str) -> PathsByDays:
        """Return the closes of a volatility index."""
        return self.indices[name]


def samples_of_run(run: Run, sources: list[str]) -> Iterator[RunSample]:
    """Yield the samples of a run, a block of paths at a time.

    Raises
    ------
    InputError
        If it recorded neither market nor flows, or not every close.
    """
    tables = run.info["tables"]
    if run.info["config"]["record"]["every"] != 1:
        raise InputError(f"{run.folder}: the run recorded every {run.info['config']['record']['every']} sessions, and a"
                         " comparison needs each close; run it with record.every = 1")  # fmt: skip
    kept = "flows" if "flows" in tables else "market"
    if kept not in tables:
        raise InputError(f"{run.folder}: the run recorded neither market nor flows; record one with record.tables")
    for file in sorted((run.folder / kept).glob("part-*.parquet")):
        by_source = _of_flows(file, run) if kept == "flows" else _of_market(file)
        volatility = run.folder / "volatility" / file.name
        yield RunSample([*sources] if kept == "flows" else [""], *by_source, _indices(volatility))


def _of_flows(file: Path, run: Run) -> tuple[Floats, Floats]:
    """Return contributions and flows, (paths, days, sources), in the order of the run's sources."""
    places = {name: place for place, name in enumerate(run.sources)}
    frame = pl.scan_parquet(file).with_columns(place=pl.col("source").cast(pl.String).replace_strict(places))
    summed = _by_day(frame, ["path", "date", "place"], ["contribution", "flow_bn"])
    shape = summed["path"].n_unique(), -1, len(places)
    return summed["contribution"].to_numpy().reshape(shape), summed["flow_bn"].to_numpy().reshape(shape)


def _of_market(file: Path) -> tuple[Floats, Floats]:
    summed = _by_day(pl.scan_parquet(file), ["path", "date"], ["log_return"])
    returns = summed["log_return"].to_numpy().reshape(summed["path"].n_unique(), -1, 1)
    return returns, np.zeros_like(returns)


def _by_day(frame: pl.LazyFrame, keys: list[str], columns: list[str]) -> pl.DataFrame:
    """Return sums over the bars of each day, added up in the order of the bars."""
    if "bar" not in frame.collect_schema():
        return frame.select(*keys, *columns).sort(keys).collect()
    in_order = frame.sort(*keys, "bar").group_by(keys, maintain_order=True)
    return in_order.agg(pl.col(name).sum() for name in columns).collect()


def _indices(file: Path) -> dict[str, PathsByDays]:
    if not file.is_file():
        return {}
    frame = pl.scan_parquet(file).sort("path", "date").collect()
    n_paths = frame["path"].n_unique()
    return {name: frame[name].to_numpy().reshape(n_paths, -1) for name in frame.columns if name not in ("path", "date")}
