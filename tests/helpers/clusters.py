"""A dask scheduler and workers on this machine, started from the shell as users do, and ended by their own ids."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

START_SECONDS = 60


class LocalCluster:
    """A scheduler with its file, and workers with one thread each, in groups of processes of their own."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "scheduler.json"
        self.log = (folder / "cluster.log").open("w")
        self.folder = folder
        self.scheduler = self._begin(
            "scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--scheduler-file", str(self.file)
        )
        self._wait_for_file()
        self.workers: list[subprocess.Popen[bytes]] = []

    def add_worker(self) -> subprocess.Popen[bytes]:
        """Begin one more worker."""
        worker = self._begin(
            "worker", "--scheduler-file", str(self.file), "--nthreads", "1", "--no-nanny", "--no-dashboard"
        )
        self.workers.append(worker)
        return worker

    def end(self, process: subprocess.Popen[bytes]) -> None:
        """Kill a process and all that it began."""
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def close(self) -> None:
        """Kill all that is left."""
        for process in (*self.workers, self.scheduler):
            self.end(process)
        self.log.close()

    def _begin(self, kind: str, *arguments: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", f"distributed.cli.dask_{kind}", *arguments]
        return subprocess.Popen(
            command, cwd=self.folder, stdout=self.log, stderr=self.log, start_new_session=True, env=os.environ.copy()
        )

    def _wait_for_file(self) -> None:
        until = time.monotonic() + START_SECONDS
        while time.monotonic() < until:
            with suppress(OSError, json.JSONDecodeError):
                json.loads(self.file.read_text())
                return
            time.sleep(0.1)
        raise TimeoutError((self.folder / "cluster.log").read_text())


@contextmanager
def local_cluster(folder: Path, workers: int = 2) -> Iterator[LocalCluster]:
    """Give a cluster, and end it whatever happens."""
    folder.mkdir(exist_ok=True)
    cluster = LocalCluster(folder)
    try:
        for _ in range(workers):
            cluster.add_worker()
        yield cluster
    finally:
        cluster.close()
