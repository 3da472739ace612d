import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowsim.clock import BAR_COUNTS, EXECUTION_PROFILES, bars_in_session, execution_profile, volume_profile
from flowsim.errors import InputError

COUNTS = st.sampled_from(BAR_COUNTS)
HALF_DAYS = st.booleans()


def test_the_counts_are_those_whose_minutes_divide_390_and_210():
    # The divisors of 30 minutes: 30, 15, 10, 6, 5, 3, 2, 1.
    assert BAR_COUNTS == (1, 13, 26, 39, 65, 78, 130, 195, 390)


@pytest.mark.parametrize(("bars", "full", "half"), [(1, 1, 1), (13, 13, 7), (26, 26, 14), (390, 390, 210)])
def test_a_half_day_has_210_minutes_of_bars(bars, full, half):
    assert bars_in_session(bars, half_day=False) == full
    assert bars_in_session(bars, half_day=True) == half


@pytest.mark.parametrize("bars", [0, -13, 2, 14, 391])
def test_a_count_that_does_not_fit_is_refused_with_the_counts_that_do(bars):
    with pytest.raises(InputError) as refusal:
        bars_in_session(bars, half_day=False)
    assert str(refusal.value) == (
        f"bars_per_day = {bars} does not cut a full day (390 minutes) and a half day (210) into equal bars;"
        " use one of 1, 13, 26, 39, 65, 78, 130, 195, 390"
    )


def test_the_middle_half_hour_trades_four_percent_and_the_last_one_twenty_one():
    # Density 1 + 2 (2u - 1)^2 with integral 5/3. The middle bar runs from u = 6/13 to 7/13:
    # (1/13 + 2 * 2/6 * (1/13)^3) / (5/3) * 0.9 = 0.04170. The last one has the first one's share and the auction.
    weights = volume_profile(13, half_day=False)
    assert weights[6] == pytest.approx(0.9 * (1 / 13 + 2 / 3 * (1 / 13) ** 3) / (5 / 3), rel=1e-12)
    assert weights[0] == pytest.approx(0.1125, abs=1e-4)
    assert weights[-1] == pytest.approx(weights[0] + 0.10, rel=1e-12)


@given(COUNTS, HALF_DAYS)
def test_volume_is_positive_adds_to_one_and_falls_to_the_middle(bars, half_day):
    weights = volume_profile(bars, half_day)
    assert len(weights) == bars_in_session(bars, half_day)
    assert weights.sum() == pytest.approx(1.0, abs=1e-12)
    assert weights.min() > 0.0
    first_half = weights[: (len(weights) + 1) // 2]
    assert np.all(np.diff(first_half) < 0.0)


@given(HALF_DAYS)
def test_half_hours_are_the_sums_of_their_minutes(half_day):
    minutes = volume_profile(390, half_day).reshape(-1, 30)
    assert np.allclose(minutes.sum(axis=1), volume_profile(13, half_day), atol=1e-14, rtol=0)


@given(COUNTS, st.floats(0.0, 0.5), st.floats(1.0, 6.0))
def test_the_auction_and_the_edge_can_be_chosen(bars, auction, edge):
    weights = volume_profile(bars, False, auction, edge)
    assert weights.sum() == pytest.approx(1.0, abs=1e-12)
    assert weights[-1] >= auction


@given(st.sampled_from(EXECUTION_PROFILES), COUNTS, HALF_DAYS)
def test_every_profile_sells_nothing_back_and_fills_the_order(name, bars, half_day):
    weights = execution_profile(name, bars, half_day)
    assert len(weights) == bars_in_session(bars, half_day)
    assert weights.sum() == pytest.approx(1.0, abs=1e-12)
    assert weights.min() >= 0.0


@given(st.sampled_from(EXECUTION_PROFILES), HALF_DAYS)
def test_with_one_bar_a_day_all_trades_in_it(name, half_day):
    assert execution_profile(name, 1, half_day).tolist() == [1.0]


def test_close_and_open_trade_in_one_bar_and_twap_in_all_alike():
    assert execution_profile("close", 13, half_day=True).tolist() == [0.0] * 6 + [1.0]
    assert execution_profile("open", 13, half_day=True).tolist() == [1.0] + [0.0] * 6
    assert execution_profile("twap", 13, half_day=True).tolist() == [1 / 7] * 7


def test_vwap_is_the_volume_curve():
    assert np.array_equal(execution_profile("vwap", 26, half_day=False), volume_profile(26, half_day=False))


@pytest.mark.parametrize(("bars", "closed_at_each_end"), [(390, 10), (195, 5), (78, 2), (39, 1), (26, 0)])
def test_the_safe_harbor_keeps_out_of_the_first_and_last_ten_minutes(bars, closed_at_each_end):
    traded = execution_profile("safe_harbor", bars, half_day=False) > 0.0
    assert np.flatnonzero(traded)[[0, -1]].tolist() == [closed_at_each_end, bars - 1 - closed_at_each_end]


def test_the_safe_harbor_follows_continuous_volume_in_between():
    # The last half hour has neither its last ten minutes nor the auction, and mirrors the first.
    harbor, volume = execution_profile("safe_harbor", 13, half_day=False), volume_profile(13, half_day=False)
    assert np.allclose(harbor[1:12] / volume[1:12], harbor[6] / volume[6])
    assert harbor[-1] == pytest.approx(harbor[0])
    assert 0.5 < harbor[0] / harbor[6] * volume[6] / volume[0] < 20 / 30


def test_an_unknown_profile_is_refused_with_the_known_ones():
    with pytest.raises(InputError) as refusal:
        execution_profile("vwop", 13, half_day=False)
    assert str(refusal.value) == (
        "execution profile 'vwop' is not known; use one of 'close', 'open', 'vwap', 'twap', 'safe_harbor'"
    )
