"""The strip of one expiry: by hand, against a second implementation of the rule, and compiled against plain."""

from __future__ import annotations

import math

import numpy as np
import pytest
from helpers.both_ways import printed_both_ways
from helpers.compiled import machine_code
from helpers.made_chains import SPOT, black, strikes_around
from hypothesis import given, settings
from hypothesis import strategies as st

from flowsim.kernel.marks import LANES
from flowsim.pricing.strip import Walk, chain_strip, first_step, interpolated_index, step_out, strip_sum

NAN = math.nan

# strike, call bid, call ask, put bid, put ask
BY_HAND = [
    (40, 59.0, 61.0, 8.0, 10.0),
    (50, 49.0, 51.0, 0.0, 0.5),
    (60, 39.0, 41.0, 0.0, 0.5),
    (70, 29.0, 31.0, 0.5, 1.5),
    (80, 19.0, 21.0, 0.0, 1.0),
    (90, 11.0, 13.0, 1.5, 2.5),
    (100, 5.5, 6.5, 4.5, 5.5),
    (110, 2.5, 3.5, 10.0, 12.0),
    (120, 0.5, 1.5, 19.0, 21.0),
    (130, 0.0, 0.5, 29.0, 31.0),
    (140, 0.0, 0.5, 39.0, 41.0),
    (150, 3.0, 5.0, 49.0, 51.0),
]


def strip_of(quotes, growth=1.0, years=0.25):
    return chain_strip(*columns(quotes), growth, years)


def columns(quotes):
    return np.array(quotes, np.float64).T.copy()


def test_a_case_by_hand():
    # |call - put| is smallest at 100: 6 - 5 = 1. Forward 100 + 1 * (6 - 5) = 101, K0 = 100.
    # Puts down from 100: 90 has a bid; 80 none, dropped; 70 a bid; 60 none, 50 none: two in a row, so 40 is not seen.
    # Calls up from 100: 110 and 120 have bids; 130 none, 140 none: 150 is not seen.
    # Kept 70, 90, 100, 110, 120 at mid 1, 2, (5 + 6) / 2 = 5.5, 3, 1;
    # dK is 20 (one side), (100 - 70) / 2 = 15, (110 - 90) / 2 = 10, 10, 10 (one side).
    total = 20 * 1 / 4900 + 15 * 2 / 8100 + 10 * 5.5 / 10000 + 10 * 3 / 12100 + 10 * 1 / 14400
    strip = strip_of(BY_HAND)
    assert (strip.forward, strip.k0, strip.n_puts, strip.n_calls) == (101.0, 100.0, 2.0, 2.0)
    assert strip.strip_sum == pytest.approx(total, rel=1e-14)
    # 2 / 0.25 * sum - (101 / 100 - 1)^2 / 0.25
    assert strip.variance == pytest.approx(8 * total - 4 * 0.0001, rel=1e-13)


def test_growth_carries_the_forward_and_the_strip():
    # Forward 100 + 1.02 * (6 - 5); the sum grows by 1.02.
    strip, still = strip_of(BY_HAND, growth=1.02), strip_of(BY_HAND)
    assert strip.forward == pytest.approx(101.02, rel=1e-15)
    assert strip.strip_sum == pytest.approx(1.02 * still.strip_sum, rel=1e-14)


def test_two_terms_of_the_same_variance_are_their_volatility_at_any_target():
    for target in (30_000.0, 43_200.0, 50_000.0):
        assert interpolated_index(0.04, 35_000.0, 0.04, 45_000.0, target) == pytest.approx(20.0, rel=1e-14)


def test_an_index_between_two_terms_by_hand():
    # T1 v1 = 0.04 * 10 days, T2 v2 = 0.09 * 40 days, half way at 25 days: (0.4 + 3.6) / 2 / 25 = 0.08.
    day = 1440.0
    assert interpolated_index(0.04, 10 * day, 0.09, 40 * day, 25 * day) == pytest.approx(
        100 * math.sqrt(0.08), rel=1e-14
    )


def test_terms_that_leave_a_variance_below_zero_give_no_index():
    # The near term's 0.09 * 10 days is more than the next term's 0.01 * 20; at 40 days less than nothing is left.
    assert math.isnan(interpolated_index(0.09, 14_400.0, 0.01, 28_800.0, 57_600.0))


def test_a_side_that_keeps_nothing_gives_no_strip():
    quotes = [(k, cb, ca, 0.0 if k < 100 else pb, pa) for k, cb, ca, pb, pa in BY_HAND]
    strip = strip_of(quotes)
    assert strip.n_puts == 0.0
    assert math.isnan(strip.strip_sum)


def test_a_contract_without_a_quote_is_passed_over_and_is_no_zero_bid():
    # 80 has a zero bid, 70 no quote, 60 a bid: were 70 a zero bid, the walk would end there with 90 alone.
    # It keeps 90, 60 and, after the zero bid at 50, 40.
    changed = {70: (NAN, NAN), 60: (0.25, 0.5)}
    quotes = [(k, cb, ca, *changed.get(k, (pb, pa))) for k, cb, ca, pb, pa in BY_HAND]
    assert strip_of(quotes).n_puts == 3.0


