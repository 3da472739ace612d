"""What commands share: reading a config, drawing, printing, and showing progress."""

from __future__ import annotations

import json
import re
import sys
from typing import TYPE_CHECKING

from flowsim.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from contextlib import AbstractContextManager
    from pathlib import Path

    from flowsim.config import Config
    from flowsim.ensemble.progress import Shown


def config_from(source: str, settings: list[str] | None, days: int | None) -> Config:
    """Load a config with its overrides; the number of days is one of them."""
    from flowsim.config.load import config_of

    return config_of(source, settings or [], days=days)


def next_folder(parent: Path, name: str) -> Path:
    """Return the first folder NAME-1, NAME-2, ... that does not exist yet."""
    number = 1
    while (parent / f"{name}-{number}").exists():
        number += 1
    return parent / f"{name}-{number}"


def draw(result: object, picture: str, file: Path, path: int | None) -> None:
    """Draw a picture of a run into a file."""
    from flowsim import plot as pictures

    if picture not in pictures.PICTURES:
        raise InputError(f"no picture is named {picture!r}; choose one of {', '.join(pictures.PICTURES)}")
    figure = pictures.PICTURES[picture](result, **({} if path is None else {"path": path}))
    pictures.save(figure, file)


def draw_sweep(folder: Path, picture: str | None, outcome: str | None, out: Path | None) -> Path:
    """Draw a picture of a sweep into a file, and return that."""
    from flowsim.plot import save, sweep_picture
    from flowsim.plot.sweep import PICTURES
    from flowsim.sweeps.found import Sweep

    if picture is not None and picture not in PICTURES:
        raise InputError(f"no picture of a sweep is named {picture!r}; choose one of {', '.join(PICTURES)}")
    found = Sweep(folder)
    figure = sweep_picture(found, outcome) if picture is None else PICTURES[picture](found, outcome)
    file = out or folder / f"{'-'.join(filter(None, (picture or 'sweep', outcome)))}.png"
    save(figure, file)
    return file


def first_sentence(text: str) -> str:
    """Return the first sentence of a text, on one line."""
    return re.split(r"(?<=\.)\s", " ".join(text.split()), maxsplit=1)[0]


def print_described(found: Mapping[str, str], *, as_json: bool) -> None:
    """Print names, each with the first sentence of what it says it is, or all of it as one document."""
    if as_json:
        print_json(found)
        return
    width = max(map(len, found))
    for name, description in found.items():
        print(f"{name:<{width}}  {first_sentence(description)}")


def print_json(document: object) -> None:
    """Print one document; dates and paths become text."""
    print(json.dumps(document, indent=2, default=str))


def show_progress(what: str) -> AbstractContextManager[Shown | None]:
    """Show a bar with an estimate on a terminal; say nothing in a pipe."""
    from flowsim.ensemble.progress import shown

    return shown(sys.stderr.isatty(), what)
