"""The arms of experiments: a config with something switched off or made larger, found by strategy and not by name."""

from __future__ import annotations

from collections.abc import Iterable

from flowsim.authoring.declaration import Strategy
from flowsim.config import Config
from flowsim.errors import InputError

SHORT_ROLLS = ("daily", "weekly", "before_meeting", "before_release")


def traders(config: Config, family: str) -> list[str]:
    """Return the populations with capital whose strategy is of a family.

    Raises
    ------
    InputError
        If the config has none.
    """
    found = [name for name in active(config) if strategy_of(config, name).family == family]
    if not found:
        raise InputError(
            f"{config.source}: no population with capital follows a strategy of {family}, which this claim is about;"
            " give it one, or leave the claim out with `only`"
        )
    return found


def members(config: Config, family: str) -> list[str]:
    """Return the populations whose strategy is of a family, with capital or without."""
    return [name for name in config.population if strategy_of(config, name).family == family]


def active(config: Config) -> list[str]:
    """Return the populations with capital."""
    return [name for name, population in config.population.items() if population.capital_bn > 0.0]


def strategy_of(config: Config, population: str) -> Strategy:
    """Return the strategy of a population."""
    return config.strategies[config.population[population].strategy]


def systematic(config: Config) -> list[str]:
    """Return the populations with capital that follow a systematic rule; hedging dealers do."""
    strategies = {name: strategy_of(config, name) for name in active(config)}
    return [name for name, strategy in strategies.items() if strategy.systematic or strategy.hedges_options]


def noise_traders(config: Config) -> list[str]:
    """Return the populations with capital that trade stock at random."""
    strategies = {name: strategy_of(config, name) for name in active(config)}
    return [name for name, one in strategies.items() if one.uses_noise and one.structure is None]


def programmes(config: Config) -> list[str]:
    """Return the option programmes with capital."""
    return [name for name in active(config) if strategy_of(config, name).structure is not None]


def hedgers(config: Config) -> list[str]:
    """Return the programmes that buy options by a rule, so not those that sell, nor those that trade at random."""
    return [name for name in programmes(config) if strategy_of(config, name).systematic and _buys(config, name)]


def short_dated(config: Config) -> list[str]:
    """Return the programmes among the hedgers that buy for a week or less, or for a single event."""
    structures = {name: strategy_of(config, name).structure for name in hedgers(config)}
    return [name for name, structure in structures.items() if structure is not None and structure.rolls in SHORT_ROLLS]


def _buys(config: Config, population: str) -> bool:
    structure = strategy_of(config, population).structure
    return structure is not None and structure.legs[0].quantity > 0.0


def without(config: Config, names: Iterable[str]) -> Config:
    """Switch populations off."""
    return config.override(*(f"population.{name}.capital_bn=0" for name in names))


def scaled(config: Config, names: Iterable[str], factor: float) -> Config:
    """Multiply the size of populations."""
    sizes = {name: config.population[name].capital_bn for name in names}
    return config.override(*(f"population.{name}.capital_bn={factor * size!r}" for name, size in sizes.items()))


def without_options(config: Config) -> Config:
    """List no options: programmes and dealers are off, and a day costs a thirtieth."""
    if not config.options.listed:
        return config
    dealers = [name for name in active(config) if strategy_of(config, name).hedges_options]
    return without(config, [*programmes(config), *dealers]).override("options.listed=false")
