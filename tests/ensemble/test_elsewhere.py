"""What is done in other processes is, bit for bit, what is done here: jobs, ablations, scores and calibrations."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from ensemble.test_side_by_side import HISTORIES, breaks_in_the_second_block, job, returns
from helpers.tiny_search import search

import flowsim as fs
from flowsim.ensemble.engine import Died, Engine
from flowsim.ensemble.kept_results import KeptResults
from flowsim.ensemble.results import results
from flowsim.errors import RunError


@pytest.fixture
def pool() -> Iterator[Executor]:
    """Threads that are treated as other processes are: all that they get is bytes and text."""
    with ThreadPoolExecutor(3) as executor:
        yield executor


def elsewhere(pool: Executor) -> Engine:
    return Engine(pool, "a pool", lambda: 3)


def test_jobs_come_back_in_their_order_with_their_bits(pool: Executor) -> None:
    jobs = [job(returns, f"seed={seed}") for seed in (3, 1, 2)]
    told: list[tuple[int, int]] = []
    found = [*results(elsewhere(pool), jobs, HISTORIES, lambda *counts: told.append(counts))]
    here = [*results(Engine(pool, "here", lambda: 2, in_this_process=True), jobs, HISTORIES)]
    for one, other in zip(found, here, strict=True):
        assert [block.shape for block in one] == [(3, 64), (3, 6)]
        for block, expected in zip(one, other, strict=True):
            np.testing.assert_array_equal(block, expected)
    assert told[-1] == (3 * 3 * 70,) * 2


def test_a_market_that_breaks_is_named_and_what_is_kept_is_not_done_again(pool: Executor, tmp_path: Path) -> None:
    jobs, folder = [job(breaks_in_the_second_block), job(returns)], KeptResults(tmp_path)
    first, second = results(elsewhere(pool), jobs, HISTORIES, None, folder)
    assert isinstance(first, RunError)
    assert "moved too far" in str(first)
    assert len([*tmp_path.iterdir()]) == 4
    pool.shutdown()  # nothing is handed in any more
    again = [*results(elsewhere(pool), jobs, HISTORIES, None, folder)]
    assert str(again[0]) == str(first)
    np.testing.assert_array_equal(again[1][0], second[0])


def test_a_block_that_always_dies_ends_with_a_sentence(pool: Executor) -> None:
    class Deadly(Engine):
        deaths = 0

        def result(self, future):
            found = future.result()
            if found.blocks[0].shape[-1] == 6:  # the second block
                self.deaths += 1
                raise Died
            return found

    engine = Deadly(pool, "a pool", lambda: 3)
    with pytest.raises(RunError, match="whatever did block 1 of market 1 ended, five times"):
        list(results(engine, [job(returns)], HISTORIES))
    assert engine.deaths == 5


def test_an_ablation_elsewhere_is_the_one_here(pool: Executor) -> None:
    settings = {"n_paths": 66, "days": 63, "overrides": ["options.listed=false", *OFF]}
    here, there = fs.ablate("us_equity", **settings), fs.ablate("us_equity", executor=pool, **settings)
    assert there.as_dict() == here.as_dict()


PROGRAMMES = ("put_hedge", "overwrite", "collar", "month_end_hedge", "event_hedge", "data_hedge", "short_dated")
SMALL = ("zero_day", "option_noise", "vol_selling", "dealer", "leveraged_etf", "pension", "passive")
OFF = [f"population.{name}.capital_bn=0" for name in (*PROGRAMMES, *SMALL)]


def test_a_calibration_elsewhere_is_the_one_here_line_by_line(pool: Executor, tmp_path: Path) -> None:
    pytest.importorskip("cmaes")
    few = {"trials": 7, "steps": 2, "profiles": 1}
    here = search(tmp_path, "here", threads=1, **few)
    there = search(tmp_path, "there", executor=pool, **few)
    result = here.as_dict() | {"fitted": ""}
    assert there.as_dict() | {"fitted": ""} == result
    journals = [(tmp_path / name / "journal.jsonl").read_text() for name in ("here", "there")]
    assert journals[0] == journals[1]
    assert journals[0].count("\n") >= here.tried
