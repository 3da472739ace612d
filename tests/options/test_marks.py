"""Every mark of a stormy run: no arbitrage on any surface, parts that add up, greeks that explain the book's value."""

import math
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import numpy as np
import polars as pl
import pytest
from helpers.markets import PROGRAMMES, market_config, population, step_block
from twin.plain_surface import Slice, black

from flowsim.engine.prepare import Market, prepare
from flowsim.engine.run_days import run_days
from flowsim.ensemble.simulation import simulate
from flowsim.market.calls import FINE
from flowsim.market.records import new_record
from flowsim.market.subsystem import Room
from flowsim.options.arrays import CHARM, DELTA, GAMMA, INDICES, QUOTES, VALUE, VANNA, VEGA, Options
from flowsim.run.columns import OPTION_TABLES

DAYS, RHO = 15, -0.75
MONEYNESS = np.linspace(-1.5, 1.0, 101)
"""Log strike over forward, beyond all that is listed."""
MOVES = (4e-4, 2e-4, 1e-4)
STORM = {
    "fundamental": {"jumps_per_year": 60, "jump_mean_bp": -300, "jump_vol_bp": 500},
    "sentiment": {"response": 1.0, "threshold": 0.5, "shock_vol": 0.5},
    "options": {"skew_response": 1.0, "curvature": 1.14, "sentiment_points": 2.0, "vega_depth_bn": 0.1},
}


class Mark(NamedTuple):
    """The surface at a close: calendar years (expiries,), variance at the money and curvature (expiries, lanes)."""

    years: np.ndarray
    theta: np.ndarray
    phi: np.ndarray


class Storm(NamedTuple):
    """A finished run of 64 paths through a storm."""

    market: Market
    options: Options
    marks: list[Mark]
    points: np.ndarray  # (days + 1, tenors, lanes), from the start
    log_price: np.ndarray  # (lanes,) at the end


@pytest.fixture(scope="module")
def storm() -> Storm:
    """A market that falls and rises by several percent a day, with every programme in it, stepped day by day."""
    populations = {name: population(name) for name in PROGRAMMES}
    populations |= {"trend": population("cta"), "dealer": population("option_dealer")}
    market = prepare(market_config(populations, time={"days": DAYS}, **STORM))
    state, scratch, bundles = market.new_block()
    (market_of_options,) = market.subsystems
    options = market_of_options.with_record(bundles["option_market"], market.spec, Room(DAYS, 0, OPTION_TABLES))
    record = new_record(DAYS, market.registry, (), by_step=False, every=1)
    arrays = (market.timetable, market.rules, market.model, state, scratch, record)
    marks, points = [], [options.book.points.copy()]
    for day in range(DAYS):
        assert run_days(*arrays, market.calls({"option_market": options}), day, day + 1, 0, 64) == FINE
        n_expiries, book = options.listing.n_expiries[day + 1], options.book
        years = options.listing.years[day + 1, :n_expiries]
        marks.append(Mark(years, book.variance[:n_expiries].copy(), book.phi[:n_expiries].copy()))
        points.append(book.points.copy())
    return Storm(market, options, marks, np.array(points), state.observables[1])


def smile(mark: Mark, rho: float, k: float) -> np.ndarray:
    """Return total variance and its first two derivatives in k, (3, expiries, lanes)."""
    bent = np.hypot(mark.phi * k + rho, math.sqrt(1.0 - rho**2))
    w = 0.5 * mark.theta * (1.0 + rho * mark.phi * k + bent)
    slope = 0.5 * mark.theta * mark.phi * (rho + (mark.phi * k + rho) / bent)
    return np.array([w, slope, 0.5 * mark.theta * mark.phi**2 * (1.0 - rho**2) / bent**3])


def test_the_storm_is_one(storm: Storm) -> None:
    assert storm.points.max() > 60.0
    assert np.abs(np.diff(storm.points, axis=0)).max() > 20.0
    assert (storm.points[:, 1] > storm.points[:, 2]).mean() > 0.1, "the term structure is often inverted"


def test_no_butterfly_is_free_on_any_surface(storm: Storm) -> None:
    """The density that a slice implies is positive (Gatheral and Jacquier 2014, lemma 2.2)."""
    rho = storm.market.config.options.skew_correlation
    for mark in storm.marks:
        for k in MONEYNESS:
            w, slope, bend = smile(mark, rho, k)
            density = (1.0 - 0.5 * k * slope / w) ** 2 - 0.25 * slope**2 * (1.0 / w + 0.25) + 0.5 * bend
            assert density.min() > 0.0


