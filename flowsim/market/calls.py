"""How the day reaches the subsystems of a block: by the addresses of their kernels, with their packed arrays."""

from __future__ import annotations

from typing import Any, NamedTuple

from flowsim.files.arrays import Integers
from flowsim.kernel.call import call_bundle
from flowsim.kernel.marks import LANES, inline

FINE, BAD_ORDER, BAD_PRICE, BAD_SUBSYSTEM = 0, 1, 2, 3
"""How a step ends; `Scratch.fault` says where."""


class Calls(NamedTuple):
    """The subsystems of a block, in the order in which they are called."""

    kernels: Any  # (subsystems,) int64 addresses, or in plain Python a list of functions
    words: Any  # (subsystems,) int64 addresses of their words, or in plain Python a list of bundles
    takes_part: Integers  # (subsystems, phases) int64, 1 where it does
    in_force: Integers  # (subsystems, days + 1) int64, 0 on days on which it is not called
    number: Integers  # (subsystems,) int64, its place among all of the market


@inline
def call_subsystems(calls, scratch, phase, day, next_day, step, path0, live):
    """Call who takes part in a phase; return the status.

    A phase of the session asks who is in force on the `day`, one of the close who is from the `next_day` on.
    """
    for part in range(calls.takes_part.shape[0]):
        if calls.takes_part[part, phase] == 1 and calls.in_force[part, day + next_day] != 0:
            broken = call_bundle(calls.kernels[part], calls.words[part], phase, day, step, path0, live)
            if broken > 0:
                fault = scratch.fault
                fault[0], fault[1], fault[2], fault[3] = BAD_SUBSYSTEM, calls.number[part], (broken - 1) % LANES, step
                fault[5] = (broken - 1) // LANES
                return BAD_SUBSYSTEM
    return FINE
