"""Simulate a market: config in, run out."""

from __future__ import annotations

import os
import platform
import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from flowsim.config import Config, load
from flowsim.errors import InputError, RunError
from flowsim.kernel.jit import LANES
from flowsim.market.day import FINE
from flowsim.market.engine import run_days
from flowsim.market.faults import run_error
from flowsim.market.option_record import PROFILE_EVERY
from flowsim.market.prepare import Market, prepare
from flowsim.market.records import new_option_record, new_record
from flowsim.market.rows import LOG_PRICE
from flowsim.market.warm_up import option_call
from flowsim.prices import Prices
from flowsim.run.chains import chain_labels
from flowsim.run.run import HISTORY, MANIFEST, Run
from flowsim.run.tables import Kept, Labels, Rows, batches, tables_of
from flowsim.run.writer import DONE, BlockWriter, finished_blocks, table_digests, write_json

CHUNK_BYTES = 8_000_000
"""Memory that the record of one block may take before it is written out, while the next one is filled."""

Chunk = tuple[Kept, Rows]
"""What was recorded in some days of a block."""
Progress = Callable[[int, int], None]
"""Called with the finished and the total path-days, from whichever thread finished a chunk."""


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
    if threads is not None and threads < 1:
        raise InputError(f"threads = {threads}; use at least one thread")
    market = prepare(config, prices)
    folder = Path(tempfile.mkdtemp(prefix="flowsim-")) if out is None else Path(out)
    manifest = _manifest(config, market, n_paths, command)
    done = _open_folder(folder, manifest, resume=resume)
    began = time.perf_counter()
    write_json(folder / MANIFEST, manifest)
    _write_history(folder, market.history)
    try:
        _run_blocks(market, folder, n_paths, set(done), threads or os.cpu_count() or 1, progress)
    except BaseException as error:
        status = "interrupted" if isinstance(error, KeyboardInterrupt) else "failed"
        write_json(folder / MANIFEST, manifest | {"status": status, "error": str(error) or type(error).__name__})
        if out is None:
            shutil.rmtree(folder, ignore_errors=True)
        if isinstance(error, OSError):
            kept = "finished blocks are kept, mend the cause and go on with --resume"
            raise RunError(f"{error.filename or folder}: {error.strerror or error}; {kept}") from error
        raise
    _finish(folder, manifest, tables_of(config), time.perf_counter() - began)
    return Run(folder, temporary=out is None)


def _finish(folder: Path, manifest: dict[str, object], tables: tuple[str, ...], seconds: float) -> None:
    """Put rows and digests of all blocks into the manifest, and clear away the marks of the single ones."""
    digests = table_digests(finished_blocks(folder), tables)
    write_json(folder / MANIFEST, manifest | {"status": "done", "seconds": round(seconds, 3), "tables": digests})
    shutil.rmtree(folder / DONE)


@dataclass(frozen=True, eq=False)
class Block:
    """Up to 64 paths that are stepped side by side."""

    number: int
    live: int

    @property
    def path0(self) -> int:
        """First path of the block."""
        return self.number * LANES

    @property
    def paths(self) -> np.ndarray:
        """Paths of the block that count."""
        return np.arange(self.path0, self.path0 + self.live, dtype=np.int32)


def run_block(
    market: Market, block: Block, *, chunk_days: int | None = None, stop: threading.Event | None = None
) -> Iterator[Chunk]:
    """Step one block from the start to the end, yielding what was recorded, chunk by chunk.

    Raises
    ------
    RunError
        If an order or a price is not finite or has left any sensible range.
    """
    settings, days = market.config.record, len(market.dates)
    by_bar = settings.grain == "bar"
    n_populations, n_programmes = len(market.populations), len(market.programmes)
    state, scratch, options = market.new_block()
    chunk = chunk_days or _chunk_days(market)
    log_price, parts = state.seen[LOG_PRICE].copy(), options.book.parts.copy()
    for first in range(0, days, chunk):
        if stop is not None and stop.is_set():
            return
        last = min(first + chunk, days)
        rows = _rows(market, first, last, block.paths)
        record = new_record(
            len(rows.dates),
            n_populations,
            tuple(settings.tables),
            by_step=by_bar,
            every=settings.every,
        )
        sizes = len(rows.chains), options.book.variance.shape[0]
        kept = new_option_record(len(rows.closes), n_programmes, tuple(settings.tables), *sizes)
        options = options._replace(record=kept)
        record.log_price[:], options.record.parts_before[:] = log_price, parts
        arrays = (market.timetable, market.rules, market.model, market.curves, state, scratch, record)
        if run_days(*arrays, option_call(options), first, last, block.path0, block.live) != FINE:
            steps_per_day = market.timetable.steps_per_day
            raise run_error(market.config, scratch.fault, market.dates, steps_per_day, block.path0)
        log_price, parts = record.log_price.copy(), options.record.parts_before.copy()
        yield Kept(record, options.record), rows


