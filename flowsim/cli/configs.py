"""Commands about configurations: config list, check, resolve, schema."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from flowsim.cli.arguments import AsJson, ConfigArgument, Settings
from flowsim.cli.options import as_options
from flowsim.cli.output import config_from, print_described, print_json
from flowsim.errors import ConfigError


def list_(as_json: AsJson = False) -> None:
    """Print every built-in config: its name, and the first sentence of what it says it is."""
    from flowsim.config import load
    from flowsim.config.load import built_in

    print_described({name: load(name).description for name in built_in()}, as_json=as_json)


def check(
    file: ConfigArgument,
    settings: Settings = None,
) -> None:
    """Say whether a config is fine; every fault is one line, and the exit status is then 1."""
    from flowsim.config import load

    try:
        checked = load(file, settings or [])
    except ConfigError as error:
        for problem in error.problems:
            print(as_options(problem), file=sys.stderr)
        raise typer.Exit(1) from None
    populations = len(checked.population)
    print(f"{file}: fine ({populations} populations, {checked.time.days} days from {checked.time.start})")


def resolve(file: ConfigArgument, settings: Settings = None, as_json: AsJson = False) -> None:
    """Print a config with everything that it extends and every override in place."""
    loaded = config_from(file, settings, None)
    if as_json:
        print_json(loaded.resolved())
    else:
        print(loaded.to_toml(), end="")


def schema(
    reference: Annotated[bool, typer.Option("--reference", help="Print the reference as Markdown instead.")] = False,
) -> None:
    """Print the JSON Schema of a config, with unit, bounds and source of every key."""
    from flowsim import config as config_package

    if reference:
        print(config_package.reference())
    else:
        print_json(config_package.json_schema())