@pytest.mark.parametrize("price", [NAN, 0.0])
def test_k0_without_a_quote_or_an_ask_is_not_moved_to_another_strike(price):
    # Parity at 90: forward 90 + (12 - 2) = 100; K0 = 100 has no put.
    quotes = [(k, cb, ca, *((price, price) if k == 100 else (pb, pa))) for k, cb, ca, pb, pa in BY_HAND]
    strip = strip_of(quotes)
    assert strip.k0 == 100.0
    assert math.isnan(strip.strip_sum)


def test_a_zero_ask_serves_neither_parity_nor_the_strip():
    # Call and put of 95 at 0/0 would be the smallest difference of all, and would put the forward at 95.
    quotes = sorted([*BY_HAND, (95, 0.0, 0.0, 0.0, 0.0)])
    assert strip_of(quotes)[1:] == pytest.approx(strip_of(BY_HAND)[1:])


def naive(quotes, growth, years):
    """Return variance, forward, K0 and strip sum, as the published rule is worded: list the survivors, then sum."""
    strikes = {k: {"C": (cb, ca), "P": (pb, pa)} for k, cb, ca, pb, pa in quotes}

    def mid(strike, side):
        return sum(strikes[strike][side]) / 2

    both = [k for k in sorted(strikes) if strikes[k]["C"][1] > 0 and strikes[k]["P"][1] > 0]
    parity = min(both, key=lambda k: round(abs(mid(k, "C") - mid(k, "P")), 6))
    forward = parity + growth * (mid(parity, "C") - mid(parity, "P"))
    k0 = max(k for k in strikes if k <= forward)
    price = {k0: (mid(k0, "C") + mid(k0, "P")) / 2 if k0 in both else NAN}
    for side, outward in (("P", sorted((k for k in strikes if k < k0), reverse=True)), ("C", sorted(strikes))):
        run = 0
        for strike in outward:
            bid = strikes[strike][side][0]
            if (side == "C" and strike <= k0) or math.isnan(bid):
                continue
            run = run + 1 if bid == 0 else 0
            if run == 2:
                break
            if bid > 0:
                price[strike] = mid(strike, side)
    kept = sorted(price)
    total = 0.0
    for i, strike in enumerate(kept):
        low, high = kept[max(i - 1, 0)], kept[min(i + 1, len(kept) - 1)]
        width = (high - low) / (2 if 0 < i < len(kept) - 1 else 1)
        total += width / strike**2 * growth * price[strike]
    return 2 / years * total - (forward / k0 - 1) ** 2 / years, forward, k0, total


@st.composite
def chains(draw):
    """Black prices around 4,000 with random gaps between strikes, ticks, zero bids and asks, and missing quotes."""
    years, volatility = draw(st.floats(0.01, 1.2)), draw(st.floats(0.08, 0.6))
    gaps = draw(st.lists(st.sampled_from([5, 10, 25, 50]), min_size=30, max_size=60))
    strikes = 4000.0 + np.cumsum(gaps) - sum(gaps) // 2
    fates = draw(st.lists(st.sampled_from(".....00z-"), min_size=2 * len(gaps), max_size=2 * len(gaps)))
    quotes = []
    for i, strike in enumerate(strikes.tolist()):
        row = [strike]
        for price, fate in zip(black(SPOT, strike, volatility, years), fates[2 * i : 2 * i + 2], strict=True):
            bid, ask = math.floor(price / 0.05) * 0.05, math.ceil(price / 0.05 + 1) * 0.05
            # In the money somebody bids, or half the ask would stand for the price in parity.
            some_bid = 0.0 if price < abs(strike - SPOT) else bid
            quoted = {".": (bid, ask), "0": (some_bid, ask), "z": (0.0, 0.0), "-": (NAN, NAN)}
            row += quoted["." if abs(strike - SPOT) < 60 else fate]
        quotes.append(tuple(row))
    return quotes, draw(st.floats(1.0, 1.05)), years


@given(chains())
def test_the_walk_equals_the_rule_written_out(chain):
    quotes, growth, years = chain
    variance, forward, k0, total = naive(quotes, growth, years)
    strip = strip_of(quotes, growth, years)
    if min(strip.n_puts, strip.n_calls) == 0:
        assert math.isnan(strip.strip_sum)
        return
    assert (strip.forward, strip.k0) == (forward, k0)
    assert strip.strip_sum == pytest.approx(total, rel=1e-12, nan_ok=True)
    assert strip.variance == pytest.approx(variance, rel=1e-10, abs=1e-10, nan_ok=True)


@given(chains(), st.sampled_from([0.125, 0.5, 2.0, 8.0]))
def test_the_variance_does_not_depend_on_the_unit_of_price(chain, unit):
    # Powers of two, so that nothing is rounded.
    quotes, growth, years = chain
    here, there = (strip_of(np.array(quotes) * scale, growth, years) for scale in (1.0, unit))
    assert there.variance == pytest.approx(here.variance, rel=1e-14, nan_ok=True)
    assert there.forward == unit * here.forward


