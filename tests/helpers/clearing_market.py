"""Thurner, Farmer and Geanakoplos (2012) as their paper has it: a price that clears the market in every step."""

import numpy as np

UNITS, FIRST_WEALTH, RUIN, PAUSE = 1000.0, 2.0, 0.1, 100
PERSISTENCE, NOISE, MEMORY, RESPONSE, BENCHMARK = 0.99, 0.035, 0.1, 0.15, 0.005
AGGRESSIVENESS = np.arange(5.0, 55.0, 5.0)[:, None]


def returns_pct(max_leverage, n_paths, n_steps, seed):
    """Return percent log returns, shape (paths, steps); value is 1."""
    noise = np.random.default_rng(seed)
    wealth, stock, performance, closed = (np.full((10, n_paths), x) for x in (FIRST_WEALTH, 0.0, 0.0, 0.0))
    price, log_demand, found = np.ones(n_paths), np.zeros(n_paths), np.zeros((n_paths, n_steps))
    for step in range(n_steps):
        log_demand = PERSISTENCE * log_demand + NOISE * noise.standard_normal(n_paths)

        def wanted(at, wealth=wealth, stock=stock, price=price, closed=closed):
            leverage = np.minimum(AGGRESSIVENESS * np.maximum(1.0 - at, 0.0), max_leverage)
            return np.where(closed == 0.0, np.maximum(wealth + stock * (at - price), 0.0) * leverage / at, 0.0)

        clearing = _where_demand_meets_supply(UNITS * np.exp(log_demand), wanted, n_paths)
        found[:, step] = 100.0 * np.log(clearing / price)
        profit = stock * (clearing - price)
        performance = (1.0 - MEMORY) * performance + MEMORY * profit / wealth
        after = wealth + profit + np.maximum(RESPONSE * (performance - BENCHMARK), -1.0) * wealth
        was_closed, ruined = closed > 0.0, after < RUIN * FIRST_WEALTH
        stock, price = wanted(clearing), clearing
        closed = np.where(was_closed, np.where(closed < PAUSE, closed + 1.0, 0.0), np.where(ruined, 1.0, 0.0))
        wealth = np.where(was_closed, FIRST_WEALTH, after)
        performance = np.where(was_closed, 0.0, performance)
    return found


def _where_demand_meets_supply(spent, wanted, n_paths):
    low, high = np.full(n_paths, 1e-3), np.full(n_paths, 20.0)
    for _ in range(45):
        middle = np.sqrt(low * high)
        too_low = spent / middle + wanted(middle).sum(axis=0) > UNITS
        low, high = np.where(too_low, middle, low), np.where(too_low, high, middle)
    return np.sqrt(low * high)
