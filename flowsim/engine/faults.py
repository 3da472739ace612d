"""From the engine's status to a sentence: compiled code cannot raise, so it leaves a note of what broke and where."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from flowsim.config.spec import MarketSpec
from flowsim.errors import RunError
from flowsim.market.calls import BAD_ORDER, BAD_SUBSYSTEM
from flowsim.market.subsystem import Subsystem


def run_error(
    spec: MarketSpec,
    fault: np.ndarray,
    dates: np.ndarray,
    steps_per_day: int,
    path0: int | None,
    subsystems: Sequence[Subsystem] = (),
) -> RunError:
    """Return the error of a block that broke.

    Parameters
    ----------
    spec : MarketSpec
    fault : ndarray of int64, shape (6,)
        As `Scratch.fault` has it.
    dates : ndarray of datetime64[D], shape (days,)
    steps_per_day : int
    path0 : int or None
        First path of the block; None while the rules live through history.
    subsystems : sequence of Subsystem
        Those of the market, in their order.
    """
    status, row, lane, step, day, what = (int(value) for value in fault)
    at = "the close" if step == steps_per_day - 1 else f"step {step}"
    past = f"{dates[day]} of the history before the start, {at}"
    where = past if path0 is None else f"path {path0 + lane}, {dates[day]}, {at}"
    where += "" if spec.beside is None else f", in market {spec.name}"
    if status == BAD_ORDER:
        one = spec.populations[row]
        return RunError(
            f"population {one.name} (strategy {one.strategy.name}) gave an order that is not a finite number on {where}"
            ": mend the rule, or bring the config's most extreme values back toward those of us_equity"
        )
    if status == BAD_SUBSYSTEM:
        return RunError(subsystems[row].fault(spec, what, where))
    return RunError(
        f"the price moved by more than a factor of e in one step on {where}: the market is unstable;"
        " lower market.multiplier or the capital of the populations"
    )
