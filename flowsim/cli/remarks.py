"""What is wrong with which line of a rule, printed for a person, as annotations of GitHub, or as a Markdown table."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated, NamedTuple

import typer


class Format(StrEnum):
    """How remarks are printed."""

    TEXT = "text"
    GITHUB = "github"
    MARKDOWN = "markdown"


AsFormat = Annotated[
    Format, typer.Option("--format", help="For a person, as annotations of GitHub, or as a Markdown table.")
]


class Remark(NamedTuple):
    """What is wrong at a line of a file: one sentence, and lines that show it; a warning unless it is an error."""

    file: Path
    line: int
    rule: str
    sentence: str
    shown: str = ""
    error: bool = True


def printed(remarks: Sequence[Remark], summary: Iterable[str], form: Format) -> str:
    """Return remarks and then the summary, in one of the formats."""
    if form is Format.GITHUB:
        return "\n".join([*map(_annotation, remarks), *summary])
    if form is Format.MARKDOWN:
        return "\n\n".join([*([_table(remarks)] if remarks else []), *summary, *filter(None, map(_details, remarks))])
    apart = "\n" if any(one.shown for one in remarks) else ""
    return "\n".join([*(f"{one.file}:{one.line}: {_whole(one)}{apart}" for one in remarks), *summary])


def _whole(remark: Remark) -> str:
    return "\n".join(filter(None, (remark.sentence, remark.shown)))


def _annotation(remark: Remark) -> str:
    """Return a workflow command as GitHub reads it from a job's log (Workflow commands for GitHub Actions, 2024)."""
    level = "error" if remark.error else "warning"
    where = f"file={_property(_place(remark.file))},line={remark.line},title={_property(remark.rule)}"
    return f"::{level} {where}::{_data(_whole(remark))}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def _place(file: Path) -> str:
    """Return a file as seen from the top of the checkout, which is what an annotation needs to find its line."""
    top = Path(os.environ.get("GITHUB_WORKSPACE") or Path.cwd()).resolve()
    whole = file.resolve()
    return (whole.relative_to(top) if whole.is_relative_to(top) else whole).as_posix()


def _table(remarks: Iterable[Remark]) -> str:
    rows = (f"| {_place(one.file)}:{one.line} | {_cell(one.rule)} | {_cell(one.sentence)} |" for one in remarks)
    return "\n".join(["| line | rule | what is wrong |", "| --- | --- | --- |", *rows])


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|").replace("<", "&lt;").replace("*", "\\*")


def _details(remark: Remark) -> str:
    if not remark.shown:
        return ""
    head = f"<details><summary>{_cell(remark.sentence)}</summary>"
    return f"{head}\n\n```text\n{remark.shown}\n```\n\n</details>"
