"""The same rule in what one might use instead: vectorized numpy, and mesa. All get the same realized volatilities."""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import version

import numpy as np

from flowsim.config import load
from flowsim.engine.blocks import Block, run_block
from flowsim.engine.prepare import Market, prepare

from .scenario import FILE, scenario
from .timing import in_turn

AGENTS, PATHS, DAYS = 10, 64, 252
REPEATS = 9


def side_by_side() -> dict[str, object]:
    """Return million agent-steps a second of the vol-target rule: 10 agents, 64 paths, 252 days.

    flowsim's figure is that of a whole market around the rule: news, policy, impact, ledger and record.
    """
    funds = _funds(scenario(AGENTS))
    vols = _realized_vols()
    works: dict[str, Callable[[], object] | None] = {
        "flowsim, with a market": _flowsim(),
        "numpy, rule only": lambda: in_numpy(funds, vols),
        "mesa, rule only": mesa_work(funds, vols),
    }
    present = {name: work for name, work in works.items() if work is not None}
    seconds = np.median(in_turn(list(present.values()), REPEATS), axis=0)
    speed = dict(zip(present, (AGENTS * PATHS * DAYS / seconds / 1e6).round(3).tolist(), strict=True))
    return {
        "million_agent_steps_per_second": {name: speed.get(name) for name in works},
        "mesa": version("mesa") if "mesa, rule only" in present else "not installed (dependency group bench)",
    }


def in_numpy(funds: np.ndarray, vols: np.ndarray) -> np.ndarray:
    """Return the exposures (agents, paths) after all days; `funds` holds the rule's four parameters by rows."""
    capital_bn, target_vol, cap, buffer = funds[:, :, None]
    exposure = np.zeros((funds.shape[1], vols.shape[1]))
    orders = np.empty(vols.shape)
    for day, vol in enumerate(vols):
        gap = np.minimum(cap, target_vol / vol) - exposure
        traded = np.where(np.abs(gap) > buffer, gap, 0.0)
        exposure += traded
        orders[day] = (traded * capital_bn).sum(axis=0)
    return exposure


def mesa_work(funds: np.ndarray, vols: np.ndarray) -> Callable[[], object] | None:
    """Return the same in mesa: an agent for each fund on each path; None where mesa is not installed."""
    try:
        import mesa
    except ImportError:
        return None

    class Fund(mesa.Agent):
        def __init__(self, model: object, parameters: np.ndarray, path: int) -> None:
            super().__init__(model)
            self.capital_bn, self.target_vol, self.cap, self.buffer = parameters.tolist()
            self.path, self.exposure = path, 0.0

        def step(self) -> None:
            wanted = min(self.cap, self.target_vol / self.model.vol[self.path])
            gap = wanted - self.exposure
            traded = gap if abs(gap) > self.buffer else 0.0
            self.exposure += traded
            self.model.orders[self.path] += traded * self.capital_bn

    class Market(mesa.Model):
        def __init__(self) -> None:
            super().__init__(rng=1)
            for path in range(PATHS):
                for parameters in funds.T:
                    Fund(self, parameters, path)

        def trade(self, vol: list[float]) -> None:
            self.vol, self.orders = vol, [0.0] * PATHS
            self.agents.do("step")

    def work() -> Market:
        market = Market()
        for vol in vols.tolist():
            market.trade(vol)
        return market

    return work


def _flowsim() -> Callable[[], object]:
    off = [f"population.{name}.capital_bn=0" for name in ("cta", "buyback", "noise", "value")]
    market = prepare(load(FILE, off))
    return lambda: list(run_block(market, Block(0, PATHS)))


def _funds(market: Market) -> np.ndarray:
    row, fields = market.populations.index("vol_control"), 4
    first = market.rules.params_at[row]
    return market.rules.params[first : first + fields * AGENTS].reshape(fields, AGENTS)


def _realized_vols() -> np.ndarray:
    """Return the higher of 21- and 63-day realized volatility of normal returns, (days, paths)."""
    returns = np.random.default_rng(1).normal(0.0, 0.01, (DAYS + 63, PATHS))
    squares = np.concatenate([np.zeros((1, PATHS)), np.cumsum(returns**2, axis=0)])
    last = np.arange(63, DAYS + 63)
    vols = [np.sqrt(252.0 / window * (squares[last + 1] - squares[last + 1 - window])) for window in (21, 63)]
    return np.maximum(*vols)
