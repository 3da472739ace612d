"""VIX futures as a subsystem of a market: at each close it prices them from the indices of that close."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from flowsim.authoring.rows import VIX9D
from flowsim.clock.vix_settlements import days_to_settlement, vix_settlement_days
from flowsim.config.spec import MarketSpec
from flowsim.files.arrays import ByLane, Floats, Integers
from flowsim.files.columns import Column
from flowsim.futures.curve import N_CONTRACTS, Curve, build_curve, price_futures
from flowsim.kernel.lanes import copy, fill
from flowsim.kernel.marks import function
from flowsim.market.phases import AFTER_TRADES, NEWS
from flowsim.market.subsystem import Host, Subsystem
from flowsim.options.arrays import INDICES, N_TENORS, TENOR_DAYS

PUBLISHED = (
    *(
        Column(f"vix_m{month}", "float64", "vol points", f"VIX future number {month} of those still to settle")
        for month in range(1, N_CONTRACTS + 1)
    ),
    Column("vix_m1_days", "float64", "calendar days", "days to the settlement of the first"),
    Column(
        "vix_settled", "float64", "vol points", "VIX at the last settlement day's close, at which its contract settled"
        "; before the first one the VIX of the start",
    ),
)  # fmt: skip
DAYS, SETTLED = N_CONTRACTS, N_CONTRACTS + 1
VIX = INDICES.index("vix")


class Calendar(NamedTuple):
    """What is known beforehand; row i is of the close before day i."""

    curve: Curve
    days: Floats  # (days + 1,) calendar days to the first settlement
    settles: Integers  # (days + 1,) int64, 1 where a contract settles


class Futures(NamedTuple):
    """Everything that the kernel works on."""

    calendar: Calendar
    indices: ByLane  # (tenors, lanes) rows of the view
    shown: ByLane  # (published, lanes) rows of the view


def work(futures, phase, day, step, path0, live):
    """Price the futures at the close, and once before the first day; nothing breaks."""
    if phase == AFTER_TRADES:
        publish(futures.calendar, futures.indices, futures.shown, day + 1)
    elif day == 0 and step == 0:
        publish(futures.calendar, futures.indices, futures.shown, 0)
        copy(futures.shown[SETTLED], futures.indices[VIX])
    return 0


@function
def publish(calendar, indices, shown, row):
    """Write the futures of a close into the view."""
    price_futures(calendar.curve.weight[row], calendar.curve.below[row], indices, shown)
    fill(shown[DAYS], calendar.days[row])
    if calendar.settles[row] == 1:
        copy(shown[SETTLED], indices[VIX])


class VixFutures(Subsystem):
    """VIX futures M1 to M8, where the config has the table `vix_futures`. They are seen, and move nothing."""

    name = "vix_futures"
    phases = (NEWS, AFTER_TRADES)
    work = staticmethod(work)
    published = PUBLISHED

    def takes_part(self, spec: MarketSpec) -> bool:
        """Return whether the config lists them."""
        return spec.vix_futures is not None

    def known(self, spec: MarketSpec, dates: np.ndarray) -> Calendar:
        """Return the calendar of the sessions `dates`, of which the first is before the first day."""
        settings = spec.vix_futures
        assert settings is not None
        days = days_to_settlement(dates, N_CONTRACTS)
        curve = build_curve(days, TENOR_DAYS, settings.convexity, settings.convexity_horizon)
        settles = np.isin(dates, vix_settlement_days()).astype(np.int64)
        return Calendar(curve, days[:, 0].astype(float), settles)

    def days_of(self, known: Calendar, first: int, last: int) -> Calendar:
        """Return the calendar of the days from one up to another, with the close before them."""
        rows = slice(first, last + 1)
        curve = Curve(*(values[rows] for values in known.curve))
        return Calendar(curve, known.days[rows], known.settles[rows])

    def bundle(self, host: Host, known: Calendar, state: object) -> Futures:
        """Return the calendar, and the rows of the view that it reads and writes."""
        observables, first = host.state.observables, host.registry.view.index(PUBLISHED[0].name)
        return Futures(known, observables[VIX9D : VIX9D + N_TENORS], observables[first : first + len(PUBLISHED)])


VIX_FUTURES = VixFutures()
