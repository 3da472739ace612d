"""Closes in any unit and at any pace, if somebody insists: strikes are listed in bounds, and numbers come out."""

import numpy as np
import polars as pl
import pytest

from flowsim.clock import sessions
from flowsim.config import load
from flowsim.data.prices import Prices
from flowsim.ensemble.simulation import simulate
from flowsim.history.outlook import outlook
from flowsim.history.replay import replay
from flowsim.options.quotes import MOST_STRIKES

DATES = sessions("2011-01-03", "2018-08-31").dates
WANDERS = np.cumsum(0.01 * np.random.default_rng(1).standard_normal(len(DATES)))

SERIES = {
    "an index of 0.004": 0.004 * np.exp(WANDERS),
    "an index of 400 million": 4e8 * np.exp(WANDERS),
    "one that grows by 14 % a day in the end": 2000.0
    * np.exp(WANDERS + 0.14 * np.maximum(np.arange(-len(DATES), 0) + 60, 0)),
}


@pytest.fixture(params=SERIES)
def closes(request: pytest.FixtureRequest) -> Prices:
    return Prices(DATES, SERIES[request.param], request.param)


def test_a_run_lists_strikes_in_bounds(closes: Prices) -> None:
    overrides = {"time": {"days": 2}, "record": {"chain_dates": ["2018-09-05"]}}
    run = simulate("us_equity", 2, prices=closes, overrides=overrides)
    chain = run.to_polars("chain")
    by_expiry = chain.group_by("path", "expiry", "root").len()
    assert (by_expiry["len"] <= 2 * MOST_STRIKES).all()  # call and put
    assert (run.to_polars("market")["price"] / closes.close[-1]).is_between(0.2, 5.0).all()


def test_a_replay_and_an_outlook_come_to_an_end(closes: Prices) -> None:
    config = load("us_equity")
    replayed = replay(config, prices=closes, first="2018-08-01", last="2018-08-31")
    assert replayed.market["impact_bp"].is_finite().all()
    assert replayed.flows.select(pl.col(pl.Float64).is_finite().all()).to_numpy().all()
    ahead = outlook(config, prices=closes, as_of="2018-08-31", horizons=[2], n_paths=2)
    assert ahead.words
