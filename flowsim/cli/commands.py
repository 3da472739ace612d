"""The commands, and how bad input ends."""

from __future__ import annotations

import sys

import typer

from flowsim.cli import chain, claims, configs, machine, market, models
from flowsim.errors import FlowsimError


def group(title: str) -> typer.Typer:
    """Return a group of commands that prints its help when it is called without one."""
    return typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help=title)


app = group("Simulate a market driven by systematic flows.")
for command in (market.run, market.plot, market.ablate, market.score, market.facts):
    app.command()(command)
for command in (claims.claims, models.reproduce, chain.vix, machine.bench, machine.warmup):
    app.command()(command)

config_group = group("Check, resolve and describe configurations.")
for command in (configs.check, configs.resolve, configs.schema):
    config_group.command()(command)
app.add_typer(config_group, name="config")


def main() -> None:
    """Run the command line; bad input ends with one message and the exit status of its kind, never a traceback."""
    try:
        app()
    except FlowsimError as error:
        print(f"flowsim: {error}", file=sys.stderr)
        sys.exit(error.exit_code)
