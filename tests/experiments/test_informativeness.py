"""What value explains of price changes, on made markets in which the part is known."""

import numpy as np
import pytest
from helpers.made_samples import sample, values_of

from flowsim.experiments.informativeness import GAP, explained, informativeness, tell_informativeness

HORIZONS = (1, 5)


def measured(share: float, gap: float = 0.0) -> dict:
    """Measure a market of whose log price changes so large a part is value's, on average so far from it."""
    random = np.random.default_rng(7)
    value, own = np.cumsum(0.01 * random.normal(size=(2, 40, 1260)), axis=2)
    price = np.sqrt(share) * value + np.sqrt(1.0 - share) * own + gap * np.resize([1.0, -1.0], 1260)
    market = {"fundamental": np.exp(value), "price": np.exp(price)}
    return informativeness({"whole": sample((40, 1260), market=market)}, horizons=HORIZONS)


@pytest.mark.parametrize("share", [0.0, 0.25, 0.8, 1.0])
def test_the_share_that_is_planted_is_found_at_each_horizon(share: float) -> None:
    found = values_of(measured(share))
    assert found[explained(1)] == pytest.approx(100.0 * share, abs=2.0)
    assert found[explained(5)] == pytest.approx(100.0 * share, abs=3.0)


def test_a_price_that_swings_about_its_value_is_so_far_off_and_better_explained_over_a_week() -> None:
    found = values_of(measured(1.0, gap=0.02))
    assert found[GAP] == pytest.approx(2.0, abs=0.01)
    assert found[explained(5)] > 2.0 * found[explained(1)] > 10.0


def test_what_is_told_goes_from_the_shortest_horizon_to_the_longest() -> None:
    said = tell_informativeness(measured(1.0, gap=0.02), HORIZONS)
    day, week = (values_of(measured(1.0, gap=0.02))[explained(days)] for days in HORIZONS)
    assert said == (
        f"Changes of value explain {day:.0f} % of price changes of 1 d and {week:.0f} % of 5 d; the price is 2 % off"
        " its value (one standard deviation)."
    )
