"""Plant the mistakes of `word_mistakes/` one at a time in a copy, and count what the fast tests notice.

    python tests/word_mutants.py [--only WORDS] [--jobs N]

prints what caught each mistake, the share that is caught, and each survivor. Where a planted line has moved on with the
code, its entry in `word_mistakes/` is to move with it.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path
from queue import SimpleQueue
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[1]
LISTS = ROOT / "tests" / "word_mistakes"
COPIED = ("flowsim", "strategies", "configs", "tests", "pyproject.toml", "README.md")
TESTS = {
    "experiments/price_discovery.py": "experiments/test_price_discovery.py experiments/test_price_discovery_tables.py"
    " experiments/test_written_plan.py",
    "experiments/experiment.py": "experiments/test_conduct.py experiments/test_written_plan.py",
    "experiments/verdicts.py": "experiments/test_claim_verdicts.py experiments/test_conduct.py",
    "experiments/statistics.py": "experiments/test_claim_statistics.py experiments/test_vol_targeting.py",
    "experiments/": "experiments/test_{stem}.py experiments/test_written_plan.py",
    "ensemble/sample.py": "ensemble/test_sample.py",
    "ensemble/intervals.py": "ensemble/test_claim_intervals.py experiments/test_conduct.py",
    "history/outlook_words.py": "history/test_outlook_words.py",
    "history/forward.py": "history/test_forward.py",
    "history/outlook.py": "history/test_forward.py history/test_outlook.py",
    "history/levels.py": "history/test_triggers.py history/test_replay.py",
    "history/": "history/test_triggers.py history/test_outlook.py",
    "cli/": "cli/test_options_reach.py",
    "report/outlook.py": "report/test_outlook_page.py",
    "report/": "report/test_claims_words.py report/test_outlook_page.py",
    "plot/claims.py": "plot/test_drawn_claims.py",
    "plot/outlook.py": "plot/test_drawn_outlook.py",
    "plot/replay.py": "plot/test_drawn_replay.py",
    "plot/option_tables.py": "plot/test_option_tables.py plot/test_drawn_runs.py",
    "plot/tables.py": "plot/test_picture_tables.py plot/test_drawn_runs.py",
    "plot/": "plot/test_drawn_runs.py",
}
"""Tests that a developer would run who has changed a file, or one of a folder; the first entry that fits."""


class Mistake(NamedTuple):
    """One change of a file of `flowsim`: `before` stands there once, and `says` what `after` makes wrong."""

    file: str
    says: str
    before: str
    after: str

    @property
    def tests(self) -> list[str]:
        """Return the tests to run."""
        chosen = next(tests for prefix, tests in TESTS.items() if self.file.startswith(prefix))
        return [f"tests/{one}" for one in chosen.format(stem=Path(self.file).stem).split()]

    @property
    def fits(self) -> bool:
        """Tell whether the line that it changes is still there, and only once."""
        return (ROOT / "flowsim" / self.file).read_text().count(self.before) == 1


def mistakes() -> list[Mistake]:
    """Return every mistake of the lists, in their order."""
    tables = [tomllib.loads(file.read_text()) for file in sorted(LISTS.glob("*.toml"))]
    return [
        Mistake(file, says, *change)
        for table in tables
        for file, listed in table.items()
        for says, change in listed.items()
    ]


class Copies:
    """Copies of the project in which mistakes are planted, one for each that is tried at the same time."""

    def __init__(self, folder: Path, n_copies: int) -> None:
        self._free: SimpleQueue[Path] = SimpleQueue()
        self._seconds = count(1)
        for number in range(n_copies):
            self._free.put(copy_to(folder / f"copy-{number}"))

    def caught_by(self, mistake: Mistake, tests: list[str] | None = None) -> str:
        """Return the test that fails first with a mistake planted, of its own by default; "" where none does."""
        copy = self._free.get()
        file = copy / "flowsim" / mistake.file
        sound = file.read_text()
        try:
            self._write(file, sound.replace(mistake.before, mistake.after))
            return first_failure(copy, tests or mistake.tests)
        finally:
            self._write(file, sound)
            self._free.put(copy)

    def _write(self, file: Path, text: str) -> None:
        """Write a file with a time of its own: Python takes compiled files by time and size."""
        file.write_text(text)
        at = 1_600_000_000 + next(self._seconds)
        os.utime(file, (at, at))


def copy_to(folder: Path) -> Path:
    """Copy what the tests need."""
    folder.mkdir()
    for name in COPIED:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / name, folder)
    return folder


def first_failure(folder: Path, tests: list[str]) -> str:
    """Run tests in a folder until one fails; return its name, or what ended the run, or ""."""
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-n", "0", "-p", "no:cacheprovider", *tests]
    ended = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if ended.returncode == 0:
        return ""
    if ended.returncode < 0:
        sys.exit(f"pytest was ended from outside (signal {-ended.returncode}); run this again when memory is free")
    found = re.search(r"^(?:FAILED|ERROR) (?:tests/)?(\S+)", ended.stdout, flags=re.M)
    return found[1] if found else f"pytest ended with status {ended.returncode}"


def try_all(chosen: list[Mistake], jobs: int) -> list[Mistake]:
    """Print what catches each mistake; return those that nothing catches."""
    survived = []
    with tempfile.TemporaryDirectory() as folder:
        copies = Copies(Path(folder), jobs)
        with ThreadPoolExecutor(jobs) as pool:
            for one, caught in zip(chosen, pool.map(copies.caught_by, chosen), strict=True):
                print(f"{one.file}: {one.says}: {caught or 'SURVIVED'}", flush=True)
                survived += [] if caught else [one]
    return survived


def main() -> None:
    """Try the mistakes and print the share that is caught."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="", help="only mistakes with these words in their file or their name")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="how many to try at the same time")
    arguments = parser.parse_args()
    chosen = [one for one in mistakes() if arguments.only in f"{one.file}: {one.says}"]
    if lost := [one for one in chosen if not one.fits]:
        sys.exit("\n".join(f"{one.file}: {one.says}: its line is no longer there, or twice" for one in lost))
    survived = try_all(chosen, arguments.jobs)
    share = 100.0 * (1.0 - len(survived) / len(chosen)) if chosen else 100.0
    print(f"\n{len(chosen) - len(survived)} of {len(chosen)} caught, {share:.1f} %")
    for one in survived:
        print(f"survived: {one.file}: {one.says}")


if __name__ == "__main__":
    main()