def blocks_of(n_paths: int) -> list[Block]:
    """Return the blocks that `n_paths` paths are stepped in."""
    return [Block(first // LANES, min(LANES, n_paths - first)) for first in range(0, n_paths, LANES)]


def block_returns(
    market: Market, blocks: list[Block], threads: int | None = None, progress: Progress | None = None
) -> Iterator[np.ndarray]:
    """Yield each block's daily contributions (days, sources, paths), in the order of the blocks, keeping no files."""
    days = len(market.dates)
    counter = _Counter(sum(block.live for block in blocks) * days, progress)

    def contributions(block: Block) -> np.ndarray:
        chunks = [
            kept.record.contribution[: len(rows.dates), :, : block.live] for kept, rows in run_block(market, block)
        ]
        counter.add(block.live * days)
        return np.concatenate(chunks)

    with ThreadPoolExecutor(max_workers=threads or os.cpu_count() or 1) as pool:
        yield from pool.map(contributions, blocks)


def _run_blocks(
    market: Market, folder: Path, n_paths: int, done: set[int], threads: int, progress: Progress | None
) -> None:
    blocks = blocks_of(n_paths)
    days = len(market.dates)
    counter = _Counter(n_paths * days, progress)
    counter.add(sum(block.live * days for block in blocks if block.number in done))
    stop = threading.Event()
    labels = _labels(market)
    waiting = [block for block in blocks if block.number not in done]
    with ThreadPoolExecutor(max_workers=threads) as pool:
        running: set[Future[None]] = {
            pool.submit(_write_block, market, folder, block, labels, stop, counter) for block in waiting
        }
        try:
            while running:
                finished, running = wait(running, timeout=0.2, return_when=FIRST_COMPLETED)
                for future in finished:
                    future.result()
        except BaseException:
            # Blocks under way end at their next chunk; those that have not begun never do.
            stop.set()
            pool.shutdown(wait=True, cancel_futures=True)
            raise


def _write_block(
    market: Market, folder: Path, block: Block, labels: Labels, stop: threading.Event, counter: _Counter
) -> None:
    tables = tables_of(market.config)
    with BlockWriter(folder, block.number, tables, by_bar=labels.by_bar) as writer:
        try:
            for kept, rows in _one_ahead(run_block(market, block, stop=stop)):
                for table in tables:
                    for batch in batches(table, kept, rows, labels):
                        writer.write(table, batch)
                counter.add(block.live * len(np.unique(rows.dates)))
        except BaseException:
            # Set here and not only where the error arrives, so that no other block begins in between.
            stop.set()
            raise
        if not stop.is_set():
            writer.finish()


def _one_ahead(chunks: Iterator[Chunk]) -> Iterator[Chunk]:
    """Yield chunks while the next one is being stepped: writing takes a quarter of the time of a block."""
    with ThreadPoolExecutor(max_workers=1) as pool:
        coming = pool.submit(next, chunks, None)
        while (chunk := coming.result()) is not None:
            coming = pool.submit(next, chunks, None)
            yield chunk


class _Counter:
    """Path-days finished, over all threads."""

    def __init__(self, total: int, progress: Progress | None) -> None:
        self.total, self.progress, self.done, self.lock = total, progress, 0, threading.Lock()

    def add(self, path_days: int) -> None:
        with self.lock:
            self.done += path_days
            if self.progress is not None:
                self.progress(self.done, self.total)


def _chunk_days(market: Market) -> int:
    n, steps = len(market.populations), 1
    if market.config.record.grain == "bar":
        steps = market.timetable.steps_per_day - 1
    per_day = 8 * LANES * (steps * (8 + 2 * (n + 2) + (n + 2) + 2 * n) + _closing_columns(market))
    every = market.config.record.every
    return max(1, CHUNK_BYTES // per_day // every) * every


def _closing_columns(market: Market) -> int:
    """Numbers of a path and a close in the tables of the option market."""
    programmes = len(market.programmes)
    return 15 + 5 * (4 + programmes) + 6 * programmes + 5 if market.config.options.listed else 0


def _rows(market: Market, first: int, last: int, paths: np.ndarray) -> Rows:
    days = np.arange(first, last)
    kept = days[(days + 1) % market.config.record.every == 0]
    listed = market.config.options.listed
    closes = market.dates[kept] if listed else market.dates[:0]
    profiles = market.dates[kept[(kept + 1) % PROFILE_EVERY == 0]] if listed else market.dates[:0]
    chains = market.dates[days[market.listing.keeps_chain[days + 1] == 1]]
    if market.config.record.grain == "bar":
        steps = market.timetable.bars[first:last] + 1
        bars = np.concatenate([np.arange(n, dtype=np.int16) for n in steps])
        return Rows(np.repeat(market.dates[first:last], steps), bars, paths, closes, profiles, chains)
    return Rows(market.dates[kept], np.zeros(len(kept), np.int16), paths, closes, profiles, chains)


def _labels(market: Market) -> Labels:
    n = len(market.populations)
    # With a population that provides liquidity, nothing is ever booked to the unnamed market maker.
    moving = market.source_rows
    rows = [*(moving[2:] - 2), *([n] if market.rules.maker == n else []), n + 1]
    counted = np.zeros(n + 2, bool)
    counted[:n] = market.rules.exposure_row >= 0
    by_bar = market.config.record.grain == "bar"
    names = [market.sources[row] for row in moving]
    return Labels(
        names, moving, market.accounts, np.array(rows), counted, by_bar, market.programmes, chain_labels(market)
    )


def _manifest(config: Config, market: Market, n_paths: int, command: list[str] | None) -> dict[str, Any]:
    names = ("flowsim", "numpy", "numba", "polars", "pyarrow", "exchange_calendars")
    return {
        "status": "running",
        "source": str(config.source),
        "seed": config.seed,
        "paths": n_paths,
        "days": config.time.days,
        "sources": [market.sources[row] for row in market.source_rows],
        "programmes": market.programmes,
        "hedger": market.hedger,
        "kinds": {name: market.config.strategies[p.strategy].kind for name, p in market.config.population.items()},
        "history": {"source": market.history.source, "sha256": market.history.digest},
        "config_sha256": config.digest,
        "strategies": {name: strategy.text_digest for name, strategy in config.strategies.items()},
        "config": config.resolved(),
        "command": command,
        "versions": {"python": platform.python_version()} | {name: version(name) for name in names},
        "tables": {},
    }


_SAME = ("seed", "paths", "history", "config_sha256")
"""What a resumed run must share with its beginning, as do its rules. Where a rule broke it may be mended: the manifest
then keeps the digests of both."""


def _open_folder(folder: Path, manifest: dict[str, Any], *, resume: bool) -> dict[int, object]:
    """Return the finished blocks to keep; refuse a folder that holds something else."""
    file = folder / MANIFEST
    if not resume:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            used = any(folder.iterdir())
        except OSError as error:
            raise InputError(f"{folder}: cannot be used as a folder ({error.strerror}); choose another --out") from None
        if used:
            raise InputError(f"{folder}: the folder is not empty; choose another --out, or go on with --resume")
        return {}
    if not file.is_file():
        raise InputError(f"{folder}: no run to resume ({MANIFEST} is missing); run without --resume")
    import json

    earlier = json.loads(file.read_text())
    if earlier["status"] == "done":
        raise InputError(f"{folder}: this run is finished; there is nothing to resume")
    for key in _SAME:
        if earlier[key] != manifest[key]:
            raise InputError(
                f"{folder}: the run there has another {key} ({earlier[key]}, now {manifest[key]});"
                " resume with the same config, paths, seed and prices"
            )
    before, now = earlier["strategies"], manifest["strategies"]
    changed = [name for name in before if before[name] != now.get(name)]
    if changed and earlier["status"] != "failed":
        raise InputError(
            f"{folder}: the file of rule {changed[0]!r} has changed since the run began, and nothing was broken;"
            " put it back as it was, or run anew with another --out"
        )
    if changed:
        manifest["strategies_before"] = before
    return dict(finished_blocks(folder))


def _write_history(folder: Path, history: Prices) -> None:
    last_year = slice(-min(len(history), 252), None)
    pl.DataFrame({"date": history.dates[last_year], "close": history.close[last_year]}).write_parquet(folder / HISTORY)
