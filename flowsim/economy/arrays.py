"""What the layer knows beforehand, what moves, and everything that its part of a block works on."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from flowsim.economy.reports import Reports
from flowsim.macro.parameters import Numbers, Value
from flowsim.macro.state import Draws, Given, Layer, Solved


class Scripts(NamedTuple):
    """The layer's numbers by quarter: as they come, as they are expected, and as they come but for policy."""

    came: Numbers
    expected: Numbers
    no_policy: Numbers
    has_policy: np.ndarray  # (quarters,) int64, 1 where policy changes in a way that nobody expected
    solved: Solved
    given: Given
    draws: Draws


class Known(NamedTuple):
    """What is known of the coming days, and how the layer starts."""

    reports: Reports
    scripts: Scripts
    opened: np.ndarray  # (numbers of state,) as the first quarter of the run finds them
    place: int  # that quarter, counted from the layer's first
    start: np.ndarray  # (rows shown,) what 1 is: budgets of the sheet's first quarter, USD bn a quarter
    shown: np.ndarray  # (rows shown,) what the first quarter of the run is expected to bring, as it is shown


class EconomyState(NamedTuple):
    """What moves, for one block; the last axis is lanes."""

    rows: np.ndarray  # (numbers of state, lanes) the layer's state, see `flowsim.macro.state.state_in`
    shown: np.ndarray  # (rows shown, lanes)
    target: np.ndarray  # (rows shown, lanes) what they move to
    pending: np.ndarray  # (rows shown, lanes) of the quarter that is over, until it is reported
    steps_left: np.ndarray  # (1, lanes) closes until the target is reached
    waiting: np.ndarray  # (sources, lanes) news of the quarter that is over, change of log value
    fear: np.ndarray  # (1, lanes) panic that waits with it
    log_close: np.ndarray  # (1, lanes) log price at the last quarter's end


class SeenState(NamedTuple):
    """What the market sees of the layer's stocks, as `flowsim.macro.state.State` has them."""

    market_move: np.ndarray
    buybacks: np.ndarray
    ai_part: np.ndarray
    builder_spread: np.ndarray
    vehicle_spread: np.ndarray
    growth: np.ndarray


class SeenFound(NamedTuple):
    """What it sees of a quarter, as `flowsim.macro.state.Found` has it."""

    shares_sold: np.ndarray
    firm_buybacks: np.ndarray
    reserve_growth: np.ndarray
    disposable: np.ndarray
    consumption: np.ndarray
    worth: np.ndarray
    log_value: np.ndarray


class Seen(NamedTuple):
    """The few arrays of a layer that the day works on: packing all of three layers takes longer than their quarters."""

    state: SeenState
    found: SeenFound


def seen_of(layer: Layer) -> Seen:
    """Return what the market sees of a layer."""
    state = SeenState(*(getattr(layer.state, name) for name in SeenState._fields))
    return Seen(state, SeenFound(*(getattr(layer.found, name) for name in SeenFound._fields)))


class Economy(NamedTuple):
    """Everything that the layer's part of a block works on."""

    reports: Reports
    has_policy: np.ndarray
    trend: np.ndarray  # (quarters,)
    state: EconomyState
    start: np.ndarray  # (rows shown,) what 1 is
    held: np.ndarray  # (rows shown,) int64, 1 for a row that stays where it starts
    links: np.ndarray  # (links, 2) int64: population, row shown
    value: Value
    came: Seen
    expected_worth: np.ndarray  # (what value is made of, lanes)
    no_policy_worth: np.ndarray
    mixed: np.ndarray  # (what value is made of, lanes)
    expected_rows: np.ndarray  # as EconomyState.rows
    no_policy_rows: np.ndarray
    kernel: Any  # (1,) int64 address of the quarter's kernel, or in plain Python a list with the function
    words: Any  # (3,) int64 addresses of the layers' words, or in plain Python a list of the layers
    first_shown: int  # row of the view
    first_source: int
    feedback: int
    tells: int  # 0 where news is held back
    liquidity: float
    stress_response: float  # panic for a rise of the spread by 1
    pass_through: float
    start_price: float
    replaying: int
    observables: np.ndarray
    shock: np.ndarray
    log_value: np.ndarray
    today: np.ndarray
