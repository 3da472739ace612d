"""The commands, and how bad input ends."""

from __future__ import annotations

import logging
import sys
from typing import Annotated

import typer

from flowsim.cli import (
    backtest,
    calibration,
    chain,
    claims,
    configs,
    evidence,
    history,
    machine,
    macro,
    market,
    models,
    rules,
    sweep,
)
from flowsim.cli.options import as_options
from flowsim.errors import FlowsimError, RunError
from flowsim.version import __version__


def group(title: str) -> typer.Typer:
    """Return a group of commands that prints its help when it is called without one."""
    return typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help=title)


def _print_version(asked: bool) -> None:
    if asked:
        print(f"flowsim {__version__}")
        raise typer.Exit


app = typer.Typer(
    no_args_is_help=True, pretty_exceptions_enable=False, help="Simulate a market driven by systematic flows."
)
for command in (market.run, market.plot, market.ablate, market.score, market.facts):
    app.command()(command)
for command in (
    calibration.calibrate,
    calibration.loadings,
    claims.claims,
    history.replay,
    evidence.evidence,
    backtest.backtest,
    history.outlook,
    models.reproduce,
):
    app.command()(command)
for command in (sweep.sweep, sweep.status, sweep.table, sweep.compare):
    app.command()(command)
for command in (chain.vix, machine.bench, machine.warmup):
    app.command()(command)

config_group = group("List, check, resolve and describe configurations.")
config_group.command("list")(configs.list_)
for command in (configs.check, configs.resolve, configs.schema):
    config_group.command()(command)
app.add_typer(config_group, name="config")

rules_group = group("List, write, check, record and verify trading rules.")
rules_group.command("list")(rules.list_)
for command in (rules.show, rules.new, rules.check, rules.mutate, rules.record, rules.verify):
    rules_group.command()(command)
app.add_typer(rules_group, name="rules")

macro_group = group("Run the macro layer alone: who builds AI capacity, who pays, who owes.")
macro_group.command("list")(macro.list_)
for command in (macro.run, macro.channels, macro.sources, macro.history):
    macro_group.command()(command)
app.add_typer(macro_group, name="macro")


@app.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and stop.")
    ] = False,
) -> None:
    """Take what stands before a command."""


def main() -> None:
    """Run the command line; bad input ends with one message and the exit status of its kind, never a traceback."""
    logging.basicConfig(format="flowsim: %(message)s", stream=sys.stderr)
    logging.getLogger("flowsim").setLevel(logging.INFO)
    try:
        app()
    except FlowsimError as error:
        print(f"flowsim: {as_options(str(error))}", file=sys.stderr)
        sys.exit(error.exit_code)
    except MemoryError:
        print("flowsim: the memory is full; take fewer agents, --paths or --days, or --threads 1", file=sys.stderr)
        sys.exit(RunError.exit_code)
