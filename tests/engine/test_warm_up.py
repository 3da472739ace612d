"""The starting state is what real history leaves behind: nothing in it is guessed."""

from pathlib import Path

import numpy as np
import pytest
from helpers.markets import BUILT_IN, market_config, population, simulated

from flowsim.authoring.view import View
from flowsim.config import agent_parameters
from flowsim.engine.prepare import Market, prepare
from flowsim.kernel.memory import arrays_in
from flowsim.options.arrays import DELTA

TREND = population("cta", short_span_days=[20, 45], execution={"days": 5})
EXPOSED = {
    "volatility": population("vol_target", buffer=0.0, execution={"lag_days": 2, "days": 3}),
    "average": population("vol_target_average"),
    "index_fund": population("vol_target_ewma", execution={"days": 4, "participation_cap": 0.001}),
    "parity": population("risk_parity", execution={"lag_days": 3, "days": 2}),
    "trend": TREND,
    "breakout": population("cta_breakout", execution={"days": 10}),
    "momentum": population("cta_momentum", execution={"days": 3}),
    "baz": population("cta_baz", execution={"days": 7, "participation_cap": 0.01}),
    "dips": population("dip_buying", execution={"days": 6}),
    "panic": population("panic_selling", execution={"days": 2}),
}
FLOWS_ONLY = {name: population(name) for name in ("buyback", "passive_inflow", "noise_trading", "value_investing")}


@pytest.fixture(scope="module")
def market() -> Market:
    return prepare(market_config(EXPOSED | FLOWS_ONLY, sentiment={"response": 1.0, "threshold": 1.0}))


def observable(market: Market, name: str) -> np.ndarray:
    return market.start.observables[View._fields.index(name)]


def agent_states(market: Market, name: str) -> dict[str, np.ndarray]:
    """Return the state of a population's agents in the first lane, by field, (agents,)."""
    row, table = market.populations.index(name), market.config.population[name]
    strategy = market.config.strategies[table.strategy]
    first = market.rules.state_at[row]
    values = market.start.agents.reshape(-1, 64)[first : first + len(strategy.state_names) * table.agents, 0]
    return dict(zip(strategy.state_names, values.reshape(-1, table.agents), strict=True))


def test_the_view_starts_from_the_real_closes(market: Market) -> None:
    import pandas as pd

    closes = pd.Series(np.log(market.history.close))
    returns = closes.diff()
    for days in (5, 10, 20, 21, 40, 63, 126):
        wanted = np.sqrt(252 / days * (returns**2).rolling(days).sum().iloc[-1])
        np.testing.assert_allclose(observable(market, f"rv_{days}"), wanted, rtol=1e-12)
    for days in (5, 21, 63, 126, 252):
        np.testing.assert_allclose(
            observable(market, f"return_{days}d"), closes.diff(days).iloc[-1], rtol=1e-12, atol=1e-14
        )
    for days in (21, 63, 126, 252):
        np.testing.assert_allclose(observable(market, f"high_{days}d"), closes.rolling(days).max().iloc[-1], rtol=1e-12)
        np.testing.assert_allclose(observable(market, f"low_{days}d"), closes.rolling(days).min().iloc[-1], rtol=1e-12)
    np.testing.assert_allclose(observable(market, "price"), market.history.close[-1], rtol=1e-12)
    np.testing.assert_allclose(observable(market, "day_return"), returns.iloc[-1], rtol=1e-12)


def test_the_history_ends_on_the_start_date_with_its_real_close(market: Market) -> None:
    # S&P 500 on 2018-11-15: 2,730.20.
    assert str(market.history.dates[-1]) == "2018-11-15"
    assert market.history.close[-1] == pytest.approx(2730.20, abs=0.01)


def test_the_variances_of_depth_are_weighted_means_of_past_squares(market: Market) -> None:
    squares = np.diff(np.log(market.history.close)) ** 2
    for row, half_life in enumerate(market.config.market.depth_half_lives_days):
        keep = 0.5 ** (1 / half_life)
        # They start at the mean of the first 251 squares and then forget it.
        variance = squares[:251].mean()
        for square in squares:
            variance = keep * variance + (1 - keep) * square
        np.testing.assert_allclose(market.start.depth.variances[row], variance, rtol=1e-10)


