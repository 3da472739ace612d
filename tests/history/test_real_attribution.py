"""Shares of systematic flows on the real closes of the S&P 500. Beside it, on made closes: test_whose_move.py."""

import pytest

from flowsim.history.replay import replay

SHARES = {1: 3.9, 5: 5.7, 21: 6.9, 63: 1.0}
"""Percent at M = 5, by an independent script on the flows of an earlier version."""
EPISODES = {"February 2018": -2.1, "March 2020": -4.2, "August 2024": -0.7, "April 2025": -1.4, "autumn 2025": 0.75}


@pytest.fixture(scope="module")
def found(shared_folder):
    return replay("us_equity", shared_folder / "data" / "spx_daily.csv", first="2007-01-03").attribute()


@pytest.mark.slow
@pytest.mark.parametrize("days", SHARES)
def test_shares_are_those_of_an_independent_script(found, days):
    one = found.shares.filter(
        sample=found.shares["sample"][0], state="all", source="systematic flows", multiplier=5.0, horizon_days=days
    )
    assert one["share_pct"][0] == pytest.approx(SHARES[days], abs=0.1)


@pytest.mark.slow
@pytest.mark.parametrize("name", EPISODES)
def test_episodes_are_those_of_an_independent_script(found, name):
    one = found.episodes.filter(episode=name, source="systematic flows", multiplier=5.0)
    assert one["contribution_pct"][0] == pytest.approx(EPISODES[name], abs=0.06)
