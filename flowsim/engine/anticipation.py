"""What liquidity providers can foresee of the flows of others, and trade ahead of: docs/anticipation.md."""

from __future__ import annotations

import numpy as np

from flowsim.authoring.rows import HEDGE_GAP_BN
from flowsim.clock import sessions_after
from flowsim.config.spec import MarketSpec
from flowsim.data.prices import Prices
from flowsim.engine.faults import run_error
from flowsim.engine.parts import no_calls
from flowsim.engine.run_days import run_days
from flowsim.engine.warm_up import addresses
from flowsim.kernel.array_functions import log
from flowsim.kernel.marks import LANES
from flowsim.kernel.memory import copied_bundle
from flowsim.kernel.numba_backend.machine_code import Kernel
from flowsim.market.arrays import MarketState, new_scratch
from flowsim.market.calls import FINE
from flowsim.market.model import build_model
from flowsim.market.records import new_record
from flowsim.market.registry import Registry
from flowsim.market.rules import build_rules
from flowsim.market.timetable import build_timetable


def anticipates(spec: MarketSpec) -> bool:
    """Tell whether liquidity providers trade ahead of anybody."""
    return any(population.anticipated > 0.0 for population in spec.populations)


def foreseen(
    spec: MarketSpec,
    registry: Registry,
    kernels: list[Kernel],
    state: MarketState,
    start: np.datetime64,
    history: Prices,
) -> np.ndarray:
    """Return what is traded ahead of each day less what was traded ahead before, USD bn, (populations, days).

    What one can foresee of a flow is what the same rules would do on the coming dates if the market stayed as
    volatile as it is and went nowhere: days of plus and minus one daily volatility in turn. Each day's foreseen flow is
    spread evenly over the `anticipation_days` before it, so impact comes earlier and none is made or lost. Hedges of
    options are not foreseen.
    """
    ahead, days = spec.market.anticipation_days, spec.time.days
    dates = sessions_after(start, days + ahead + 1).dates
    daily_vol = np.sqrt(np.mean(np.diff(log(history.close[-64:])) ** 2))
    returns = daily_vol * np.where(np.arange(days + ahead) % 2 == 0, 1.0, -1.0)
    timetable = build_timetable(spec, dates, 1, returns)
    rules = build_rules(spec, registry, addresses(kernels), days + ahead, 1)
    record = new_record(days + ahead, registry, ("flows",), by_step=False, every=1)
    model = build_model(spec, registry, float(history.close[-1]), replaying=True)
    scratch, state = new_scratch(registry), copied_bundle(state)
    state.observables[HEDGE_GAP_BN] = 0.0
    arrays = (timetable, rules, model, state, scratch, record, no_calls(days + ahead))
    if run_days(*arrays, 0, days + ahead, 0, LANES) != FINE:
        raise run_error(spec, scratch.fault, dates, timetable.steps_per_day, None)
    flow = record.flow[:, registry.first_population :, 0].T
    share = np.array([p.anticipated * p.moves_price for p in spec.populations])[:, None]
    total = np.concatenate([np.zeros((len(share), 1)), np.cumsum(flow, axis=1)], axis=1)
    coming = (total[:, ahead + 1 :][:, :days] - total[:, 1 : days + 1]) / ahead
    return np.ascontiguousarray(share * (coming - flow[:, :days]))
