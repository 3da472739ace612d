"""How far the sweep or the run in a folder is, while it is under way and after."""

from __future__ import annotations

import json
import time
from collections import Counter
from pathlib import Path
from typing import Any

import polars as pl

from flowsim.errors import InputError
from flowsim.run.manifest import DONE
from flowsim.run.manifest import MANIFEST as RUN
from flowsim.sweeps.estimate import spoken
from flowsim.sweeps.store import ARMS, MANIFEST, Store

LATELY_SECONDS = 600.0
"""The estimate of what is left goes by the pieces of the last minutes."""


def status(folder: str | Path) -> dict[str, Any]:
    """Return how far what is in a folder is: status, blocks done and in all, seconds left, who did them, what broke.

    Parameters
    ----------
    folder : path
        Of a sweep or of a run.

    Raises
    ------
    InputError
        If it is neither.
    """
    folder = Path(folder)
    if (folder / MANIFEST).is_file():
        return _of_sweep(Store(folder))
    if (folder / RUN).is_file():
        return _of_run(folder)
    raise InputError(f"{folder}: neither a sweep nor a run here; give a folder with {MANIFEST} or {RUN} in it")


def as_text(found: dict[str, Any]) -> str:
    """Return a status as lines of text."""
    lines = [f"{found['what']}: {found['status']}, {found['done']:,} of {found['blocks']:,} blocks"]
    if found.get("seconds_left") is not None:
        lines[0] += f", about {spoken(found['seconds_left'])} left"
    if found.get("hosts"):
        who = ", ".join(f"{host} {blocks:,}" for host, blocks in found["hosts"].items())
        lines.append(f"blocks by host: {who}; {found['block_seconds']:.2f} s each")
    if found.get("error"):
        lines.append(f"ended by: {found['error']}")
    lines += [f"{name}: {said}" for name, said in found.get("broken", {}).items()]
    return "\n".join(lines)


def _of_sweep(store: Store) -> dict[str, Any]:
    manifest, work = store.manifest, list(store.work_done())
    finished = manifest["status"] == "done"
    done = manifest["blocks"] if finished else len(store.names())
    hosts: Counter[str] = Counter()
    for line in work:
        hosts[line["host"]] += line["blocks"]
    seconds = sum(line["seconds"] for line in work)
    broken = manifest.get("broken")
    if broken is None:
        names = pl.read_parquet(store.folder / ARMS)["name"]
        broken = {names[line["arm"]]: f"broken so far: {line['broken'][0]}" for line in work if line["broken"]}
    return {
        "what": f"sweep of {manifest['name']}, {manifest['arms']:,} arms",
        "status": manifest["status"],
        "done": done,
        "blocks": manifest["blocks"],
        "seconds_left": None if finished else _left(work, manifest["blocks"] - done),
        "hosts": dict(hosts),
        "block_seconds": seconds / max(sum(hosts.values()), 1),
        "broken": broken,
        "error": manifest.get("error"),
    }


def _left(work: list[dict[str, Any]], blocks: int) -> float | None:
    """Return the seconds that are left at the pace of the last minutes; None where nothing was done in them."""
    now = time.time()
    lately = [line for line in work if now - line["at"] < LATELY_SECONDS]
    if not lately:
        return None
    began = min(line["at"] - line["seconds"] for line in lately)
    return blocks * (now - began) / sum(line["blocks"] for line in lately)


def _of_run(folder: Path) -> dict[str, Any]:
    manifest = json.loads((folder / RUN).read_text(encoding="utf-8"))
    blocks = -(-manifest["paths"] // 64)
    done = blocks if manifest["status"] == "done" else len(list((folder / DONE).glob("[0-9]*.json")))
    name = manifest.get("name", Path(manifest["source"]).stem)
    what = f"run of {name}, {manifest['paths']:,} paths"
    return {"what": what, "status": manifest["status"], "done": done, "blocks": blocks, "error": manifest.get("error")}
