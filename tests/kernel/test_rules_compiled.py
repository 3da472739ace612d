"""Every rule does the same compiled, sixty-four paths at a time, as read: one agent, one step, plain Python."""

import numpy as np
import pytest
from helpers.both_ways import printed_both_ways
from helpers.kernels import random_agents, random_states, random_view, run_kernel
from helpers.markets import BUILT_IN
from twin import plain_random

from flowsim.kernel.random import stream_key
from flowsim.strategy import View

AGENTS, PATH0, STEP = 3, 128, 77
KEY = stream_key(1, "population:any")


def random_block(name: str, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    random = np.random.default_rng([seed, sorted(BUILT_IN).index(name)])
    view = random_view(random)
    params = random_agents(BUILT_IN[name], random, AGENTS)
    return view, params, random_states(BUILT_IN[name], random, view, params)


@pytest.mark.parametrize("name", sorted(BUILT_IN))
def test_a_compiled_block_does_what_the_rule_says_of_each_agent_and_path(name: str) -> None:
    rule, stream = BUILT_IN[name], plain_random.Stream(KEY, mirror=False)
    for seed in range(5):
        view, params, states = random_block(name, seed)
        new_states, orders = run_kernel(rule, view, params, states, path0=PATH0, step=STEP, key=KEY)
        wanted_states, wanted_orders = np.empty_like(states), np.zeros(64)
        for lane in range(64):
            for agent in range(AGENTS):
                noise = stream.normals(PATH0 + lane, STEP, agent // 2)[agent % 2] if rule.uses_noise else 0.0
                new, order = rule.rule(
                    View(*view[:, lane].tolist()),
                    rule.params(*params[:, agent].tolist()),
                    rule.state(*states[:, agent, lane].tolist()),
                    noise,
                )
                wanted_states[:, agent, lane] = new
                wanted_orders[lane] += order
        # The rule's math is the C library's here, the kernel's our own: a few units in the last place apart.
        capital = params[rule.parameter_names.index("capital_bn")].max()
        np.testing.assert_allclose(new_states, wanted_states, rtol=1e-13, atol=1e-14)
        np.testing.assert_allclose(orders, wanted_orders, rtol=1e-13, atol=1e-13 * capital)
        assert np.isfinite(orders).all()


def test_random_markets_make_every_rule_trade() -> None:
    for name, rule in BUILT_IN.items():
        traded = np.zeros(64, bool)
        for seed in range(5):
            orders = run_kernel(rule, *random_block(name, seed), path0=PATH0, step=STEP, key=KEY)[1]
            traded |= orders != 0.0
        assert traded.any(), f"{name} never trades, so comparing it proves nothing"


BITS = """
from test_rules_compiled import *
for name in sorted(BUILT_IN):
    for array in run_kernel(BUILT_IN[name], *random_block(name, 0), path0=PATH0, step=STEP, key=KEY):
        print(name, array.tobytes().hex())
"""


def test_a_rule_gives_the_same_bits_compiled_and_in_plain_python() -> None:
    compiled, plain = (printed.splitlines() for printed in printed_both_ways(BITS))
    assert len(compiled) == 2 * len(BUILT_IN)
    different = sorted({first.split()[0] for first, second in zip(compiled, plain, strict=True) if first != second})
    assert different == []
