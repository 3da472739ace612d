"""The page of an outlook, read as text: every sentence and every cell of one that is made by hand, and its opposite.

To renew the texts after a change that is meant: ``pytest tests/report/test_outlook_page.py --force-regen``.
"""

from dataclasses import replace

import pytest
from helpers.made_outlook import made_gamma, made_outlook
from helpers.page_text import text_of

from flowsim.report.outlook import outlook_page


@pytest.mark.parametrize("side", [1.0, -1.0], ids=["as made", "opposite"])
def test_the_page_says_what_is_in_the_outlook(side: float, file_regression) -> None:
    file_regression.check(text_of(outlook_page(made_outlook(side, gamma=made_gamma(side)))))


def test_a_page_without_options_levels_or_a_chain_leaves_their_parts_out() -> None:
    full = made_outlook(options=False)
    bare = replace(full, turning=full.turning.head(0), reactions=full.reactions.head(0),
                   volatility=full.volatility.head(0), systematic=[], hedgers=[])  # fmt: skip
    text = text_of(outlook_page(bare))
    assert "[picture: Index with turning levels" not in text
    for left_out in ("gamma", "Who answers", "VIX family", "Traded over"):
        assert left_out not in text
    assert "[picture: Flows of each population by scenario]" in text
