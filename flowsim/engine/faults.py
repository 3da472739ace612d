"""From the engine's status to a sentence: compiled code cannot raise, so it leaves a note of what broke and where."""

from __future__ import annotations

import numpy as np

from flowsim.config.spec import MarketSpec
from flowsim.errors import RunError
from flowsim.market.day import BAD_ORDER, BAD_PROGRAMME, NO_PRICE
from flowsim.options.clients import clients_of
from flowsim.options.phases import SMALLEST_RESISTANCE


def run_error(
    spec: MarketSpec, fault: np.ndarray, dates: np.ndarray, steps_per_day: int, path0: int | None
) -> RunError:
    """Return the error of a block that broke.

    Parameters
    ----------
    spec : MarketSpec
    fault : ndarray of int64, shape (5,)
        Status, population, lane, step and day, as `Scratch.fault` has them.
    dates : ndarray of datetime64[D], shape (days,)
    steps_per_day : int
    path0 : int or None
        First path of the block; None while the rules live through history.
    """
    status, population, lane, step, day = (int(value) for value in fault)
    at = "the close" if step == steps_per_day - 1 else f"step {step}"
    past = f"{dates[day]} of the history before the start, {at}"
    where = past if path0 is None else f"path {path0 + lane}, {dates[day]}, {at}"
    if status == BAD_ORDER:
        one = spec.populations[population]
        return RunError(
            f"population {one.name} (strategy {one.strategy.name}) gave an order that is not a finite number on {where}"
        )
    if status == BAD_PROGRAMME:
        client = clients_of(spec)[population]
        return RunError(
            f"population {client.name} (strategy {client.strategy.name}) gave a notional that is not a finite number on"
            f" {where}"
        )
    if status == NO_PRICE:
        return RunError(
            f"no price clears on {where}: hedging by population {spec.names[population]} feeds on itself (dealers are"
            f" so short of gamma that 1 + 100 x impact x gamma is below {SMALLEST_RESISTANCE:g}, and a move more than"
            f" {1.0 / SMALLEST_RESISTANCE:.0f} times the news in it); lower the programmes that buy options, or"
            " market.multiplier"
        )
    return RunError(
        f"the price moved by more than a factor of e in one step on {where}: the market is unstable;"
        " lower market.multiplier or the capital of the populations"
    )
