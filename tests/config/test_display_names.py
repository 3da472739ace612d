"""What populations and other sources are called, alone and inside of a sentence."""

import pytest

from flowsim.config.display import display_name, name_in_sentence


@pytest.mark.parametrize(
    ("name", "alone", "inside"),
    [
        ("cta", "CTAs", "CTAs"),
        ("vol_control", "Vol control", "vol control"),
        ("my_trend_funds", "My trend funds", "my trend funds"),
    ],
)
def test_a_built_in_name_is_that_of_desks_and_any_other_its_words(name: str, alone: str, inside: str) -> None:
    assert display_name(name) == alone
    assert name_in_sentence(name) == inside
