"""A market of news and noise with two numbers to fit, small enough to be searched in seconds."""

from pathlib import Path

from flowsim.calibration.calibrate import Calibration, calibrate
from flowsim.config import Config, load

FACTS = ("return annualized vol (%)", "variance ratio VR(5)")
CONFIG = """
description = "news and noise"
extends = "plain"

[time]
days = 300

[population.noise]
strategy = "noise_trading"
agents = 1
capital_bn = 40
"""
RANGES = """
[parameter."population.noise.capital_bn"]
low = 20
high = 120
source = "none"

[parameter."market.transient_share"]
low = 0.0
high = 0.9
source = "none"
"""


def write(folder: Path) -> tuple[Path, Path]:
    """Write the config and the ranges, and return where they are."""
    config, ranges = folder / "news_and_noise.toml", folder / "ranges.toml"
    config.write_text(CONFIG)
    ranges.write_text(RANGES)
    return config, ranges


def tiny_config(folder: Path) -> Config:
    return load(write(folder)[0])


def search(folder: Path, name: str = "found", **changes) -> Calibration:
    """Calibrate the market; the result stands in a folder of that name."""
    config, ranges = write(folder)
    settings = {"targets": FACTS, "ranges": ranges, "trials": 12, "steps": 6, "n_paths": 4, "out": folder / name}
    return calibrate(load(config), **settings | changes)
