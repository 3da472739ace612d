"""A run of prices that somebody gives starts at the last of them, unless its start was chosen."""

from datetime import date

import numpy as np
import pytest

import flowsim as fs
from flowsim.data.prices import Prices, default_prices

DAYS = {"days": 2}


@pytest.fixture(scope="module")
def shorter() -> Prices:
    known = default_prices()
    until = int(np.searchsorted(known.dates, np.datetime64("2018-08-31"), "right"))
    return Prices(known.dates[:until], known.close[:until], "mine.csv")


def test_the_default_run_starts_at_the_last_shipped_close() -> None:
    run = fs.simulate("plain", 1, **DAYS)
    assert np.datetime64(run.start) == default_prices().dates[-1]


def test_prices_given_start_a_run_at_their_last_session_and_change_nothing_else(shorter: Prices) -> None:
    run = fs.simulate("plain", 1, prices=shorter, **DAYS)
    assert run.start == date(2018, 8, 31)
    assert run.label == "plain, 1 paths, 2 days, seed 1"
    assert run.description == fs.load("plain").description


def test_a_last_close_on_a_day_without_a_session_is_passed_over(shorter: Prices) -> None:
    dates = np.append(shorter.dates, np.datetime64("2018-09-01"))
    weekend = Prices(dates, np.append(shorter.close, 2900.0), "mine.csv")
    assert fs.simulate("plain", 1, prices=weekend, **DAYS).start == date(2018, 8, 31)


@pytest.mark.parametrize("chosen", ["2018-06-29", "2018-12-31"])
def test_a_start_that_was_chosen_stays_even_where_it_is_the_usual_one(chosen: str) -> None:
    config = fs.load("plain", [f"time.start={chosen}"])
    assert config.start_is_chosen
    assert fs.load("plain").override({"time.start": chosen}).start_is_chosen
    run = fs.simulate(config, 1, prices=default_prices(), **DAYS)
    assert run.start == date.fromisoformat(chosen)


def test_an_episode_and_a_file_with_a_start_have_chosen_theirs(tmp_path) -> None:
    (tmp_path / "mine.toml").write_text('extends = "us_equity"\n[time]\nstart = 2018-12-31\n')
    (tmp_path / "other.toml").write_text('extends = "us_equity"\n')
    assert fs.load("february_2018").start_is_chosen
    assert fs.load(tmp_path / "mine.toml").start_is_chosen
    assert not fs.load(tmp_path / "other.toml").start_is_chosen
    assert not fs.load("us_equity", ["seed=3"]).override("time.days=3").start_is_chosen
