"""A dask cluster as an engine; no other file knows of dask."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError, Future
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from flowsim.ensemble.engine import Died, Engine, Gone
from flowsim.errors import InputError

CONNECT_SECONDS = 15
ASK_AGAIN_SECONDS = 5.0
"""How long the number of workers is taken to be what it was."""


class Cluster(Engine):
    """Workers of a dask scheduler, which may join and leave while pieces are done."""

    def __init__(self, client: Any) -> None:
        self.client, self.address = client, client.scheduler.address
        # Not pure: a piece that is handed in again is done again, and not taken for the first one.
        pool = client.get_executor(pure=False, retries=0)
        super().__init__(pool, f"the cluster at {self.address}", self._threads)
        self._known, self._asked = 0, 0.0

    def submit(self, work: Callable[..., Any], *given: Any) -> Future[Any]:
        """Hand in a piece."""
        if self.client.status != "running":
            raise self._gone()
        return super().submit(work, *given)

    def result(self, future: Future[Any]) -> Any:
        """Return what came of a piece."""
        from distributed import KilledWorker
        from distributed.comm.core import CommClosedError

        try:
            return future.result()
        except KilledWorker:
            raise Died from None
        except (CancelledError, CommClosedError):
            raise self._gone() from None

    def _gone(self) -> Gone:
        return Gone(f"the scheduler at {self.address} is gone")

    def _threads(self) -> int:
        if time.monotonic() - self._asked > ASK_AGAIN_SECONDS and self.client.status == "running":
            self._known, self._asked = self._count(), time.monotonic()
        return self._known

    def _count(self) -> int:
        return sum(self.client.nthreads().values())


@contextmanager
def connected(address: str) -> Iterator[Cluster]:
    """Give the engine of a scheduler: its address, or the path of its scheduler file.

    Raises
    ------
    InputError
        If dask is not installed, or there is no scheduler.
    """
    try:
        from distributed import Client
    except ImportError:
        raise InputError(
            f"`cluster={address}`: this needs the package distributed; install flowsim-market[cluster]"
        ) from None
    logging.getLogger("distributed").setLevel(logging.CRITICAL)
    place: dict[str, Any] = {"scheduler_file": address} if Path(address).is_file() else {"address": address}
    try:
        client = Client(**place, set_as_default=False, timeout=CONNECT_SECONDS)
    except (OSError, ValueError, TypeError) as error:
        raise InputError(
            f"`cluster={address}`: no scheduler answers there ({str(error) or type(error).__name__}); begin one with"
            " dask scheduler, and give its address or its scheduler file"
        ) from None
    try:
        yield Cluster(client)
    finally:
        client.close(timeout=CONNECT_SECONDS)
