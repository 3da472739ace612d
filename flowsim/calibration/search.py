"""Find the numbers of a config that bring its facts nearest to the real ones: the simulated method of moments.

Every place is tried with the same random numbers, so the loss is a function of the place and not of luck (McFadden
1989, "A Method of Simulated Moments for Estimation of Discrete Response Models Without Numerical Integration"). CMA-ES
(Hansen 2006, "The CMA Evolution Strategy") finds the valley; least squares, which the same numbers make possible,
walks to its bottom.

Everything tried stands in a journal. A search that goes on after a kill is the same search: it asks for the same
places again, and finds those of the journal known.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from flowsim.calibration.loss import distances, residual, total
from flowsim.calibration.space import Parameter, settings_of
from flowsim.config import Config
from flowsim.errors import InputError
from flowsim.prices import Prices

Floats = NDArray[np.float64]
Distances = dict[str, float]
Tell = Callable[[int, int, float], None]
"""Is told places tried, places planned, and the smallest loss so far."""

JOURNAL, IDENTITY = "journal.jsonl", "search.json"
FIRST_STEP = 0.15
"""Standard deviation of the first generation, in parts of the ranges."""
STEP = 0.03
"""Length of a finite difference, in parts of a range: well over the noise of a median, well under its curvature."""


@dataclass(eq=False)
class Search:
    """A search: the market, what may move, what counts, and the distances of everything tried, by its settings."""

    folder: Path
    config: Config
    parameters: list[Parameter]
    facts: list[str]
    n_paths: int
    prices: Prices | None = None
    threads: int | None = None
    tell: Tell | None = None
    planned: int = 0
    known: dict[tuple[str, ...], Distances] = field(default_factory=dict)

    def at(self, parts: Floats) -> Config:
        """Return the config at a place in the ranges."""
        return self.config.override(*settings_of(self.parameters, parts))

    def z(self, parts: Floats) -> Distances:
        """Return the distance of each fact at a place, from the journal if it was tried before."""
        key = tuple(settings_of(self.parameters, parts))
        if key not in self.known:
            found = distances(self.at(parts), self.facts, self.n_paths, prices=self.prices, threads=self.threads)
            with (self.folder / JOURNAL).open("a", encoding="utf-8") as journal:
                journal.write(json.dumps({"settings": key, "loss": total(found.values()), "z": found}) + "\n")
            self.known[key] = found
            if self.tell is not None:
                smallest = min(total(z.values()) for z in self.known.values())
                self.tell(len(self.known), self.planned, smallest)
        return self.known[key]

    def loss(self, parts: Floats) -> float:
        """Return the mean loss over facts at a place."""
        return total(self.z(parts).values())

    def evolve(self, start: Floats, trials: int) -> Floats:
        """Return the best of a place and of so many that CMA-ES tries from there."""
        if trials == 0:
            return start
        cma = _cmaes().CMA(
            mean=np.clip(start, 0.0, 1.0),
            sigma=FIRST_STEP,
            bounds=np.tile([0.0, 1.0], (len(start), 1)),
            seed=self.config.seed % 2**32,
        )
        best, left = start, trials
        while left > 0:
            generation = [cma.ask() for _ in range(min(cma.population_size, left))]
            left -= len(generation)
            best = min(best, *generation, key=self.loss)
            if len(generation) == cma.population_size:
                cma.tell([(parts, self.loss(parts)) for parts in generation])
        return best

    def descend(self, start: Floats, steps: int) -> Floats:
        """Return the best of a place and of where at most so many steps of least squares lead from there."""
        from scipy.optimize import least_squares

        if steps == 0:
            return start
        # A difference needs room on both sides.
        inside = np.clip(start, STEP, 1.0 - STEP)
        jac: Any = self.slopes
        found = least_squares(self.residuals, inside, jac=jac, bounds=(0.0, 1.0), max_nfev=steps)
        return min(start, inside, found.x, key=self.loss)

    def residuals(self, parts: Floats) -> Floats:
        """Return for each fact the number whose square is its loss, shape (facts,)."""
        return np.array([residual(z) for z in self.z(parts).values()])

    def slopes(self, parts: Floats) -> Floats:
        """Return how the residuals change along each range, shape (facts, parameters)."""
        here, columns = self.residuals(parts), []
        for number, part in enumerate(parts):
            moved = parts.copy()
            moved[number] += STEP if part + STEP <= 1.0 else -STEP
            columns.append((self.residuals(moved) - here) / (moved[number] - part))
        return np.column_stack(columns)


def open_folder(folder: Path, search: Search, start: Floats, *, resume: bool) -> None:
    """Begin the journal of a search in an empty folder, or read the one that is there.

    Raises
    ------
    InputError
        If the folder holds something else, or the journal of another search.
    """
    identity, file = _identity(search, start), folder / IDENTITY
    if not resume:
        _require_empty(folder)
        file.write_text(json.dumps({"search": identity}) + "\n", encoding="utf-8")
        return
    if not file.is_file():
        raise InputError(f"{folder}: no search to resume ({IDENTITY} is missing); calibrate without --resume")
    if json.loads(file.read_text(encoding="utf-8"))["search"] != identity:
        raise InputError(
            f"{folder}: the search there has another config, ranges, targets, start or number of paths;"
            " resume with the same, or choose another --out"
        )
    search.known.update(_read_journal(folder / JOURNAL))


def _read_journal(file: Path) -> dict[tuple[str, ...], Distances]:
    """Return what was tried. A line that a kill cut short is taken off, so that the next one begins afresh."""
    text = file.read_text(encoding="utf-8") if file.exists() else ""
    whole = text[: text.rfind("\n") + 1]
    if whole != text:
        file.write_text(whole, encoding="utf-8")
    entries = [json.loads(line) for line in whole.splitlines()]
    return {tuple(entry["settings"]): entry["z"] for entry in entries}


def _identity(search: Search, start: Floats) -> str:
    """Return a digest of what a search must share with its beginning."""
    ranges = [[one.key, one.low, one.high] for one in search.parameters]
    history = None if search.prices is None else search.prices.digest
    whole: list[Any] = [search.config.digest, history, ranges, search.facts, search.n_paths, start.tolist()]
    return hashlib.sha256(json.dumps(whole).encode()).hexdigest()


def _require_empty(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        used = any(folder.iterdir())
    except OSError as error:
        raise InputError(f"{folder}: cannot be used as a folder ({error.strerror}); choose another --out") from None
    if used:
        raise InputError(f"{folder}: the folder is not empty; choose another --out, or go on with --resume")


def _cmaes() -> Any:
    try:
        import cmaes
    except ImportError:
        raise InputError(
            "this needs the package cmaes: install flowsim[calibrate], or search with --trials 0"
        ) from None
    return cmaes
