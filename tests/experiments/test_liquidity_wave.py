"""Claim 7 on made markets: a wave that lifts or lowers the index by so much, and what is said of it."""

import numpy as np
import pytest
from helpers.made_samples import MadeLaboratory, sample, surely, us_equity, values_of, within

from flowsim.config import Config
from flowsim.ensemble.sample import Sample
from flowsim.experiments import liquidity_wave
from flowsim.experiments.liquidity_wave import BOUGHT, DEPTH, EFFECT, NOISE, PER_BN, measure

SHAPE = (400, 20)


def arm(total_pct: float, noise_pct: float = 0.0, bought: float = 0.0) -> Sample:
    """Return a market that rises by so much over its days, on half of its paths more and on half of them less."""
    away = noise_pct * np.sqrt(2.0 / np.pi) * np.where(np.arange(400) % 2, 1.0, -1.0)[:, None]
    daily = (total_pct + away) / 100.0 / SHAPE[1]
    flow = {"liquidity": np.full(SHAPE, bought / SHAPE[1]), "cta": np.full(SHAPE, 99.0)}
    return sample(SHAPE, contribution={"news": np.broadcast_to(daily, SHAPE)}, flow=flow)


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_the_effect_is_with_purchases_less_without_and_the_depth_without_less_still(sign: float) -> None:
    arms = {"with": arm(5.0 + 2.0 * sign, bought=40.0), "without": arm(5.0, 3.0), "still": arm(5.0 - 0.5 * sign, 3.0)}
    found = values_of(measure(arms))
    expected = {EFFECT: 2.0 * sign, PER_BN: 5.0 * sign, BOUGHT: 40.0, DEPTH: 0.5 * sign, NOISE: 3.0}
    assert found == pytest.approx(expected)


def test_where_purchases_change_nothing_there_is_no_effect() -> None:
    found = values_of(measure({"with": arm(5.0, bought=40.0), "without": arm(5.0), "still": arm(5.0)}))
    assert (found[EFFECT], found[PER_BN], found[DEPTH]) == (0.0, 0.0, 0.0)


EFFECTS = {
    EFFECT: surely(0.456), PER_BN: surely(1.234), BOUGHT: surely(38.6), DEPTH: surely(-0.12), NOISE: surely(12.3),
}  # fmt: skip
SCENARIO = (
    "The size is a scenario: no elasticity of equities to system liquidity is published. The wave enters as it comes;"
    " were it foreseen, the same effect would come earlier and not be larger."
)


def test_what_is_told_of_a_wave_that_lifts_the_index() -> None:
    assert liquidity_wave.tell(EFFECTS) == [
        "39 bn that reach equities lift the index by +0.46 %, 1.23 bp per bn: 4 % of the rise that came with the real"
        " one, where the index moves by 12 % (one standard deviation) in that time for other reasons. Depth that comes"
        " with it moves the index by -0.12 %.",
        SCENARIO,
    ]


def test_what_is_told_of_the_opposite_and_of_a_depth_that_is_not_clear() -> None:
    assert liquidity_wave.tell(EFFECTS | {EFFECT: surely(-0.456), DEPTH: within(0.1, 0.3)}) == [
        "39 bn that reach equities lift the index by -0.46 %, 1.23 bp per bn: -4 % of the rise that came with the real"
        " one, where the index moves by 12 % (one standard deviation) in that time for other reasons. Depth that comes"
        " with it moves the index by +0.10 %, an interval that holds zero.",
        SCENARIO,
    ]


def test_the_map_has_the_pass_through_to_the_right_and_the_multiplier_upward() -> None:
    def made(config: Config) -> Sample:
        population = config.population["liquidity"]
        bought = population.capital_bn * population.model_dump()["pass_through"] * bool(config.liquidity.script)
        return arm(0.001 * bought * config.market.multiplier, bought=bought)

    config = us_equity()
    (grid,) = liquidity_wave.further(MadeLaboratory(made), config)().grids
    assert (grid.x_name, grid.x) == ("pass-through to equities", [0.0, 0.1, 0.2, 0.5, 1.0])
    assert grid.y_name == "multiplier M, log return per flow over market cap"
    assert (grid.y, grid.y0) == ([3.0, 4.0, 5.0, 6.5, 8.0], 5.0)
    assert grid.x0 == liquidity_wave.configured(config) == config.population["liquidity"].model_dump()["pass_through"]
    expected = [0.001 * config.population["liquidity"].capital_bn * x * y for y in grid.y for x in grid.x]
    assert [value for row in grid.values for value in row] == pytest.approx(expected)


def test_the_arms_have_the_wave_its_depth_alone_and_neither() -> None:
    config = liquidity_wave.prepared(us_equity())
    assert (str(config.time.start), config.time.days) == ("2025-12-11", 172)
    found = liquidity_wave.arms(config)
    levels = [(str(entry.date), entry.level) for entry in found["with"].liquidity.script]
    assert levels == [("2025-12-12", 1.0), ("2026-04-15", 0.27), ("2026-08-20", 0.0)]
    off = found["with"].override("population.liquidity.capital_bn=0")
    assert found["without"] == off
    assert found["still"] == off.override("liquidity.script=[]")
    assert liquidity_wave.null_arms(config) == {"with": off, "without": off, "still": off}
    half = config.override("population.liquidity.pass_through=0.5")
    assert liquidity_wave.scan_arms(config, 0.5) == liquidity_wave.arms(half)
    assert liquidity_wave.configured(half) == 0.5
