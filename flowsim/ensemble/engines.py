"""What runs pieces: threads of this process, fresh processes, a cluster, or any `concurrent.futures.Executor`."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import get_context
from typing import Any

from flowsim.ensemble.engine import Died, Engine
from flowsim.errors import InputError

ALONE = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "POLARS_MAX_THREADS": "1"}
"""What a process among several is told of libraries with threads of their own."""


class Processes(Engine):
    """Fresh processes of this machine; where one ends, all of them are begun anew."""

    def __init__(self, workers: int) -> None:
        self._n = workers
        super().__init__(_fresh(workers), f"{workers} processes", lambda: workers)

    def submit(self, work: Callable[..., Any], *given: Any) -> Future[Any]:
        """Hand in a piece, to new processes if one has ended."""
        try:
            return self.pool.submit(work, *given)
        except BrokenProcessPool:
            self.pool.shutdown(wait=False)
            self.pool = _fresh(self._n)
            return self.pool.submit(work, *given)

    def result(self, future: Future[Any]) -> Any:
        """Return what came of a piece."""
        try:
            return future.result()
        except BrokenProcessPool:
            raise Died from None


@contextmanager
def engine_of(
    *,
    threads: int | None = None,
    workers: int | None = None,
    cluster: str | None = None,
    executor: Executor | None = None,
) -> Iterator[Engine]:
    """Give the one engine that was asked for: threads of this process, as many as there are processors, by default.

    Raises
    ------
    InputError
        If more than one was asked for, or it cannot be had.
    """
    asked = {"threads": threads, "workers": workers, "cluster": cluster, "executor": executor}
    named = [f"`{name}`" for name, value in asked.items() if value is not None]
    if len(named) > 1:
        raise InputError(f"{' and '.join(named)}: work is done by one of them; choose")
    for name, count in (("threads", threads), ("workers", workers)):
        if count is not None and count < 1:
            raise InputError(f"`{name}={count}`: use at least one")
    if cluster is not None:
        from flowsim.ensemble.cluster import connected

        with connected(cluster) as engine:
            yield engine
        return
    if executor is not None:
        yield Engine(executor, type(executor).__name__, lambda: getattr(executor, "_max_workers", 0) or _processors())
        return
    if workers is not None:
        engine = Processes(workers)
    else:
        n = threads or _processors()
        engine = Engine(ThreadPoolExecutor(n), f"{n} thread{'s' * (n > 1)}", lambda: n, in_this_process=True)
    try:
        yield engine
    finally:
        engine.pool.shutdown(wait=True, cancel_futures=True)


def _processors() -> int:
    return os.cpu_count() or 1


def _fresh(workers: int) -> ProcessPoolExecutor:
    return ProcessPoolExecutor(mp_context=get_context("spawn"), max_workers=workers, initializer=_begin)


def _begin() -> None:
    """Leave the interrupt to the process that hands out pieces, and take one processor each."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for name, value in ALONE.items():
        os.environ.setdefault(name, value)
