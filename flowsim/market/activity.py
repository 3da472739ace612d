"""How fast trading time runs: bursts of activity around the usual profile of a session.

    x <- keep * x + sqrt(1 - keep^2) * vol * z      each bar; keep = 2^(-1 / (bars of a full session * half_life))
    activity = exp(x - vol^2 / 2)                   1 on average, and at night, which for x is as long as a session

An active bar has more trading time: more of the day's news comes in it, whoever trades by the clock of volume trades
more, and a part of its volume is more dollars (Clark 1973, "A Subordinated Stochastic Process Model with Finite
Variance for Speculative Prices"; Ane and Geman 2000, "Order Flow, Transaction Clock, and Normality of Asset Returns").
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from flowsim.authoring.rows import DAY_FRACTION
from flowsim.config.spec import MarketSpec
from flowsim.files.arrays import Lanes
from flowsim.kernel.array_functions import kept_of
from flowsim.kernel.functions import exp, sqrt
from flowsim.kernel.lanes import fill
from flowsim.kernel.marks import LANES, inline
from flowsim.kernel.memory import zeros
from flowsim.kernel.random import normals, stream_key


class ActivityModel(NamedTuple):
    """How activity comes and goes; see the config's table `market`."""

    vol: float  # standard deviation of its log
    bar_keep: float  # part of x that is left after a bar
    night_keep: float
    key: np.ndarray  # (2,) uint64, of the random stream


class ActivityState(NamedTuple):
    """Where activity stands."""

    log_activity: Lanes  # (lanes,) x
    activity: Lanes  # (lanes,) of the step, over the usual


def build_activity(spec: MarketSpec) -> ActivityModel:
    """Return how activity comes and goes."""
    half_life = spec.market.activity_half_life_sessions
    return ActivityModel(
        vol=spec.market.activity_vol,
        bar_keep=kept_of(half_life * spec.time.bars_per_day),
        night_keep=kept_of(half_life),
        key=np.array(stream_key(spec.seed, spec.stream("activity")), np.uint64),
    )


def new_activity_state() -> ActivityState:
    """Allocate the state of one block: as usual."""
    return ActivityState(log_activity=zeros(LANES), activity=np.ones(LANES))


@inline
def move_activity(timetable, model, activity, state, day, step, path0):
    """Move activity by a step; a night in one step is as usual, and so is everything along given returns."""
    if activity.vol == 0.0 or model.replaying == 1:
        return
    x, now = state.log_activity, state.activity
    at_night, counter = step < timetable.quiet_steps, day * timetable.steps_per_day + step
    keep = activity.night_keep if at_night else activity.bar_keep
    fresh = activity.vol * sqrt(1.0 - keep * keep)
    for lane in range(LANES):
        z, _ = normals(path0 + lane, counter, 0, 0, activity.key[0], activity.key[1], model.mirror)
        x[lane] = keep * x[lane] + fresh * z
    if at_night:
        fill(now, 1.0)
    else:
        for lane in range(LANES):
            now[lane] = exp(x[lane] - 0.5 * activity.vol * activity.vol)


@inline
def publish_trading_time(volume, state, observables):
    """Write the bar's part of a session's trading time into the view: its usual volume, in the activity of the day."""
    day_fraction = observables[DAY_FRACTION]
    for lane in range(LANES):
        day_fraction[lane] = volume * state.activity[lane]
