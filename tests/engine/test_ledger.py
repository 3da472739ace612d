"""Every buy has a seller: shares and cash close over all accounts, and positions are the sum of flows."""

import numpy as np
from hypothesis import HealthCheck, given, settings
from markets import market_config, population, simulated, step_block
from random_markets import random_markets

from flowsim.config import Config
from flowsim.market.prepare import prepare

FEW = settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)


def closes(accounts: np.ndarray, axis: int) -> bool:
    """Whether accounts add up to nothing, relative to all that stands in them."""
    return bool((np.abs(accounts.sum(axis=axis)) <= 1e-9 * np.abs(accounts).sum(axis=axis) + 1e-12).all())


@FEW
@given(config=random_markets())
def test_shares_and_cash_of_all_accounts_add_up_to_nothing(config: Config) -> None:
    block = simulated(config, by_bar=True)
    assert closes(block.record.exposure, axis=1)
    assert closes(block.state.cash, axis=0)


@FEW
@given(config=random_markets())
def test_a_position_changes_by_the_flow_of_the_step(config: Config) -> None:
    market = prepare(config)
    record = step_block(market, by_bar=True).record
    shares = np.concatenate([market.start.shares[None], record.exposure])
    change, flow = np.diff(shares, axis=0), record.flow[:, 2:]
    provider = market.rules.is_provider == 1
    taken = flow[:, ~provider].sum(axis=1)
    laid_off = flow[:, provider].sum(axis=1)
    scale = 1e-9 * np.abs(shares).max()
    np.testing.assert_allclose(change[:, :-2][:, ~provider], flow[:, ~provider], rtol=0, atol=scale)
    np.testing.assert_allclose(change[:, market.rules.maker], laid_off - taken, rtol=0, atol=scale)
    np.testing.assert_allclose(change[:, -1], -laid_off, rtol=0, atol=scale)


@FEW
@given(config=random_markets())
def test_cash_pays_for_every_fill_at_the_price_of_its_step(config: Config) -> None:
    market = prepare(config)
    block = step_block(market, by_bar=True)
    relative_price = block.record.market[:, :1] / market.history.close[-1]
    paid = (block.record.flow[:, 2:] * relative_price).sum(axis=0)
    others = market.rules.is_provider == 0
    size = np.abs(block.state.cash).max() + 1.0
    np.testing.assert_allclose(block.state.cash[:-2][others], -paid[others], rtol=0, atol=1e-9 * size)


def test_one_fill_is_booked_on_both_sides() -> None:
    # Savers buy 252 / 12 * 0.7 / 17 = 0.8647 bn in the one bar of 2018-12-07; the market maker sells them.
    savers = population("passive_inflow", agents=1, capital_bn=252, turn_share=0.3)
    config = market_config({"savers": savers}, time={"start": "2018-12-06", "days": 1, "bars_per_day": 1})
    market = prepare(config)
    block = step_block(market)
    bought = 252 / 12 * 0.7 / 17
    change = block.record.exposure[0, :, 0] - market.start.shares[:, 0]
    np.testing.assert_allclose(change, [bought, -bought, 0.0], atol=1e-12)
    price = block.prices[0, 0] / market.history.close[-1]
    np.testing.assert_allclose(block.state.cash[:, 0], [-bought * price, bought * price, 0.0], atol=1e-12)


def test_providers_lay_off_to_holders_and_move_no_price() -> None:
    traders = {"noise": population("noise_trading")}
    alone = simulated(market_config(traders), by_bar=True)
    both = simulated(market_config(traders | {"desk": population("liquidity_provider")}), by_bar=True)
    np.testing.assert_array_equal(alone.prices, both.prices)
    laid_off = both.record.flow[:, 3]
    assert (laid_off != 0.0).any()
    np.testing.assert_allclose(np.diff(both.record.exposure[:, -1], axis=0), -laid_off[1:], atol=1e-9)
    assert (both.record.contribution[:, 3] == 0.0).all()


def test_inventory_never_exceeds_capacity_after_the_desk_has_traded() -> None:
    # A desk that lays off beyond 5 bn at once holds at most what it took in the same bar on top of that.
    traders = {
        "noise": population("noise_trading", capital_bn=200),
        "desk": population("liquidity_provider", capital_bn=5),
    }
    record = simulated(market_config(traders), by_bar=True).record
    inventory, taken = np.abs(record.exposure[:, 1]), np.abs(record.flow[:, 2])
    bars = taken > 0
    assert (inventory[bars] <= 5 + taken[bars] + 1e-9).all()
    assert inventory.max() > 5
