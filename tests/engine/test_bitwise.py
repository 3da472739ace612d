"""The same market gives the same bits, however it is cut into threads, chunks, blocks and interrupted runs."""

from pathlib import Path

import numpy as np
import pytest
from helpers.both_ways import printed_both_ways
from helpers.markets import market_config, population

from flowsim.config import Config
from flowsim.engine.blocks import Block, run_block
from flowsim.engine.prepare import Market, prepare
from flowsim.ensemble.simulation import simulate
from flowsim.errors import FlowsimError
from flowsim.run.manifest import DONE
from flowsim.run.run import Run

STOCK = {
    "noise": population("noise_trading", agents=3),
    "volatility": population("vol_target", execution={"days": 2}),
    "trend": population("cta", execution={"days": 5, "participation_cap": 0.01}),
    "levered": population("leveraged_etf"),
    "desk": population("liquidity_provider"),
}
OPTIONS = {
    "hedgers": population("put_hedging"),
    "weekly": population("weekly_buying"),
    "zero_day": population("zero_day_trading"),
    "collars": population("collar"),
    "dealer": population("option_dealer"),
}
WITH_AND_WITHOUT_OPTIONS = pytest.mark.parametrize("listed", [False, True], ids=["stock", "options"])


def config_of(listed: bool = False, **tables: object) -> Config:
    populations = STOCK | OPTIONS if listed else STOCK
    return market_config(populations, **({"liquidity": {"vol": 0.5}, "time": {"days": 12}} | tables))


def everything(market: Market, block: Block, **options: object) -> dict[str, np.ndarray]:
    """Return every table of a block, chunks put together, rows and paths that count only."""
    chunks: dict[str, list[np.ndarray]] = {}
    for kept, rows in run_block(market, block, **options):
        counts = dict.fromkeys(
            ("market", "flow", "contribution", "exposure", "agents_long", "agents_short"), rows.dates
        )
        counts |= dict.fromkeys(("volatility", "index_parts", "sums"), rows.closes) | {"gamma_profile": rows.profiles}
        for name, dates in counts.items():
            table = getattr(kept.record if hasattr(kept.record, name) else kept.options, name)
            chunks.setdefault(name, []).append(table[: len(dates), ..., : block.live])
    return {name: np.concatenate(tables) for name, tables in chunks.items()}


def assert_same(first: dict[str, np.ndarray], second: dict[str, np.ndarray]) -> None:
    for name, values in first.items():
        np.testing.assert_array_equal(values, second[name], err_msg=name)


def digests(run: Run) -> dict[str, str]:
    return {name: table["sha256"] for name, table in run.info["tables"].items()}


@WITH_AND_WITHOUT_OPTIONS
@pytest.mark.parametrize("grain", ["day", "bar"])
def test_chunks_do_not_matter(grain: str, listed: bool) -> None:
    market = prepare(config_of(listed, record={"grain": grain}))
    whole = everything(market, Block(0, 64))
    assert (len(whole["gamma_profile"]) > 0) == listed
    for chunk_days in (1, 7, 12):
        assert_same(whole, everything(market, Block(0, 64), chunk_days=chunk_days))


@WITH_AND_WITHOUT_OPTIONS
@pytest.mark.parametrize("chunk_days", [1, 2, 7])
def test_chunks_do_not_matter_when_only_some_days_are_kept(chunk_days: int, listed: bool) -> None:
    market = prepare(config_of(listed, record={"every": 5}))
    assert_same(everything(market, Block(0, 64)), everything(market, Block(0, 64), chunk_days=chunk_days))


@WITH_AND_WITHOUT_OPTIONS
def test_threads_do_not_matter(listed: bool) -> None:
    one, two = (simulate(config_of(listed), 130, threads=threads) for threads in (1, 2))
    assert digests(one) == digests(two)


@pytest.mark.parametrize(("table", "listed"), [("flows", False), ("flows", True), ("vix_sources", True)])
def test_a_path_is_the_same_alone_and_among_others(table: str, listed: bool) -> None:
    frames = {n_paths: simulate(config_of(listed), n_paths).to_polars(table) for n_paths in (1, 64, 70)}
    for n_paths, frame in frames.items():
        assert frame["path"].n_unique() == n_paths
        longer = frames[70].filter(frames[70]["path"] < n_paths).sort("path", maintain_order=True)
        assert frame.sort("path", maintain_order=True).equals(longer)


@WITH_AND_WITHOUT_OPTIONS
def test_paths_of_the_second_block_are_the_engines_own(listed: bool) -> None:
    market = prepare(config_of(listed))
    frame = simulate(config_of(listed), 70).to_polars("market")
    second = everything(market, Block(1, 6))["market"]
    for lane in range(6):
        np.testing.assert_array_equal(frame.filter(frame["path"] == 64 + lane)["price"], second[:, 0, lane])


