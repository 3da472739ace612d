"""Find the numbers of a config that bring its facts nearest to the real ones: the simulated method of moments.

Every place is tried with the same random numbers, so the loss is a function of the place and not of luck (McFadden
1989, "A Method of Simulated Moments for Estimation of Discrete Response Models Without Numerical Integration"). CMA-ES
(Hansen 2006, "The CMA Evolution Strategy") finds the valley. Then each step lays a surface through all places tried,
tries where it is lowest and a few places about that, and so walks to the bottom; see `surface`.

Everything tried stands in a journal. A search that goes on after a kill is the same search: it asks for the same
places again, and finds those of the journal known.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from flowsim.calibration.loss import APART, Yardstick, distances, measure_all, total
from flowsim.calibration.space import Parameter, settings_of
from flowsim.calibration.surface import Surface
from flowsim.config import Config
from flowsim.data.prices import Prices
from flowsim.ensemble.engine import Engine
from flowsim.ensemble.engines import engine_of
from flowsim.errors import InputError
from flowsim.run.manifest import new_folder

Floats = NDArray[np.float64]
Distances = dict[str, float]
Values = list[float] | None
"""The facts at a place; None where the market diverges."""
Tell = Callable[[int, int, float], None]
"""Is told places tried, places planned, and the smallest loss so far."""

JOURNAL, IDENTITY = "journal.jsonl", "search.json"
FIRST_STEP = 0.15
"""Standard deviation of the first generation, in parts of the ranges."""
REACH = 0.25
"""How far from the best place a step may go along each range: a surface knows little of where nothing was tried."""
ABOUT, NEARBY = 3, 0.08
"""Places tried about the lowest of a step, and how far away: standard deviation in parts of the ranges."""
STAYED = 0.02
"""A walk ends when two steps after each other go to places that are so near, in parts of the ranges."""
ANYWHERE, STARTS = 4, 4
"""Every so manyth step goes to the lowest place of the whole surface, sought from so many good and random places."""


@dataclass(eq=False)
class Search:
    """A search: the market, what may move, what counts, and the distances of everything tried, by its settings."""

    folder: Path
    config: Config
    parameters: list[Parameter]
    facts: list[str]
    n_paths: int
    prices: Prices | None = None
    engine: Engine | None = None
    tell: Tell | None = None
    planned: int = 0
    known: dict[tuple[str, ...], Values] = field(default_factory=dict)
    asked: dict[tuple[str, ...], Floats] = field(default_factory=dict)

    def at(self, parts: Floats) -> Config:
        """Return the config at a place in the ranges."""
        return self.config.override(*settings_of(self.parameters, parts))

    def z(self, parts: Floats, seed: int | None = None) -> Distances:
        """Return the distance of each fact at a place, from the journal if it was tried before.

        With another seed than the search's, to see its noise, the place does not count as asked for.
        """
        settings = tuple(settings_of(self.parameters, parts))
        if seed is None:
            self.asked.setdefault(settings, np.clip(parts, 0.0, 1.0))
            return distances(self._values(settings), self.facts)
        return distances(self._values((*settings, f"seed={seed}")), self.facts)

    def loss(self, parts: Floats) -> float:
        """Return the mean loss over facts at a place."""
        return total(self.z(parts).values())

    def try_together(self, places: Iterable[Floats], seeds: Iterable[int] = ()) -> None:
        """Simulate places, and the last of them with other seeds, that are about to be asked for, beside one another.

        What is asked for, and in which order, is up to who asks; here only the waiting is shortened.
        """
        keys = [tuple(settings_of(self.parameters, place)) for place in places]
        self._simulate([*keys, *((*keys[-1], f"seed={seed}") for seed in seeds)])

    def _values(self, key: tuple[str, ...]) -> Values:
        self._simulate([key])
        return self.known[key]

    def _simulate(self, keys: Iterable[tuple[str, ...]]) -> None:
        """Simulate what is not known yet, and write it down in the order given."""
        unknown = [key for key in dict.fromkeys(keys) if key not in self.known]
        if not unknown:
            return
        configs = [self.config.override(*key) for key in unknown]
        with nullcontext(self.engine) if self.engine is not None else engine_of() as engine:
            for key, found in zip(
                unknown, measure_all(configs, self.facts, self.n_paths, engine, prices=self.prices), strict=True
            ):
                self._write_down(key, found)

    def _write_down(self, key: tuple[str, ...], found: Values) -> None:
        with (self.folder / JOURNAL).open("a", encoding="utf-8") as journal:
            journal.write(json.dumps({"settings": key, "facts": found}) + "\n")
        self.known[key] = found
        if self.tell is not None:
            smallest = min(total(distances(one, self.facts).values()) for one in self.known.values())
            self.tell(len(self.known), self.planned, smallest)

    def surface(self) -> Surface:
        """Return the surface through the places asked for so far, which are the same when a search is resumed."""
        yardstick = Yardstick.of(self.facts)
        apart = (yardstick.middles + APART * yardstick.half_widths)[:, 0]
        values = [apart if self.known[key] is None else self.known[key] for key in self.asked]
        return Surface(np.array(list(self.asked.values())), np.array(values, float), yardstick)

    def best(self, count: int) -> list[Floats]:
        """Return the places asked for of the smallest loss, the best first."""
        return sorted(self.asked.values(), key=self.loss)[:count]

    def evolve(self, start: Floats, trials: int) -> None:
        """Try a place, and so many to which CMA-ES goes from there."""
        self.loss(start)
        if trials == 0:
            return
        cma = evolution_strategy().CMA(
            mean=np.clip(start, 0.0, 1.0),
            sigma=FIRST_STEP,
            bounds=np.tile([0.0, 1.0], (len(start), 1)),
            seed=self.config.seed % 2**32,
        )
        while trials > 0:
            asked = [cma.ask() for _ in range(min(cma.population_size, trials))]
            self.try_together(asked)
            generation = [(parts, self.loss(parts)) for parts in asked]
            trials -= len(generation)
            if len(generation) == cma.population_size:
                cma.tell(generation)

    def walk(self, steps: int) -> None:
        """Try the places to which at most so many steps along the surface lead from the best one."""
        random, before = np.random.default_rng(self.config.seed), None
        for number in range(1, steps + 1):
            anywhere = number % ANYWHERE == 0
            lowest = self.lowest(random if anywhere else None)
            if before is not None and not anywhere and np.abs(lowest - before).max() < STAYED:
                self.loss(lowest)
                return
            before = before if anywhere else lowest
            away = random.normal(0.0, NEARBY, (ABOUT, len(lowest)))
            places = [lowest, *np.clip(lowest + away, 0.0, 1.0)]
            self.try_together(places)
            for place in places:
                self.loss(place)

    def lowest(self, random: np.random.Generator | None = None) -> Floats:
        """Return the lowest place of the surface within reach of the best place asked for, or with `random` of all."""
        surface, best = self.surface(), self.best(STARTS)
        if random is not None:
            starts = [*best, *random.uniform(0.0, 1.0, (STARTS, len(self.parameters)))]
            return surface.lowest(starts, np.zeros(len(best[0])), np.ones(len(best[0])))
        center = min(best, key=surface.loss)
        return surface.lowest(best, np.maximum(center - REACH, 0.0), np.minimum(center + REACH, 1.0))


def open_folder(folder: Path, search: Search, start: Floats, *, resume: bool) -> None:
    """Begin the journal of a search in an empty folder, or read the one that is there.

    Raises
    ------
    InputError
        If the folder holds something else, or the journal of another search.
    """
    identity, file = _identity(search, start), folder / IDENTITY
    if not resume:
        new_folder(folder)
        file.write_text(json.dumps({"search": identity}) + "\n", encoding="utf-8")
        return
    if not file.is_file():
        raise InputError(f"{folder}: no search to resume ({IDENTITY} is missing); calibrate without `resume=True`")
    if json.loads(file.read_text(encoding="utf-8"))["search"] != identity:
        raise InputError(
            f"{folder}: the search there has another config, ranges, targets, start or number of paths;"
            " resume with the same, or choose another `out`"
        )
    search.known.update(_read_journal(folder / JOURNAL))


def _read_journal(file: Path) -> dict[tuple[str, ...], Values]:
    """Return what was tried. A line that a kill cut short is taken off, so that the next one begins afresh."""
    text = file.read_text(encoding="utf-8") if file.exists() else ""
    whole = text[: text.rfind("\n") + 1]
    if whole != text:
        file.write_text(whole, encoding="utf-8")
    entries = [json.loads(line) for line in whole.splitlines()]
    return {tuple(entry["settings"]): entry["facts"] for entry in entries}


def _identity(search: Search, start: Floats) -> str:
    """Return a digest of what a search must share with its beginning."""
    ranges = [[one.key, one.low, one.high] for one in search.parameters]
    history = None if search.prices is None else search.prices.digest
    whole: list[object] = [search.config.digest, history, ranges, search.facts, search.n_paths, start.tolist()]
    return hashlib.sha256(json.dumps(whole).encode()).hexdigest()


def evolution_strategy() -> Any:
    """Return the package of CMA-ES.

    Raises
    ------
    InputError
        If it is not installed.
    """
    try:
        import cmaes
    except ImportError:
        raise InputError(
            "this needs the package cmaes: install flowsim-market[calibrate], or search with `trials=0`"
        ) from None
    return cmaes