def test_the_skew_steepens_up_to_the_bound_that_butterflies_set_and_no_further(storm: Storm) -> None:
    """eta (1 + |rho|) <= 2 keeps every slice free of butterflies (Gatheral and Jacquier 2014, remark 4.4)."""
    options = storm.market.config.options
    exponent, most = options.curvature_exponent, 2.0 / (1.0 + abs(options.skew_correlation))
    eta = np.array(
        [mark.phi[0] * mark.theta[0] ** exponent * (1.0 + mark.theta[0]) ** (1.0 - exponent) for mark in storm.marks]
    )
    assert eta.max() == pytest.approx(most, rel=1e-12)
    assert eta.min() < 0.8 * most


def test_no_calendar_spread_is_free_on_any_surface(storm: Storm) -> None:
    """Total variance at a fixed moneyness never falls with expiry (Gatheral and Jacquier 2014, lemma 2.1)."""
    for mark in storm.marks:
        grows_with_expiry(mark, storm.market.config.options.skew_correlation)


def test_an_event_before_the_first_expiry_of_a_calm_market_leaves_no_calendar_spread_free() -> None:
    """On the eve of a meeting that is priced at 4 %, the days after it would be worth less than nothing."""
    mark = one_mark("2017-07-24", meeting_move_pct=4.0, release_move_pct=0.0)
    assert (np.diff(mark.theta, axis=0) == 0.0).any(), "the floor holds it up"
    grows_with_expiry(mark, RHO)


def test_a_curve_however_inverted_leaves_a_forward_variance_of_five_percent() -> None:
    """Nine days at 60 % are worth more than thirty at 15 %, which no market could quote."""
    rest = [0.0] * 7
    mark = one_mark("2017-07-24", vix9d=[60, *rest], vix=[15, *rest], meeting_move_pct=0.0, release_move_pct=0.0)
    assert (np.diff(mark.theta, axis=0) > 1e-6).all()
    grows_with_expiry(mark, RHO)


def one_mark(start: str, **options: object) -> Mark:
    """Return the surface of a market without programmes after a day."""
    listed = {"listed": True, "skew_correlation": RHO} | options
    market = prepare(market_config({}, time={"start": start, "days": 1}, options=listed))
    listing, book = market.listing, step_block(market).options.book
    n_expiries = listing.n_expiries[1]
    return Mark(listing.years[1, :n_expiries], book.variance[:n_expiries], book.phi[:n_expiries])


def grows_with_expiry(mark: Mark, rho: float) -> None:
    """Assert that total variance does not fall from an expiry to the next at any moneyness."""
    assert (np.diff(mark.years) > 0.0).all()
    for k in MONEYNESS:
        assert (np.diff(smile(mark, rho, k)[0], axis=0) >= 0.0).all()


def test_the_parts_of_an_index_add_up_to_its_change(storm: Storm) -> None:
    parts = storm.options.record.index_parts
    np.testing.assert_allclose(parts.sum(axis=2), np.diff(storm.points, axis=0), rtol=0.0, atol=1e-10)
    moved = np.abs(parts).max(axis=(0, 1, 3))
    assert (moved > 1e-6).all(), "every part has moved"


def test_quotes_hold_ticks_and_strikes_and_not_the_bend_of_an_inverted_curve(storm: Storm) -> None:
    """Nowhere a third of a point, where the chord between two expiries passes five below the pillar between them."""
    left = np.abs(storm.options.record.index_parts[:, :, QUOTES])
    assert np.quantile(left, 0.99) < 0.1
    assert left.max() < 0.3
    beside = storm.points[-1] - storm.options.book.pillar.sum(axis=1)
    assert beside.min() < -3.0


def test_the_tables_of_a_run_that_keeps_every_third_close_add_up_too(tmp_path: Path) -> None:
    populations = {"writers": population("overwriting"), "dealer": population("option_dealer")}
    record = {"every": 3, "tables": ["volatility", "vix_sources"]}
    run = simulate(market_config(populations, time={"days": 12}, record=record), n_paths=2, out=tmp_path / "run")
    parts = run.table("vix_sources").with_columns(pl.col("index").cast(pl.String))
    changes = parts.group_by("path", "date", "index").agg(pl.sum("contribution")).collect()
    levels = run.table("volatility").collect().unpivot(INDICES, index=["path", "date"], variable_name="index")
    both = levels.join(changes, on=["path", "date", "index"]).sort("path", "index", "date")
    assert len(both) == len(levels) == len(changes) == 2 * 4 * len(INDICES)
    value, change = (both[name].to_numpy().reshape(-1, 4) for name in ("value", "contribution"))
    np.testing.assert_allclose(change[:, 1:], np.diff(value), rtol=0.0, atol=1e-10)


class Held(NamedTuple):
    """A contract at the last close of a path: customers' quantity, and where it stands."""

    quantity: float
    k: float
    volatility: float
    years: float
    sessions: float
    call: bool


