"""Configs that are legal and extreme end in finite numbers or in one sentence, never in a traceback or in NaN."""

import pytest
from helpers.extreme_configs import extreme_config, fault_of

from flowsim.config import Config, load
from flowsim.errors import ConfigError

MANY = 3_500

REFUSED = {
    "a half-life too short to tell from 0": (
        "market.depth_half_lives_days=[5e-324, 3, 17, 70]",
        "e-324 is below 0.01",
    ),
    "a VIX loading beyond all numbers": ("options.vix=[1e300, 0, 0, 0, 0, 0, 0, 0]", "1e+300 is above 1000"),
    "a night without variance": ("market.overnight_share=0", "0 leaves it no variance; set at least 0.001"),
    "a market worth less than a cent": ("market.market_cap_bn=1e-12", "1e-12 is below 0.01"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_value_that_once_broke_a_market_is_refused_with_its_bound(case: str) -> None:
    setting, words = REFUSED[case]
    with pytest.raises(ConfigError) as caught:
        load("us_equity").override(setting)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def faults(numbers: range) -> dict[int, str]:
    """Return what is wrong with the run of each config, or with what its refusal says, by its number."""
    found = {}
    for number in numbers:
        config = extreme_config(number)
        fault = fault_of(config) if isinstance(config, Config) else "" if ": " in config else f"says {config}"
        if fault:
            found[number] = fault
    return found


def test_a_few_extreme_configs_end_in_numbers_or_in_a_sentence() -> None:
    assert faults(range(12)) == {}


@pytest.mark.slow
def test_thousands_of_extreme_configs_end_in_numbers_or_in_a_sentence() -> None:
    assert faults(range(MANY)) == {}