def test_trend_averages_are_exponential_means_of_real_closes(market: Market) -> None:
    import pandas as pd

    # Rules begin to live once the longest window of the view, 252 sessions, is full.
    closes = pd.Series(market.history.close[252:])
    found = agent_states(market, "trend")
    table = market.config.population["trend"]
    parameters = dict(zip(BUILT_IN["cta"].parameter_names, agent_parameters(table, BUILT_IN["cta"]), strict=True))
    for speed in ("short", "medium", "long"):
        for agent, span in enumerate(parameters[f"{speed}_span_days"]):
            wanted = closes.ewm(span=span, adjust=False).mean().iloc[-1]
            assert found[speed][agent] == pytest.approx(wanted, rel=1e-12)


def test_a_volatility_target_starts_at_target_over_volatility(market: Market) -> None:
    returns = np.diff(np.log(market.history.close))
    vol = max(np.sqrt(252 * np.mean(returns[-days:] ** 2)) for days in (21, 63))
    wanted = [min(1.5, target / vol) for target in (0.05, 0.1, 0.15)]
    np.testing.assert_allclose(agent_states(market, "volatility")["exposure"], wanted, rtol=1e-12)


def test_positions_and_orders_under_way_add_up_to_the_exposures(market: Market) -> None:
    for row, name in enumerate(market.populations[: len(EXPOSED)]):
        each = market.config.population[name].capital_bn / market.config.population[name].agents
        meant = agent_states(market, name)["exposure"].sum() * each
        start = market.start
        held = start.shares[row] + start.backlog[row] + start.schedule[row].sum(axis=0)
        np.testing.assert_allclose(held, meant, rtol=1e-9, atol=1e-9, err_msg=name)


def test_orders_are_under_way_at_the_start(market: Market) -> None:
    under_way = np.abs(market.start.schedule[:, :, 0]).sum(axis=1) + np.abs(market.start.backlog[:, 0])
    assert under_way[market.populations.index("volatility")] > 0
    assert np.abs(market.start.backlog[market.populations.index("index_fund")]).max() > 0


def test_whoever_only_adds_up_purchases_starts_from_nothing(market: Market) -> None:
    for name in FLOWS_ONLY:
        assert (market.start.shares[market.populations.index(name)] == 0.0).all()
    scale = np.abs(market.start.shares).sum(axis=0)
    assert (np.abs(market.start.shares.sum(axis=0)) < 1e-9 * scale).all()


def test_every_path_starts_alike(market: Market) -> None:
    by_lane = [values.reshape(-1, 64) for values in arrays_in(market.start) if values.dtype == float]
    assert len(by_lane) > 15
    for lanes in by_lane:
        np.testing.assert_array_equal(lanes, lanes[:, :1].repeat(64, axis=1))


@pytest.fixture(scope="module")
def hedged() -> Market:
    """Two customers of 40 bn who roll a whole and a half of it at third Fridays, and dealers who hedge all of it."""
    dealer = population("option_dealer", band=0, bars_between=1, within_bar=1)
    return prepare(market_config({"puts": population("put_hedging", capital_bn=80), "dealer": dealer}))


def test_customers_hold_at_the_start_what_they_opened_in_real_history(hedged: Market) -> None:
    # S&P 500: 2,929.67 on 2018-09-21, 2,767.78 on 2018-10-19. 0.95 x 2,767.78 = 2,629.4; 0.98 x 2,929.67 = 2,871.1;
    # 0.98 x 2,767.78 = 2,712.4; strikes are listed every 5 points.
    book = hedged.book
    held = sorted(zip(np.exp(book.log_strike[:, 0]).round(6).tolist(), book.quantity[:, 0].tolist(), strict=True))
    assert held == [(2630.0, 40.0), (2710.0, 20.0), (2870.0, 20.0)]


