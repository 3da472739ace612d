"""News that markets share: the same draws, once each, whatever the clock."""

import math

import numpy as np
import pytest
from helpers.beside import BONDS, BTC, HOURS, blocks, several
from twin.plain_random import Stream, stream_key

from flowsim.engine.prepare import prepare

SHARED = 2
"""Row of the shared news among the sources of a market beside the first: after news and policy."""
QUIET_LEAD = {"daily_news_vol": 0.0, "drift_pct_per_year": 0.0, "payrolls_bp": 0.0, "cpi_bp": 0.0, "gdp_bp": 0.0}


def by_day(config, market):
    """Return the contributions of a market by day, (days, sources, paths), added up over its steps."""
    return blocks(config)[market].record.contribution


def lead_draws(days, paths=64, steps_per_day=15):
    """Return the first market's draws, night first, (days, steps, paths)."""
    stream = Stream(stream_key(1, "market:news"), False)
    draw = [
        [[stream.normals(path, day * steps_per_day + step)[0] for path in range(paths)] for step in range(14)]
        for day in range(days)
    ]
    return np.array(draw)


def test_a_market_with_sessions_hears_the_first_markets_draws_with_its_loading():
    config = several({"bonds": BONDS}, {}, time={"days": 3})
    told = blocks(config, by_bar=True)["bonds"].record.contribution[:, SHARED].reshape(3, -1, 64)
    fraction = prepare(config).beside[0].timetable.fraction[0]
    expected = -0.3 * 0.004 * np.sqrt(fraction)[None, :, None] * lead_draws(3)
    np.testing.assert_allclose(told[:2], expected[:2], rtol=1e-9, atol=1e-15)


def test_the_bars_of_a_night_add_up_to_the_first_markets_one_draw():
    config = several({"btc": BTC}, {}, time={"days": 4})
    block, timetable = blocks(config, by_bar=True)["btc"], prepare(config).beside[0].timetable
    z, first = lead_draws(4), 0
    for day in range(4):
        night = timetable.night_steps[timetable.kind[day]]
        told = block.record.contribution[first : first + night, SHARED]
        whole = math.sqrt(timetable.fraction[timetable.kind[day], :night].sum())
        np.testing.assert_allclose(told.sum(axis=0), 0.4 * 0.02 * whole * z[day, 0], rtol=1e-9, atol=1e-15)
        first += timetable.bars[day] + 1


def test_the_bars_of_a_night_are_independent_and_have_the_variance_of_their_hours():
    # 64 paths x 40 nights = 2,560 draws of each bar: a variance has a standard error of 2.8 %, a correlation of 2 %.
    # Of 17 variances and 136 correlations none is beyond 4.5 of them, which a sound engine fails in one of 900 seeds.
    config = several({"btc": BTC}, {}, time={"start": "2018-01-02", "days": 60})
    block, timetable = blocks(config, by_bar=True)["btc"], prepare(config).beside[0].timetable
    ends = np.cumsum(timetable.bars + 1)
    weeknights = [day for day in range(60) if timetable.night_steps[timetable.kind[day]] == 18][:40]
    rows = [block.record.contribution[ends[day] - timetable.bars[day] - 1 :][:18, SHARED] for day in weeknights]
    fraction = timetable.fraction[timetable.kind[weeknights[0]], :18]
    size = 0.4 * 0.02 * np.sqrt(fraction).reshape(1, -1, 1)
    z = (np.stack(rows) / size).transpose(1, 0, 2).reshape(18, -1)
    assert np.abs(z.var(axis=1) - 1.0).max() < 4.5 * math.sqrt(2.0 / z.shape[1])
    off_diagonal = np.corrcoef(z)[np.triu_indices(18, 1)]
    assert np.abs(off_diagonal).max() < 4.5 / math.sqrt(z.shape[1])


def test_news_have_the_size_of_the_config_whatever_part_of_them_is_shared():
    sizes = []
    for news in ({}, {"equity": 0.8}):
        config = several({"btc": BTC | {"news": news}}, {}, time={"start": "2018-01-02", "days": 60})
        told = blocks(config)["btc"].record.contribution
        sizes.append(told[:, [0, SHARED]].sum(axis=1).std())
    # 64 paths x 60 days: each has a standard error of 1.1 %.
    assert sizes[1] == pytest.approx(sizes[0], rel=0.06)


def overlap(one, other):
    """Return how far two clocks agree: the correlation of a day's news that are the same draws."""
    shared, sizes = 0.0, np.zeros(2)
    for kind, lead_kind in zip(other.kind, one.kind, strict=True):
        night = other.night_steps[kind]
        own = np.concatenate([[other.fraction[kind, :night].sum()], other.fraction[kind, night:]])
        lead = one.fraction[lead_kind]
        shared += np.sqrt(lead * own[: len(lead)]).sum()
        sizes += lead.sum(), own.sum()
    return shared / math.sqrt(sizes.prod())


def test_two_markets_correlate_as_their_loadings_and_their_clocks_say():
    gold = BONDS | {"news": {"equity": 0.6}, "policy_effect_pct": 0.0}
    config = several({"gold": gold, "btc": BTC | {"news": {"equity": 0.5, "gold": 0.4}}}, {}, time={"days": 60})
    told = {name: block.record.contribution for name, block in blocks(config).items()}
    moved = [told["equity"][:, 0], *(told[name][:, [0, SHARED]].sum(axis=1) for name in ("gold", "btc"))]
    found = np.corrcoef([one.ravel() for one in moved])
    lead, _, btc = prepare(config).all
    clocks = overlap(lead.timetable, btc.timetable)
    # 3,840 days: a standard error of 0.016; what gold's own news are of it has the weight 0.8.
    assert 0.8 < clocks < 0.95
    assert found[0, 1] == pytest.approx(0.6, abs=0.06)
    assert found[0, 2] == pytest.approx(0.5 * clocks, abs=0.06)
    assert found[1, 2] == pytest.approx((0.6 * 0.5 + 0.8 * 0.4) * clocks, abs=0.06)


