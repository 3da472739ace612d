"""What a market takes of memory is said before it is taken, and refused where there is not so much."""

import logging

import numpy as np
import pytest

from flowsim.clock import sessions_after
from flowsim.config import Config, load
from flowsim.engine import memory, warm_up
from flowsim.engine.prepare import prepare
from flowsim.ensemble.simulation import simulate
from flowsim.errors import InputError

GB = 1e9


def crowded(agents: int) -> Config:
    """Return a market with many trend followers and hedgers."""
    return load("us_equity").override({"population.cta.agents": agents, "population.put_hedge.agents": agents})


@pytest.fixture
def free(monkeypatch):
    """Let so many bytes be free."""
    return lambda n_bytes: monkeypatch.setattr(memory, "free_bytes", lambda: float(n_bytes))


def test_a_market_beyond_the_memory_there_is_is_refused_with_what_it_needs_and_a_remedy(free):
    free(0.2 * GB)
    with pytest.raises(InputError) as caught:
        prepare(crowded(10_000))
    assert str(caught.value) == (
        "20,122 agents in 24 populations need about 1.1 GB of memory, and 0.2 GB are free; lower"
        " population.cta.agents = 10000, who share its capital in equal parts, or leave populations out"
    )


def test_a_large_market_says_what_it_needs_and_a_small_one_nothing(free, caplog):
    caplog.set_level(logging.INFO, "flowsim")
    free(100 * GB)
    dates = sessions_after("2016-01-04", 400).dates
    memory.require_memory(load("us_equity").spec(), dates)
    assert caplog.messages == []
    every = {f"population.{name}.agents": 10_000 for name in load("us_equity").population if name != "dealer"}
    every.pop("population.liquidity_provider.agents")
    memory.require_memory(load("us_equity").override(every).spec(), dates)
    [said] = caplog.messages
    assert said.startswith("220,002 agents in 24 populations need about ")


def test_the_state_that_is_reckoned_is_that_which_is_there():
    # Prepared, the market holds each agent's numbers on each of 64 paths, and every contract's strike and quantity.
    small, large = (prepare(crowded(agents).override("time.days=2")) for agents in (100, 400))
    dates = np.concatenate([small.history.dates[-379:], small.dates])
    grown = large.bytes_of_block - small.bytes_of_block
    states = [memory.bytes_to_prepare(one.spec, dates[:1]) / memory.COPIES_OF_STATE for one in (small, large)]
    assert states[1] - states[0] == pytest.approx(grown, rel=0.5)


def test_blocks_beyond_the_memory_there_is_are_refused_with_the_number_of_threads_that_fit(free, monkeypatch):
    free(8 * GB)
    memory.require_memory_of_blocks(2 * 10**9, 4)
    with pytest.raises(InputError, match=r"^5 blocks of 64 paths at once need 10\.0 GB .* choose `threads=4`$"):
        memory.require_memory_of_blocks(2 * 10**9, 5)
    with pytest.raises(InputError, match="take fewer agents"):
        memory.require_memory_of_blocks(9 * 10**9, 1)
    free(1)
    monkeypatch.setattr("flowsim.engine.prepare.require_memory", lambda *_: None)
    with pytest.raises(InputError, match=r"^2 blocks of 64 paths"):
        simulate("plain", 128, threads=2, days=1)


def test_the_memory_that_is_free_is_less_than_all_there_is():
    assert 0 < memory.free_bytes() < 2**50


def test_a_limit_of_the_process_is_a_limit(monkeypatch):
    resource = pytest.importorskip("resource")
    before = memory.free_bytes()
    monkeypatch.setattr(resource, "getrlimit", lambda _kind: (2**20, 2**20))
    assert memory.free_bytes() < 0 < before


def test_a_long_wait_before_the_start_is_said_and_a_short_one_is_not(caplog, monkeypatch, tmp_path):
    caplog.set_level(logging.INFO, "flowsim")
    monkeypatch.setenv("FLOWSIM_CACHE_DIR", str(tmp_path))
    monkeypatch.setattr("flowsim.engine.warm_up.save_state", lambda *_: None)
    monkeypatch.setattr("flowsim.engine.warm_up.load_state", lambda *_: False)
    market = load("us_equity").override("time.days=1")
    monkeypatch.setattr(warm_up, "WORTH_SAYING_SECONDS", 60.0)
    prepare(market)
    assert caplog.messages == []
    monkeypatch.setattr(warm_up, "WORTH_SAYING_SECONDS", 0.0)
    prepare(market)
    assert caplog.messages[-1].startswith("149 agents live through ")
    assert " real sessions before the start: about " in caplog.messages[-1]
