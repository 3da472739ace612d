"""Trend followers taken apart by speed: what each holds by its short, its medium and its long horizon alone.

A rule whose parameters come in a short, a medium and a long version, and whose signal is the mean over the three, is
the sum of three rules with a third of the capital each, of which one knows the short version only, and so on. So levels
at which one speed turns are levels of the rule itself, not of a formula beside it.
"""

from __future__ import annotations

from flowsim.authoring.declaration import Strategy
from flowsim.config import Config, agent_parameters, from_dict

SPEEDS = ("short", "medium", "long")


def turns(strategy: Strategy) -> bool:
    """Tell whether a systematic rule can be long and short, by the laws that it declares."""
    if not strategy.systematic:
        return False
    bounds = [law.options for law in strategy.laws if law.kind == "exposure_within"]
    return any(str(bound["low"]).startswith("-") for bound in bounds)


def by_speed(config: Config) -> Config:
    """Return the config with the populations that can turn, each by speed where its rule has three, and no others.

    A part is named ``population_speed``; a population whose rule has one horizon keeps its name.
    """
    parts = {}
    for name, population in config.population.items():
        strategy = config.strategies[population.strategy]
        if not turns(strategy):
            continue
        whole = population.model_dump(mode="json", exclude_none=True)
        if not _versions(strategy):
            parts[name] = whole
            continue
        rows = dict(zip(strategy.parameter_names, agent_parameters(population, strategy).tolist(), strict=True))
        for speed in SPEEDS:
            taken = {
                f"{other}_{version}": rows[f"{speed}_{version}"] for version in _versions(strategy) for other in SPEEDS
            }
            parts[f"{name}_{speed}"] = whole | {"capital_bn": population.capital_bn / len(SPEEDS)} | taken
    return from_dict(config.resolved() | {"population": parts})


def part_of(name: str) -> tuple[str, str]:
    """Return the population and the speed of a part, no speed for one that is whole."""
    population, _, speed = name.rpartition("_")
    return (population, speed) if speed in SPEEDS and population else (name, "")


def _versions(strategy: Strategy) -> list[str]:
    """Return what comes in three speeds, such as ``span_days``."""
    short = [name.removeprefix("short_") for name in strategy.parameter_names if name.startswith("short_")]
    return [name for name in short if all(f"{speed}_{name}" in strategy.parameter_names for speed in SPEEDS)]
