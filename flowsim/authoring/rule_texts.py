"""Texts of a user's rules, for a process that does not have their files: what travels with a config, and back to files.

A text is written under the SHA-256 of what it holds, and read as any strategy file is: what is refused there is refused
here too.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterable
from pathlib import Path

from flowsim.authoring.declaration import Strategy
from flowsim.errors import StrategyError
from flowsim.files.cache import cache_dir

Texts = dict[str, tuple[str, bytes]]
"""Name and content of each strategy file, by the SHA-256 of its content."""


def texts_of(strategies: Iterable[Strategy]) -> Texts:
    """Return the files of all strategies that do not come with flowsim.

    Raises
    ------
    StrategyError
        If a file is not what it was when its rule was read.
    """
    texts: Texts = {}
    for strategy in strategies:
        if strategy.rule.__module__.startswith("flowsim.strategies."):
            continue
        text = strategy.file.read_bytes() if strategy.file.is_file() else b""
        if hashlib.sha256(text).hexdigest() != strategy.text_digest:
            raise StrategyError(
                f"{strategy.file}: the file has changed since rule {strategy.name!r} was read; load the config anew"
            )
        texts[strategy.text_digest] = strategy.file.name, text
    return texts


def written(texts: Texts) -> list[Path]:
    """Write texts to files, each in a folder of its own, and return the folders; they are kept for the next time.

    Raises
    ------
    StrategyError
        If a text is not the one of its digest, or its name not that of a strategy file.
    """
    return [_written(digest, name, text) for digest, (name, text) in texts.items()]


def _written(digest: str, name: str, text: bytes) -> Path:
    if Path(name).name != name or not name.endswith(".py") or name.startswith(("_", "test_", "conftest.")):
        raise StrategyError(f"{name!r} is not the name of a strategy file; send rules as they lie in their folder")
    if hashlib.sha256(text).hexdigest() != digest:
        raise StrategyError(f"{name}: this text is not the one with SHA-256 {digest[:12]}; send the rule again")
    folder = cache_dir() / "rules" / digest
    try:
        _write(folder / name, text)
    except OSError:
        folder = Path(tempfile.mkdtemp(prefix="flowsim-rules-"))
        _write(folder / name, text)
    return folder


def _write(file: Path, text: bytes) -> None:
    """Write a file in one step, so that another process never reads half of it."""
    if file.is_file() and file.read_bytes() == text:
        return
    file.parent.mkdir(parents=True, exist_ok=True)
    handle, unfinished = tempfile.mkstemp(dir=file.parent, prefix="_")
    with os.fdopen(handle, "wb") as stream:
        stream.write(text)
    os.replace(unfinished, file)