def test_dealers_start_with_the_stock_that_hedges_what_customers_hold(hedged: Market) -> None:
    # 40 bn of puts 4 % out of the money with a month to run, 20 bn near the money and 20 bn in it with a day: deltas of
    # some -0.25, -0.4 and -1. The last session of the history was one bar, of whose move the hedge is linear.
    puts, dealer, market_maker, holders = hedged.start.shares[:, 0]
    assert dealer == pytest.approx(hedged.book.greeks[0, DELTA, 0], rel=0.05)
    assert -40.0 < dealer < -20.0
    assert (puts, market_maker, holders) == (0.0, 0.0, -dealer)


def test_every_path_starts_with_the_same_options(hedged: Market) -> None:
    for name, values in hedged.book._asdict().items():
        lanes = values.reshape(-1, 64)
        np.testing.assert_array_equal(lanes, lanes[:, :1].repeat(64, axis=1), err_msg=name)


def test_the_usual_demand_is_known_at_the_start(hedged: Market) -> None:
    # Six half-lives of 63 sessions: what is usual is what was on average. Of puts that a month is left of on average,
    # less is left a day before they expire.
    assert (hedged.book.ewma_demand > hedged.book.demand).all()
    assert (hedged.book.demand > 0.0).all()


def test_history_moves_no_price_and_its_impact_is_over(market: Market) -> None:
    assert (market.start.impact.transient == 0.0).all()
    # With no impact in the simulated days either, the first return is news alone.
    record = simulated(market_config(EXPOSED, market={"multiplier": 0})).record
    assert (record.contribution[:, 2:] == 0.0).all()


def test_a_start_a_day_later_continues_the_same_lives() -> None:
    one = prepare(market_config({"volatility": EXPOSED["volatility"]}))
    two = prepare(market_config({"volatility": EXPOSED["volatility"]}, time={"start": "2018-11-16"}))
    # What is due on the second day before is due on the first day after.
    np.testing.assert_allclose(two.start.schedule[0, 1, 0], one.start.schedule[0, 2, 0] + added(one, two), atol=1e-9)


def added(one: Market, two: Market) -> float:
    """Return the part due in two sessions of what was decided on 2018-11-16: a third of the change of exposure."""
    change = agent_states(two, "volatility")["exposure"].sum() - agent_states(one, "volatility")["exposure"].sum()
    return change * 240 / 3 / 3


WATCHER = '''
from flowsim.strategy import Annotated, Field, NamedTuple, View, strategy


class Desk(NamedTuple):
    capital_bn: Annotated[float, Field("capital", "USD bn", 0.0)]


class Seen(NamedTuple):
    highest: float = 0.0
    sum: float = 0.0


@strategy(clock="day", source="none", laws=(), examples=(Desk(10.0),))
def watcher(view: View, desk: Desk, seen: Seen, noise: float) -> tuple[Seen, float]:
    """Remember the highest VIX3M."""
    return Seen(max(seen.highest, view.vix3m), seen.sum + view.vix3m), 0.0
'''


def test_a_rule_that_looks_at_an_index_is_shown_it_through_history(tmp_path: Path) -> None:
    (tmp_path / "watcher.py").write_text(WATCHER)
    watchers = {"desk": {"strategy": "watcher", "agents": 1, "capital_bn": 1.0}}
    customers = {"hedgers": population("put_hedging"), "dealer": population("option_dealer")}
    market = prepare(market_config(watchers | customers, strategy_folders=[str(tmp_path)]))
    remembered = agent_states(market, "desk")
    # 378 sessions up to November 2018, among them the 37.3 of VIX in February, with VIX3M in the twenties.
    assert 20.0 < remembered["highest"][0] < 40.0
    assert np.isfinite(remembered["sum"]).all()


def test_indices_at_the_start_are_the_same_whether_or_not_a_rule_looked_at_them(tmp_path: Path) -> None:
    (tmp_path / "watcher.py").write_text(WATCHER)
    customers = {"hedgers": population("put_hedging"), "dealer": population("option_dealer")}
    watchers = {"desk": {"strategy": "watcher", "agents": 1, "capital_bn": 1.0}}
    watched = prepare(market_config(watchers | customers, strategy_folders=[str(tmp_path)]))
    unwatched = prepare(market_config(customers))
    for name in ("vix9d", "vix", "vix3m", "vix6m", "vix1y"):
        assert np.array_equal(observable(watched, name), observable(unwatched, name))
        assert 5.0 < observable(unwatched, name)[0] < 60.0
