"""How far something is, shown while it goes on: a bar on a terminal, a line for every tenth elsewhere."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Shown = Callable[..., None]
"""Called with what is finished, the total, and, where there is something to say, a text."""


@contextmanager
def shown(progress: bool | Shown | None, what: str) -> Iterator[Shown | None]:
    """Give what is to be told how far something is: the caller's own function, one that shows it for True, or None.

    It shows it on standard error, so also below the cell of a notebook.
    """
    if progress is None or progress is False:
        yield None
    elif progress is not True:
        yield progress
    elif sys.stderr.isatty():
        with _bar(what) as told:
            yield told
    else:
        yield _Lines(what)


@contextmanager
def _bar(what: str) -> Iterator[Shown]:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=None)

        def told(done: int, total: int, said: str = "") -> None:
            bar.update(task, completed=done, total=total, description=f"{what}, {said}" if said else what)

        yield told


class _Lines:
    """Prints a line whenever another tenth is done."""

    def __init__(self, what: str) -> None:
        self.what, self.tenths, self.began, self.lock = what, 0, time.perf_counter(), threading.Lock()

    def __call__(self, done: int, total: int, said: str = "") -> None:
        with self.lock:
            tenths = 10 * done // max(total, 1)
            if tenths <= self.tenths:
                return
            self.tenths = tenths
            left = (time.perf_counter() - self.began) * (total - done) / done
            more = f", {said}" if said else ""
            print(f"{self.what}: {10 * tenths} %, about {left:.0f} s left{more}", file=sys.stderr, flush=True)
