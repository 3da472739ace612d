import numpy as np
import pytest
from helpers.tiny_search import RANGES, tiny_config

from flowsim.calibration.space import read_space, settings_of, start_of
from flowsim.config import load
from flowsim.errors import InputError


def test_the_ranges_that_ship_hold_the_numbers_of_the_config_that_ships():
    config = load("us_equity")
    parameters = read_space("us_equity", config)
    parts = start_of(parameters, config)
    assert ((parts >= 0.0) & (parts <= 1.0)).all()
    assert config.override(*settings_of(parameters, parts)) == config


def test_the_ends_of_a_range_are_its_numbers(tmp_path):
    config = tiny_config(tmp_path)
    parameters = read_space(tmp_path / "ranges.toml", config)
    assert settings_of(parameters, np.array([0.0, 1.0])) == [
        "population.noise.capital_bn=20.0",
        "market.transient_share=0.9",
    ]
    np.testing.assert_allclose(start_of(parameters, config), [0.2, 0.44 / 0.9])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (RANGES.replace("low = 20", "low = 60"), "has 40, outside 60 to 120; widen the range"),
        (RANGES.replace("low = 20", "low = 200"), "low = 200 and high = 120; give two numbers, the lower first"),
        (RANGES.replace("noise.capital", "nois.capital"), "names no single number"),
        (RANGES.replace("high = 120\n", ""), "must have exactly the keys low, high and source"),
        ("[ranges]\n", "holds tables of parameters and nothing else"),
        ("[parameter", "not TOML"),
    ],
)
def test_a_fault_in_a_file_of_ranges_is_one_sentence(tmp_path, text, message):
    config = tiny_config(tmp_path)
    (tmp_path / "ranges.toml").write_text(text)
    with pytest.raises(InputError, match=message):
        read_space(tmp_path / "ranges.toml", config)


def test_a_file_of_ranges_that_is_not_there_is_named(tmp_path):
    with pytest.raises(InputError, match=r"nowhere.toml: ranges cannot be read \(No such file"):
        read_space(tmp_path / "nowhere.toml", tiny_config(tmp_path))
