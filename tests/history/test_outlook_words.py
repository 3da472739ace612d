"""The words of an outlook, all of them, on one that is made by hand and on its opposite."""

from dataclasses import replace

import pytest
from helpers.made_outlook import made_gamma, made_outlook

from flowsim.history.outlook_words import amount, words

FEEDBACK = (
    "Simulated 21 sessions ahead on 128 paths, 90 % of returns lie between -12.4 and +10.4 %, and between -6.2 and"
    " +5.2 % with the same news and noise when systematic flows do not move the price: standard deviation 6.0 against"
    " 3.0 %."
)
SAID = [
    "At 2,851 (-1.7 %) the short-speed CTAs turn: now long 12 bn, a close through it and 5 sessions there make them"
    " sell 16 bn, against buy 3 bn if the index stays here.",
    "At 2,700 (-6.9 %) the long-speed CTAs turn: now long 18 bn, a close through it and 5 sessions there make them"
    " sell 25 bn, against do nothing if the index stays here.",
    "Vol control cuts if tomorrow moves more than 1.3 % either way (realized volatility above 11.1 %), adds below"
    " 0.8 %; realized volatility is 10.1 %, and a fall of 2 % makes it sell 14 bn.",
    "Risk parity cuts if tomorrow moves more than 2.5 % either way (realized volatility above 13.2 %); realized"
    " volatility is 10.2 %, and a fall of 2 % makes it do nothing.",
    "Own fund adds below 0.3 %; realized volatility is 10.3 %, and a fall of 2 % makes it buy 6 bn.",
    "Over 5 sessions all systematic players together buy 9 bn in a flat market, sell 78 bn if it falls two standard"
    " deviations, buy 18 bn if it rises as much.",
    "Over 21 sessions all systematic players together buy 27 bn in a flat market, sell 234 bn if it falls two standard"
    " deviations, buy 54 bn if it rises as much.",
    "Of that, over 5 sessions, dealers who hedge the model's option programmes buy 1 bn in a flat market, sell 7 bn in"
    " the fall, and buy 3 bn in the rise.",
    "The largest return to leave the 21-day window within a month is -2.2 % of 2018-06-05, on 2018-09-07; realized"
    " volatility of 21 days is then 10.4 % if days stay as large as they were.",
    "The largest return to leave the 63-day window within a month is +3.3 % of 2018-04-09, on 2018-09-10; realized"
    " volatility of 63 days is then 13.4 % if days stay as large as they were.",
    "Dealers' gamma is +3.2 bn for 1 % at 2,900, zero at 2,850; dealers long calls and short puts; each contract keeps"
    " its volatility.",
    FEEDBACK,
]
OPPOSITE = [
    "At 2,851 (-1.7 %) the short-speed CTAs turn: now short 12 bn, a close through it and 5 sessions there make them"
    " buy 16 bn, against sell 3 bn if the index stays here.",
    "At 2,700 (-6.9 %) the long-speed CTAs turn: now short 18 bn, a close through it and 5 sessions there make them"
    " buy 25 bn, against do nothing if the index stays here.",
    "Vol control cuts if tomorrow moves more than 1.3 % either way (realized volatility above 11.1 %), adds below"
    " 0.8 %; realized volatility is 10.1 %, and a fall of 2 % makes it buy 14 bn.",
    "Risk parity cuts if tomorrow moves more than 2.5 % either way (realized volatility above 13.2 %); realized"
    " volatility is 10.2 %, and a fall of 2 % makes it do nothing.",
    "Own fund adds below 0.3 %; realized volatility is 10.3 %, and a fall of 2 % makes it sell 6 bn.",
    "Over 5 sessions all systematic players together sell 9 bn in a flat market, buy 78 bn if it falls two standard"
    " deviations, sell 18 bn if it rises as much.",
    "Over 21 sessions all systematic players together sell 27 bn in a flat market, buy 234 bn if it falls two standard"
    " deviations, sell 54 bn if it rises as much.",
    "Of that, over 5 sessions, dealers who hedge the model's option programmes sell 1 bn in a flat market, buy 7 bn in"
    " the fall, and sell 3 bn in the rise.",
    "The largest return to leave the 21-day window within a month is +2.2 % of 2018-06-05, on 2018-09-07; realized"
    " volatility of 21 days is then 10.4 % if days stay as large as they were.",
    "The largest return to leave the 63-day window within a month is -3.3 % of 2018-04-09, on 2018-09-10; realized"
    " volatility of 63 days is then 13.4 % if days stay as large as they were.",
    "Dealers' gamma is -3.2 bn for 1 % at 2,900, zero at 2,850; dealers long calls and short puts; each contract keeps"
    " its volatility.",
    FEEDBACK,
]


@pytest.mark.parametrize(("side", "said"), [(1.0, SAID), (-1.0, OPPOSITE)])
def test_every_word_of_an_outlook_follows_from_its_numbers(side: float, said: list[str]) -> None:
    assert words(made_outlook(side, gamma=made_gamma(side))) == said


def test_nothing_is_said_of_what_is_not_there() -> None:
    full = made_outlook()
    bare = replace(
        full, systematic=[], hedgers=[], turning=full.turning.head(0), reactions=full.reactions.head(0),
        roll_off=full.roll_off.head(0),
    )  # fmt: skip
    assert words(bare) == [FEEDBACK]
    assert words(replace(full, turning=full.turning.drop("level").head(0))) == words(full)[2:]


def test_gamma_of_one_sign_has_no_level_at_which_it_changes() -> None:
    (said,) = [text for text in words(made_outlook(gamma=made_gamma(zero_cross=float("nan")))) if "gamma" in text]
    assert said == (
        "Dealers' gamma is +3.2 bn for 1 % at 2,900, no sign change within 10 %; dealers long calls and short puts;"
        " each contract keeps its volatility."
    )


@pytest.mark.parametrize(
    ("flow_bn", "said"),
    [(0.5, "do nothing"), (0.51, "buy 1 bn"), (-0.5, "do nothing"), (-0.51, "sell 1 bn"), (12.4, "buy 12 bn")],
)
def test_an_amount_names_its_side_above_half_a_billion(flow_bn: float, said: str) -> None:
    assert amount(flow_bn) == said
