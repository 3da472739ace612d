"""Pieces come back once each, whatever dies, answers twice or out of order, and never more are under way than fit."""

from __future__ import annotations

import random
from concurrent.futures import Executor, Future

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowsim.ensemble import window as windows
from flowsim.ensemble.engine import Died, Engine, Gone
from flowsim.ensemble.engines import engine_of
from flowsim.ensemble.window import ALONE_AFTER, MOST_DEATHS, Task, Window
from flowsim.errors import InputError, RunError


class Whimsical(Executor):
    """Answers in any order when it is waited for, and dies as often as it is told to."""

    def __init__(self, seed: int, dies: dict[int, int]) -> None:
        self.random, self.dies, self.waiting, self.most = random.Random(seed), dict(dies), [], 0
        self.alone: list[tuple[int, int]] = []

    def submit(self, fn, /, *args, **kwargs):  # type: ignore[override]
        future: Future = Future()
        self.waiting.append((future, fn, args))
        self.most = max(self.most, len(self.waiting))
        return future

    def answer(self) -> None:
        future, fn, args = self.waiting.pop(self.random.randrange(len(self.waiting)))
        if self.dies.get(args[0], 0):
            self.dies[args[0]] -= 1
            self.alone.append((args[0], len(self.waiting)))
            future.set_exception(Died())
        else:
            future.set_result(fn(*args))


@pytest.fixture(autouse=True)
def _answers(monkeypatch: pytest.MonkeyPatch) -> None:
    def wait(under_way, **_):
        pool.current.answer()
        done = {future for future in under_way if future.done()}
        return done, set(under_way) - done

    monkeypatch.setattr(windows, "wait", wait)


class pool:  # noqa: N801
    current: Whimsical


def double(n: int) -> int:
    return 2 * n


def run(
    executor: Whimsical, n: int, workers: int = 2, *, some_are_done: bool = True
) -> tuple[dict[int, int], list[int], Window]:
    pool.current, kept, lost = executor, {}, []

    def take(task: Task, found: int) -> None:
        assert task.key not in kept
        kept[task.key] = found

    window = Window(Engine(executor, "a pool", lambda: workers), take, lambda task: lost.append(task.key))
    if some_are_done:
        window._seconds.append(1.0)
    window.run(Task(key, double, (key,)) for key in range(n))
    return kept, lost, window


@given(st.integers(0, 10_000), st.dictionaries(st.integers(1, 29), st.integers(1, MOST_DEATHS - 1)), st.integers(1, 5))
def test_every_piece_comes_back_once_whatever_dies_on_the_way(seed: int, dies: dict[int, int], workers: int) -> None:
    executor = Whimsical(seed, dies)
    kept, lost, window = run(executor, 30, workers)
    assert (kept, lost) == ({key: 2 * key for key in range(30)}, [])
    assert executor.most <= 2 * workers + 2
    assert window.deaths == sum(dies.values())


def test_a_piece_that_always_dies_is_lost_alone_and_the_rest_goes_on() -> None:
    executor = Whimsical(1, {7: 99, 8: 99})
    kept, lost, _ = run(executor, 12)
    assert sorted(lost) == [7, 8]
    assert sorted(kept) == [0, 1, 2, 3, 4, 5, 6, 9, 10, 11]
    for key in (7, 8):
        beside = [others for piece, others in executor.alone if piece == key]
        assert len(beside) == MOST_DEATHS
        assert beside[ALONE_AFTER:] == [0] * (MOST_DEATHS - ALONE_AFTER)


def test_workers_that_all_end_before_their_first_piece_are_told_of_the_script() -> None:
    with pytest.raises(Gone, match="every one ended before its first piece; a script that asks for processes"):
        run(Whimsical(1, dict.fromkeys(range(4), 99)), 4, some_are_done=False)


def test_an_error_of_a_piece_ends_all() -> None:
    def refuses(n: int) -> int:
        raise RunError("worker a has numpy 1")

    pool.current = Whimsical(1, {})
    window = Window(Engine(pool.current, "a pool", lambda: 2), lambda *_: None, lambda _: None)
    with pytest.raises(RunError, match="worker a has numpy 1"):
        window.run(Task(key, refuses, (key,)) for key in range(9))
    assert all(future.cancelled() for future, *_ in pool.current.waiting)


def test_a_straggler_is_asked_for_once_more_and_counts_once(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [0.0]
    monkeypatch.setattr(windows.time, "monotonic", lambda: clock[0])
    kept: list[int] = []
    pool.current = executor = Whimsical(1, {})
    window = Window(Engine(executor, "a pool", lambda: 2), lambda task, _: kept.append(task.key), lambda _: None)
    for key in range(12):
        window._submit(Task(key, double, (key,)))
        clock[0] += 1.0
        executor.answer()
        (future,) = window._under_way
        window._finished(future, window._under_way.pop(future))
    window._submit(Task(99, double, (99,)))
    clock[0] += 59.0
    window._ask_again_for_stragglers()
    assert len(window._under_way) == 1
    clock[0] += 2.0
    window._ask_again_for_stragglers()
    window._ask_again_for_stragglers()
    assert len(window._under_way) == 2
    window.run([])
    assert kept == [*range(12), 99]


def test_one_thing_does_the_work() -> None:
    with (
        pytest.raises(InputError, match="`threads` and `workers`: work is done by one of them; choose"),
        engine_of(threads=1, workers=1),
    ):
        pass
    with pytest.raises(InputError, match="`workers=0`: use at least one"), engine_of(workers=0):
        pass