def held(storm: Storm, lane: int) -> list[Held]:
    """Return what customers hold at the last close."""
    listing, book, mark = storm.options.listing, storm.options.book, storm.marks[-1]
    rho, contracts = storm.market.config.options.skew_correlation, []
    for slot in np.flatnonzero(listing.slot_expiry[DAYS] >= 0).tolist():
        column = int(listing.slot_expiry[DAYS, slot])
        k = float(book.log_strike[slot, lane] - storm.log_price[lane])
        years, sessions = float(mark.years[column]), float(listing.sessions_left[DAYS, column])
        w = Slice(float(mark.theta[column, lane]), float(mark.phi[column, lane]), rho).variance(k)
        quantity, call = float(book.quantity[slot, lane]), bool(listing.slot_call[slot])
        contracts.append(Held(quantity, k, math.sqrt(w / years), years, sessions, call))
    return contracts


def revalued(contracts: list[Held], rise: float, points: float, days: float) -> tuple[float, float]:
    """Return value and delta after the index has risen, volatilities have by points, and sessions have passed."""
    value = delta = 0.0
    for one in contracts:
        w = (one.volatility + points / 100.0) ** 2 * one.years * (1.0 - days / one.sessions)
        price = black(one.k - math.log1p(rise), math.sqrt(w), one.call)
        value += one.quantity * (1.0 + rise) * price.value
        delta += one.quantity * price.delta
    return value, delta


@pytest.fixture(params=[0, 17, 63])
def book(storm: Storm, request: pytest.FixtureRequest) -> tuple[list[Held], np.ndarray]:
    """The contracts of one path at the last close, and the engine's greeks of them all."""
    return held(storm, request.param), storm.options.record.sums[-1, :, :, request.param].sum(axis=0)


def falls_by(factor: float, errors: list[float]) -> None:
    """Assert that each error is smaller than the one before by about a factor."""
    for larger, smaller in pairwise(errors):
        assert larger / smaller == pytest.approx(factor, rel=0.1)


def test_greeks_explain_the_gain_of_the_book_to_the_third_order(book: tuple[list[Held], np.ndarray]) -> None:
    """dV = delta x + gamma x^2 / 2 + vega s, where vol points s are of the order of x^2.

    Half the move leaves an eighth of what is odd in it, and a sixteenth of what is even.
    """
    contracts, greeks = book
    value, delta = revalued(contracts, 0.0, 0.0, 0.0)
    assert (greeks[VALUE], greeks[DELTA]) == pytest.approx((value, delta), rel=1e-9)

    def left(rise: float) -> float:
        points = 1e5 * rise**2
        explained = greeks[DELTA] * rise + 100.0 * greeks[GAMMA] * rise**2 / 2.0 + greeks[VEGA] * points
        return revalued(contracts, rise, points, 0.0)[0] - value - explained

    falls_by(8.0, [left(rise) - left(-rise) for rise in MOVES])
    falls_by(16.0, [left(rise) + left(-rise) for rise in MOVES])


def test_greeks_explain_the_change_of_delta_to_the_second_order(book: tuple[list[Held], np.ndarray]) -> None:
    """d delta = gamma x + vanna s + charm t: half the move leaves a quarter of what is even, an eighth of the rest."""
    contracts, greeks = book
    delta = revalued(contracts, 0.0, 0.0, 0.0)[1]

    def left(rise: float) -> float:
        points, days = 50.0 * rise, 30.0 * rise
        explained = 100.0 * greeks[GAMMA] * rise + greeks[VANNA] * points + greeks[CHARM] * days
        return revalued(contracts, rise, points, days)[1] - delta - explained

    falls_by(4.0, [left(rise) + left(-rise) for rise in MOVES])
    falls_by(8.0, [left(rise) - left(-rise) for rise in MOVES])


def test_a_demand_moves_a_level_by_more_points_the_higher_it_is_where_depth_falls_with_it():
    """At an elasticity of 1 the pressure is that of 0 times the level that past returns give over 20 points."""
    found = {}
    for elasticity in (0.0, 1.0):
        config = market_config(
            {"buyers": population("put_hedging"), "dealer": population("option_dealer", within_bar=0)},
            time={"days": 2},
            market={"multiplier": 0},
            options={"vega_depth_elasticity": elasticity},
        )
        book = step_block(prepare(config)).options.book
        found[elasticity] = book.pillar.copy()
    level = np.maximum(found[0.0][:, 0], 5.0)
    np.testing.assert_array_equal(found[1.0][:, 0], found[0.0][:, 0])
    pressure, flat = found[1.0][:, -1], found[0.0][:, -1]
    assert np.abs(flat).max() > 1e-4
    ratio = pressure / flat
    assert (np.abs(ratio / (level / 20.0) - 1.0) < 0.05).all()
