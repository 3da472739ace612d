"""Simulate a market: config in, run out."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from flowsim.clock import FIRST_DATE, LAST_DATE, sessions
from flowsim.config import Config
from flowsim.config.asset import LEAD
from flowsim.config.load import config_of
from flowsim.config.overrides import Overrides
from flowsim.data.prices import Prices, PricesLike, prices_of
from flowsim.engine.blocks import Block, Chunk, blocks_of
from flowsim.engine.memory import require_memory_of_blocks
from flowsim.engine.prepare import Market
from flowsim.ensemble.executor import Counter, Executor, Progress
from flowsim.ensemble.job import Job
from flowsim.ensemble.progress import shown
from flowsim.ensemble.worker import Histories, Worker
from flowsim.errors import InputError, RunError
from flowsim.run.manifest import MANIFEST, finish, manifest_of, open_folder, write_json

if TYPE_CHECKING:
    from flowsim.run.run import Run


def simulate(
    config: Config | str | Path,
    n_paths: int = 256,
    *,
    seed: int | None = None,
    prices: PricesLike | Mapping[str, PricesLike] | None = None,
    out: str | Path | None = None,
    threads: int | None = None,
    resume: bool = False,
    progress: bool | Progress | None = None,
    overrides: Overrides = (),
    days: int | None = None,
    command: list[str] | None = None,
    trust_data: bool = False,
) -> Run:
    """Simulate paths of a market and return the run.

    Parameters
    ----------
    config : Config, or the name or path of one
    n_paths : int
        Paths, stepped in blocks of 64; path p is the same whatever their number.
    seed : int, optional
        Instead of the config's own.
    prices : Prices, path or table, or a mapping of them by market, optional
        Real history that the run starts from instead of the one that the config names: anything that `read_prices`
        takes. Where the config does not choose its start, the run starts at the last session in it. The first market
        is called equity: ``{"equity": "spx.csv", "btc": "btc.csv"}``.
    out : path, optional
        Folder for the run; a temporary one that goes with the returned object by default.
    threads : int, optional
        Blocks at work at the same time; as many as there are processors by default. Never changes a result.
    resume : bool
        Go on with the unfinished run in `out`.
    progress : bool or callable, optional
        True shows how far it is; a function is called with finished and total path-days.
    overrides : iterable of str, or mapping
        Settings applied to the config: ``{"population.cta.capital_bn": 0}`` or ``["population.cta.capital_bn=0"]``.
    days : int, optional
        Sessions to simulate; `time.days` of the config by default.
    command : list of str, optional
        The command line to keep in the manifest.
    trust_data : bool
        Take data that are not likely; see `flowsim.data.weigh`.

    Raises
    ------
    ConfigError, InputError, StrategyError
        If the config, the price history, the folder or a strategy is not as it must be.
    RunError
        If a rule or the price breaks during the run; names population, path, date and step. Finished blocks are kept.
    """
    config = config_of(config, overrides, seed=seed, days=days)
    if n_paths < 1:
        raise InputError(f"`n_paths={n_paths}`: a run has at least one path")
    known, beside = prices_by_market(prices, trust_data=trust_data)
    config = from_last_close(config, known)
    executor, histories = Executor(threads), Histories(known, beside=beside)
    job = histories.job(config, blocks_of(n_paths), write_tables)
    worker = Worker(histories, stop=executor.stop, counter=Counter(job.path_days, None))
    market = worker.market(job)
    require_memory_of_blocks(market.bytes_of_block, min(executor.threads, len(job.blocks)))
    folder = Path(tempfile.mkdtemp(prefix="flowsim-")) if out is None else Path(out)
    manifest = manifest_of(config, market, n_paths, command)
    manifest["job"] = job.digest
    done = open_folder(folder, manifest, resume=resume)
    began = time.perf_counter()
    write_json(folder / MANIFEST, manifest)
    try:
        with shown(progress, "simulating") as worker.counter.progress:
            _run_blocks(job, worker, folder, set(done), executor)
    except BaseException as error:
        status = "interrupted" if isinstance(error, KeyboardInterrupt) else "failed"
        write_json(folder / MANIFEST, manifest | {"status": status, "error": str(error) or type(error).__name__})
        if out is None:
            shutil.rmtree(folder, ignore_errors=True)
        if isinstance(error, OSError):
            kept = "finished blocks are kept, mend the cause and go on with `resume=True`"
            raise RunError(f"{error.filename or folder}: {error.strerror or error}; {kept}") from error
        raise
    from flowsim.run.run import Run
    from flowsim.run.tables import written_by

    finish(folder, manifest, written_by(market), time.perf_counter() - began)
    return Run(folder, temporary=out is None)


def prices_by_market(
    prices: PricesLike | Mapping[str, PricesLike] | None, *, trust_data: bool = False
) -> tuple[Prices | None, dict[str, Prices]]:
    """Return the prices of the first market, if they are given, and those of others by name."""
    named: Mapping[str, PricesLike | None] = prices if isinstance(prices, Mapping) else {LEAD: prices}
    known = {name: prices_of(one, trust_data=trust_data) for name, one in named.items()}
    return known.get(LEAD), {name: one for name, one in known.items() if name != LEAD and one is not None}


def from_last_close(config: Config, known: Prices | None) -> Config:
    """Return the config from the last session that the prices given have, where nobody chose its start."""
    if known is None or config.start_is_chosen:
        return config
    there = known.dates[np.isin(known.dates, sessions(FIRST_DATE, LAST_DATE).dates)]
    return config.starting(there[-1]) if len(there) else config


def _run_blocks(job: Job, worker: Worker, folder: Path, done: set[int], executor: Executor) -> None:
    days = job.market.time.days
    worker.counter.add(sum(block.live * days for block in job.blocks if block.number in done))
    with executor:
        pieces = [piece for piece in job.by_block() if piece.blocks[0].number not in done]
        tasks = [executor.submit(worker.kept, piece, folder) for piece in pieces]
        _import_meanwhile(worker.market(job), worker.histories, job, folder)
        executor.finish(tasks)


def _import_meanwhile(market: Market, histories: Histories, job: Job, folder: Path) -> None:
    """Do what needs pyarrow and polars while the first days are stepped: they take a tenth of a start to import."""
    from flowsim.run.writer import write_real_closes

    write_real_closes(folder, histories.history(job), market.dates)
    for name, known in histories.histories_beside(job).items():
        write_real_closes(folder, known, market.dates, name)
    import flowsim.run.run  # noqa: F401


def write_tables(market: Market, block: Block, chunks: Iterator[Chunk], folder: Path) -> None:
    """Write each chunk of a block while the next is stepped: writing takes a quarter of the time of a block."""
    with Executor(1) as beside:
        coming = beside.ahead(chunks)
        from flowsim.run.tables import batches, labels_of
        from flowsim.run.writer import BlockWriter

        several = len(market.all) > 1
        labels = {"" if one is market else one.name: labels_of(one, several=several) for one in market.all}
        schemas = {(table, name): schema for name, one in labels.items() for table, schema in one.schemas.items()}
        with BlockWriter(folder, block.number, schemas) as writer:
            for kept, rows in coming:
                chunks_by_market = zip(labels.items(), ((kept, rows), *kept.beside), strict=True)
                for (name, one), (chunk, its_rows) in chunks_by_market:
                    for table in one.schemas:
                        for batch in batches(table, chunk, its_rows, one):
                            writer.write((table, name), batch)
            writer.finish()
