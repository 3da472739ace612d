"""Where pieces are done: in any process that has flowsim, from a kit and the texts of jobs.

`do` is all that a worker is asked, by name. What it needs of a kit is kept for the next piece.
"""

from __future__ import annotations

import os
import platform
import threading
import time
from collections.abc import Sequence
from hashlib import sha256
from typing import Any, NamedTuple

from flowsim.authoring.rule_texts import written
from flowsim.ensemble.job import Job
from flowsim.ensemble.kit import differs, unpacked
from flowsim.ensemble.worker import Histories, Worker
from flowsim.errors import FlowsimError, RunError

MOST_KITS = 4
"""Kits that a process keeps at hand."""


class RefusedError(RunError):
    """Say that a worker would not compute the same."""


class Answer(NamedTuple):
    """What came of each block of a piece, or how its market broke; seconds, and who did it."""

    blocks: list[Any]
    seconds: float
    host: str
    process: int


class Station:
    """A kit at hand in a process, after it was found to compute the same bits.

    Raises
    ------
    RefusedError
        If versions or bits differ from where the kit was made.
    """

    def __init__(self, kit: bytes) -> None:
        self.kit, self.stop = unpacked(kit), threading.Event()
        if words := "; ".join(sorted(differs(self.kit.stamp))):
            raise RefusedError(
                f"worker {platform.node()} has {words}; install the same versions on it as where the work was begun"
            )
        self.folders = written(self.kit.rules)
        self.histories = Histories()
        for digest, history in self.kit.histories.items():
            if history.digest != digest:
                raise RefusedError(f"worker {platform.node()} got prices that are not those with SHA-256 {digest[:12]}")
            self.histories.add(history)
        self.worker = Worker(self.histories, stop=self.stop)
        self._require_same_bits()

    def job(self, text: str) -> Job:
        """Return a job from its text, with the rules of the kit."""
        return Job.from_text(text).with_rules(self.folders)

    def attempt(self, job: Job) -> list[Any] | RunError:
        """Do a job; where its market breaks or cannot begin, return the sentence of that."""
        try:
            return self.worker.kept(job)
        except FlowsimError as error:
            return RunError(str(error))

    def _require_same_bits(self) -> None:
        (record,) = self.worker.kept(self.job(self.kit.probe.job))
        if record != self.kit.probe.record:
            raise RefusedError(
                f"worker {platform.node()} computes other bits: {record[:12]} instead of {self.kit.probe.record[:12]}"
                " for the first days of the market; leave it out, and tell us its processor"
            )


_STATIONS: dict[str, Station] = {}
_OPENING = threading.Lock()


def station_of(kit: bytes) -> Station:
    """Return the station of a kit in this process, opened when it is first asked for."""
    digest = sha256(kit).hexdigest()
    with _OPENING:
        if digest not in _STATIONS:
            while len(_STATIONS) >= MOST_KITS:
                del _STATIONS[next(iter(_STATIONS))]
            _STATIONS[digest] = Station(kit)
        return _STATIONS[digest]


def close(kit: bytes) -> None:
    """End what is under way with a kit in this process, and let go of it."""
    with _OPENING:
        station = _STATIONS.pop(sha256(kit).hexdigest(), None)
    if station is not None:
        station.stop.set()


def do(kit: bytes, texts: Sequence[str]) -> Answer:
    """Do the blocks of jobs one after the other.

    Raises
    ------
    RefusedError
        If this process would not compute the same.
    """
    station, began = station_of(kit), time.perf_counter()
    blocks = []
    for job in map(station.job, texts):
        for piece in job.by_block():
            found = station.attempt(piece)
            blocks.append(found if isinstance(found, RunError) else found[0])
        station.worker.forget(job)
    return answered(blocks, began)


def answered(blocks: list[Any], began: float) -> Answer:
    """Return the answer of this process, which began at that time."""
    return Answer(blocks, time.perf_counter() - began, platform.node(), os.getpid())
