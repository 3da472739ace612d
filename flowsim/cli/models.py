"""The command that holds outside models against their papers: reproduce."""

from __future__ import annotations

from typing import Annotated

import typer

from flowsim.cli.arguments import AsJson, Seed, Threads
from flowsim.cli.output import print_json


def reproduce(
    model: Annotated[str, typer.Argument(help="franke_westerhoff or leverage_cycle.")],
    paths: Annotated[
        int | None,
        typer.Option(
            "--paths", "--n-paths", min=1, help="Number of paths; enough for the published figures by default."
        ),
    ] = None,
    seed: Seed = None,
    threads: Threads = None,
    as_json: AsJson = False,
) -> None:
    """Simulate a model of others with its published parameters; the exit status is 1 where a figure does not agree."""
    from flowsim.facts import outside_models

    result = outside_models.reproduce(model, paths, seed=seed, threads=threads)
    if as_json:
        print_json(result.as_dict())
    else:
        print(result.as_markdown())
    if not result.holds:
        raise typer.Exit(1)
