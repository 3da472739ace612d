"""What travels to a worker beside jobs: closes, texts of rules, and what says that it computes the same bits.

A kit is bytes, made once and sent with every piece, so that no worker needs a shared disk, an upload or a plugin;
workers know it by its digest. No path, config object, market or function travels.
"""

from __future__ import annotations

import base64
import hashlib
import json
import platform
import zlib
from collections.abc import Iterable, Iterator
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from flowsim.authoring.rule_texts import Texts
from flowsim.data.prices import Prices
from flowsim.engine.blocks import Block, Chunk
from flowsim.engine.prepare import Market
from flowsim.ensemble.job import Job
from flowsim.errors import RunError
from flowsim.kernel.memory import arrays_in
from flowsim.version import __version__

LIBRARIES = ("numpy", "scipy", "numba", "exchange_calendars")
"""Libraries that reach a result; they must have the same version everywhere."""
AFTER_A_RESULT = {"cli", "plot", "report"}
"""Packages that only show what came."""
PROBE_DAYS, PROBE = 5, Block(0, 64)
"""What a worker steps before its first piece."""


class Probe(NamedTuple):
    """A short job, as text, and the digest of what the engine records of it."""

    job: str
    record: str


class Kit(NamedTuple):
    """Closes by their digest, rules, the stamp of versions, and the probe."""

    histories: dict[str, Prices]
    rules: Texts
    stamp: dict[str, str]
    probe: Probe


@cache
def stamp() -> dict[str, str]:
    """Return the versions of all that a result depends on, in this process."""
    return {
        "flowsim": f"{__version__} {_sources()[:12]}",
        "Python": ".".join(platform.python_version_tuple()[:2]),
        **{name: version(name) for name in LIBRARIES},
    }


def differs(stamp_there: dict[str, str]) -> Iterator[str]:
    """Yield in a few words each version here that is another one there."""
    here = stamp()
    for name in here.keys() | stamp_there.keys():
        if here.get(name) != stamp_there.get(name):
            yield f"{name} {here.get(name, 'of no version')}, which is {stamp_there.get(name, 'unknown')} there"


def record_digest(market: Market, block: Block, chunks: Iterator[Chunk]) -> str:
    """Return the SHA-256 of all that the engine records of a block, up to where its market breaks."""
    digest = hashlib.sha256()
    try:
        for kept, _ in chunks:
            for array in arrays_in((kept.record, kept.options)):
                digest.update(np.ascontiguousarray(array).tobytes())
    except RunError as error:
        digest.update(str(error).encode())
    return digest.hexdigest()


def packed(histories: Iterable[Prices], rules: Texts, probe: Probe) -> bytes:
    """Return a kit of this process as bytes, the same ones for the same content."""
    content = {
        "histories": {one.digest: _plain(one) for one in histories},
        "rules": {digest: [name, text.decode()] for digest, (name, text) in rules.items()},
        "stamp": stamp(),
        "probe": probe,
    }
    return zlib.compress(json.dumps(content, sort_keys=True).encode())


def unpacked(kit: bytes) -> Kit:
    """Return a kit from its bytes."""
    content = json.loads(zlib.decompress(kit))
    return Kit(
        histories={digest: _prices(one) for digest, one in content["histories"].items()},
        rules={digest: (name, text.encode()) for digest, (name, text) in content["rules"].items()},
        stamp=content["stamp"],
        probe=Probe(*content["probe"]),
    )


def probe_job(job: Job) -> Job:
    """Return the job of a probe: a few days of the market of a job."""
    return Job.of(job.market.override(f"time.days={PROBE_DAYS}"), _Digest(job.history), [PROBE], record_digest)


class _Digest(NamedTuple):
    """Stands in for the prices of a job, of which only the digest is known."""

    digest: str


def _plain(history: Prices) -> dict[str, Any]:
    rows = None if history.rows is None else _text_of(history.rows.astype("<i8"))
    return {
        "dates": _text_of(history.dates.astype("<M8[D]").astype("<i8")),
        "close": _text_of(history.close.astype("<f8")),
        "rows": rows,
        "source": history.source,
        "trusted": history.trusted,
    }


def _prices(plain: dict[str, Any]) -> Prices:
    dates = np.frombuffer(base64.b64decode(plain["dates"]), "<i8").astype("datetime64[D]")
    close = np.frombuffer(base64.b64decode(plain["close"]), "<f8").copy()
    rows = None if plain["rows"] is None else np.frombuffer(base64.b64decode(plain["rows"]), "<i8").copy()
    return Prices(dates, close, plain["source"], rows, trusted=plain["trusted"])


def _text_of(array: np.ndarray) -> str:
    return base64.b64encode(array.tobytes()).decode()


def _sources() -> str:
    """Return the SHA-256 of all code that a result depends on."""
    package, digest = Path(__file__).resolve().parents[1], hashlib.sha256()
    for file in sorted(package.rglob("*.py")) + sorted(package.rglob("*.csv")):
        if file.relative_to(package).parts[0] not in AFTER_A_RESULT:
            digest.update(file.read_bytes())
    return digest.hexdigest()
