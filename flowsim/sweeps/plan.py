"""A sweep that is ready to run: every arm resolved, what is measured, and pieces in their order."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import NamedTuple

from flowsim.authoring.rule_texts import texts_of
from flowsim.config import Config
from flowsim.config.load import built_in, load
from flowsim.config.overrides import Overrides, override_layers
from flowsim.data.prices import Prices
from flowsim.engine.blocks import Block, blocks_of
from flowsim.engine.prepare import configured_prices
from flowsim.ensemble.job import Job, digest_of, job_digest, name_of
from flowsim.errors import ConfigError, InputError
from flowsim.files.nearest import nearest
from flowsim.sweeps.design import Arm, arms_of, forbidden
from flowsim.sweeps.file import SweepFile, read_sweep
from flowsim.sweeps.outcomes import VOLATILITY, Outcome, horizon_of, outcomes_of, outcomes_of_block, tables_of

MOST_FAULTS = 20
MOST_JOBS = 64
"""Jobs that are kept at hand for their next piece."""
Tell = Callable[[int, int], None]


class Piece(NamedTuple):
    """Blocks of paths of an arm under one seed, by their places among arms and seeds."""

    arm: int
    seed: int
    blocks: tuple[Block, ...]


@dataclass(eq=False)
class Plan:
    """A sweep: its file, the market without changes, the arms with the digest of their market under each seed.

    `measured` names what is measured of a path, in the order of its columns.
    """

    file: SweepFile
    base: Config
    n_paths: int
    seeds: tuple[int, ...]
    outcomes: list[Outcome]
    measured: list[str]
    arms: list[Arm] = field(default_factory=list)
    digests: list[tuple[str, ...]] = field(default_factory=list)
    days: list[int] = field(default_factory=list)
    same: int = 0
    given: Prices | None = None
    histories: dict[tuple[object, ...], Prices] = field(default_factory=dict)
    rules: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    _known: set[tuple[str, ...]] = field(default_factory=set)
    _jobs: OrderedDict[tuple[int, int], Job] = field(default_factory=OrderedDict)

    @property
    def blocks(self) -> list[Block]:
        """Blocks of paths of each arm and seed."""
        return blocks_of(self.n_paths)

    @property
    def n_blocks(self) -> int:
        """Blocks to step, over all arms and seeds."""
        return len(self.blocks) * len(self.arms) * len(self.seeds)

    @property
    def keep(self) -> str:
        """Name of the function that measures a block."""
        return name_of(partial(outcomes_of_block, names=self.measured))

    @property
    def identity(self) -> str:
        """SHA-256 of markets, seeds, paths and what is measured, wherever it is done."""
        return digest_of([self.digests, list(self.seeds), self.n_paths, self.keep])

    @property
    def against(self) -> int:
        """Place of the arm that others are held against."""
        return [arm.name for arm in self.arms].index(self.file.outcomes.against)

    def digest(self, arm: int, seed: int, block: Block) -> str:
        """Return the digest of the job of one block."""
        return job_digest(self.digests[arm][seed], [block], self.keep)

    def job(self, piece: Piece) -> Job:
        """Return the job of a piece, as it travels."""
        key = piece.arm, piece.seed
        if key not in self._jobs:
            config = self.config(self.arms[piece.arm])
            self._jobs[key] = self.seeded(config, self.seeds[piece.seed]).without_places()
            if len(self._jobs) > MOST_JOBS:
                self._jobs.popitem(last=False)
        return self._jobs[key].with_blocks(*piece.blocks)

    def config(self, arm: Arm) -> Config:
        """Return the market of an arm."""
        return self.base.override(*arm.settings) if arm.settings else self.base

    def pieces(self, blocks_each: int, kept: Callable[[str], bool]) -> Iterator[Piece]:
        """Yield what is not kept yet: the first blocks of all arms before second ones of any.

        What is stopped early so has every arm, with fewer paths.
        """
        blocks = self.blocks
        for first in range(0, len(blocks), blocks_each):
            for arm in range(len(self.arms)):
                for seed in range(len(self.seeds)):
                    of_piece = blocks[first : first + blocks_each]
                    left = tuple(one for one in of_piece if not kept(self.digest(arm, seed, one)))
                    if left:
                        yield Piece(arm, seed, left)

    def add(self, arm: Arm) -> None:
        """Resolve an arm under each seed; one that is a market already there is no other arm.

        Raises
        ------
        ConfigError
            If its settings do not fit, or one is the sweep's.
        """
        if said := forbidden(arm):
            raise ConfigError(said)
        config = self.config(arm)
        self._require_outcomes(config)
        digests = tuple(self.seeded(config, seed).market_digest for seed in self.seeds)
        if digests in self._known:
            self.same += 1
            return
        self._known.add(digests)
        self.arms.append(arm)
        self.digests.append(digests)
        self.days.append(config.time.days)
        self.rules |= texts_of(config.strategies.values())

    def seeded(self, config: Config, seed: int) -> Job:
        """Return the job of a market under a seed, without blocks."""
        seeded = config if config.seed == seed else config.model_copy(update={"seed": seed})
        return Job.of(seeded, self.history(config), [], partial(outcomes_of_block, names=self.measured))

    def history(self, config: Config) -> Prices:
        """Return the closes that an arm starts from; each file is read once."""
        stand_in = config.history.stand_in
        key = (config.history.prices, stand_in, config.time.start if stand_in else None)
        if key not in self.histories:
            self.histories[key] = self.given or configured_prices(config)
        return self.histories[key]

    def _require_outcomes(self, config: Config) -> None:
        horizons = [days for name in self.measured if (days := horizon_of(name))]
        if config.time.days < max(horizons, default=1):
            raise ConfigError(
                [
                    f"time.days = {config.time.days} is shorter than the horizon of {max(horizons)} sessions;"
                    " lengthen it, or leave the horizon out"
                ]
            )
        if VOLATILITY in config.record.tables and not config.options.listed:
            of_vix = next(name for name in self.measured if VOLATILITY in tables_of([name]))
            raise ConfigError([f"options.listed = false leaves no {of_vix}; leave that outcome out, or list options"])


def planned(
    source: str | Path | Mapping[str, object],
    *,
    n_paths: int | None = None,
    seeds: Sequence[int] | None = None,
    prices: Prices | None = None,
    overrides: Overrides = (),
    tell: Tell | None = None,
) -> Plan:
    """Return the plan of a sweep: the file read, every arm resolved.

    Raises
    ------
    ConfigError
        If anything is wrong with the file or with an arm: the first twenty faults, and how many more.
    InputError
        If an outcome, or the arm to hold others against, is not there.
    """
    file, folder = read_sweep(source)
    changed = {"paths": n_paths, "seeds": None if seeds is None else tuple(seeds)}
    if changed := {key: value for key, value in changed.items() if value is not None}:
        file = read_sweep({**_plain(file), **changed})[0]
    base = _base(file, folder, overrides)
    horizons = file.outcomes.horizons or (base.time.days,)
    outcomes = outcomes_of(file.outcomes.names, horizons, ["news", "policy", *base.population])
    measured = list(dict.fromkeys(one.measured for one in outcomes))
    recorded = ",".join(f'"{table}"' for table in tables_of(measured))
    base = base.override(f'record={{tables=[{recorded}], grain="day", every=1, chain_dates=[]}}')
    if base.antithetic and file.paths % 2:
        raise ConfigError(
            [f"paths = {file.paths} is odd, and with antithetic = true paths are pairs; set {file.paths + 1}"]
        )
    plan = Plan(file, base, file.paths, tuple(file.seeds), outcomes, measured, given=prices)
    _resolve(plan, tell)
    names = [arm.name for arm in plan.arms]
    if file.outcomes.against not in names:
        remedy = nearest(file.outcomes.against, names[:MOST_FAULTS])
        raise InputError(f"outcomes.against: no arm is called {file.outcomes.against!r}; {remedy}")
    return plan


def _resolve(plan: Plan, tell: Tell | None) -> None:
    whole = [key for key in plan.file.design.ranges if _is_whole(plan.base, key)]
    arms, faults = list(arms_of(plan.file, whole)), []
    for number, arm in enumerate(arms):
        try:
            plan.add(arm)
        except ConfigError as error:
            faults += [f"arm {arm.name!r}: {problem.removeprefix('override ')}" for problem in error.problems]
            if arm.name == "base":
                break
        if tell is not None:
            tell(number + 1, len(arms))
    if faults:
        more = [f"and {len(faults) - MOST_FAULTS} more"] if len(faults) > MOST_FAULTS else []
        raise ConfigError([*faults[:MOST_FAULTS], *more])


def _base(file: SweepFile, folder: Path, overrides: Overrides) -> Config:
    named = file.config
    if named not in built_in() and (folder / named).is_file():
        named = str(folder / named)
    config = load(named, file.set)
    return config.override(overrides) if overrides else config


def _is_whole(config: Config, key: str) -> bool:
    """Return whether a key of a config is a whole number."""
    (layer, *_), _ = override_layers([f"{key}=0"], label="")
    node, wanted = config.resolved(), layer.table
    while isinstance(node, dict) and isinstance(wanted, dict):
        name = next(iter(wanted))
        node, wanted = node.get(name), wanted[name]
    return type(node) is int


def _plain(file: SweepFile) -> dict[str, object]:
    return file.model_dump(exclude_none=True, exclude_unset=True)
