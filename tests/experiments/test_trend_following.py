"""Claim 3 on made markets: a continuation, a reversal and a crowd that are planted around the largest orders."""

import numpy as np
import pytest
from helpers.made_samples import sample, surely, us_equity, values_of, within

from flowsim.ensemble.sample import Sample
from flowsim.experiments import trend_following
from flowsim.experiments.trend_following import (
    AFTERWARDS,
    CROWD,
    DIFFERENCE,
    RATIO_WITH,
    RATIO_WITHOUT,
    WITH,
    WITHOUT,
    WORKED,
    measure,
    orders_from_flow,
)

DAYS = 533
"""Days of which 500 may be events, five of them."""
EVENTS = (10, 110, 210, 310, 410)
SIDES = np.array([[1.0], [-1.0]])
"""One path decides to buy at the events, the other one to sell."""


def around_events(values: dict[tuple[int, int], float], sides: np.ndarray = SIDES) -> np.ndarray:
    """Return (paths, days): so much on each day from one to another after every event, in the direction of its flow."""
    made = np.zeros((1, DAYS))
    for event in EVENTS:
        for (first, last), value in values.items():
            made[0, event + first : event + last + 1] += value
    return sides * made


def arm(moves_bp: dict[tuple[int, int], float], drift_bp: float = 0.0, sides: np.ndarray = SIDES) -> Sample:
    """Return a market that moves so around the events, at which CTAs decide; others trade more on other days."""
    flow = worked(around_events({(0, 0): 30.0}, sides) + around_events({(50, 50): 1.0}, sides))
    others = around_events({(20, 20): 900.0, (-5, -5): -900.0}, sides)
    n_agents = us_equity().population["cta"].agents
    long = 0.5 * n_agents + around_events({(-3, -3): -0.25 * n_agents, (3, 3): 0.25 * n_agents, (0, 0): 5.0}, sides)
    return sample(
        (len(sides), DAYS),
        contribution={"news": 1e-4 * (around_events(moves_bp, sides) + drift_bp)},
        flow={"cta": flow, "vol_control": others},
        agents_long={"cta": long, "vol_control": 3.0 * long},
    )


def worked(orders: np.ndarray, days: int = 5, lag: int = 1) -> np.ndarray:
    """Return the flow of orders that are worked in equal parts on so many days."""
    flow = np.zeros(orders.shape)
    for later in range(lag, lag + days):
        flow[:, later:] += orders[:, :-later] / days
    return flow


@pytest.mark.parametrize(("days", "lag"), [(1, 1), (5, 1), (3, 2)])
def test_orders_are_recovered_from_the_flow_up_to_a_constant_of_their_turn(days: int, lag: int) -> None:
    orders = np.random.default_rng(2).normal(size=(3, 400))
    found = orders_from_flow(worked(orders, days, lag), days, lag)[:, : 400 - lag]
    for first in range(days):
        turn = orders[:, first : 400 - lag : days]
        np.testing.assert_allclose(found[:, first::days], turn - turn.mean(axis=1, keepdims=True), atol=1e-9)


def test_what_was_under_way_at_the_start_does_not_look_like_an_order() -> None:
    orders = np.random.default_rng(2).normal(size=(3, 400))
    later = worked(orders)[:, 100:]
    found, whole = orders_from_flow(later, 5, 1)[:, :-1], orders[:, 100:-1]
    assert np.corrcoef(found.ravel(), whole.ravel())[0, 1] > 0.99


PLANTED = {(-9, -1): 70.0, (0, 0): 7.0, (1, 1): 3.0, (2, 10): 2.0, (11, 30): -0.5, (31, 45): 70.0}
ALONE = {(-9, -1): 70.0, (0, 0): 2.0, (1, 1): 1.0, (2, 10): 0.5, (11, 30): 0.25, (31, 45): 70.0}


def test_the_index_is_followed_in_the_direction_of_the_flow_by_the_days_of_each_window() -> None:
    found = values_of(measure({"with": arm(PLANTED, drift_bp=4.0), "without": arm(ALONE, drift_bp=9.0)}))
    expected = {WITH: 18.0, WITHOUT: 4.5, DIFFERENCE: 13.5, WORKED: 8.0, AFTERWARDS: -15.0}
    assert {name: found[name] for name in expected} == pytest.approx(expected)


def test_an_index_that_goes_against_the_flow_has_the_opposite_sign() -> None:
    planted, alone = ({days: -move for days, move in moves.items()} for moves in (PLANTED, ALONE))
    found = values_of(measure({"with": arm(planted), "without": arm(alone)}))
    expected = {WITH: -18.0, WITHOUT: -4.5, DIFFERENCE: -13.5, WORKED: -8.0, AFTERWARDS: 15.0}
    assert {name: found[name] for name in expected} == pytest.approx(expected)


