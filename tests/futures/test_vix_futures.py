"""VIX futures take part in a market as a subsystem that prices, shows and moves nothing."""

from pathlib import Path
from typing import Annotated, NamedTuple

import numpy as np
import polars as pl
import pytest
from helpers.markets import market_config, population, step_block, with_company

from flowsim.authoring.declaration import Field, strategy
from flowsim.authoring.view import View
from flowsim.clock.vix_settlements import vix_settlement_days
from flowsim.engine.prepare import prepare
from flowsim.ensemble.simulation import simulate
from flowsim.errors import ConfigError
from flowsim.futures.curve import futures_on
from flowsim.futures.subsystem import PUBLISHED
from flowsim.options.arrays import INDICES, TENOR_DAYS

POPULATIONS = with_company({"hedgers": population("put_hedging"), "noise": population("noise_trading")})
LISTED = {"convexity": 0.09, "convexity_horizon": 25.0}
CONFIG = market_config(POPULATIONS, vix_futures=LISTED)


@pytest.fixture(scope="module")
def run():
    return simulate(CONFIG, 3, threads=1)


def test_the_table_has_what_numpy_makes_of_the_indices(run):
    futures, indices = (run.to_polars(name).sort("path", "date") for name in ("vix_futures", "volatility"))
    assert futures.columns == ["path", "date", *(column.name for column in PUBLISHED)]
    dates = indices["date"].to_numpy().astype("datetime64[D]")
    expected = futures_on(dates, indices.select(INDICES).to_numpy(), TENOR_DAYS, **LISTED)
    np.testing.assert_array_equal(futures.select(f"vix_m{month}" for month in range(1, 9)).to_numpy(), expected)


def test_a_contract_settles_at_the_index_of_its_last_day(run):
    futures = run.to_polars("vix_futures").join(run.to_polars("volatility"), on=["path", "date"]).sort("path", "date")
    [day] = vix_settlement_days()[np.isin(vix_settlement_days(), futures["date"].unique().to_numpy())]
    at = futures.filter(pl.col("date") == day.item())
    assert at["vix_settled"].to_list() == at["vix"].to_list()
    assert at["vix_m1_days"].to_list() == [28.0] * 3
    for path in futures.partition_by("path"):
        kept = path["vix_settled"].to_list()
        assert len(set(kept)) == 2  # The index of the start, and from that day on the one at which it settled
        assert kept.index(at.filter(path=path["path"][0])["vix"][0]) == path["date"].to_list().index(day.item())


def test_listing_them_changes_no_bit_of_anything_else(run):
    without = simulate(market_config(POPULATIONS), 3, threads=1)
    assert set(run.info["tables"]) - set(without.info["tables"]) == {"vix_futures"}
    for name, table in without.info["tables"].items():
        assert run.info["tables"][name] == table, name


def test_a_config_without_the_table_is_what_it_was():
    plain = market_config(POPULATIONS)
    assert "vix_futures" not in plain.resolved()
    assert plain.digest != CONFIG.digest
    assert prepare(plain).registry.published == ()


def test_futures_of_a_market_without_options_are_refused_in_one_sentence():
    with pytest.raises(
        ConfigError, match=r"^vix_futures: futures are priced from [^.]*; set options\.listed = true, or"
    ):
        market_config({}, vix_futures=LISTED)


class FuturesView(View):
    vix_m1: float
    vix_m2: float


class Roller(NamedTuple):
    capital_bn: Annotated[float, Field("size", "USD bn", 0.0)]


class Held(NamedTuple):
    exposure: float = 0.0


@strategy(clock="day", source="a test")
def sells_backwardation(view: FuturesView, roller: Roller, held: Held, noise: float) -> tuple[Held, float]:
    target = -1.0 if view.vix_m1 > view.vix_m2 else 1.0
    return Held(target), roller.capital_bn * (target - held.exposure)


def test_a_rule_sees_them_from_the_first_day_on(tmp_path):
    text = Path(__file__).read_text()
    (tmp_path / "rules.py").write_text(
        "from flowsim.strategy import Annotated, Field, NamedTuple, View, strategy\n\n\n"
        + text[text.index("class FuturesView") : text.index("\n\ndef test_a_rule_sees")]
    )
    roller = {"strategy": "sells_backwardation", "agents": 1, "capital_bn": 1.0}
    config = market_config(
        POPULATIONS | {"roller": roller}, time={"days": 8}, vix_futures=LISTED, strategy_folders=[str(tmp_path)]
    )
    market = prepare(config)
    block = step_block(market)
    shown = block.record.published
    inverted = shown[:, 0] > shown[:, 1]
    bought = block.record.flow[1:, market.sources.index("roller")]
    assert inverted.any()
    assert not inverted.all()
    # The position of a close is traded in the next session; what it was before the first is the start's futures.
    np.testing.assert_array_equal(np.abs(bought[1:]) > 0.5, inverted[1:-1] != inverted[:-2])
