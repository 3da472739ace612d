"""Claim 5: an inverted VIX curve is an imbalance of short-dated hedging, and not panic."""

from __future__ import annotations

import numpy as np

from flowsim.config import Config
from flowsim.ensemble.intervals import Flags, Floats, PerPath, interval
from flowsim.ensemble.laboratory import Laboratory, Observation, value_of
from flowsim.ensemble.sample import Arms, PerPathByName, Sample, Samples
from flowsim.errors import InputError, RunError
from flowsim.experiments.arms import hedgers, programmes, scaled, short_dated, without
from flowsim.experiments.experiment import Effects, Experiment, FindFurther, FurtherFindings, NullPlan, ScanPlan
from flowsim.experiments.findings import Grid, Table
from flowsim.experiments.verdicts import PERCENT, Criterion
from flowsim.kernel.marks import LANES

DAYS = 1260
MAP_DAYS = 126
NEAR_HIGH = 0.03
"""Log distance from the highest close so far within which there is no drawdown to speak of."""
RECORDED = 'record={tables=["flows", "volatility", "vix_sources"]}'
NO_PANIC = ("sentiment.response=0", "sentiment.shock_vol=0")
DEMANDS = (0.0, 1.0, 2.0, 4.0, 8.0)
CAPACITIES = (0.25, 0.5, 1.0, 2.0)

HEDGING = "inversions that exist only because of hedging demand, % of all"
SHORT = "of which of short-dated hedging alone, % of all"
PATH = "inversions that exist only because of past returns, % of all"
EVENTS = "inversions that exist only because of scheduled events, % of all"
SURVIVES = "inversion frequency with sentiment at zero, % of that with it"
SAME_DAYS = "inverted closes that are inverted with sentiment at zero too, % of all"
FREQUENCY = "closes with VIX above VIX3M, % of all"
DRAWDOWN = "drawdown at an inverted close, mean, %"
NEAR = "inverted closes within 3 % of the high, % of all"
ALL, INVERTED = "all programmes", "inverted"

CRITERIA = (
    Criterion(
        HEDGING, "more than half of the inversions exist only because of hedging demand", "above", 50.0, scale=PERCENT
    ),
    Criterion(SURVIVES, "more than half of them survive sentiment at zero", "above", 50.0),
)
REAL = (
    (
        "Mostly a drawdown indicator: median drawdown -10.5 % at an inversion, 6.5 % of them within 3 % of the high",
        "closes of VIX, VIX3M and the S&P 500",
    ),
    (
        "A minority of 5 to 20 % hedges events (2024-10-31 to 11-05, 2024-12-18); no month-end effect",
        "closes of VIX and VIX3M",
    ),
    ("VIX above VIX3M on 7.65 % of days, 2009-2026", "closes of VIX and VIX3M"),
)


def prepared(config: Config) -> Config:
    """Return five years of the market with its options.

    Raises
    ------
    InputError
        If it lists none.
    """
    if not config.options.listed or not programmes(config):
        raise InputError(f"{config.source}: claim 5 is about options, and none are traded; leave it out with `only`")
    return config.override(f"time.days={DAYS}", RECORDED)


def arms(config: Config) -> Arms:
    """Return the market with and without panic."""
    return {"with": config, "calm": config.override(*NO_PANIC)}


def measure(samples: Samples) -> PerPathByName:
    """Split the inverted closes of the arm `with` by what they need, and compare with the arm `calm`."""
    one, calm = samples["with"], samples["calm"]
    inverted, inverted_calm = _inverted(one), _inverted(calm)
    n = inverted.sum(axis=1).astype(float)
    demand = [name for name in hedgers(one.config) if name in one.parts]
    soon = [name for name in short_dated(one.config) if name in one.parts]
    return {
        HEDGING: _only_because_of(one, inverted, demand),
        SHORT: _only_because_of(one, inverted, soon),
        PATH: _only_because_of(one, inverted, ["path_dependent"]),
        EVENTS: _only_because_of(one, inverted, ["events"]),
        SURVIVES: PerPath(100.0 * inverted_calm.sum(axis=1), n),
        SAME_DAYS: PerPath(100.0 * (inverted & inverted_calm).sum(axis=1), n),
        FREQUENCY: PerPath.mean(100.0 * inverted.mean(axis=1)),
        **_drawdowns(one, inverted),
    }


def _inverted(sample: Sample) -> Flags:
    return sample.column("vix") > sample.column("vix3m")


def _only_because_of(sample: Sample, inverted: Flags, names: list[str]) -> PerPath:
    """Return the share of inverted closes at which VIX would not be above VIX3M without these parts.

    A part is taken at its difference from its mean over the run: what is always there inverts nothing.
    """
    rows = [sample.parts.index(name) for name in names]
    parts = sample.gap_parts[..., rows].sum(axis=-1)
    own = parts - parts.mean()
    gap = sample.column("vix") - sample.column("vix3m")
    return PerPath(100.0 * (inverted & (gap - own <= 0.0)).sum(axis=1), inverted.sum(axis=1).astype(float))


