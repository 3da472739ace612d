"""Bootstrap intervals of the facts of one history."""

import csv

import numpy as np
import pytest
from helpers.drawn_runs import drawn_history, own_name

from flowsim.data.prices import read_prices
from flowsim.data.volatility_file import read_volatility
from flowsim.facts.bootstrap import BLOCK_DAYS, resampled
from flowsim.facts.closes import Closes
from flowsim.facts.facts import FACTS
from flowsim.facts.histories import closes_of_prices
from flowsim.facts.measure import measure_history, samples_of

BY_NAME = {fact.name: fact for fact in FACTS}
MEAN, LAG_1 = BY_NAME["return mean (% p.a., log price)"], BY_NAME["ACF r lag 1"]


def test_the_same_seed_draws_the_same_days_and_another_one_others():
    closes = drawn_history(300)
    first, again, other = (resampled(closes, [MEAN], 60, seed)[MEAN.name] for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


def test_a_lag_joins_a_day_with_its_own_next_and_never_with_that_of_another_block():
    # in +1, -1, +1, ... the next day is always the opposite one; blocks joined end to end would break that
    alternating = np.where(np.arange(1000) % 2 == 0, 1.0, -1.0)
    drawn = resampled(Closes.undated(alternating), [LAG_1], 100, 1)[LAG_1.name]
    np.testing.assert_allclose(drawn, -1.0, rtol=1e-12)


def test_the_mean_of_independent_returns_has_the_error_of_a_mean():
    # sd of a mean of 5,000 standard normal returns times 252: 252 / sqrt(5000) = 3.56. Over 400 resamples its estimate
    # has an error of some 10 %, blocks included: the band of 30 % fails a sound bootstrap once in 300 seeds.
    returns = np.random.default_rng(5).standard_normal(5000)
    drawn = resampled(Closes.undated(returns), [MEAN], 400, 1)[MEAN.name]
    assert drawn.std() == pytest.approx(252 / np.sqrt(5000), rel=0.3)


def test_blocks_keep_what_lasts_for_months_together():
    # returns of +1 or -1 for 60 days on end: drawn singly, the error of their mean would be 252 / sqrt(6000) = 3.25;
    # 60 days count about as one: sqrt(60) times as much. Blocks of 126 days keep most of it.
    signs = np.random.default_rng(6).choice([-1.0, 1.0], 100)
    drawn = resampled(Closes.undated(np.repeat(signs, 60)), [MEAN], 400, 1)[MEAN.name]
    assert drawn.std() > 5 * 252 / np.sqrt(6000)
    assert BLOCK_DAYS == 126


def test_progress_adds_up_to_the_number_of_resamples():
    told = []
    resampled(drawn_history(300), [MEAN], 120, 1, told.append)
    assert (sum(told), len(told)) == (120, 3)


def test_a_drawdown_has_no_interval_since_drawn_days_have_no_order():
    facts = measure_history(drawn_history(400), "drawn", resamples=100).facts
    assert not facts["max drawdown whole sample (%)"].has_ends
    assert sum(not fact.has_ends for fact in facts.values()) == 1


@pytest.mark.parametrize(
    "name", ["ACF abs(r) lag 1", "VIX half-life (days)", "VIX9D/VIX mean", "blackout vol / open vol"]
)
def test_an_interval_lies_around_the_value_of_the_history(name):
    fact = measure_history(drawn_history(1500), "drawn", resamples=200).facts[name]
    assert fact.low < fact.value < fact.high


def test_intervals_of_the_real_market_are_the_published_ones_but_for_the_draws(shared_folder):
    # The end of a 95 % interval from 400 resamples has a standard error of about 0.13 of that of the fact; the
    # published one adds 0.06. Of 90 ends the largest is off by some 2.6 errors, which the bounds allow for.
    prices = read_prices(shared_folder / "data" / "spx_daily.csv")
    closes = closes_of_prices(prices, read_volatility(shared_folder / "data" / "cboe_indices_close.csv"))
    found = measure_history(samples_of(closes)["2010-2019"], "2010-2019", resamples=400).facts
    with (shared_folder / "facts" / "market_facts.csv").open() as file:
        rows = [row for row in csv.DictReader(file) if row["sample"] == "2010-2019" and row["ci_lo"]]
    ends = [(found[own_name(row["fact"])], row) for row in rows]
    off = np.array(
        [
            (end - float(row[column])) / float(row["boot_se"])
            for fact, row in ends
            for end, column in ((fact.low, "ci_lo"), (fact.high, "ci_hi"))
        ]
    )
    assert len(off) == 92
    assert np.abs(off).max() < 0.6
    assert np.sqrt((off**2).mean()) < 0.25
