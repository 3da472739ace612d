"""Shares by state, on made markets in which flows move the index in storms alone."""

import numpy as np
import pytest
from helpers.made_samples import sample, us_equity, values_of

from flowsim.experiments.states import TITLE, feared, in_state, state_shares, state_table

PATHS, DAYS = 6, 1000
RANDOM = np.random.default_rng(4)


def made(calm: float, storm: float) -> dict[str, float]:
    """Measure a market with a storm of 100 days on every path, in which flows make another part of each move."""
    stormy = (np.arange(DAYS) // 100) % 5 == 2
    moves = 0.01 * RANDOM.normal(size=(PATHS, DAYS)) * np.where(stormy, 4.0, 1.0)
    part = np.where(stormy, storm, calm)
    one = sample((PATHS, DAYS), contribution={"news": (1.0 - part) * moves, "cta": part * moves})
    return values_of(state_shares({"whole": one}, horizons=(1, 5)))


def test_a_share_that_is_there_in_storms_alone_is_that_of_the_stressed_state() -> None:
    found = made(0.0, 0.6)
    # The first day of a storm is not known to be one.
    assert found[in_state("calm", 1)] < 20.0
    assert found[in_state("stressed", 1)] > 50.0
    assert found[in_state("largest 1 %", 1)] > 50.0
    assert found[in_state("worst 1 %", 5)] > 50.0


def test_a_share_that_is_always_there_is_the_same_in_every_state() -> None:
    assert list(made(0.25, 0.25).values()) == pytest.approx([25.0] * 10)


def test_what_is_feared_before_a_day_does_not_know_it() -> None:
    returns = 0.01 * RANDOM.normal(size=(2, 50))
    changed = returns.copy()
    changed[:, 20] = -0.3
    before, after = (feared(one, us_equity()) for one in (returns, changed))
    start = (changed**2).mean() / (returns**2).mean()
    assert np.all(after[:, 21] > 5.0 * before[:, 21])
    np.testing.assert_allclose(after[:, 0], start * before[:, 0])


def test_the_table_has_states_in_rows_and_horizons_in_columns() -> None:
    one = sample((PATHS, DAYS), contribution={"cta": 0.01 * RANDOM.normal(size=(PATHS, DAYS))})
    table = state_table(state_shares({"whole": one}, horizons=(1, 5)), horizons=(1, 5))
    assert (table.name, table.columns) == (TITLE, ["state", "1 d", "± 1 d", "5 d", "± 5 d"])
    assert [row[0] for row in table.rows] == ["all", "calm", "stressed", "largest 1 %", "worst 1 %"]
    assert [row[1] for row in table.rows] == pytest.approx([100.0] * 5)
