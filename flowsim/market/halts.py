"""Market-wide circuit breakers (NYSE Rule 7.12): 15 minutes at -7 % and -13 %, the rest of the day at -20 %.

The first two act once a day each, and only before 15:25. News goes on during a halt and meets the price when trading
resumes. There is no other clamp on returns.
"""

from __future__ import annotations

import math

from flowsim.kernel.marks import inline

LEVELS = (math.log(0.93), math.log(0.87), math.log(0.80))
FIRST, SECOND, THIRD = LEVELS


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
