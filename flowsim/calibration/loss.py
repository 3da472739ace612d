"""How far simulated facts are from the real market's: the loss of a calibration, fact by fact.

    z = (value - middle) / half width          of the real 95 % interval
    loss of a fact = z^2 + 4 max(|z| - 1, 0)^2     so that what lies outside weighs more than what is off the middle

A fact is inside where |z| <= 1, by the rule of `flowsim facts`: the interval of 1990-2026, or what those of 2010-2019
and 2020-2026 have in common, whichever is nearer. The value is the median over paths, as that command prints it.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from flowsim.analysis.facts import FACTS
from flowsim.analysis.histories import closes_of_market
from flowsim.analysis.market_facts import LONG, RECENT, market_facts
from flowsim.analysis.measure import measure_paths
from flowsim.config import Config
from flowsim.errors import InputError, RunError
from flowsim.prices import Prices

OUTSIDE = 4.0
"""Weight of the squared distance beyond an interval's end, beside that from its middle."""
APART = 10.0
"""Distance given to every fact where a market comes apart."""

GROUPS = tuple(dict.fromkeys(fact.group for fact in FACTS))
SCORED = tuple(fact.name for fact in FACTS if market_facts()[LONG][fact.name].has_ends)


def target_facts(names: Iterable[str]) -> list[str]:
    """Return the facts that some names mean: of facts, of groups of facts, or "all".

    Raises
    ------
    InputError
        If a name means no fact with an interval in the real market.
    """
    group_of = {fact.name: fact.group for fact in FACTS}
    wanted: set[str] = set()
    for name in names:
        meant = {fact for fact in SCORED if name in ("all", fact, group_of[fact])}
        if not meant:
            raise InputError(f"no fact or group of facts is named {name!r}; groups are {', '.join(GROUPS)}, and all")
        wanted |= meant
    return [fact for fact in SCORED if fact in wanted]


def distance(fact: str, value: float) -> float:
    """Return z of a fact: its distance from the middle of the nearest real interval, in half widths."""
    market = market_facts()
    long, later = market[LONG][fact], [market[sample][fact] for sample in RECENT]
    ends = [(long.low, long.high), (max(one.low for one in later), min(one.high for one in later))]
    all_z = [(2.0 * value - low - high) / (high - low) for low, high in ends if low < high]
    return min(all_z, key=abs)


def loss_of(z: float) -> float:
    """Return the loss of one fact at a distance."""
    return z * z + OUTSIDE * max(abs(z) - 1.0, 0.0) ** 2


def distances(
    config: Config, facts: list[str], n_paths: int, *, prices: Prices | None = None, threads: int | None = None
) -> dict[str, float]:
    """Simulate a market and return the distance of each fact; `APART` for all where the market comes apart.

    Raises
    ------
    InputError
        If the market does not have one of the facts: too short, or no options.
    """
    try:
        closes = list(closes_of_market(config, n_paths, prices=prices, threads=threads))
    except RunError:
        return dict.fromkeys(facts, APART)
    measured = measure_paths(closes, config.source)
    for fact in facts:
        if fact not in measured.facts:
            reason = measured.left_out[fact]
            raise InputError(f"{config.source} has no fact {fact!r} ({reason}); leave it out of --targets")
    return {fact: float(np.clip(distance(fact, measured.facts[fact].value), -APART, APART)) for fact in facts}


def total(z: Iterable[float]) -> float:
    """Return the mean loss over facts: 1 where each lies at the end of its interval."""
    return float(np.mean([loss_of(one) for one in z]))


def residual(z: float) -> float:
    """Return the number whose square is the loss of a fact, with the sign of the distance."""
    return float(np.copysign(np.sqrt(loss_of(z)), z))
