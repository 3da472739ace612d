"""What is known about a run, in its folder: how it was made, how far it is, and the digests of what it wrote."""

from __future__ import annotations

import hashlib
import json
import os
import platform
import shutil
from collections.abc import Iterable, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final, NotRequired, TypedDict

from flowsim.config import Config
from flowsim.config.asset import LEAD
from flowsim.engine.prepare import Market
from flowsim.errors import InputError
from flowsim.version import __version__

MANIFEST = "run.json"
HISTORY = "history.parquet"
AFTERWARDS = "afterwards.parquet"
"""Real closes of the days that were simulated, as far as they are known."""
DONE = "blocks"
"""Folder of a run that is not finished, with one file for each block that is."""


class TableDigest(TypedDict):
    """Rows of a table, and the digest of their content."""

    rows: int
    sha256: str


class History(TypedDict):
    """Where the closes before the start are from, and the digest of them."""

    source: str
    sha256: str


class Traders(TypedDict):
    """What moves a market, who trades in it, and where its past is from."""

    sources: list[str]
    programmes: list[str]
    hedger: str | None
    kinds: dict[str, str]
    history: History


class OneMarket(Traders):
    """What is known of a market beside the first."""

    tables: dict[str, TableDigest]


class Manifest(TypedDict):
    """What ``run.json`` holds; runs of earlier versions lack some of it."""

    status: str
    source: str
    name: NotRequired[str]
    about: NotRequired[str]
    sized: NotRequired[str]
    changes: NotRequired[list[str]]
    seed: int
    paths: int
    days: int
    sources: list[str]
    programmes: list[str]
    hedger: NotRequired[str | None]
    kinds: dict[str, str]
    history: History
    config_sha256: str
    strategies: dict[str, str]
    strategies_before: NotRequired[dict[str, str]]
    config: dict[str, Any]
    command: list[str] | None
    versions: dict[str, str]
    tables: dict[str, TableDigest]
    markets: NotRequired[dict[str, OneMarket]]
    seconds: NotRequired[float]
    job: NotRequired[str]
    error: NotRequired[str]


def manifest_of(config: Config, market: Market, n_paths: int, command: list[str] | None) -> Manifest:
    """Return what is known about a run before its first day."""
    names = ("numpy", "numba", "polars", "pyarrow", "exchange_calendars")
    manifest: Manifest = {
        "status": "running",
        "source": str(config.source),
        "name": config.name,
        "about": config.about,
        "sized": config.sized,
        "changes": [str(change) for change in config.changes],
        "seed": config.seed,
        "paths": n_paths,
        "days": config.time.days,
        **_traders(market),
        "config_sha256": config.digest,
        "strategies": {name: strategy.text_digest for name, strategy in config.strategies.items()},
        "config": config.resolved(),
        "command": command,
        "versions": {"python": platform.python_version(), "flowsim": __version__}
        | {name: version(name) for name in names},
        "tables": {},
    }
    if market.beside:
        manifest["markets"] = {one.name: {**_traders(one), "tables": {}} for one in market.beside}
    return manifest


def _traders(market: Market) -> Traders:
    return {
        "sources": [market.sources[row] for row in market.source_rows],
        "programmes": market.programmes,
        "hedger": market.hedger,
        "kinds": {one.name: one.strategy.kind for one in market.spec.populations},
        "history": {"source": market.history.source, "sha256": market.history.digest},
    }


_SAME: Final = ("seed", "paths", "history", "config_sha256")
"""What a resumed run must share with its beginning, as do its rules. Where a rule broke it may be mended: the manifest
then keeps the digests of both."""