@WITH_AND_WITHOUT_OPTIONS
@pytest.mark.parametrize(
    "record",
    [{"tables": ["market"]}, {"tables": ["market"], "grain": "bar"}, {"every": 3}, {"grain": "bar"}],
    ids=["market only", "market by bar", "every third day", "by bar"],
)
def test_recording_changes_no_price(record: dict[str, object], listed: bool) -> None:
    whole = simulate(config_of(listed), 4).to_polars("market")
    wanted = whole.select("path", "date", "price", "sentiment", "fundamental")
    kept = simulate(config_of(listed, record=record), 4).to_polars("market")
    if "bar" in kept.columns:
        kept = kept.group_by("path", "date", maintain_order=True).last()
    same = kept.select("path", "date", "price", "fundamental").join(wanted, on=["path", "date", "price", "fundamental"])
    assert len(same) == len(kept) == (4 * 4 if record.get("every") else 4 * 12)


def test_a_run_that_records_nothing_finishes(tmp_path: Path) -> None:
    run = simulate(config_of(record={"tables": []}), 3, out=tmp_path / "run")
    assert run.info["tables"] == {}


@WITH_AND_WITHOUT_OPTIONS
def test_every_nth_day_adds_up_the_days_between(listed: bool) -> None:
    daily = everything(prepare(config_of(listed)), Block(0, 64))
    kept = everything(prepare(config_of(listed, record={"every": 3})), Block(0, 64))
    np.testing.assert_array_equal(kept["market"][:, 0], daily["market"][2::3, 0])
    for name in ("exposure", "volatility", "sums"):
        np.testing.assert_array_equal(kept[name], daily[name][2::3])
    if listed:
        changes = daily["index_parts"].reshape(4, 3, *daily["index_parts"].shape[1:]).sum(axis=1)
        np.testing.assert_allclose(kept["index_parts"], changes, rtol=0, atol=1e-12)
    for name in ("flow", "contribution"):
        summed = daily[name].reshape(4, 3, *daily[name].shape[1:]).sum(axis=1)
        np.testing.assert_allclose(kept[name], summed, rtol=1e-12, atol=1e-13)
    returns = daily["market"][:, 1].reshape(4, 3, 64).sum(axis=1)
    np.testing.assert_allclose(kept["market"][:, 1], returns, rtol=0, atol=1e-14)


class Interrupted(Exception):  # noqa: N818
    """Raised by a progress callback, as an interrupt from the keyboard would be."""


@WITH_AND_WITHOUT_OPTIONS
@pytest.mark.parametrize("threads", [1, 2])
def test_an_interrupted_run_goes_on_to_the_same_tables(tmp_path: Path, threads: int, listed: bool) -> None:
    def stop_after_the_first_block(done: int, total: int) -> None:
        if done >= 64 * 12:
            raise Interrupted

    whole = simulate(config_of(listed), 200, out=tmp_path / "whole", threads=threads)
    with pytest.raises(Interrupted):
        simulate(config_of(listed), 200, out=tmp_path / "cut", threads=threads, progress=stop_after_the_first_block)
    with pytest.raises(FlowsimError, match="not finished"):
        Run(tmp_path / "cut")
    assert digests(simulate(config_of(listed), 200, out=tmp_path / "cut", resume=True)) == digests(whole)


def test_a_run_keeps_the_blocks_that_were_finished(tmp_path: Path) -> None:
    calls = []

    def stop_in_the_third_block(done: int, total: int) -> None:
        calls.append(done)
        if len(calls) == 4:  # the first call counts the blocks that an earlier run finished
            raise Interrupted

    with pytest.raises(Interrupted):
        simulate(config_of(), 200, out=tmp_path / "run", threads=1, progress=stop_in_the_third_block)
    finished = sorted((tmp_path / "run" / DONE).glob("*.json"))
    kept = {file: file.stat().st_mtime_ns for file in (tmp_path / "run" / "flows").glob("*.parquet")}
    assert len(finished) == len(kept) == 2
    simulate(config_of(), 200, out=tmp_path / "run", resume=True)
    assert {file: file.stat().st_mtime_ns for file in kept} == kept


PLAIN = """
import sys
from unittest.mock import patch
from helpers.markets import population
from test_bitwise import OPTIONS, Block, config_of, everything, market_config
from flowsim.engine import prepare as preparation
from flowsim.options import subsystem
quick = {name: population(name) for name in ("noise_trading", "vol_target", "leveraged_etf", "liquidity_provider")}
thorough = {name: population(name) for name in ("cta", "risk_parity", "pension_rebalance", "tone_trading")}
listed = {name: OPTIONS[name] for name in ("hedgers", "zero_day", "dealer")} | {"noise": population("noise_trading")}
days, populations = {"quick": (1, quick), "thorough": (3, quick | thorough), "options": (2, listed)}[sys.argv[1]]
config = market_config(populations, time={"days": days}, liquidity={"vol": 0.5})
with patch.object(subsystem, "OPTION_SESSIONS", 1):  # a session of options takes plain Python seconds
    tables = everything(preparation.prepare(config), Block(0, 2))
if sys.argv[1] == "options":
    assert tables["sums"].any(axis=(0, 2, 3)).all()
    assert tables["flow"][:, 2 + list(populations).index("dealer")].any()
for name, values in tables.items():
    print(name, values.tobytes().hex())
"""


@pytest.mark.parametrize("size", ["quick", "options", pytest.param("thorough", marks=pytest.mark.slow)])
def test_plain_python_gives_the_bits_of_compiled_code(size: str) -> None:
    compiled, plain = printed_both_ways(PLAIN, size)
    assert compiled == plain
    assert len(compiled) > 1_000
