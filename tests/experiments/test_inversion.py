"""Claim 5 on made markets: inverted closes of which it is known what they need, and how far off the high they are."""

import numpy as np
import pytest
from helpers.made_samples import MadeLaboratory, sample, surely, us_equity, values_of

from flowsim.config import Config
from flowsim.ensemble.sample import Sample
from flowsim.errors import RunError
from flowsim.experiments import inversion
from flowsim.experiments.inversion import (
    DRAWDOWN,
    EVENTS,
    FREQUENCY,
    HEDGING,
    NEAR,
    PATH,
    SAME_DAYS,
    SHORT,
    SURVIVES,
    measure,
)

NEED = {  # the part that lifts VIX above VIX3M, and on how many of 100 closes
    "put_hedge": 4,  # buys for months
    "zero_day": 6,  # buys for a day
    "overwrite": 2,  # sells, and hedges nothing
    "path_dependent": 5,
    "events": 3,
}
CALM = -5.0
"""VIX less VIX3M on all other closes, in points."""


def gaps(need: dict[str, int], jump: float = 20.0, always: float = 0.0) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Return VIX less VIX3M (1, 100), and its parts: each jumps on closes of its own, and is `always` there beside."""
    gap, parts, day = np.full((1, 100), CALM), {}, 10
    for name, n_closes in need.items():
        parts[name] = np.full((1, 100), always)
        parts[name][0, day : day + n_closes] += jump
        gap[0, day : day + n_closes] += jump
        day += n_closes + 1
    return gap, parts


def arm(gap: np.ndarray, parts: dict[str, np.ndarray] | None = None, returns: np.ndarray | None = None) -> Sample:
    volatility = {"vix": 20.0 + gap, "vix3m": np.full(gap.shape, 20.0), "vix9d": 20.0 - 9.0 * gap}
    moved = {} if returns is None else {"news": returns}
    return sample(gap.shape, volatility=volatility, gap_parts=parts, contribution=moved)


@pytest.mark.parametrize("always", [0.0, 30.0, -30.0])
def test_an_inversion_belongs_to_the_part_without_which_it_would_not_be(always: float) -> None:
    gap, parts = gaps(NEED, always=always)
    found = values_of(measure({"with": arm(gap, parts), "calm": arm(gap)}))
    # Of 20 inverted closes; what is always there inverts nothing, however large.
    expected = {HEDGING: 50.0, SHORT: 30.0, PATH: 25.0, EVENTS: 15.0, FREQUENCY: 20.0}
    assert {name: found[name] for name in expected} == pytest.approx(expected)


def test_parts_that_narrow_the_gap_invert_nothing() -> None:
    gap, parts = gaps(NEED)
    found = values_of(measure({"with": arm(gap, {name: -part for name, part in parts.items()}), "calm": arm(gap)}))
    assert [found[name] for name in (HEDGING, SHORT, PATH, EVENTS)] == [0.0, 0.0, 0.0, 0.0]


def test_hedges_that_invert_only_together_are_needed_together() -> None:
    gap, parts = gaps({"put_hedge": 4})
    halves = {"put_hedge": 0.3 * parts["put_hedge"], "zero_day": 0.3 * parts["put_hedge"]}
    found = values_of(measure({"with": arm(gap - 5.0, halves), "calm": arm(gap)}))
    # A gap of 10, of which each brings 6: without one 4 are left, without both it closes.
    assert (found[HEDGING], found[SHORT]) == pytest.approx((100.0, 0.0))


def test_what_survives_calm_is_counted_by_number_and_by_day() -> None:
    gap, parts = gaps({"put_hedge": 8, "zero_day": 2})
    calm = np.full((1, 100), CALM)
    calm[0, [*range(14, 18), *range(21, 28)]] = 1.0  # four of the first eight, none of the two, and seven more
    found = values_of(measure({"with": arm(gap, parts), "calm": arm(calm)}))
    assert (found[SURVIVES], found[SAME_DAYS], found[FREQUENCY]) == pytest.approx((110.0, 40.0, 10.0))


@pytest.mark.parametrize(("inverted", "drawdown", "near"), [((40, 44), -10.0, 0.0), ((5, 9), 0.0, 100.0)])
def test_the_drawdown_is_from_the_highest_close_so_far(inverted: tuple[int, int], drawdown: float, near: float) -> None:
    # The index rises by a fifth on the first day and falls by a tenth on day 30.
    returns = np.zeros((1, 100))
    returns[0, [0, 30]] = np.log([1.2, 0.9])
    gap = np.full((1, 100), CALM)
    gap[0, slice(*inverted)] = 2.0
    found = values_of(measure({"with": arm(gap, returns=returns), "calm": arm(gap)}))
    assert (found[DRAWDOWN], found[NEAR]) == pytest.approx((drawdown, near), abs=1e-9)


def test_a_market_that_only_falls_is_measured_from_its_start() -> None:
    returns, gap = np.zeros((1, 100)), np.full((1, 100), 2.0)
    returns[0, 0] = np.log(0.8)
    assert values_of(measure({"with": arm(gap, returns=returns), "calm": arm(gap)}))[DRAWDOWN] == pytest.approx(-20.0)


EFFECTS = {
    HEDGING: surely(63.4), SHORT: surely(21.2), PATH: surely(34.5), EVENTS: surely(5.6), SURVIVES: surely(76.5),
    SAME_DAYS: surely(70.0), FREQUENCY: surely(8.91), DRAWDOWN: surely(-7.89), NEAR: surely(12.3),
}  # fmt: skip


def test_what_is_told_of_inversions_that_are_hedging() -> None:
    assert inversion.tell(EFFECTS) == [
        "VIX is above VIX3M on 8.9 % of closes. Without hedging demand 63 % of those would not be inverted, a majority,"
        " as the claim says; without what past returns do, 34 %; without scheduled events, 6 %. Short-dated programmes"
        " alone account for 21 %.",
        "With sentiment at zero inversions are 76 % as frequent. At an inverted close the index is -7.9 % off its high"
        " on average; 12 % of them come within 3 % of it.",
    ]


def test_what_is_told_of_inversions_that_are_not() -> None:
    said = inversion.tell(EFFECTS | {HEDGING: surely(36.6)})[0]
    assert "Without hedging demand 37 % of those would not be inverted, a minority; without" in said


def made(config: Config) -> Sample:
    """Return a market inverted on 10 closes of 100 by puts and 4 by the shortest options; deep dealers halve that."""
    if config.population["collar"].capital_bn == 0.0:
        raise RunError("the price moved by more than a factor of e on path 3")
    size = {name: config.population[name].capital_bn / us_equity().population[name].capital_bn for name in
            ("put_hedge", "zero_day")}  # fmt: skip
    deep = config.options.vega_depth_bn / us_equity().options.vega_depth_bn
    gap, _ = gaps({"put_hedge": round(10 * size["put_hedge"] / deep), "zero_day": round(4 * size["zero_day"] / deep)})
    return arm(np.repeat(gap, 2, axis=0))


def test_programmes_are_switched_off_one_by_one_and_set_against_the_whole() -> None:
    (table,) = inversion.further(MadeLaboratory(made), us_equity())().tables
    assert table.name == "Closes with VIX above VIX3M, %"
    assert table.columns == ["market", "inverted", "less all programmes", "±"]
    rows = {row[0]: row[1:] for row in table.rows}
    assert rows["all programmes"] == pytest.approx([14.0, 0.0, 0.0])
    assert rows["no put_hedge"] == pytest.approx([4.0, -10.0, 0.0])
    assert rows["no zero_day"] == pytest.approx([10.0, -4.0, 0.0])
    assert rows["no overwrite"] == pytest.approx([14.0, 0.0, 0.0])
    assert rows["no collar (the market diverges)"] == [None, None, None]
    assert rows["no hedging programme (the market diverges)"] == [None, None, None]
    assert "no noise" not in rows


def test_the_map_has_demand_to_the_right_and_capacity_upward() -> None:
    (grid,) = inversion.further(MadeLaboratory(made), us_equity())().grids
    assert (grid.x_name, grid.x) == ("short-dated hedging demand, × config", [0.0, 1.0, 2.0, 4.0, 8.0])
    assert (grid.y_name, grid.y) == ("dealers' capacity (vega depth), × config", [0.25, 0.5, 1.0, 2.0])
    assert (grid.x0, grid.y0) == (1.0, 1.0)
    expected = [puts + demand * short for puts, short in ((40, 16), (20, 8), (10, 4), (5, 2)) for demand in (0, 1, 2)]
    found = [value for row in grid.values for value in row[:3]]
    assert found == pytest.approx(expected)


def test_the_arms_differ_in_panic_alone() -> None:
    config = us_equity()
    calm = config.override("sentiment.response=0", "sentiment.shock_vol=0")
    assert inversion.arms(config) == {"with": config, "calm": calm}
    deep = calm.override("options.vega_depth_bn=1000")
    assert inversion.null_arms(config) == {"with": deep, "calm": deep}
    fourfold = inversion.scan_arms(config, 4.0)["with"].population
    assert fourfold["zero_day"].capital_bn == 4.0 * config.population["zero_day"].capital_bn
    assert fourfold["put_hedge"] == config.population["put_hedge"]
