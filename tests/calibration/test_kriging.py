import numpy as np
import pytest
from helpers.tiny_search import FACTS, RANGES, write
from hypothesis import given, settings
from hypothesis import strategies as st

from flowsim.calibration.loss import Yardstick
from flowsim.calibration.profile import RISE, Profile, known_interval, noise_of_sum, profile_of
from flowsim.calibration.search import Search
from flowsim.calibration.space import read_space, settings_of
from flowsim.calibration.surface import Surface
from flowsim.config import load

WIDE = Yardstick(np.zeros((3, 2)), np.full((3, 2), 1.0))
"""Intervals from -1 to 1, so that a fact is its own distance."""


def surface_of(facts, n=60, seed=0, yardstick=WIDE) -> Surface:
    """Return the surface through `facts` (places, 2) -> (places, 3) at random places of two parameters."""
    places = np.random.default_rng(seed).uniform(0.0, 1.0, (n, 2))
    return Surface(places, facts(places), yardstick)


def bowl(places):
    """Three facts that vanish together at (0.3, 0.6) alone."""
    x, y = places[:, 0] - 0.3, places[:, 1] - 0.6
    return np.column_stack([x + 0.5 * y, y - x**2, 0.8 * x])


def ridge(places):
    """Three facts that see nothing but the sum of the two numbers, and vanish where it is 1."""
    both = places.sum(axis=1) - 1.0
    return np.column_stack([both, 0.9 * both, both**2])


def test_a_surface_goes_through_smooth_facts_where_they_were_not_tried():
    surface = surface_of(bowl)
    elsewhere = np.random.default_rng(9).uniform(0.1, 0.9, (20, 2))
    found = np.array([surface.residuals(place) for place in elsewhere])
    np.testing.assert_allclose(found, bowl(elsewhere), atol=0.02)


def test_a_surface_sees_past_noise_that_hides_a_slope_over_a_short_step():
    # Over 0.03 of a range a slope of 1 changes a fact by 0.03, a third of the noise of 0.1.
    random = np.random.default_rng(2)
    surface = surface_of(lambda places: bowl(places) + random.normal(0.0, 0.1, (len(places), 3)), n=100)
    slopes = surface.slopes(np.array([0.5, 0.5]))
    np.testing.assert_allclose(slopes, [[1.0, 0.5], [-0.4, 1.0], [0.8, 0.0]], atol=0.25)


@settings(max_examples=20)
@given(st.floats(0.0, 1.0), st.floats(0.0, 1.0))
def test_the_lowest_place_is_found_from_anywhere(x, y):
    found = surface_of(bowl).lowest([np.array([x, y])], np.zeros(2), np.ones(2))
    np.testing.assert_allclose(found, [0.3, 0.6], atol=0.03)


def test_a_side_of_no_length_stays_where_it_is():
    found = surface_of(ridge).lowest([np.array([0.5, 0.5])], np.array([0.2, 0.0]), np.array([0.2, 1.0]))
    assert found[0] == 0.2
    assert found[1] == pytest.approx(0.8, abs=0.03)


def test_a_profile_ends_where_the_sum_of_losses_has_risen_by_one():
    # One fact, twenty half widths to a range: z = 20 (x - 0.5). The loss z^2 reaches 1 at 0.5 -+ 0.05, and on the
    # other number nothing depends.
    narrow = Yardstick(np.zeros((1, 2)), np.full((1, 2), 0.05))
    surface = surface_of(lambda places: places[:, :1] - 0.5, n=200, yardstick=narrow)
    found = surface.lowest([np.array([0.4, 0.4])], np.zeros(2), np.ones(2))
    assert profile_of(surface, found, 0).interval() == pytest.approx((0.45, 0.55), abs=0.01)
    assert profile_of(surface, found, 1).interval() == (0.0, 1.0)


def test_of_two_numbers_that_only_count_together_neither_is_known():
    # With the other held still, each would be known to a third of its range: 1.81 (x - 0.5)^2 reaches 1 at 0.74 away
    # for z, and with five times the slope at 0.15.
    five = Yardstick(np.zeros((3, 2)), np.full((3, 2), 0.2))
    surface = surface_of(ridge, n=100, yardstick=five)
    found = np.array([0.5, 0.5])
    for number in range(2):
        assert profile_of(surface, found, number).interval() == (0.0, 1.0)
    aside = np.array([0.7, 0.5])
    assert (surface.residuals(aside) ** 2).sum() > (surface.residuals(found) ** 2).sum() + RISE


def test_the_ends_of_a_profile_are_places_within_its_interval():
    parts = np.linspace(0.0, 1.0, 5)
    places = [np.array([part, 1.0 - part]) for part in parts]
    profile = Profile(parts, places, np.array([3.0, 0.5, 0.0, 0.9, 1.4]))
    # Between 0 and 1/4 the rise falls from 3 to 0.5 and is 1 at 0.2; between 3/4 and 1 it is 1 at 0.8.
    assert profile.interval() == pytest.approx((0.2, 0.8))
    assert [end[0] for end in profile.ends()] == [0.25, 0.75]


def searched(folder, values: dict[float, float], seeds: dict[int, float]) -> Search:
    """Return a search of noise alone, (20, 120) bn, whose journal holds a fact's z at parts of the range and seeds."""
    config, ranges = write(folder)
    ranges.write_text(RANGES.split("\n\n")[0] + "\n")
    parameters, fact = read_space(ranges, load(config)), FACTS[0]
    yardstick = Yardstick.of([fact])
    search = Search(folder, load(config), parameters, [fact], 4)

    def value(z: float) -> list[float]:
        return [float(yardstick.middles[0, 0] + z * yardstick.half_widths[0, 0])]

    for part, z in values.items():
        place = np.array([part])
        search.known[tuple(settings_of(parameters, place))] = value(z)
        search.loss(place)
        for seed, elsewhere in seeds.items():
            search.known[*settings_of(parameters, place), f"seed={seed}"] = value(elsewhere)
    return search


def test_an_interval_holds_every_place_at_which_the_market_itself_rose_no_more(tmp_path):
    # The loss is 0 at 0.5, and 0.25 at 0.8, where the surface may think it higher; at 0.1 it is 0.81, too much.
    search = searched(tmp_path, {0.5: 0.0, 0.8: 0.5, 0.1: 0.9}, {})
    parts = np.linspace(0.0, 1.0, 5)
    profile = Profile(parts, [np.array([part]) for part in parts], np.array([9.0, 4.0, 0.0, 4.0, 9.0]))
    low, high = profile.interval(0.5)
    assert high < 0.8
    assert known_interval(search, profile, 0, np.array([0.5]), 0.5) == (low, 0.8)


def test_the_noise_of_the_sum_is_its_deviation_over_seeds(tmp_path):
    # Losses 0, 0.25 and 0.25 of one fact: a standard deviation of 0.25 / sqrt(3).
    search = searched(tmp_path, {0.5: 0.0}, {7: 0.5, 8: 0.5})
    assert noise_of_sum(search, np.array([0.5]), [7, 8]) == pytest.approx(0.25 / np.sqrt(3.0))
