"""The slow state of system liquidity (Treasury account, reserve purchases, reverse repo), around a scripted level.

It is exogenous: no credible elasticity of prices to it is published, so it is a scenario. Depth thins as it falls.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from flowsim.authoring.rows import LIQUIDITY
from flowsim.config.spec import MarketSpec
from flowsim.files.arrays import Lanes
from flowsim.kernel.array_functions import kept_of
from flowsim.kernel.functions import sqrt
from flowsim.kernel.marks import LANES, inline
from flowsim.kernel.memory import zeros
from flowsim.kernel.random import normals, stream_key
from flowsim.market.depth import find_depth


class LiquidityModel(NamedTuple):
    """How system liquidity moves in a day; see the config's table `liquidity`."""

    keep: float  # part of the deviation that is left after a session
    vol: float  # standard deviation of the stationary state
    initial_vol: float  # standard deviation over paths at the start
    key: np.ndarray  # (2,) uint64, of the random stream


class LiquidityState(NamedTuple):
    """Where system liquidity stands."""

    deviation: Lanes  # (lanes,) from the scripted level


def build_liquidity(spec: MarketSpec) -> LiquidityModel:
    """Return how system liquidity moves."""
    key = np.array(stream_key(spec.seed, "market:liquidity"), np.uint64)
    settings = spec.liquidity
    return LiquidityModel(
        keep=kept_of(settings.half_life_days), vol=settings.vol, initial_vol=settings.initial_vol, key=key
    )


def new_liquidity_state() -> LiquidityState:
    """Allocate the state of one block, all zero."""
    return LiquidityState(deviation=zeros(LANES))


@inline
def draw_liquidity(model, state, path0):
    """Draw what nobody sees of system liquidity at the start, path by path, and show the depth that follows."""
    liquidity = model.liquidity
    if model.replaying == 1 or liquidity.initial_vol == 0.0:
        return
    published, deviation = state.observables[LIQUIDITY], state.liquidity.deviation
    for lane in range(LANES):
        z, _ = normals(path0 + lane, 0, 0, 1, liquidity.key[0], liquidity.key[1], model.mirror)
        deviation[lane] += liquidity.initial_vol * z
        published[lane] += liquidity.initial_vol * z
    find_depth(model.depth, state.depth, state.observables)


@inline
def move_liquidity(model, liquidity, state, observables, level, counter, path0):
    """Move system liquidity by a day, around the scripted level; nothing happens at random when replaying."""
    published, deviation = observables[LIQUIDITY], state.deviation
    chance = 0.0 if model.replaying == 1 else 1.0
    for lane in range(LANES):
        z, _ = normals(path0 + lane, counter, 0, 0, liquidity.key[0], liquidity.key[1], model.mirror)
        deviation[lane] = next_state(deviation[lane], chance * z, liquidity.keep, liquidity.vol)
        published[lane] = level + deviation[lane]


@inline
def next_state(state: float, z: float, keep: float, vol: float) -> float:
    """Return the next day's value of a stationary autoregression with standard deviation `vol`."""
    return keep * state + vol * sqrt(1.0 - keep * keep) * z
