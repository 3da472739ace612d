"""What a meeting does to the price, in figures that one can check by hand."""

import numpy as np
from helpers.markets import market_config, simulated

MEETING = "2018-12-19"
QUIET = {f"{who}_speeches_per_year": 0 for who in ("chair", "governor", "president")} | {"statement_bp": 0}


def effects_bp(days_before: str, **policy: object) -> np.ndarray:
    """Return what policy did to the price on the day of the meeting, bp by step and path."""
    config = market_config(time={"start": days_before, "days": 1}, policy=QUIET | policy)
    return 1e4 * simulated(config, by_bar=True).record.contribution[:, 1]


def test_a_decision_moves_the_price_by_what_was_not_priced_in() -> None:
    # Odds of 90 % price 22.5 bp. A cut eases by 2.5 bp more, 1 % / 25 * 2.5 = +10 bp of price; no cut tightens by
    # 22.5 bp, -90 bp of price. The statement comes at 14:00, in the tenth half hour.
    moves = effects_bp("2018-12-18", initial_cut_probability=0.9)
    np.testing.assert_allclose(np.unique(moves[10].round(9)), [-90.0, 10.0])
    assert (np.delete(moves, 10, axis=0) == 0.0).all()


def test_a_cut_comes_as_often_as_it_is_priced_in() -> None:
    cuts = (effects_bp("2018-12-18", initial_cut_probability=0.9)[10] > 0).sum()
    # 64 draws at 0.9: 57.6 on average, standard deviation 2.4; five of them are missed 1 time in 10,000 or less.
    assert abs(cuts - 57.6) < 5 * 2.4


def test_under_a_script_a_meeting_moves_the_price_once() -> None:
    # The odds are 90 % before and after. The market starts from 50 %: scripting 90 % on the night eases by 10 bp, a
    # step of +40 bp. At the statement +10 or -90 as above; and moving on to the next meeting is no news.
    script = [{"date": MEETING, "cut_probability": 0.9}]
    moves = effects_bp("2018-12-18", initial_cut_probability=0.5, script=script)
    np.testing.assert_allclose(moves[0], 40.0)
    np.testing.assert_allclose(np.unique(moves[10].round(9)), [-90.0, 10.0])
    assert (np.delete(moves, [0, 10], axis=0) == 0.0).all()
