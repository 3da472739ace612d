"""Samples of arms made by hand: a measure is fed days on which the effect, its sign and its size are known.

Arrays are (paths, days); what is not given is zero.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache

import numpy as np

from flowsim.clock import sessions_after
from flowsim.config import Config, load
from flowsim.ensemble.intervals import Interval, PerPath, joined
from flowsim.ensemble.laboratory import Work
from flowsim.ensemble.sample import Sample
from flowsim.errors import RunError
from flowsim.market.recording import MARKET_COLUMNS
from flowsim.options.record import VOLATILITY_COLUMNS
from flowsim.run.tables import PARTS

Made = Mapping[str, np.ndarray]


@cache
def us_equity() -> Config:
    """The default market: every claim finds in it whom it is about."""
    return load("us_equity")


def sample(
    shape: tuple[int, int],
    *,
    config: Config | None = None,
    start: str = "2018-12-31",
    contribution: Made | None = None,
    flow: Made | None = None,
    agents_long: Made | None = None,
    market: Made | None = None,
    volatility: Made | None = None,
    gap_parts: Made | None = None,
) -> Sample:
    """Return a sample of the sessions after `start`; a part of the gap that no config knows is refused."""
    config = config or us_equity()
    populations = list(config.population)
    sources, parts = ["news", "policy", *populations], [*PARTS, *populations]
    return Sample(
        config=config,
        dates=sessions_after(start, shape[1]).dates,
        sources=sources,
        parts=parts,
        contribution=_stacked(shape, sources, contribution),
        flow=_stacked(shape, sources, flow),
        agents_long=_stacked(shape, populations, agents_long),
        market=_stacked(shape, MARKET_COLUMNS, market),
        volatility=_stacked(shape, VOLATILITY_COLUMNS, volatility),
        gap_parts=_stacked(shape, parts, gap_parts),
    )


def _stacked(shape: tuple[int, int], names: Sequence[str], made: Made | None) -> np.ndarray:
    stacked = np.zeros((*shape, len(names)))
    for name, values in (made or {}).items():
        stacked[..., list(names).index(name)] = values
    return stacked


def values_of(parts: Mapping[str, PerPath]) -> dict[str, float]:
    """Return each effect without its interval; nan where nothing is below the line."""
    with np.errstate(invalid="ignore"):
        return {name: float(np.divide(part.numerator.sum(), part.denominator.sum())) for name, part in parts.items()}


def surely(value: float) -> Interval:
    """Return an effect that is known to a ten-thousandth of its size, and so clear of zero."""
    return Interval(value, value - 1e-4 * abs(value), value + 1e-4 * abs(value))


def within(value: float, half: float) -> Interval:
    """Return an effect and an interval of so much on either side."""
    return Interval(value, value - half, value + half)


@dataclass(eq=False)
class Observed:
    """What was measured on made samples, as an observation of the laboratory has it."""

    n_paths: int
    found: object
    left_out: list[str] = field(default_factory=list)

    @property
    def blocks(self) -> list[object]:
        if isinstance(self.found, RunError):
            raise self.found
        return [self.found]

    @property
    def parts(self) -> dict[str, PerPath]:
        return {name: joined([block[name] for block in self.blocks]) for name in self.blocks[0]}


@dataclass
class MadeLaboratory:
    """A laboratory in which nothing is simulated: `make` turns the config of an arm into its sample.

    `make` may raise a RunError, as a market that diverges does. `planned` keeps what was asked for: the names of
    the arms, paths, and who is on other news.
    """

    make: Callable[[Config], Sample]
    n_paths: int = 64
    planned: list[tuple[tuple[str, ...], int, tuple[str, ...]]] = field(default_factory=list)

    def foresee(self, work: Work) -> None:
        """Nothing is counted."""

    def plan(
        self,
        arms: Mapping[str, Config],
        measure: Callable[[Mapping[str, Sample]], object],
        n_paths: int,
        *,
        on_other_news: tuple[str, ...] = (),
        whatever_breaks: bool = False,
    ) -> Observed:
        self.planned.append((tuple(arms), n_paths, on_other_news))
        try:
            found = measure({name: self.make(config) for name, config in arms.items()})
        except RunError as error:
            found = error
        return Observed(n_paths, found)
