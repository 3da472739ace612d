"""Configs that are legal and extreme: built-in markets, a few of whose values go to where their bounds end."""

import math
import random
import traceback
from collections.abc import Mapping

import polars as pl

from flowsim.authoring.declaration import Strategy
from flowsim.authoring.discovery import discover
from flowsim.clock.bars import BAR_COUNTS, EXECUTION_PROFILES
from flowsim.config import Config, load
from flowsim.config.load import built_in
from flowsim.config.population import LARGEST, MOST_CAPITAL_BN
from flowsim.ensemble.simulation import simulate
from flowsim.errors import ConfigError, FlowsimError
from flowsim.run.attribution import cumulative_contributions, variance_shares

TABLES = ("market", "fundamental", "policy", "liquidity", "sentiment", "options")
SPECIAL = {"depth_weights", "script"}
"""Keys whose values have to agree with one another."""


def extreme_config(number: int) -> Config | str:
    """Return the config of a number, always the same one; or what its refusal says."""
    chance = random.Random(number)
    base = load(chance.choice(["plain", "us_equity", "us_equity", *sorted(built_in())]))
    known = discover()
    deals_in_options = any(known[one.strategy].trades_options for one in base.population.values())
    settings: dict[str, object] = {
        "seed": chance.randrange(2**40),
        "antithetic": chance.random() < 0.2,
        "time.days": chance.choice([1, 2, 5]),
        "time.bars_per_day": chance.choice([13, 13, chance.choice(BAR_COUNTS[deals_in_options:])]),
        "options.listed": deals_in_options or chance.random() < 0.5,
        "market.impact": chance.choice(["linear", "square_root", "propagator"]),
        "record.grain": chance.choice(["day", "day", "bar"]),
    }
    keys = _keys()
    for key in chance.sample(sorted(keys), chance.choice([1, 2, 3, 6, 12])):
        settings[key] = _value(keys[key], chance)
    if chance.random() < 0.3:
        settings["market.depth_weights"] = chance.choice([[1.0, 0, 0, 0], [0, 0, 0, 1.0], [0.25] * 4])
    for name in chance.sample(sorted(base.population), min(len(base.population), chance.choice([0, 1, 1, 3]))):
        settings |= _population(f"population.{name}", known[base.population[name].strategy], chance)
    try:
        return base.override(settings)
    except ConfigError as error:
        return str(error)


def fault_of(config: Config) -> str:
    """Run a config and return what is wrong with how that ends, "" for nothing: with numbers, or with one sentence."""
    try:
        run = simulate(config, 2, threads=1)
    except FlowsimError as error:
        return "" if _is_said(str(error)) else f"says {error}"
    except Exception as error:
        place = traceback.extract_tb(error.__traceback__)[-1]
        return f"{type(error).__name__} in {place.filename}:{place.lineno}: {error}"
    tables = {name: run.to_polars(name) for name in run.info["tables"]}
    tables |= {"contributions": cumulative_contributions(run), "shares": variance_shares(run)}
    for name, table in tables.items():
        for column in table.select(pl.col(pl.Float32, pl.Float64)):
            if not column.drop_nulls().is_finite().all():
                return f"{name}.{column.name} holds {column.filter(~column.is_finite())[0]}"
    return "" if (tables["market"]["price"] > 0.0).all() else "a price is 0"


def _is_said(message: str) -> bool:
    return all((": " in line or "; " in line) and "Traceback" not in line for line in message.splitlines())


def _keys() -> dict[str, Mapping[str, object]]:
    """Return the schema of every number, and list of numbers, by its key."""
    whole = Config.model_json_schema()
    found = {}
    for table in TABLES:
        properties = whole["$defs"][table.capitalize()]["properties"]
        found |= {
            f"{table}.{name}": node for name, node in properties.items() if name not in SPECIAL and _is_number(node)
        }
    return found


def _is_number(node: Mapping[str, object]) -> bool:
    return "enum" not in node and (node.get("items") or node).get("type") in ("number", "integer")


def _value(node: Mapping[str, object], chance: random.Random) -> object:
    if node.get("type") == "array":
        return [_between(*_bounds(node["items"]), chance) for _ in range(node["minItems"])]
    drawn = _between(*_bounds(node), chance)
    return round(drawn) if node["type"] == "integer" else drawn


def _bounds(node: Mapping[str, object]) -> tuple[float, float]:
    return float(node["minimum"]), float(node["maximum"])


def _between(low: float, high: float, chance: random.Random) -> float:
    """Return an end, or a number next to it, or one that may lie orders of magnitude from both."""
    kind = chance.randrange(6)
    if kind < 2:
        return (low, high)[kind]
    if kind == 2:
        return math.nextafter(low, high) if low == 0.0 else low + (high - low) * 1e-9
    if kind == 3:
        return low + (high - low) * chance.random()
    least = max(low, 1e-300 if chance.random() < 0.2 else 1e-9)
    return min(max(math.exp(chance.uniform(math.log(least), math.log(max(high, least)))), low), high)


def _population(key: str, strategy: Strategy, chance: random.Random) -> dict[str, object]:
    """Return settings of one population: its size, how it is executed, and some of its parameters."""
    settings: dict[str, object] = {f"{key}.capital_bn": _between(0.0, MOST_CAPITAL_BN, chance)}
    if not (strategy.provides_liquidity or strategy.hedges_options):
        settings[f"{key}.agents"] = chance.choice([5, 7, 40])
    if chance.random() < 0.3:
        settings[f"{key}.moves_price"] = chance.random() < 0.5
    if strategy.clock == "day" and chance.random() < 0.5:
        settings[f"{key}.execution"] = {
            "lag_days": chance.choice([1, 2, 60]),
            "days": chance.choice([1, 5, 60]),
            "profile": chance.choice(EXECUTION_PROFILES),
            "participation_cap": _between(1e-6, 1.0, chance),
        }
    for name, field in strategy.fields.items():
        if name != "capital_bn" and chance.random() < 0.4:
            low, high = max(field.low, -LARGEST), min(field.high, LARGEST)
            one = chance.choice(field.choices) if field.choices else _between(low, high, chance)
            settings[f"{key}.{name}"] = float(one)
    return settings
