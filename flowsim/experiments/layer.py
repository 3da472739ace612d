"""Claims about the macro layer alone: their arms are layers instead of markets, and a block of paths is a quarter's.

The plan of such an experiment, its criteria, scan, null arms and verdict are those of every other.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import NamedTuple

import numpy as np

from flowsim.config import Config
from flowsim.config.load import load
from flowsim.config.macro import Macro
from flowsim.ensemble.intervals import Floats, PerPath
from flowsim.ensemble.laboratory import Work
from flowsim.errors import InputError
from flowsim.macro.alone import FIRST, begin, quarter_by_quarter
from flowsim.macro.columns import MACRO_COLUMNS, read
from flowsim.macro.numbers import Change, numbers_in
from flowsim.macro.quarters import quarter_text
from flowsim.macro.scenario import BASELINE, load_scenario, settings_of
from flowsim.macro.state import Layer, nothing_given

OTHER_SHOCKS = 1_000_003
"""Added to the seed from one arm on other shocks to the next."""
QUARTERS = 9
"""Quarters of a run: the first, in which nothing has changed yet, and eight more."""
BINDING = "bound_by_power"
"""Part of companies that power holds back most."""
DEFLATOR = "deflator"
"""Inflation a quarter, a fraction."""


class LayerArm(NamedTuple):
    """A layer to run: its scenario, and numbers that its start knows."""

    scenario: str = BASELINE
    settings: tuple[tuple[str, float], ...] = ()


LayerArms = Mapping[str, LayerArm]
LayerSample = Mapping[str, Floats]
"""Columns of the table macro of one arm, and a few more, each (paths, quarters)."""
LayerMeasure = Callable[[Mapping[str, LayerSample]], dict[str, PerPath]]


def with_settings(config: Config, scenario: str = BASELINE, numbers: Mapping[str, float] | None = None) -> LayerArm:
    """Return a layer with the numbers of a config and these, which the start knows."""
    known = [(change.key, change.value) for change in settings_of(_macro(config).numbers)]
    return LayerArm(scenario, (*known, *(numbers or {}).items()))


def number_of(config: Config, key: str) -> float:
    """Return a number of the layer as a config has it."""
    known = {one.key: one.value for one in numbers_in("numbers")} | dict(with_settings(config).settings)
    return known[key]


def with_layer(config: Config) -> Config:
    """Return the config, or us_macro with its seed where it has no layer."""
    return config if config.macro is not None else load("us_macro", [f"seed={config.seed}"])


def _macro(config: Config) -> Macro:
    if config.macro is None:
        raise InputError(f"{config.name}: has no table macro, which this claim is about; give it one, or try us_macro")
    return config.macro


class LayerObservation:
    """A measurement of layers that is planned; it runs when it is looked at."""

    left_out: tuple[str, ...] = ()

    def __init__(
        self, arms: LayerArms, measure: LayerMeasure, n_paths: int, seed: int, others: tuple[str, ...]
    ) -> None:
        self.n_paths, self._arms, self._measure, self._seed, self._others = n_paths, arms, measure, seed, others

    @property
    def setting(self) -> str:
        """What was run, as a sentence."""
        last = quarter_text(FIRST + QUARTERS - 1)
        return f"{self.n_paths} paths of the layer alone from {quarter_text(FIRST)} to {last}, no market"

    @cached_property
    def parts(self) -> dict[str, PerPath]:
        """The parts of each effect by path."""
        samples = {}
        for name, arm in self._arms.items():
            away = OTHER_SHOCKS * (1 + self._others.index(name)) if name in self._others else 0
            samples[name] = sample_of_layer(arm, self.n_paths, self._seed + away)
        return self._measure(samples)


class LayerLaboratory:
    """Where experiments on the layer alone are planned; it takes seconds, so nothing is kept."""

    def __init__(self, n_paths: int, seed: int) -> None:
        self.n_paths, self.seed, self.work = n_paths, seed, Work()

    def plan(
        self,
        arms: LayerArms,
        measure: LayerMeasure,
        n_paths: int,
        *,
        on_other_news: tuple[str, ...] = (),
        whatever_breaks: bool = False,
    ) -> LayerObservation:
        """Plan to measure layers path by path on common shocks, but for those on other ones."""
        return LayerObservation(arms, measure, n_paths, self.seed, on_other_news)


def sample_of_layer(arm: LayerArm, n_paths: int, seed: int) -> LayerSample:
    """Return what an arm's paths did, by column (paths, quarters)."""
    settings = [Change(key, None, value) for key, value in arm.settings]
    opened = begin(settings, load_scenario(arm.scenario).changes, nothing_given(QUARTERS), FIRST, seed=seed)
    found = {DEFLATOR: np.tile(opened.numbers.economy.deflator, (n_paths, 1))}
    for place, path0, live, layer in quarter_by_quarter(opened, n_paths):
        for name, values in _columns(layer, live).items():
            found.setdefault(name, np.empty((n_paths, QUARTERS)))[path0 : path0 + live, place] = values
    return found


def _columns(layer: Layer, live: int) -> dict[str, Floats]:
    found = layer.found
    more = {
        "firm_value_added_bn": found.firm_value_added[:live],
        "lender_capital_bn": found.lender_capital[:live],
        BINDING: (found.binding[:, :live] == 1.0).mean(axis=0),
    }
    return read(MACRO_COLUMNS, layer, live) | more


def real_growth_pct(sample: LayerSample, name: str, first: int, last: int) -> Floats:
    """Return growth a year of a column between two quarters, less inflation, in percent, (paths,)."""
    years, values = (last - first) / 4.0, sample[name]
    inflation = sample[DEFLATOR][:, first:last].sum(axis=1)
    return 100.0 * (np.log(values[:, last] / values[:, first]) - inflation) / years
