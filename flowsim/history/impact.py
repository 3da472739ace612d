"""The market's law of impact on flows that are given: what each of them moves the price by, day by day."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from flowsim.clock import execution_profile, sessions
from flowsim.config.spec import MarketSpec
from flowsim.errors import InputError
from flowsim.kernel.array_functions import exp
from flowsim.market.price import build_impact
from flowsim.market.timetable import build_timetable

MULTIPLIERS = (3.0, 5.0, 8.0)
"""Of the market's value, what a flow moves: the range of Gabaix and Koijen (2021) with the middle of it. A choice."""


class ImpactLaw(NamedTuple):
    """A law of impact that is linear in the flow: its name, the multiplier of the config, and how impact decays."""

    name: str
    multiplier: float
    weight: np.ndarray  # (modes,) share of an impact that decays at each rate
    rate: np.ndarray  # (modes,) per day


def law_of(spec: MarketSpec) -> ImpactLaw:
    """Return the law of a market."""
    built = build_impact(spec)
    return ImpactLaw(spec.market.impact, spec.market.multiplier, built.mode_weight, built.mode_rate)


def movers(spec: MarketSpec, clock: str = "") -> list[str]:
    """Return who trades stock by a systematic rule and moves the price; option programmes reach it through dealers.

    With a clock, those alone whose rule keeps it.
    """
    return [
        one.name
        for one in spec.populations
        if one.strategy.kind == "systematic" and one.strategy.structure is None and one.moves_price
        and clock in ("", one.strategy.clock)
    ]  # fmt: skip


def thinness_of(spec: MarketSpec) -> dict[str, float]:
    """Return for each of the `movers` the impact of its trades at their time of day over that of one with the volume.

    A market is deeper at its close than by midday, so that what trades there alone moves it less.
    """
    bars = spec.time.bars_per_day
    two_sessions = sessions("2019-01-02", "2019-01-03").dates
    thinness = build_timetable(spec, two_sessions, bars).thinness[0, 1 : 1 + bars]
    found = {}
    for one in spec.populations:
        profile = "close" if one.strategy.clock == "last_bar" else one.execution.profile
        found[one.name] = float((execution_profile(profile, bars, half_day=False) * thinness).sum())
    return {name: found[name] for name in movers(spec)}


def contributions(flow_bn: np.ndarray, impact: np.ndarray, law: ImpactLaw) -> np.ndarray:
    """Return what flows add to the log return of each session, (days, sources).

    By the law of `flowsim.market.price` with one step a session: the impact of the day's flow, less what decays of
    earlier ones. Nothing has decayed yet that was traded before the first day.

    Parameters
    ----------
    flow_bn : array (days, sources)
        USD bn, bought > 0.
    impact : array (days,)
        Log return per USD bn.
    law : ImpactLaw

    Raises
    ------
    InputError
        If the law is not linear in the flow, so that what one flow moves depends on all others.
    """
    if law.name == "square_root":
        raise InputError(
            "market.impact = square_root: what one flow moves depends there on the sum of all, which real closes do not"
            " show; set market.impact = linear"
        )
    gone = 1.0 - exp(-law.rate)
    moved = impact[:, None] * flow_bn
    found, transient = moved.copy(), np.zeros((len(law.rate), flow_bn.shape[1]))
    for day in range(len(flow_bn)):
        decayed = transient * gone[:, None]
        found[day] -= decayed.sum(axis=0)
        transient += law.weight[:, None] * moved[day] - decayed
    return found
