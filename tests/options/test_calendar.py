"""The calendar of the option market: what is marked when, how long it lives, and which slot holds it."""

import datetime as dt
import math
from collections import defaultdict

import numpy as np
import pytest
from helpers.markets import PROGRAMMES, market_config, population
from hypothesis import given
from hypothesis import strategies as st
from twin.plain_expiries import (
    TENOR_DAYS,
    Events,
    Expiry,
    all_sessions,
    minutes_to,
    session_number,
    sessions_to,
    terms_of,
)

from flowsim.authoring.structure import ZERO_COST
from flowsim.clock import sessions_after
from flowsim.config import Config
from flowsim.engine.prepare import prepare
from flowsim.market.timetable import build_timetable
from flowsim.options import calendar
from flowsim.options.build import build_surface, new_book
from flowsim.options.clients import build_clients, clients_of
from flowsim.options.listing import build_listing, no_listing, rows_of

OVERNIGHT = 0.2


def settlement_of(expiry: Expiry) -> int:
    """Return the number under which the calendar knows an expiry."""
    return 2 * session_number(expiry.date) + expiry.on_close


def expiry_of(settlement: int) -> Expiry:
    """Return the expiry of a number."""
    return Expiry(all_sessions()[settlement // 2], settlement % 2 == 1)


def sample(step: int) -> list[dt.date]:
    """Return every so-many-th session from 1995 to 2055."""
    return [date for date in all_sessions()[::step] if 1995 <= date.year <= 2055]


def positions(dates: list[dt.date]) -> np.ndarray:
    return calendar.positions(np.array(dates, "datetime64[D]"))


def test_business_time_and_minutes_of_a_week_before_a_third_friday() -> None:
    """On Wednesday 2018-12-19: the monthly expiry of Friday's opening, the weekly one of its close, and Monday's."""
    closes = positions([dt.date(2018, 12, 19)])
    friday, monday = dt.date(2018, 12, 21), dt.date(2018, 12, 24)
    expiries = (Expiry(friday, False), Expiry(friday, True), Expiry(monday, True))
    settlements = np.array([settlement_of(expiry) for expiry in expiries])
    # Thursday and a night; two sessions; three, of which the last ends at 13:00.
    np.testing.assert_allclose(
        calendar.sessions_between(closes, settlements, OVERNIGHT), [1.2, 2.0, 2.2 + 0.8 * 210 / 390]
    )
    np.testing.assert_array_equal(
        calendar.minutes_between(closes, settlements), [2 * 1440 - 390, 2 * 1440, 5 * 1440 - 180]
    )


def test_an_option_of_the_next_session_has_run_off_when_the_session_has_half_days_too() -> None:
    """2018-12-24 closes at 13:00: its night and its seven bars are all the business time that its options have."""
    for day_before in (dt.date(2018, 12, 20), dt.date(2018, 12, 21)):
        dates = sessions_after(day_before, 2).dates
        timetable = build_timetable(market_config({}).spec(), dates, 13)
        elapsed = timetable.fraction[timetable.kind[0]].sum()
        expiry = np.array([settlement_of(Expiry(dates[0].item(), True))])
        assert calendar.sessions_between(positions([day_before]), expiry, OVERNIGHT)[0] == pytest.approx(elapsed)


def test_terms_minutes_and_sessions_are_those_of_the_plain_calendar() -> None:
    dates = sample(step=97)
    closes = positions(dates)
    terms = calendar.index_terms(closes)
    minutes, left = (
        calendar.minutes_between(closes[:, None, None], terms),
        calendar.sessions_between(closes[:, None, None], terms, OVERNIGHT),
    )
    for row, date in enumerate(dates):
        plain = terms_of(date)
        assert terms[row].tolist() == [[settlement_of(near), settlement_of(next_)] for near, next_ in plain]
        assert minutes[row].tolist() == [[minutes_to(date, term) for term in pair] for pair in plain]
        np.testing.assert_allclose(left[row], [[sessions_to(date, term, OVERNIGHT) for term in pair] for pair in plain])


def test_the_near_term_is_no_further_than_the_target_and_the_next_is() -> None:
    for date, pairs in zip(sample(step=53), calendar.index_terms(positions(sample(step=53))).tolist(), strict=True):
        for days, (near, next_) in zip(TENOR_DAYS, pairs, strict=True):
            target = date + dt.timedelta(days)
            assert date < expiry_of(near).date <= target < expiry_of(next_).date


def test_event_variance_is_what_falls_before_settlement_less_its_mean() -> None:
    total = calendar.event_variances(0.009, 0.008)
    first = dt.date(2015, 1, 2)
    plain = Events(0.9, 0.8, first, OVERNIGHT)
    dates = [first, *(date for date in sample(step=31) if 2015 < date.year < 2030)]
    closes = positions(dates)
    terms = calendar.index_terms(closes)
    found = calendar.events_between(closes[:, None, None], terms, total, OVERNIGHT)
    wanted = [[[plain.variance_to(date, term) for term in pair] for pair in terms_of(date)] for date in dates]
    np.testing.assert_allclose(found, wanted, rtol=1e-9, atol=1e-15)


def test_a_meeting_stands_in_the_variance_of_its_day() -> None:
    """The statement of Wednesday 2018-12-19 makes Wednesday's expiry dearer than Tuesday's by its move squared."""
    total = calendar.event_variances(0.009, 0.0)
    closes = positions([dt.date(2018, 12, 17)])
    tuesday, wednesday = (settlement_of(Expiry(dt.date(2018, 12, day), True)) for day in (18, 19))
    before, after = calendar.events_between(closes, np.array([tuesday, wednesday]), total, OVERNIGHT)
    mean = -before  # of one session without an event
    assert 7.0 * 0.009**2 / 253 < mean < 9.0 * 0.009**2 / 251, "eight meetings a year"
    assert after == pytest.approx(0.009**2 - 2.0 * mean, rel=1e-12)


def test_pillars_carry_a_straight_line_of_variance_that_begins_at_zero_and_goes_on_beyond_the_last() -> None:
    pillars = np.array([[5.0, 20.0, 60.0, 120.0, 250.0]])
    weights = calendar.pillar_weights(np.array([[2.5, 5.0, 35.0, 300.0]]), pillars)
    # 35 is 15/40 of the way from 20 to 60; 300 goes on from 250 by 50/130 of the stretch from 120.
    beyond = 50.0 / 130.0
    wanted = [[0.5, 0, 0, 0, 0], [1, 0, 0, 0, 0], [0, 0.625, 0.375, 0, 0], [0, 0, 0, -beyond, 1.0 + beyond]]
    np.testing.assert_allclose(weights[0], wanted, atol=1e-15)


@given(st.lists(st.floats(0.5, 400.0), min_size=1, max_size=8), st.floats(-3.0, 3.0))
def test_pillar_weights_reproduce_what_is_linear(left: list[float], slope: float) -> None:
    pillars = np.array([[6.1, 20.3, 63.9, 126.0, 252.7]])
    weights = calendar.pillar_weights(np.array([left]), pillars)
    np.testing.assert_allclose(weights @ (slope * pillars[0]), slope * np.array([left]), atol=1e-9)


def test_demand_for_a_month_moves_one_month_by_itself_and_others_by_their_loading_and_distance() -> None:
    tenors = np.array([days / 365.0 for days in TENOR_DAYS])
    month, day = 30.0 / 365.0, 1.0 / 365.0
    effect = calendar.demand_reach(np.array([[month, 0.1 * day]]), tenors[None], 1.0)[0]
    # The loading is (T / 30 days)^-0.4, and exp(-|log distance|) is the ratio of the two times.
    assert effect[0] == pytest.approx([(9 / 30) ** 0.6, 1.0, (93 / 30) ** -1.4, (184 / 30) ** -1.4, (366 / 30) ** -1.4])
    assert effect[1] == pytest.approx(calendar.demand_reach(np.array([[day]]), tenors[None], 1.0)[0, 0])


def test_the_year_goes_on_from_three_and_six_months_in_a_straight_line_of_log_time() -> None:
    last = calendar.extrapolated((8.0, 0.6), (10.0, 0.7))
    steps = math.log(366 / 184) / math.log(184 / 93)
    assert last == pytest.approx([10.0 + 2.0 * steps, 0.7 + 0.1 * steps])


def every_programme(days: int) -> Config:
    """Return a market with every programme."""
    dealer = {"dealer": population("option_dealer", within_bar=0.25)}
    return market_config({name: population(name) for name in PROGRAMMES} | dealer, time={"days": days})


CLOSES = sessions_after(np.datetime64("2018-06-29"), 170).dates
"""More than half a year, with quarter ends, half days, and the closing of 2018-12-05."""


def test_every_contract_has_a_slot_of_its_own_from_its_roll_to_its_settlement() -> None:
    spec = every_programme(5).spec()
    listing, clients = build_listing(spec, CLOSES), clients_of(spec)
    held = {}
    for row in range(len(CLOSES)):
        begin, end = listing.opens_from[row - 1 : row + 1] if row > 0 else (0, 0)
        for opening in range(begin, end):
            client, slot = clients[listing.open_client[opening]], int(listing.open_slot[opening])
            for leg in range(len(client.strategy.structure.legs)):
                assert slot + leg not in held, "a slot is empty before it is filled"
                assert spec.programmes[listing.slot_programme[slot + leg]] == client.name
                held[slot + leg] = row
        assert sorted(held) == np.flatnonzero(listing.slot_expiry[row] >= 0).tolist()
        if row < len(CLOSES) - 1:
            held = {slot: since for slot, since in held.items() if listing.slot_settles[row, slot] < 0}


def test_contracts_settle_when_the_roll_calendar_says() -> None:
    """Of each client's rolls, the session and time of settlement, against what the slots do day by day."""
    spec = every_programme(5).spec()
    listing, clients = build_listing(spec, CLOSES), clients_of(spec)
    settled = defaultdict(list)
    for row, slot in np.argwhere(listing.slot_settles >= 0).tolist():
        settled[int(slot)].append((row + 1, listing.slot_settles[row, slot] == 1))
    for number, client in enumerate(clients):
        rolls = client.rolls(CLOSES)
        wanted = zip(rolls.days.tolist(), rolls.expiry_index.tolist(), (~rolls.am_settled).tolist(), strict=True)
        slots = {int(listing.open_slot[i]) for i in np.flatnonzero(listing.open_client == number)}
        found = sorted(one for slot in slots for one in settled[slot])
        # Rolls of the first close belong to the days before, and what settles after the last is still held.
        assert found == sorted((at, close) for day, at, close in wanted if day > 0 and at < len(CLOSES))


def test_a_part_of_a_listing_counts_its_days_anew() -> None:
    whole = build_listing(every_programme(5).spec(), CLOSES)
    part = rows_of(whole, 40, 70)
    for name in ("n_expiries", "years", "slot_expiry", "index_minutes", "tenor_event"):
        np.testing.assert_array_equal(getattr(part, name), getattr(whole, name)[40:71])
    np.testing.assert_array_equal(part.slot_settles, whole.slot_settles[40:70])
    for row in range(30):
        mine, its = (slice(*one.opens_from[at : at + 2]) for one, at in ((part, row), (whole, 40 + row)))
        np.testing.assert_array_equal(part.open_slot[mine], whole.open_slot[its])


def test_averages_of_a_steady_past_are_its_square_and_itself() -> None:
    closes = np.log(100.0) + 0.001 * np.arange(300)
    book = new_book(no_listing(len(CLOSES)), 0, closes)
    np.testing.assert_allclose(book.features[:, 0], [1e-6, 1e-6, 1e-6, 1e-3, 1e-3], rtol=1e-9)


def test_clients_carry_their_parameters_and_the_legs_of_their_package() -> None:
    market = prepare(every_programme(5))
    built = build_clients(market.spec, [None] * len(market.populations), market.rules.state_at, market_maker=99)
    assert (built.dealer, built.hedger) == (market.populations.index("dealer"),) * 2
    assert built.within_bar == 0.25
    row = 0
    for one in market.spec.populations:
        strategy = one.strategy
        for agent in one.parameters.T if strategy.structure else ():
            named = dict(zip(strategy.parameter_names, agent.tolist(), strict=True))
            at = built.params_at[row]
            assert built.params[at : at + len(agent)].tolist() == agent.tolist()
            assert market.programmes[built.programme[row]] == one.name
            assert strategy.structure
            legs = slice(built.legs_from[row], built.legs_from[row + 1])
            wanted = [
                (leg.kind == "call", 0.0 if leg.strike == ZERO_COST else named[leg.strike], leg.quantity)
                for leg in strategy.structure.legs
            ]
            found = zip(built.leg_call[legs], built.leg_strike[legs], built.leg_quantity[legs], strict=True)
            assert [(call == 1.0, strike, quantity) for call, strike, quantity in found] == wanted
            row += 1
    assert row == len(built.programme)


def test_the_surface_has_the_config_in_the_units_of_the_engine() -> None:
    changes = {"half_spread_pct": 2.0, "demand_half_life_days": 10.0, "listed": True}
    surface = build_surface(market_config({}, options=changes).spec())
    assert surface.half_spread == 0.02
    assert surface.demand_keep**10 == pytest.approx(0.5, rel=1e-12)
    assert surface.feature_keep ** [2, 10, 60, 3, 15] == pytest.approx(0.5, rel=1e-12)
    assert surface.tenor_loading == pytest.approx([(days / 30) ** -0.4 for days in TENOR_DAYS])
