"""Simulate a market: config in, run out."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from flowsim.config import Config, load
from flowsim.data.prices import Prices
from flowsim.engine.blocks import Block, blocks_of, run_block
from flowsim.engine.prepare import Market, prepare
from flowsim.ensemble.executor import Counter, Executor, Progress
from flowsim.errors import InputError, RunError
from flowsim.run.manifest import MANIFEST, finish, manifest_of, open_folder, write_json

if TYPE_CHECKING:
    from flowsim.run.run import Run


def simulate(
    config: Config | str | Path,
    n_paths: int = 256,
    *,
    seed: int | None = None,
    prices: Prices | None = None,
    out: str | Path | None = None,
    threads: int | None = None,
    resume: bool = False,
    progress: Progress | None = None,
    command: list[str] | None = None,
) -> Run:
    """Simulate paths of a market and return the run.

    Parameters
    ----------
    config : Config, or the name or path of one
    n_paths : int
        Paths, stepped in blocks of 64; path p is the same whatever their number.
    seed : int, optional
        In the place of the config's own.
    prices : Prices, optional
        Real history that the run starts from, in the place of the one that the config names.
    out : path, optional
        Folder for the run; a temporary one that goes with the returned object by default.
    threads : int, optional
        Blocks at work at the same time; as many as there are processors by default. Never changes a result.
    resume : bool
        Go on with the unfinished run in `out`.
    progress : callable, optional
        Called with finished and total path-days.
    command : list of str, optional
        The command line to keep in the manifest.

    Raises
    ------
    ConfigError, InputError, StrategyError
        If the config, the price history, the folder or a strategy is not as it must be.
    RunError
        If a rule or the price breaks during the run; names population, path, date and step. Finished blocks are kept.
    """
    config = config if isinstance(config, Config) else load(config)
    if seed is not None:
        config = config.override(f"seed={seed}")
    if n_paths < 1:
        raise InputError(f"paths = {n_paths}; a run has at least one path")
    executor = Executor(threads)
    market = prepare(config, prices)
    folder = Path(tempfile.mkdtemp(prefix="flowsim-")) if out is None else Path(out)
    manifest = manifest_of(config, market, n_paths, command)
    done = open_folder(folder, manifest, resume=resume)
    began = time.perf_counter()
    write_json(folder / MANIFEST, manifest)
    try:
        _run_blocks(market, folder, n_paths, set(done), executor, progress)
    except BaseException as error:
        status = "interrupted" if isinstance(error, KeyboardInterrupt) else "failed"
        write_json(folder / MANIFEST, manifest | {"status": status, "error": str(error) or type(error).__name__})
        if out is None:
            shutil.rmtree(folder, ignore_errors=True)
        if isinstance(error, OSError):
            kept = "finished blocks are kept, mend the cause and go on with --resume"
            raise RunError(f"{error.filename or folder}: {error.strerror or error}; {kept}") from error
        raise
    from flowsim.run.run import Run
    from flowsim.run.tables import tables_of

    finish(folder, manifest, tables_of(config), time.perf_counter() - began)
    return Run(folder, temporary=out is None)


def block_returns(
    market: Market, blocks: list[Block], threads: int | None = None, progress: Progress | None = None
) -> Iterator[np.ndarray]:
    """Yield each block's daily contributions (days, sources, paths), in the order of the blocks, keeping no files."""
    days = len(market.dates)
    counter = Counter(sum(block.live for block in blocks) * days, progress)
    with Executor(threads) as executor:

        def contributions(block: Block) -> np.ndarray:
            chunks = [
                kept.record.contribution[: len(rows.dates), :, : block.live]
                for kept, rows in run_block(market, block, stop=executor.stop)
            ]
            counter.add(block.live * days)
            return np.concatenate(chunks)

        yield from executor.map(contributions, blocks)


def _run_blocks(
    market: Market, folder: Path, n_paths: int, done: set[int], executor: Executor, progress: Progress | None
) -> None:
    blocks = blocks_of(n_paths)
    days = len(market.dates)
    counter = Counter(n_paths * days, progress)
    counter.add(sum(block.live * days for block in blocks if block.number in done))
    write = partial(_write_block, market, folder, executor=executor, counter=counter)
    with executor:
        tasks = [executor.submit(write, block) for block in blocks if block.number not in done]
        _import_meanwhile(market, folder)
        executor.finish(tasks)


def _import_meanwhile(market: Market, folder: Path) -> None:
    """Do what needs pyarrow and polars while the first days are stepped: they take a tenth of a start to import."""
    from flowsim.run.writer import write_history

    write_history(folder, market.history)
    import flowsim.run.run  # noqa: F401


def _write_block(market: Market, folder: Path, block: Block, *, executor: Executor, counter: Counter) -> None:
    """Step a block, and write each chunk while the next is stepped: writing takes a quarter of the time of a block."""
    with Executor(1) as beside:
        chunks = beside.ahead(run_block(market, block, stop=executor.stop))
        from flowsim.run.tables import batches, labels_of, tables_of
        from flowsim.run.writer import BlockWriter

        tables, labels = tables_of(market.config), labels_of(market)
        with BlockWriter(folder, block.number, tables, by_bar=labels.by_bar) as writer:
            for kept, rows in chunks:
                for table in tables:
                    for batch in batches(table, kept, rows, labels):
                        writer.write(table, batch)
                counter.add(block.live * len(np.unique(rows.dates)))
            if not executor.stop.is_set():
                writer.finish()