@pytest.mark.parametrize("asset", [BONDS, BTC], ids=["session", "always"])
def test_a_release_of_data_moves_each_market_once_by_its_loading(asset):
    config = several(
        {"other": asset | {"news": {}, "release_loading": -0.5}},
        {},
        fundamental=QUIET_LEAD | {"cpi_bp": 40.0, "payrolls_bp": 30.0},
    )
    found = {name: block.record.contribution for name, block in blocks(config).items()}
    assert (found["equity"][:, 0] != 0.0).all(axis=1).sum() == 2
    np.testing.assert_allclose(found["other"][:, SHARED], -0.5 * found["equity"][:, 0], rtol=1e-12, atol=1e-18)


def test_data_of_half_past_eight_are_heard_in_the_bar_that_holds_it():
    config = several({"btc": BTC | {"news": {}, "release_loading": 1.0}}, {}, fundamental={"cpi_bp": 40.0})
    block, market = blocks(config, by_bar=True)["btc"], prepare(config).beside[0]
    told = np.flatnonzero(block.record.contribution[:, SHARED].any(axis=1))
    bars = np.concatenate([np.arange(n + 1) for n in market.timetable.bars])
    nights = np.repeat(market.timetable.night_steps[market.timetable.kind], market.timetable.bars + 1)
    # The last bar of a night is 9:00 to 9:30, the one before it 8:00 to 9:00.
    assert len(told) >= 2
    assert (bars[told] == nights[told] - 2).all()


@pytest.mark.parametrize("asset", [BONDS, BTC], ids=["session", "always"])
def test_a_jump_of_the_first_market_reaches_others_once(asset):
    jumps = {"jumps_per_year": 100.0, "jump_mean_bp": -100.0, "jump_vol_bp": 50.0}
    own = {"fundamental": {"daily_news_vol": 0.0, "drift_pct_per_year": 0.0, "jumps_per_year": 0.0}}
    config = several({"other": asset | own | {"news": {}, "jump_loading": 2.0}}, {}, fundamental=QUIET_LEAD | jumps)
    found = {name: block.record.contribution for name, block in blocks(config).items()}
    assert np.count_nonzero(found["equity"][:, 0]) > 100
    np.testing.assert_allclose(found["other"][:, SHARED], 2.0 * found["equity"][:, 0], rtol=1e-12, atol=1e-18)


def test_a_jump_of_the_night_falls_on_every_bar_of_it_by_its_business_time():
    jumps = {"jumps_per_year": 100.0, "jump_mean_bp": -100.0, "jump_vol_bp": 0.0}
    config = several(
        {"btc": BTC | {"news": {}, "jump_loading": 1.0}},
        {},
        time={"days": 20},
        fundamental=jumps,
        market={"overnight_share": 0.9},
    )
    block, timetable = blocks(config, by_bar=True)["btc"], prepare(config).beside[0].timetable
    first, counts = 0, np.zeros(18)
    for day in range(20):
        if timetable.night_steps[timetable.kind[day]] == 18:
            counts += np.count_nonzero(block.record.contribution[first : first + 18, SHARED], axis=1)
        first += timetable.bars[day] + 1
    # Some 340 jumps on 18 bars: 19 a bar, 10 in the last, which has half an hour.
    assert (counts[:-1] > 4).all()
    assert counts[-1] < counts[:-1].mean()


@pytest.mark.parametrize("name", ["bonds", "btc"])
def test_policy_moves_once_and_each_market_by_its_own_effect(name):
    found = {market: block.record.contribution[:, 1] for market, block in blocks(several(populations={})).items()}
    effect = {"bonds": 0.8, "btc": 1.5}[name]
    np.testing.assert_allclose(found[name], effect * found["equity"], rtol=1e-9, atol=1e-18)
    assert (found["equity"] != 0.0).any()


def test_system_liquidity_is_one_and_each_market_has_its_own_depth():
    liquidity = {"vol": 1.0, "depth_loading": 0.2}
    found = blocks(several({"btc": BTC | {"depth_loading": 0.0}}, {}, liquidity=liquidity))
    np.testing.assert_array_equal(found["btc"].record.market[:, 3], found["equity"].record.market[:, 3])
    assert found["equity"].record.market[:, 3].std() > 0.0


def test_hours_that_never_close_have_a_whole_day_of_business_time_on_average():
    config = several({"btc": BTC}, {}, time={"start": "2004-12-31", "days": 2520})
    timetable = prepare(config).beside[0].timetable
    days = timetable.fraction.sum(axis=1)[timetable.kind]
    assert days.mean() == pytest.approx(1.0, abs=0.003)
    assert timetable.volume.sum(axis=1)[timetable.kind].mean() == pytest.approx(1.0, abs=0.003)
    night = timetable.fraction[timetable.kind[1], 0] / (timetable.fraction[timetable.kind[1], 18:].sum() / 6.5)
    assert night == pytest.approx(HOURS["night_variance"])
