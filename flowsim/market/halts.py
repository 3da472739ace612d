"""Market-wide circuit breakers (NYSE Rule 7.12): 15 minutes at -7 % and -13 %, the rest of the day at -20 %.

The first two act once a day each, and only before 15:25. News goes on during a halt and meets the price when trading
resumes. There is no other clamp on returns.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from flowsim.authoring.rows import DAY_RETURN
from flowsim.clock.bars import FULL_DAY_MINUTES
from flowsim.config.spec import MarketSpec
from flowsim.files.arrays import Lanes
from flowsim.kernel.functions import log
from flowsim.kernel.lanes import fill
from flowsim.kernel.marks import LANES, inline
from flowsim.kernel.memory import zeros

LEVELS = (log(0.93), log(0.87), log(0.80))
FIRST, SECOND, THIRD = LEVELS
HALT_MINUTES = 15


class BreakerModel(NamedTuple):
    """Whether there are breakers, and how long they halt."""

    active: int  # 1 where there are
    halt_steps: float


class BreakerState(NamedTuple):
    """What has tripped today."""

    level: Lanes  # (lanes,) breakers tripped, 0 to 3
    halted_until: Lanes  # (lanes,) last halted step, -1 for none


def build_breakers(spec: MarketSpec, *, replaying: bool) -> BreakerModel:
    """Return the breakers: none in a market of one bar, and none along given returns."""
    minutes = FULL_DAY_MINUTES / spec.time.bars_per_day
    active = spec.market.circuit_breakers and spec.time.bars_per_day > 1 and not replaying
    return BreakerModel(active=int(active), halt_steps=float(math.ceil(HALT_MINUTES / minutes)))


def new_breaker_state() -> BreakerState:
    """Allocate the state of one block, all zero."""
    return BreakerState(level=zeros(LANES), halted_until=zeros(LANES))


@inline
def reset_breakers(state):
    """Let every path begin its day with no breaker tripped."""
    fill(state.level, 0.0)
    fill(state.halted_until, -1.0)


@inline
def find_trading(state, step, trading):
    """Set 1 where the market trades in a step, 0 in a halt."""
    for lane in range(LANES):
        trading[lane] = 1.0 if step > state.halted_until[lane] else 0.0


@inline
def trip_breakers(timetable, breakers, state, observables, day, step):
    """Halt the paths whose day has fallen through the next circuit breaker."""
    if breakers.active == 0:
        return
    day_return, before, until = observables[DAY_RETURN], state.level, state.halted_until
    last_step = timetable.last_halt_step[timetable.kind[day]]
    for lane in range(LANES):
        level = max(level_reached(day_return[lane]), before[lane])
        until[lane] = halted_until(level, before[lane], until[lane], float(step), breakers.halt_steps, float(last_step))
        before[lane] = level


@inline
def level_reached(day_return: float) -> float:
    """Return the number of breakers that a day's log return so far has tripped: 0 to 3."""
    return (
        (1.0 if day_return <= FIRST else 0.0)
        + (1.0 if day_return <= SECOND else 0.0)
        + (1.0 if day_return <= THIRD else 0.0)
    )


@inline
def halted_until(level: float, before: float, until: float, step: float, halt_steps: float, last_step: float) -> float:
    """Return the last halted step of the day, given the breaker level now and before this step.

    `last_step` is the last step of the day after which the first two breakers still act.
    """
    tripped = level > before
    short_halt = step + halt_steps if step <= last_step else until
    return (1e9 if level >= 3.0 else short_halt) if tripped else until
