"""Print SHA-256 of what must not change by accident: tables of small runs, tapes as played now, and golden files.

Text is the same on every run of the same code, so two versions are compared by comparing two outputs:

    python tests/digests.py > before.txt        # then change something
    python tests/digests.py | diff before.txt -

To ask another version, run this file with the Python of its own environment. A run keeps every table, by the day and by
the bar; 66 paths are one whole block and a part of a second.
"""

import hashlib
import sys
from collections.abc import Iterator
from pathlib import Path

from flowsim import load, simulate
from flowsim.authoring.discovery import discover
from flowsim.testing import CANONICAL, tape_of

GOLDEN = Path(__file__).parent / "golden" / "test_golden_run"
BY_BAR = ("record.grain=bar",)
RUNS: dict[str, tuple[str, int, tuple[str, ...]]] = {
    "us_equity by day": ("us_equity", 66, ("time.days=5",)),
    "us_equity by bar": ("us_equity", 2, ("time.days=5", *BY_BAR)),
    "us_equity with 26 bars": ("us_equity", 2, ("time.days=5", "time.bars_per_day=26")),
    "us_equity with a chain": ("us_equity", 2, ("time.days=5", "record.chain_dates=[2019-01-03]")),
    "plain with one bar": ("plain", 2, ("time.days=20", "time.bars_per_day=1")),
    "plain by day": ("plain", 66, ("time.days=20",)),
    "plain by bar": ("plain", 2, ("time.days=5", *BY_BAR)),
    "liquidity_2026 by day": ("liquidity_2026", 2, ("time.days=5",)),
    "leverage_cycle by bar": ("leverage_cycle", 2, ("time.days=5", *BY_BAR)),
    "buyback_season by day": ("buyback_season", 2, ("time.days=5",)),
    "february_2018 by bar": ("february_2018", 2, ("time.days=3", *BY_BAR)),
    **{f"golden {file.stem}": (str(file), 2, ()) for file in sorted(GOLDEN.glob("*.toml"))},
}
"""Config, paths and settings of each run."""


def digests() -> Iterator[tuple[str, str]]:
    """Yield what is looked at, and its digest."""
    for name, (config, n_paths, settings) in RUNS.items():
        run = simulate(load(config, list(settings)), n_paths)
        for table, kept in run.info["tables"].items():
            yield f"run: {name}: {table}, {kept['rows']} rows", kept["sha256"]
    for name, strategy in sorted(discover().items()):
        tapes = [tape_of(strategy, market) for market in CANONICAL]
        played = repr([(tape.market, part) for tape in tapes for part in tape.parts if part.rows])
        yield f"tapes: {name}", hashlib.sha256(played.encode()).hexdigest()
    for file in sorted(GOLDEN.iterdir()):
        yield f"golden file: {file.name}", hashlib.sha256(file.read_bytes()).hexdigest()


if __name__ == "__main__":
    for what, digest in digests():
        print(f"{digest}  {what}")
        sys.stdout.flush()