def open_folder(folder: Path, manifest: Manifest, *, resume: bool) -> dict[int, dict[str, TableDigest]]:
    """Return the finished blocks to keep in the folder of a run that is to begin, or to go on.

    Raises
    ------
    InputError
        If the folder holds something else, or a run that began with anything else.
    """
    file = folder / MANIFEST
    if not resume:
        new_folder(folder)
        return {}
    if not file.is_file():
        raise InputError(f"{folder}: no run to resume ({MANIFEST} is missing); run without `resume=True`")
    earlier: Manifest = json.loads(file.read_text())
    if earlier["status"] == "done":
        raise InputError(f"{folder}: this run is finished; there is nothing to resume")
    for key in _SAME:
        if earlier[key] != manifest[key]:
            raise InputError(
                f"{folder}: the run there has another {key} ({earlier[key]}, now {manifest[key]});"
                " resume with the same config, paths, seed and prices"
            )
    for name, one in manifest.get("markets", {}).items():
        was = earlier.get("markets", {}).get(name, one)["history"]
        if was != one["history"]:
            raise InputError(
                f"{folder}: market {name} began with other prices there ({was['source']}, now"
                f" {one['history']['source']}); resume with the same"
            )
    before, now = earlier["strategies"], manifest["strategies"]
    changed = [name for name in before if before[name] != now.get(name)]
    if changed and earlier["status"] != "failed":
        raise InputError(
            f"{folder}: the file of rule {changed[0]!r} has changed since the run began, and nothing was broken;"
            " put it back as it was, or run anew with another `out`"
        )
    if changed:
        manifest["strategies_before"] = before
    return finished_blocks(folder)


def new_folder(folder: Path) -> None:
    """Make the folder of what is to be resumable.

    Raises
    ------
    InputError
        If it cannot be made, or holds something.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        used = any(folder.iterdir())
    except OSError as error:
        raise InputError(f"{folder}: cannot be used as a folder ({error.strerror}); choose another `out`") from None
    if used:
        raise InputError(f"{folder}: the folder is not empty; choose another `out`, or go on with `resume=True`")


def finish(folder: Path, manifest: Manifest, tables: tuple[str, ...], seconds: float) -> None:
    """Put rows and digests of all blocks into the manifest, and clear away the marks of the single ones."""
    blocks = finished_blocks(folder)
    done: Any = {"status": "done", "seconds": round(seconds, 3), "tables": table_digests(blocks, tables)}
    if "markets" in manifest:
        done["markets"] = {
            name: one | {"tables": table_digests(blocks, tables, name)} for name, one in manifest["markets"].items()
        }
    write_json(folder / MANIFEST, manifest | done)
    shutil.rmtree(folder / DONE)


def finished_blocks(folder: Path) -> dict[int, dict[str, TableDigest]]:
    """Return rows and digests by table of every finished block of a run."""
    return {int(file.stem): json.loads(file.read_text()) for file in sorted((folder / DONE).glob("[0-9]*.json"))}


def write_json(file: Path, content: Mapping[str, object]) -> None:
    """Write a JSON file whole or not at all."""
    file.parent.mkdir(parents=True, exist_ok=True)
    temporary = file.with_suffix(".tmp")
    temporary.write_text(json.dumps(content, indent=2, sort_keys=False) + "\n")
    os.replace(temporary, file)


def table_digests(
    blocks: dict[int, dict[str, TableDigest]], tables: tuple[str, ...], market: str = ""
) -> dict[str, TableDigest]:
    """Return rows and the digest of the content of each table of a market, over its blocks in order."""
    keys = {table: key_of(table, market) for table in tables}
    return {
        table: {
            "rows": sum(block[key]["rows"] for block in blocks.values()),
            "sha256": combined(blocks[number][key]["sha256"] for number in sorted(blocks)),
        }
        for table, key in keys.items()
        if all(key in block for block in blocks.values())
    }


def key_of(table: str, market: str) -> str:
    """Return what a table of a market, which has no name where it is the first, is called in the marks of blocks."""
    return f"{market}/{table}" if market else table


def file_of(name: str, market: str) -> str:
    """Return what a file of closes is called for a market: by its name where it is not the first."""
    return name if market in ("", LEAD) else name.replace(".", f"-{market}.")


def combined(digests: Iterable[str]) -> str:
    """Return one digest of many, in their order."""
    return hashlib.sha256("".join(digests).encode()).hexdigest()
