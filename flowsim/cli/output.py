"""What commands share: reading a config, drawing, printing, and showing progress."""

from __future__ import annotations

import json
import re
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from flowsim.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from flowsim.config import Config
    from flowsim.ensemble.executor import Progress


def config_from(source: str, settings: list[str] | None, days: int | None) -> Config:
    """Load a config with its overrides; the number of days is one of them."""
    from flowsim.config import load

    return load(source, [*(settings or []), *([f"time.days={days}"] if days is not None else [])])


def next_folder(parent: Path, name: str) -> Path:
    """Return the first folder NAME-1, NAME-2, ... that does not exist yet."""
    number = 1
    while (parent / f"{name}-{number}").exists():
        number += 1
    return parent / f"{name}-{number}"


def draw(result: Any, picture: str, file: Path, path: int | None) -> None:
    """Draw a picture of a run into a file."""
    from flowsim import plot as room

    if picture not in room.PICTURES:
        raise InputError(f"no picture is named {picture!r}; choose one of {', '.join(room.PICTURES)}")
    figure = room.PICTURES[picture](result, **({} if path is None else {"path": path}))
    room.save(figure, file)


def first_sentence(text: str) -> str:
    """Return the first sentence of a text, on one line."""
    return re.split(r"(?<=\.)\s", " ".join(text.split()), maxsplit=1)[0]


def print_json(document: Any) -> None:
    """Print one document; dates and paths become text."""
    print(json.dumps(document, indent=2, default=str))


@contextmanager
def show_progress(what: str) -> Iterator[Progress | None]:
    """Show a bar with an estimate on a terminal; say nothing in a pipe."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
