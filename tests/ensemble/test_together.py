"""Observations measured elsewhere are those measured here, and what shares a market is one piece."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from flowsim.config import Config, load
from flowsim.engine.blocks import blocks_of
from flowsim.ensemble.engine import Engine
from flowsim.ensemble.executor import Counter
from flowsim.ensemble.intervals import PerPath
from flowsim.ensemble.kept_results import KeptResults
from flowsim.ensemble.laboratory import Laboratory
from flowsim.ensemble.sample import Samples, sample_of
from flowsim.ensemble.together import Asked, sharing
from flowsim.ensemble.worker import Histories
from flowsim.errors import RunError

WILD = ("fundamental.jumps_per_year=100", "fundamental.jump_vol_bp=3000")


def plain(*settings: str, days: int = 5) -> Config:
    return load("plain", [f"time.days={days}", 'record={tables=["flows"]}', *settings])


def last(samples: Samples) -> dict[str, PerPath]:
    return {name: PerPath.mean(one.returns[:, -1]) for name, one in samples.items()}


def spread(samples: Samples) -> dict[str, PerPath]:
    return {name: PerPath.mean(one.returns.std(axis=1)) for name, one in samples.items()}


def observed(laboratory: Laboratory) -> list[dict[str, PerPath]]:
    planned = [
        laboratory.plan({"a": plain(), "b": plain("fundamental.daily_news_vol=0.01")}, last, 70),
        laboratory.plan({"longer": plain(days=9)}, spread, 130, on_other_news=("longer",)),
        laboratory.plan({"a": plain(days=7)}, spread, 64),
        laboratory.plan({"wild": plain(*WILD, days=63)}, last, 256, whatever_breaks=True),
    ]
    return [one.parts for one in planned]


def test_what_is_measured_elsewhere_is_what_is_measured_here(tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    with ThreadPoolExecutor(3) as pool:
        engine = Engine(pool, "a pool", lambda: 3)
        there = Laboratory(
            64, engine=engine, results=KeptResults(tmp_path), counter=Counter(0, lambda *n: told.append(n))
        )
        found, here = observed(there), observed(Laboratory(64, threads=1))
        again = observed(Laboratory(64, engine=engine, results=KeptResults(tmp_path)))
    for one, other, kept in zip(found, here, again, strict=True):
        assert one.keys() == other.keys()
        for name in one:
            for part, expected, third in zip(one[name], other[name], kept[name], strict=True):
                np.testing.assert_array_equal(part, expected)
                np.testing.assert_array_equal(third, expected)
    assert told


def test_a_market_that_must_hold_ends_with_its_sentence() -> None:
    with ThreadPoolExecutor(2) as pool:
        laboratory = Laboratory(64, engine=Engine(pool, "a pool", lambda: 2))
        with pytest.raises(RunError, match="price"):
            _ = laboratory.plan({"wild": plain(*WILD, days=252)}, last, 256).blocks


def test_measurements_that_share_a_block_of_a_market_are_one_piece() -> None:
    histories, (first, second) = Histories(), blocks_of(128)

    def asked(key: str, *arms: tuple[Config, object]) -> Asked:
        jobs = {f"{n}": histories.job(config, [block], sample_of) for n, (config, block) in enumerate(arms)}  # type: ignore[list-item]
        return Asked(key, jobs, "")

    a, b, c = plain(), plain("market.multiplier=4"), plain("market.multiplier=3")
    groups = sharing(
        [
            asked("a first", (a, first)),
            asked("a second", (a, second)),
            asked("b first", (b, first)),
            asked("longer a and c first", (plain(days=9), first), (c, first)),
            asked("b and c first", (b, first), (c, first)),
        ]
    )
    assert [[one.key for one in group] for group in groups] == [
        ["a second"],
        ["a first", "longer a and c first", "b first", "b and c first"],
    ]
