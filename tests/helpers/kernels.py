"""Call one rule's block kernel from Python, compiled or plain, on random markets and agents."""

from __future__ import annotations

import ctypes

import numpy as np
from helpers.markets import SENSIBLE

from flowsim.authoring.declaration import Strategy
from flowsim.authoring.view import View
from flowsim.kernel.marks import LANES, PLAIN
from flowsim.kernel.rule_kernel import block_kernel

RANGES = {
    "price": (1000.0, 4000.0),
    "log_price": (7.5, 8.2),
    "impact": (5e-5, 3e-4),
    "adv_bn": (300.0, 600.0),
    "inventory_bn": (-200.0, 200.0),
    "cut_probability": (0.0, 1.0),
    "easing_bp": (-10.0, 10.0),
    "liquidity": (-3.0, 3.0),
    "sentiment": (0.0, 6.0),
    "hedge_gap_bn": (-20.0, 20.0),
    "gamma_1pct_bn": (-15.0, 15.0),
    "day_fraction": (0.02, 0.2),
}
WHOLE = {
    "bars_left": 13,
    "bar": 13,
    "weekday": 5,
    "days_since_quarter_end": 91,
    "days_to_quarter_end": 91,
    "sessions_since_month_end": 6,
    "sessions_to_month_end": 6,
    "sessions_to_quarter_end": 6,
    "sessions_to_meeting": 3,
    "sessions_to_expiry": 3,
}


def random_view(random: np.random.Generator) -> np.ndarray:
    """Return views that a market could show, (fields, 64); events and extremes are more frequent than in life."""
    view = np.empty((len(View._fields), LANES))
    for row, name in enumerate(View._fields):
        if name in WHOLE:
            view[row] = random.integers(0, WHOLE[name], LANES)
        elif name.startswith(("rv_", "market_vol")):
            view[row] = np.exp(random.uniform(np.log(0.04), np.log(0.9), LANES))
        elif name.startswith(("high_", "low_")):
            away = random.choice([0.0, 0.02, 0.1], LANES) * (1.0 if name.startswith("high_") else -1.0)
            view[row] = view[View._fields.index("log_price")] + away
        elif name.startswith("vix"):
            view[row] = np.exp(random.uniform(np.log(9.0), np.log(80.0), LANES))
        elif name in RANGES:
            view[row] = random.uniform(*RANGES[name], LANES)
        else:
            view[row] = random.choice([0.0, 0.01, 0.1], LANES) * random.normal(0.0, 1.0, LANES)
    return view


def random_agents(strategy: Strategy, random: np.random.Generator, agents: int) -> np.ndarray:
    """Return parameters (fields, agents) around sensible ones, inside their bounds."""
    rows = []
    for name in strategy.parameter_names:
        field, about = strategy.fields[name], np.atleast_1d(SENSIBLE[strategy.name][name]).astype(float)
        if field.choices:
            rows.append(random.choice(np.array(field.choices, float), agents))
        else:
            values = np.resize(about, agents) * np.exp(random.uniform(-0.7, 0.7, agents))
            rows.append(np.clip(values, field.low, field.high))
    return np.array(rows)


def random_states(strategy: Strategy, random: np.random.Generator, view: np.ndarray, params: np.ndarray) -> np.ndarray:
    """Return states (fields, agents, 64) near those in which agents start, moved at random."""
    lanes = [View(*column.tolist()) for column in view.T]
    own = [strategy.params(*column.tolist()) for column in params.T]
    first = np.array([[strategy.first_state(lane, agent) for lane in lanes] for agent in own])
    moved = first * np.exp(random.normal(0.0, 0.05, first.shape)) + random.choice([0.0, 0.1], first.shape)
    return np.ascontiguousarray(np.moveaxis(moved, -1, 0))


def run_kernel(
    strategy: Strategy,
    view: np.ndarray,
    params: np.ndarray,
    states: np.ndarray,
    *,
    path0: int,
    step: int,
    key: tuple[int, int],
) -> tuple[np.ndarray, np.ndarray]:
    """Return the new states (fields, agents, 64) and the population's orders (64,)."""
    kernel, flat, orders = block_kernel(strategy), states.flatten(), np.zeros(LANES)
    agents = params.shape[1]
    if PLAIN:
        words = [np.uint64(word) for word in key]
        kernel(view, np.ascontiguousarray(params).ravel(), 0, flat, 0, orders, agents, path0, step, *words, 0)
    else:
        doubles = ctypes.POINTER(ctypes.c_double)
        arrays = [np.ascontiguousarray(array) for array in (view, params)] + [flat, orders]
        kernel.call(*(array.ctypes.data_as(doubles) for array in arrays), agents, path0, step, *key, 0)
    return flat.reshape(states.shape), orders