def _drawdowns(sample: Sample, inverted: Flags) -> PerPathByName:
    level = np.cumsum(sample.returns, axis=1)
    high = np.maximum(np.maximum.accumulate(level, axis=1), 0.0)
    fall: Floats = high - level
    n = inverted.sum(axis=1).astype(float)
    return {
        DRAWDOWN: PerPath(100.0 * (inverted * np.expm1(-fall)).sum(axis=1), n),
        NEAR: PerPath(100.0 * (inverted & (fall < NEAR_HIGH)).sum(axis=1), n),
    }


def null_arms(config: Config) -> Arms:
    """Return the market without panic twice, with options so deep that no demand moves them."""
    deep = config.override("options.vega_depth_bn=1000", *NO_PANIC)
    return {"with": deep, "calm": deep}


def scan_arms(config: Config, factor: float) -> Arms:
    """Return the market with its short-dated hedging so many times as large, with and without panic."""
    return arms(scaled(config, short_dated(config), factor).override(f"time.days={2 * MAP_DAYS}"))


def tell(effects: Effects) -> list[str]:
    """Say what inversions need, and whether they need panic."""
    hedging, survive = effects[HEDGING].value, effects[SURVIVES].value
    main = "a minority" if hedging < 50.0 else "a majority, as the claim says"
    return [
        f"VIX is above VIX3M on {effects[FREQUENCY].value:.1f} % of closes. Without hedging demand {hedging:.0f} % of"
        f" those would not be inverted, {main}; without what past returns do, {effects[PATH].value:.0f} %; without"
        f" scheduled events, {effects[EVENTS].value:.0f} %. Short-dated programmes alone account for"
        f" {effects[SHORT].value:.0f} %.",
        f"With sentiment at zero inversions are {survive:.0f} % as frequent. At an inverted close the index is"
        f" {effects[DRAWDOWN].value:.1f} % off its high on average; {effects[NEAR].value:.0f} % of them come within 3 %"
        " of it.",
    ]


def further(laboratory: Laboratory, config: Config) -> FindFurther:
    """Switch each programme off, and draw the map of inversion frequency."""
    off = {name: _closes(laboratory, arm) for name, arm in _programme_arms(config).items()}
    cells = [[_closes(laboratory, arm) for arm in row] for row in _map_arms(config)]
    return lambda: FurtherFindings([], [_by_programme(off)], [_map(cells)])


def _closes(laboratory: Laboratory, arm: Config) -> Observation[PerPathByName]:
    return laboratory.plan({"arm": arm}, _frequency, LANES)


def _programme_arms(config: Config) -> dict[str, Config]:
    short = config.override(f"time.days={MAP_DAYS}")
    off = {f"no {name}": without(short, [name]) for name in programmes(config)}
    return {ALL: short, "no hedging programme": without(short, hedgers(config)), **off}


def _frequency(samples: Samples) -> PerPathByName:
    return {INVERTED: PerPath.mean(100.0 * _inverted(samples["arm"]).mean(axis=1))}


def _by_programme(observed: dict[str, Observation[PerPathByName]]) -> Table:
    """Return the inversion frequency without each programme, and its paired difference from the whole market."""
    whole = observed[ALL].parts[INVERTED]
    rows: list[list[str | float | None]] = []
    for name, one in observed.items():
        try:
            found = one.parts[INVERTED]
        except RunError:
            rows.append([f"{name} (the market diverges)", None, None, None])
            continue
        apart = interval(PerPath.mean(found.numerator - whole.numerator))
        rows.append([name, interval(found).value, apart.value, (apart.high - apart.low) / 2.0])
    columns = ["market", "inverted", "less all programmes", "±"]
    return Table(name="Closes with VIX above VIX3M, %", columns=columns, rows=rows)


def _map_arms(config: Config) -> list[list[Config]]:
    depth = config.options.vega_depth_bn
    return [
        [
            scaled(config, short_dated(config), demand).override(
                f"options.vega_depth_bn={capacity * depth}", f"time.days={MAP_DAYS}"
            )
            for demand in DEMANDS
        ]
        for capacity in CAPACITIES
    ]


def _map(cells: list[list[Observation[PerPathByName]]]) -> Grid:
    return Grid(
        name="Closes with VIX above VIX3M",
        unit="%",
        x_name="short-dated hedging demand, × config",
        y_name="dealers' capacity (vega depth), × config",
        x=list(DEMANDS),
        y=list(CAPACITIES),
        values=[[value_of(cell, INVERTED) for cell in row] for row in cells],
        x0=1.0,
        y0=1.0,
    )


EXPERIMENT = Experiment(
    number=5,
    title="What inverts the VIX curve",
    claim="VIX curve inversion is short-dated hedging imbalance, not panic.",
    experiment="Every inverted close is split into past returns, hedging demand by programme, events and sentiment;"
    " rerun with sentiment at zero and with each hedging programme off.",
    criterion="Share of inversions that exist only because of hedging demand; share that survives sentiment at zero."
    " The claim says what they are, so each share must be more than half.",
    real=REAL,
    criteria=CRITERIA,
    prepared=prepared,
    arms=arms,
    measure=measure,
    scan=ScanPlan("short-dated hedging demand, × config", (0.0, 1.0, 4.0, 8.0), scan_arms, lambda config: 1.0),
    null=NullPlan(
        "options so deep that no demand moves them, two markets without panic on different news",
        null_arms,
        ("calm",),
        {HEDGING: 0.0, SHORT: 0.0, SURVIVES: 100.0},
    ),
    tell=tell,
    further=further,
)
