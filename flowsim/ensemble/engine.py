"""What runs functions somewhere else, and the two ways in which it can fail that are not theirs."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor, Future
from typing import Any

from flowsim.errors import RunError


class Died(Exception):  # noqa: N818
    """Say that a worker ended while it did a piece."""


class Gone(RunError):  # noqa: N818
    """Say that what hands out pieces is gone."""


class Engine:
    """Runs functions by name, and says in two words of our own when a worker or the whole of it is gone.

    Parameters
    ----------
    pool : Executor
    name : str
        What messages call it.
    workers : callable
        How many pieces run at the same time, now.
    in_this_process : bool
        Whether pieces see what this process has in memory.
    """

    def __init__(self, pool: Executor, name: str, workers: Callable[[], int], *, in_this_process: bool = False) -> None:
        self.pool, self.name, self._workers, self.in_this_process = pool, name, workers, in_this_process
        self.stopping: list[Callable[[], None]] = []

    @property
    def workers(self) -> int:
        """Pieces that run at the same time, now."""
        return max(self._workers(), 1)

    @property
    def width(self) -> int:
        """Pieces that are handed in at the same time: two for each worker, so that none waits for the next."""
        return 2 * self.workers + 2

    def submit(self, work: Callable[..., Any], *given: Any) -> Future[Any]:
        """Hand in a piece."""
        return self.pool.submit(work, *given)

    def result(self, future: Future[Any]) -> Any:
        """Return what came of a piece.

        Raises
        ------
        Died
            If its worker ended.
        Gone
            If the engine is gone.
        """
        return future.result()

    def stop(self) -> None:
        """End what is under way, where that can be done."""
        for one in self.stopping:
            one()
