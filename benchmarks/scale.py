"""What a large sweep costs the process that hands it out: memory, files, and the time to read what came.

Every arm is really resolved, every piece really handed out, every result really written, gathered and read; only the
days are not stepped: a made-up answer comes back at once. So what is timed is the client alone.

    python benchmarks/scale.py [CONFIG ARMS PATHS]...
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from concurrent.futures import Executor, Future
from pathlib import Path

import numpy as np

from flowsim.ensemble.engine import Engine
from flowsim.ensemble.station import Answer
from flowsim.sweeps.estimate import kit_of
from flowsim.sweeps.found import Sweep
from flowsim.sweeps.outcomes import BlockOutcomes
from flowsim.sweeps.plan import planned
from flowsim.sweeps.store import Store
from flowsim.sweeps.sweep import Running

CASES = (("plain", 10, 100_000), ("plain", 10_000, 64), ("us_equity", 500, 64))
OUTCOMES = ("return_pct", "es95_pct", "vol_pct", "drawdown_pct", "share_news_pct")
WORKERS = 64
HEAD = (
    "market",
    "arms",
    "paths",
    "blocks",
    "resolve, s",
    "a piece, ms",
    "memory, MB",
    "files, MB",
    "gather, s",
    "table, MB",
    "read, s",
)


class MadeUp(Executor):
    """Answers each piece at once with numbers from nowhere."""

    def __init__(self, measured: int) -> None:
        self.random, self.measured = np.random.default_rng(1), measured

    def submit(self, fn, /, *args, **kwargs):
        """Return a future that is done."""
        blocks = json.loads(args[1][0])["blocks"]
        found = [BlockOutcomes(self.random.normal(size=(self.measured, live)), f"{number}") for number, live in blocks]
        future: Future[Answer] = Future()
        future.set_result(Answer(found, 10.0, f"node{self.random.integers(16)}", 1))
        return future


def measured(config: str, arms: int, paths: int, folder: Path) -> list[str]:
    """Return the row of one case."""
    values = np.linspace(0.002, 0.012, arms).tolist()
    design = {"values": {"fundamental.daily_news_vol": values[1:]}}
    file = {"config": config, "paths": paths, "design": design, "outcomes": {"names": list(OUTCOMES)}}
    began = time.perf_counter()
    plan = planned(file)
    resolved = time.perf_counter() - began
    store = Store(folder)
    store.begin(plan, {"command": None, "versions": {}}, resume=False, shared=False)
    running = Running(
        plan, store, Engine(MadeUp(len(plan.measured)), "made up", lambda: WORKERS), kit_of(plan), (1, 1), 6
    )
    sizes: list[int] = []
    gather, running._gather = running._gather, lambda: sizes.append(size_of(folder / "blocks"))
    began = time.perf_counter()
    running.run()
    handed_out = time.perf_counter() - began
    pieces = sum(1 for _ in store.work_done())
    began = time.perf_counter()
    gather()
    gathered = time.perf_counter() - began
    began = time.perf_counter()
    Sweep(folder).table("vol_pct")
    read = time.perf_counter() - began
    numbers = (len(plan.arms), paths, plan.n_blocks, resolved, 1e3 * handed_out / pieces, memory_mb())
    numbers += (sizes[0] / 1e6, gathered, size_of(folder / "outcomes") / 1e6, read)
    return [config, *(f"{value:,.{0 if value >= 20.0 or isinstance(value, int) else 1}f}" for value in numbers)]


def size_of(folder: Path) -> int:
    """Return the bytes of the files in a folder."""
    return sum(file.stat().st_size for file in folder.iterdir())


def memory_mb() -> float:
    """Return the most memory that this process has taken so far, in MB."""
    import resource

    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / 1e6 if sys.platform == "darwin" else most / 1e3


def main() -> None:
    """Print a table with a row for each case."""
    given = sys.argv[1:]
    cases = [*zip(given[::3], map(int, given[1::3]), map(int, given[2::3]), strict=True)] or CASES
    print(f"| {' | '.join(HEAD)} |", "|---:" * len(HEAD) + "|", sep="\n")
    print(f"memory of the process before: {memory_mb():,.0f} MB", file=sys.stderr)
    for config, arms, paths in cases:
        with tempfile.TemporaryDirectory() as folder:
            print(f"| {' | '.join(measured(config, arms, paths, Path(folder) / 's'))} |", flush=True)


if __name__ == "__main__":
    main()