def test_of_two_strikes_with_the_same_difference_the_lower_serves_parity_even_when_rounding_says_otherwise():
    # At 3995 the call costs 4.85 more than the put, at 4005 4.85 less, and less than that in floats.
    # From below the forward is 3995 + 1.5 * 4.85 = 4002.275, from above it were 4005 - 1.5 * 4.85 = 3997.725.
    prices = [(3985, 280.0, 265.0), (3995, 275.0, 270.15), (4005, 270.35, 275.2), (4015, 265.0, 280.0)]
    assert 275.2 - 270.35 < 275.0 - 270.15
    quotes = [(strike, call, call, put, put) for strike, call, put in prices]
    assert strip_of(quotes, growth=1.5).forward == pytest.approx(4002.275, rel=1e-12)


@settings(deadline=None)  # thousands of Black prices in plain Python
@given(st.floats(0.08, 0.6), st.floats(0.02, 0.25))
def test_a_flat_surface_gives_its_volatility_back(volatility, years):
    # The sum is the trapezoid rule for Q / K^2, whose slope jumps by 1 / F^2 at the forward: it is h^2 / 12 / F^2 too
    # large, wherever K0 lies, so the volatility is by h^2 / (12 F^2 vol^2 T) of itself. Strikes every h = 5 points, out
    # to 9 standard deviations. From 0.1 % for 8 % over a week to 2e-6 for 60 % over three months.
    quotes = [
        (strike, call, call, put, put)
        for strike in strikes_around(volatility, years).tolist()
        for call, put in [[max(price, 0.0) for price in black(SPOT + 1.7, strike, volatility, years)]]
    ]
    error = math.sqrt(strip_of(quotes, years=years).variance) / volatility - 1
    assert error == pytest.approx((5 / SPOT) ** 2 / (12 * volatility**2 * years), rel=0.01, abs=1e-9)


@machine_code()
def walk_lanes(strike, bid, mid, kept):
    for i in range(strike.size):
        for lane in range(LANES):
            walk = Walk(kept[0, lane], kept[1, lane], kept[2, lane], kept[3, lane], kept[4, lane])
            walk = step_out(walk, strike[i], bid[i, lane], mid[i, lane])
            kept[0, lane], kept[1, lane], kept[2, lane], kept[3, lane], kept[4, lane] = walk


@machine_code()
def walk_one(strike, bid, mid, put_mid, call_mid):
    """Return both walks' sum, the calls walking up these strikes from 100 and the puts down their mirror images."""
    calls = puts = first_step(100.0, put_mid, call_mid)
    for i in range(strike.size):
        calls = step_out(calls, strike[i], bid[i], mid[i])
        puts = step_out(puts, 200.0 - strike[i], bid[i], mid[i])
    return strip_sum(puts, calls, 1.0), calls


def test_lanes_walk_side_by_side_and_each_as_if_alone():
    random = np.random.default_rng(5)
    strike = 100.0 + np.arange(1, 40)
    mid = random.uniform(0.1, 3.0, (39, LANES))
    bid = np.where(random.random((39, LANES)) < 0.3, 0.0, mid)
    rows = np.zeros((5, LANES))
    rows[1], rows[2] = 100.0, 5.5 / 1e4
    walk_lanes(strike, bid, mid, rows)
    ends = set()
    for lane in range(LANES):
        _, walk = walk_one(strike, bid[:, lane].copy(), mid[:, lane].copy(), 5.0, 6.0)
        assert tuple(rows[:, lane]) == tuple(walk)
        ends.add(walk.strike)
    assert len(ends) > 5


BITS = """
from helpers.compiled import machine_code
from test_strip import columns, random_quotes
from flowsim.pricing.strip import chain_strip, interpolated_index
strip, index_level = machine_code()(chain_strip), machine_code()(interpolated_index)
for seed in range(40):
    near, next_ = (strip(*columns(random_quotes(n)), 1.01, 0.1) for n in (seed, seed + 100))
    level = index_level(near.variance, 40_000.0, next_.variance, 50_000.0, 43_200.0)
    print([float(value).hex() for value in (*near, *next_, level)])
"""


def random_quotes(seed):
    random = np.random.default_rng(seed)
    quotes = []
    for strike in np.arange(3000.0, 5000.0, 25.0) + random.integers(0, 5):
        call, put = black(SPOT, strike, random.uniform(0.15, 0.2), 0.1)
        zero = random.random(2) < 0.15
        quotes.append((strike, 0.0 if zero[0] else call * 0.98, call, 0.0 if zero[1] else put * 0.98, put))
    return quotes


def test_the_compiled_strip_gives_the_bits_of_plain_python():
    compiled, plain = printed_both_ways(BITS)
    assert compiled == plain
    assert compiled.count("0x") > 300
