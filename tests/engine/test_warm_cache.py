"""Where the rules stand after a history is kept on disk, and may never be mistaken for another warm state."""

from __future__ import annotations

import numpy as np
import pytest
from helpers.markets import market_config, population

from flowsim.config import Config
from flowsim.data.prices import Prices
from flowsim.engine import warm_cache, warm_up
from flowsim.engine.prepare import Market, configured_prices, prepare
from flowsim.files import cache
from flowsim.kernel.marks import LANES, PLAIN
from flowsim.kernel.memory import arrays_in

pytestmark = pytest.mark.skipif(PLAIN, reason="plain Python keeps nothing")

POPULATIONS = {"trend": population("cta"), "insured": population("put_hedging"), "noise": population("noise_trading")}


@pytest.fixture(scope="module")
def compiled():
    """The kernels in this process, so that an empty cache does not have them compiled again."""
    prepare(config_of())


@pytest.fixture(autouse=True)
def empty_cache(compiled, tmp_path, monkeypatch):
    monkeypatch.setenv("FLOWSIM_CACHE_DIR", str(tmp_path))


def config_of(names: tuple[str, ...] = ("trend", "insured", "noise"), *settings: str) -> Config:
    config = market_config({name: POPULATIONS[name] for name in names}, time={"days": 5})
    return config.override(*settings) if settings else config


def moving(market: Market) -> list[np.ndarray]:
    return [*arrays_in(market.start), *market.book, *market.listing]


def test_a_market_that_is_remembered_is_the_same_bits(monkeypatch):
    first = prepare(config_of())

    def lived_again(*_: object) -> None:
        raise AssertionError("the history was lived through again")

    monkeypatch.setattr(warm_up, "live_through", lived_again)
    again = prepare(config_of())
    for one, other in zip(moving(first), moving(again), strict=True):
        np.testing.assert_array_equal(one, other)
    with pytest.raises(AssertionError, match="lived through again"):
        prepare(config_of(("trend",)))


def test_another_seed_stands_at_the_same_place():
    before = prepare(config_of())
    its_name = warm_cache.warm_state_name(before.spec, before.history, before.dates)
    after = config_of(("trend", "insured", "noise"), "seed = 99")
    assert warm_cache.warm_state_name(after.spec(), before.history, before.dates) == its_name
    for file in cache.cache_dir().glob("warm-*"):
        file.unlink()
    for one, other in zip(moving(before), moving(prepare(after)), strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("what", ["order", "number", "strategy", "price", "date", "sessions"])
def test_whatever_could_move_a_rule_gives_another_name(what, monkeypatch):
    config = config_of()
    history, coming = configured_prices(config), np.arange("2019-01-02", "2019-01-05", dtype="datetime64[D]")
    names = {warm_cache.warm_state_name(config.spec(), history, coming)}
    if what == "order":
        config = config_of(("insured", "trend", "noise"))
    elif what == "number":
        config = config.override("market.adv_bn = 401")
    elif what == "strategy":
        strategy = config.strategies["cta"]
        monkeypatch.setitem(config._strategies, "cta", type(strategy)(**vars(strategy) | {"text_digest": "edited"}))
    elif what == "price":
        close = history.close.copy()
        close[-1] += 0.01
        history = Prices(history.dates, close, history.source)
    elif what == "date":
        history = Prices(history.dates[1:], history.close[1:], history.source)
    else:
        coming = coming[:-1]
    names.add(warm_cache.warm_state_name(config.spec(), history, coming))
    assert len(names) == 2


def test_a_damaged_file_is_lived_through_again(tmp_path):
    first = prepare(config_of())
    (file,) = tmp_path.glob("warm-*")
    content = bytearray(file.read_bytes())
    content[-5] ^= 1
    file.write_bytes(bytes(content))
    for one, other in zip(moving(first), moving(prepare(config_of())), strict=True):
        np.testing.assert_array_equal(one, other)


def test_a_standing_of_another_size_is_not_taken():
    market = prepare(config_of())
    name = warm_cache.warm_state_name(market.spec, market.history, market.dates, market.subsystems)
    larger = market.start._replace(agents=np.zeros(market.start.agents.size + LANES))
    assert warm_cache.load_state(name, market.start, [market.book])
    assert not warm_cache.load_state(name, larger, [market.book])


def test_paths_that_stand_at_different_places_are_not_remembered(tmp_path):
    market = prepare(config_of())
    market.start.shares[0, 3] += 1.0
    warm_cache.save_state("warm-apart", market.start, [market.book])
    assert not (tmp_path / "warm-apart").exists()


def test_only_the_newest_are_kept(tmp_path, monkeypatch):
    monkeypatch.setattr(warm_cache, "MOST", 2)
    for speed in (1, 2, 3):
        prepare(config_of(("trend",), f"population.trend.medium_span_days = {100 + speed}"))
    assert len(list(tmp_path.glob("warm-*"))) == 2
