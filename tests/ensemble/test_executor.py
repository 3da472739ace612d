"""One executor does all work: in order, no faster than it is taken, and nothing more once something has failed."""

import re
import threading
from pathlib import Path

import pytest

from flowsim.ensemble.executor import Counter, Executor
from flowsim.errors import InputError

PACKAGE = Path(__file__).resolve().parents[2] / "flowsim"


@pytest.mark.parametrize("threads", [1, 3])
def test_results_come_in_the_order_of_the_items(threads: int) -> None:
    first = threading.Event()

    def late(item: int) -> int:
        # With several threads the first item is the last to finish.
        if item == 0 and threads > 1:
            first.wait(10)
        if item == 4:
            first.set()
        return item * item

    with Executor(threads) as executor:
        assert list(executor.map(late, range(20))) == [item * item for item in range(20)]


def test_no_more_is_begun_than_is_needed_to_keep_the_threads_at_work() -> None:
    begun: list[int] = []
    with Executor(2) as executor:
        results = executor.map(begun.append, range(100))
        next(results)
        assert len(begun) <= 5
        assert len(list(results)) == 99


@pytest.mark.parametrize("threads", [1, 4])
def test_nothing_begins_after_a_failure_and_the_first_error_is_raised(threads: int) -> None:
    begun: list[int] = []
    failed = threading.Event()

    def breaks_at_two(item: int) -> int:
        begun.append(item)
        if item == 2:
            failed.set()
            raise ValueError("two is broken")
        if item < 2 and threads > 1:
            # Half done when the other fails: what it returns is no result.
            failed.wait(10)
            executor.stop.wait(10)
        return item

    with pytest.raises(ValueError, match="two is broken"), Executor(threads) as executor:
        list(executor.map(breaks_at_two, range(50)))
    assert len(begun) <= 2 + threads


def test_an_error_is_raised_before_what_came_earlier_has_finished() -> None:
    def breaks() -> None:
        raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"), Executor(2) as executor:
        executor.finish([executor.submit(executor.stop.wait, 60), executor.submit(breaks)])
    assert executor.stop.is_set()


def test_an_interrupt_of_who_waits_stops_what_is_under_way() -> None:
    told: list[bool] = []
    begun = threading.Event()

    def works_until_told(_: int) -> None:
        begun.set()
        told.append(executor.stop.wait(60))

    def interrupted() -> None:
        with executor:
            for item in range(6):
                executor.submit(works_until_told, item)
            begun.wait(10)
            raise KeyboardInterrupt

    executor = Executor(1)
    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert told == [True]


def test_the_next_item_is_made_while_one_is_used() -> None:
    made: list[int] = []
    third = threading.Event()

    def items():
        for number in (1, 2, 3):
            made.append(number)
            if number == 3:
                third.set()
            yield number

    with Executor(1) as executor:
        ahead = executor.ahead(items())
        assert next(ahead) == 1
        assert next(ahead) == 2
        assert third.wait(10)
        assert list(ahead) == [3]


def test_a_counter_adds_up_what_all_threads_finish() -> None:
    told: list[tuple[int, int]] = []
    counter = Counter(300, lambda done, total: told.append((done, total)))
    with Executor(4) as executor:
        list(executor.map(counter.add, [3] * 100))
    assert told == [(3 * number, 300) for number in range(1, 101)]


def test_there_is_at_least_one_thread() -> None:
    with pytest.raises(InputError, match="`threads=0`: use at least one"):
        Executor(0)


def test_threads_and_processes_are_started_in_two_files_only() -> None:
    starts = re.compile(r"ThreadPoolExecutor|threading\.Thread\b|ProcessPoolExecutor")
    found = {file.name for file in PACKAGE.rglob("*.py") if starts.search(file.read_text())}
    assert found == {"executor.py", "engines.py"}