def test_a_drift_has_no_direction_even_where_most_paths_buy() -> None:
    sides = np.array([[1.0], [1.0], [-1.0]])
    quiet, drifting = (
        values_of(measure({"with": arm(PLANTED, bp, sides), "without": arm(ALONE, 0.0, sides)})) for bp in (0.0, 40.0)
    )
    # The mean of a day over the paths has a third of the move: two paths keep 2/3 of it, and the third 4/3.
    assert quiet[WITH] == pytest.approx(18.0 * 8.0 / 9.0)
    assert drifting[WITH] == pytest.approx(quiet[WITH])
    assert drifting[WORKED] == pytest.approx(quiet[WORKED])


def test_where_both_markets_move_alike_they_add_nothing() -> None:
    found = values_of(measure({"with": arm(PLANTED), "without": arm(PLANTED)}))
    assert (found[DIFFERENCE], found[WORKED], found[AFTERWARDS]) == (0.0, 0.0, 0.0)


def test_another_arm_moves_where_there_is_one() -> None:
    found = values_of(measure({"with": arm(PLANTED), "moving": arm(ALONE), "without": arm(ALONE)}))
    assert (found[WITH], found[DIFFERENCE]) == pytest.approx((4.5, 0.0))


def test_the_crowd_is_who_changed_sides_from_three_days_before_to_three_after() -> None:
    # From a quarter of them long to three quarters, or back where they sell.
    assert values_of(measure({"with": arm(ALONE), "without": arm(ALONE)}))[CROWD] == pytest.approx(50.0)


def test_variance_ratios_are_a_fifth_where_moves_are_taken_back_and_five_where_they_last() -> None:
    back, lasting = np.resize([1.0, -1.0], DAYS), np.where(np.arange(DAYS) < DAYS // 2, 1.0, -1.0)
    arms = {name: sample((1, DAYS), contribution={"news": 0.01 * np.stack([moves])}) for name, moves in
            (("with", back), ("without", lasting))}  # fmt: skip
    found = values_of(measure(arms))
    assert (found[RATIO_WITH], found[RATIO_WITHOUT]) == pytest.approx((0.2, 5.0), rel=0.02)
    found = values_of(measure({"with": arms["without"], "without": arms["with"]}))
    assert (found[RATIO_WITH], found[RATIO_WITHOUT]) == pytest.approx((5.0, 0.2), rel=0.02)


EFFECTS = {
    WITH: surely(25.34), WITHOUT: surely(4.56), DIFFERENCE: surely(20.78), WORKED: surely(31.2),
    AFTERWARDS: surely(-9.87), CROWD: surely(44.4), RATIO_WITH: surely(0.93), RATIO_WITHOUT: surely(0.88),
}  # fmt: skip


def test_what_is_told_of_a_continuation_that_reverses() -> None:
    assert trend_following.tell(EFFECTS) == [
        "After the closes that decide the largest orders the index goes on by +25.3 bp over days 2 to 10; on the same"
        " days without CTAs it goes +4.6 bp. What CTAs add is +20.8 bp, after +31.2 bp over the five"
        " days of the order, and it reverses by day 30 (-9.9 bp).",
        "Within three days of such a close 44 % of agents change sides. VR(5) is 0.93 with CTAs and 0.88 without: it"
        " stays below 1.",
    ]


def test_what_is_told_of_the_opposite() -> None:
    assert trend_following.tell(
        EFFECTS | {DIFFERENCE: surely(-20.78), AFTERWARDS: surely(9.87), RATIO_WITH: surely(1.3)}
    ) == [
        "After the closes that decide the largest orders the index goes on by +25.3 bp over days 2 to 10; on the same"
        " days without CTAs it goes +4.6 bp. What CTAs add is -20.8 bp, after +31.2 bp over the five"
        " days of the order, and it does not reverse measurably by day 30 (+9.9 bp).",
        "Within three days of such a close 44 % of agents change sides. VR(5) is 1.30 with CTAs and 0.88 without: it"
        " does not stay below 1, as it does in the real index.",
    ]


def test_what_is_told_where_an_interval_holds_zero() -> None:
    said = " ".join(trend_following.tell(EFFECTS | {DIFFERENCE: within(3.0, 4.0), AFTERWARDS: within(-9.9, 10.0)}))
    assert "What CTAs add is +3.0 bp, an interval that holds zero, after" in said
    assert "it does not reverse measurably by day 30" in said


def test_the_arms_differ_in_trend_followers_alone() -> None:
    config = us_equity()
    off = config.override("population.cta.capital_bn=0")
    assert trend_following.arms(config) == {"with": config, "without": off}
    tiny = config.override(f"population.cta.capital_bn={1e-6 * 40.0!r}")
    assert trend_following.null_arms(config) == {"with": tiny, "moving": off, "without": off}
    twice = config.override("population.cta.capital_bn=80.0")
    assert trend_following.scan_arms(config, 2.0) == {"with": twice, "without": off}
