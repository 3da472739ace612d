"""Markets beside one another: in order, whatever the threads, and one that diverges is named."""

from collections.abc import Iterator
from typing import NoReturn

import numpy as np
import pytest

from flowsim.config import load
from flowsim.engine.blocks import Block, Chunk, blocks_of
from flowsim.engine.prepare import Market
from flowsim.ensemble.executor import Executor
from flowsim.ensemble.job import Job
from flowsim.ensemble.results import blocks_kept, results, side_by_side
from flowsim.ensemble.worker import Histories
from flowsim.errors import RunError

HISTORIES = Histories()


def returns(market: Market, block: Block, chunks: Iterator[Chunk]) -> np.ndarray:
    return np.concatenate([kept.record.contribution[..., : block.live].sum(axis=1) for kept, _ in chunks])


def breaks(market: Market, block: Block, chunks: Iterator[Chunk]) -> NoReturn:
    raise RunError("the price moved too far")


def breaks_in_the_second_block(market: Market, block: Block, chunks: Iterator[Chunk]) -> np.ndarray:
    return breaks(market, block, chunks) if block.number == 1 else returns(market, block, chunks)


def job(keep, *settings: str, paths: int = 70) -> Job:
    config = load("plain", ["time.days=3", 'record={tables=["flows"]}', *settings])
    return HISTORIES.job(config, blocks_of(paths), keep)


@pytest.mark.parametrize("threads", [1, 3])
def test_results_stand_in_the_order_given_whatever_the_threads(threads: int) -> None:
    jobs = {name: job(returns, f"seed={seed}") for name, seed in (("c", 3), ("a", 1), ("b", 2))}
    with Executor(threads) as executor:
        kept, broken = side_by_side(executor, jobs, "c", HISTORIES)
    assert (list(kept), broken) == (["c", "a", "b"], {})
    for name, blocks in kept.items():
        assert [block.shape for block in blocks] == [(3, 64), (3, 6)]
        for block, alone in zip(blocks, blocks_kept(jobs[name], HISTORIES, threads=1), strict=True):
            np.testing.assert_array_equal(block, alone)


@pytest.mark.parametrize("part", [breaks, breaks_in_the_second_block])
def test_an_arm_that_comes_apart_is_named_and_the_others_go_on(part) -> None:
    jobs = {"whole": job(returns), "part": job(part), "last": job(returns)}
    with Executor(2) as executor:
        kept, broken = side_by_side(executor, jobs, "whole", HISTORIES)
    assert (list(kept), broken) == (["whole", "last"], {"part": "the price moved too far"})


def test_the_whole_market_must_hold() -> None:
    jobs = {"whole": job(breaks), "part": job(returns)}
    with pytest.raises(RunError, match="too far"), Executor(2) as executor:
        side_by_side(executor, jobs, "whole", HISTORIES)


def test_a_single_job_that_comes_apart_ends_with_its_sentence_after_the_blocks_before() -> None:
    blocks = blocks_kept(job(breaks_in_the_second_block), HISTORIES, threads=2)
    assert next(blocks).shape == (3, 64)
    with pytest.raises(RunError, match="too far"):
        next(blocks)


@pytest.mark.parametrize("record", ["record.every=1", "record={tables=['flows'], every=2}"])
def test_progress_counts_all_path_days_once(record: str) -> None:
    told: list[tuple[int, int]] = []
    jobs = [job(returns, record), job(breaks), job(returns, paths=5)]
    with Executor(2) as executor:
        list(results(executor, jobs[::2], HISTORIES, lambda *counts: told.append(counts)))
    assert [total for _, total in told] == [3 * (70 + 5)] * len(told)
    assert told[-1][0] == 3 * (70 + 5)
