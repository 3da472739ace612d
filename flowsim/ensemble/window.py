"""Many pieces on whatever runs them: a few under way at a time, deaths outlived, stragglers asked for twice.

Any `concurrent.futures.Executor` will do. A piece that dies with its worker is handed in again; one that has died twice
runs alone from then on, so that it cannot take others with it, and is lost the fifth time.
"""

from __future__ import annotations

import statistics
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, CancelledError, Future, wait
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from flowsim.ensemble.engine import Died, Engine, Gone
from flowsim.ensemble.executor import LISTEN_SECONDS

MOST_DEATHS, ALONE_AFTER = 5, 2
STRAGGLES, LEAST_SECONDS = 10.0, 60.0
"""A piece is asked for once more after so many medians, and so many seconds at least."""

Key = TypeVar("Key")


@dataclass(eq=False)
class Task(Generic[Key]):
    """A piece: what the caller knows it by, the function that does it, what that is given, and how often it died."""

    key: Key
    work: Callable[..., Any]
    given: tuple[Any, ...]
    deaths: int = 0
    began: float = 0.0
    twice: bool = False
    done: bool = False


@dataclass(eq=False)
class Window(Generic[Key]):
    """Hands pieces to an engine and takes what comes, in whatever order.

    `take` is called in this thread with each task and what it returned; `lose` with a task that died too often. Either
    is called once for each task, whatever comes twice.
    """

    engine: Engine
    take: Callable[[Task[Key], Any], None]
    lose: Callable[[Task[Key]], None]
    deaths: int = 0
    _under_way: dict[Future[Any], Task[Key]] = field(default_factory=dict)
    _again: deque[Task[Key]] = field(default_factory=deque)
    _suspects: deque[Task[Key]] = field(default_factory=deque)
    _seconds: deque[float] = field(default_factory=lambda: deque(maxlen=200))

    def run(self, tasks: Iterable[Task[Key]]) -> None:
        """Do all tasks, as `steps` does."""
        for _ in self.steps(tasks):
            pass

    def steps(self, tasks: Iterable[Task[Key]]) -> Iterator[None]:
        """Do all tasks, and yield whenever some may have come back.

        Raises
        ------
        RunError
            If what runs them is gone.
        KeyboardInterrupt
            When it is interrupted; what was under way is taken first, unless the engine can end it.
        """
        waiting = iter(tasks)
        try:
            while self._fill(waiting) or self._under_way:
                self._listen()
                yield
        except BaseException as error:
            self._end(take=isinstance(error, KeyboardInterrupt))
            raise

    def _fill(self, waiting: Iterator[Task[Key]]) -> bool:
        """Hand in as many tasks as the window has room for; tell whether any is under way."""
        while len(self._under_way) < self.engine.width:
            task = self._again.popleft() if self._again else next(waiting, None)
            if task is None:
                break
            self._submit(task)
        if not self._under_way and self._suspects:
            self._submit(self._suspects.popleft())
        return bool(self._under_way)

    def _submit(self, task: Task[Key]) -> None:
        task.began = time.monotonic()
        self._under_way[self.engine.submit(task.work, *task.given)] = task

    def _listen(self) -> None:
        finished, _ = wait(self._under_way, timeout=LISTEN_SECONDS, return_when=FIRST_COMPLETED)
        for future in finished:
            self._finished(future, self._under_way.pop(future))
        if not finished:
            self._ask_again_for_stragglers()

    def _finished(self, future: Future[Any], task: Task[Key]) -> None:
        try:
            found = self.engine.result(future)
        except Died:
            self._died(task)
            return
        if task.done:
            return
        task.done = True
        self._seconds.append(time.monotonic() - task.began)
        self.take(task, found)

    def _died(self, task: Task[Key]) -> None:
        if task.done or any(other is task for other in self._under_way.values()):
            return
        self.deaths += 1
        task.deaths += 1
        if task.deaths >= ALONE_AFTER and not self._seconds:
            raise Gone(
                f"{self.engine.name}: every one ended before its first piece; a script that asks for processes does"
                ' its work under `if __name__ == "__main__":`, and each worker needs memory for a block of paths'
            )
        if task.deaths >= MOST_DEATHS:
            task.done = True
            self.lose(task)
        else:
            (self._again if task.deaths < ALONE_AFTER else self._suspects).append(task)

    def _ask_again_for_stragglers(self) -> None:
        if len(self._seconds) < STRAGGLES:
            return
        limit = max(STRAGGLES * statistics.median(self._seconds), LEAST_SECONDS)
        for task in [*self._under_way.values()]:
            if not task.twice and time.monotonic() - task.began > limit:
                task.twice = True
                self._submit(task)

    def _end(self, *, take: bool) -> None:
        """Begin nothing more, and wait for what is under way; take it where that is wanted."""
        running = [(future, task) for future, task in self._under_way.items() if not future.cancel()]
        self.engine.stop()
        for future, task in running:
            try:
                found = self.engine.result(future)
            except (Exception, CancelledError):
                continue
            if take and not task.done:
                task.done = True
                self.take(task, found)
