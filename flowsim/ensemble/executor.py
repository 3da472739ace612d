"""Threads that do what they are given, in the order in which it is given, until all is done or something fails."""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from types import TracebackType
from typing import ParamSpec, Self, TypeVar

from flowsim.errors import InputError

Given = ParamSpec("Given")
Item = TypeVar("Item")
Result = TypeVar("Result")

Progress = Callable[[int, int], None]
"""Called with the finished and the total path-days, from whichever thread finished a chunk."""

LISTEN_SECONDS = 0.2
"""How long a wait may last before an interrupt from the keyboard is listened to: some systems hold it back."""


class Stopped(Exception):  # noqa: N818
    """Say that a task did not begin or did not come to its end, since another had failed."""


class Executor:
    """Threads at work, as a context: leaving it waits for what is under way.

    Where a task raises, or the body of the context does, `stop` is set: no other task begins, those under way end at
    their next chunk, and the first error is the one that is raised. An error that is to stop nothing is returned, not
    raised.

    Parameters
    ----------
    threads : int, optional
        Tasks at work at the same time; as many as there are processors by default. Never changes a result.
    stop : Event, optional
        Set where something fails; one of its own by default.

    Raises
    ------
    InputError
        If there is not one thread.
    """

    def __init__(self, threads: int | None = None, stop: threading.Event | None = None) -> None:
        if threads is not None and threads < 1:
            raise InputError(f"`threads={threads}`: use at least one thread")
        self.threads = threads or os.cpu_count() or 1
        self.stop = stop or threading.Event()
        self._pool = ThreadPoolExecutor(max_workers=self.threads)
        self._failure: BaseException | None = None
        self._failing = threading.Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None):
        if error is not None:
            self.stop.set()
        self._pool.shutdown(wait=True, cancel_futures=error is not None)

    def submit(self, work: Callable[Given, Result], *args: Given.args, **kwargs: Given.kwargs) -> Future[Result]:
        """Hand in one task."""
        return self._pool.submit(self._done, work, *args, **kwargs)

    def result(self, task: Future[Result]) -> Result:
        """Wait for a task; if it was stopped by another that failed, raise what that one raised."""
        try:
            return task.result()
        except Stopped as stopped:
            raise self._failure or stopped from None

    def map(self, work: Callable[[Item], Result], items: Iterable[Item]) -> Iterator[Result]:
        """Yield what comes of each item, in their order; no more are begun than keep all threads at work."""
        under_way: deque[Future[Result]] = deque()
        for item in items:
            under_way.append(self.submit(work, item))
            if len(under_way) > 2 * self.threads:
                yield self.result(under_way.popleft())
        while under_way:
            yield self.result(under_way.popleft())

    def finish(self, tasks: Iterable[Future[Result]]) -> None:
        """Wait for tasks in whatever order they finish, and raise the first error as soon as there is one."""
        running = set(tasks)
        while running:
            finished, running = wait(running, timeout=LISTEN_SECONDS, return_when=FIRST_COMPLETED)
            for task in finished:
                self.result(task)

    def ahead(self, items: Iterator[Item]) -> Iterator[Item]:
        """Yield from an iterator, each item while the next one is made; the first is begun at once."""
        coming = self.submit(next, items, None)

        def rest() -> Iterator[Item]:
            following = coming
            while (item := self.result(following)) is not None:
                following = self.submit(next, items, None)
                yield item

        return rest()

    def _done(self, work: Callable[Given, Result], *args: Given.args, **kwargs: Given.kwargs) -> Result:
        if self.stop.is_set():
            raise Stopped
        try:
            result = work(*args, **kwargs)
        except BaseException as error:
            # Here and not where the error arrives, so that no other task begins in between.
            with self._failing:
                self._failure = self._failure or error
            self.stop.set()
            raise
        if self.stop.is_set():
            # It may have ended early, and half a result is none.
            raise Stopped
        return result


class Counter:
    """Counts what is finished over all threads, and tells it to `progress`."""

    def __init__(self, total: int, progress: Progress | None) -> None:
        self.total, self.progress, self.done, self.lock = total, progress, 0, threading.Lock()

    def add(self, more: int) -> None:
        """Tell that so much more is finished."""
        with self.lock:
            self.done += more
            if self.progress is not None:
                self.progress(self.done, max(self.done, self.total))
