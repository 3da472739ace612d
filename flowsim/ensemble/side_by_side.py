"""Markets that are looked at beside one another, simulated at the same time."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor, as_completed
from typing import TypeVar

from flowsim.ensemble.simulation import Progress
from flowsim.errors import RunError

Result = TypeVar("Result")


def side_by_side(
    markets: Mapping[str, Callable[[], Result]],
    whole: str,
    *,
    threads: int | None = None,
    progress: Progress | None = None,
) -> tuple[dict[str, Result], dict[str, str]]:
    """Return the result of every market, and the message of every one that came apart, both in the order given.

    Parameters
    ----------
    markets : mapping
        What to do for each, by name; each in one thread.
    whole : str
        The market that must hold.
    threads : int, optional
        Markets at work at the same time; as many as there are processors by default. Never changes a result.
    progress : callable, optional
        Is told markets done and in all.

    Raises
    ------
    RunError
        If the whole market comes apart.
    """
    results: dict[str, Result] = {}
    broken: dict[str, str] = {}
    with ThreadPoolExecutor(max_workers=threads or os.cpu_count() or 1) as pool:
        running = {pool.submit(work): name for name, work in markets.items()}
        try:
            for done, future in enumerate(as_completed(running), start=1):
                name = running[future]
                try:
                    results[name] = future.result()
                except RunError as error:
                    if name == whole:
                        raise
                    broken[name] = str(error)
                if progress is not None:
                    progress(done, len(running))
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return {name: results[name] for name in markets if name in results}, {
        name: broken[name] for name in markets if name in broken
    }
