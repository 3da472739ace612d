"""numpy and mesa run the very rule that flowsim runs, so that their speeds can be compared."""

import numpy as np
import pytest

from flowsim.authoring.view import View
from flowsim.cli import bench
from flowsim.strategies.vol_target import Fund, Held, vol_target

bench.suite()
from flowsim_benchmarks import alternatives  # noqa: E402

FUNDS = np.array([[10.0, 20.0], [0.10, 0.15], [1.5, 1.0], [0.05, 0.1]])
VOLS = np.random.default_rng(3).uniform(0.05, 0.4, (40, alternatives.PATHS))


def by_the_rule() -> np.ndarray:
    nothing = View(*[0.0] * len(View._fields))
    exposure = np.zeros((2, alternatives.PATHS))
    for (number, path), _ in np.ndenumerate(exposure):
        fund, held = Fund(*FUNDS[:, number]), Held()
        for vol in VOLS[:, path]:
            held, _ = vol_target(nothing._replace(rv_21=vol, rv_63=vol), fund, held, 0.0)
        exposure[number, path] = held.exposure
    return exposure


def test_numpy_holds_what_the_rule_holds():
    np.testing.assert_array_equal(alternatives.in_numpy(FUNDS, VOLS), by_the_rule())


def test_mesa_holds_what_the_rule_holds():
    pytest.importorskip("mesa", reason="needs mesa, dependency group bench")
    market = alternatives.mesa_work(FUNDS, VOLS)()
    exposure = np.array([agent.exposure for agent in market.agents]).reshape(alternatives.PATHS, 2).T
    np.testing.assert_array_equal(exposure, by_the_rule())
