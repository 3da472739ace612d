"""The layer in a market, compiled, is what it is in plain Python: bit for bit."""

import numpy as np
import pytest
from helpers.economies import economy
from helpers.markets import population

from flowsim.authoring.rows import LOG_PRICE, PRICE
from flowsim.economy.phases import do_phase
from flowsim.kernel.bundle import TASK, WORDS, bundle_kernel, pack
from flowsim.kernel.marks import LANES, PLAIN
from flowsim.macro.quarter import run_quarters
from flowsim.market.phases import AFTER_CLOSE, NEWS

DAYS = 92
"""Until the report of 2026Q3, in which lenders stop rolling and support begins."""
STRESS = """
description = "No roll and support at once"
[[from]]
quarter = "2026Q3"
vehicles.roll = 0.0
vehicles.extension = 0.0
vehicles.haircut = 0.6
vehicles.support = 0.8
"""


@pytest.mark.skipif(PLAIN, reason="nothing is compiled")
def test_the_layer_in_a_market_gives_the_bits_of_plain_python(tmp_path):
    savers = {"savers": population("passive_inflow")}
    (tmp_path / "stress.toml").write_text(STRESS)
    settings = {"scenario": str(tmp_path / "stress.toml"), "liquidity": 1.0, "stress_response": 1.0, "feedback": True}
    market = economy(savers, DAYS, budgets={"savers": "saving_top"}, **settings)
    (of_plain, _, plain), (of_compiled, _, compiled) = ((state, 0, b["economy"]) for state, _, b in blocks(market))
    plain = plain._replace(kernel=[run_quarters], words=[words.bundle for words in plain.words.bundle])
    kernel, words = bundle_kernel("economy", do_phase, compiled, TASK), pack(compiled)
    rng, told = np.random.default_rng(1), set()
    log_price = of_plain.observables[LOG_PRICE].copy()
    for day in range(DAYS):
        log_price += 0.01 * rng.normal(size=LANES)
        for state in (of_plain, of_compiled):
            state.observables[LOG_PRICE], state.observables[PRICE] = log_price, np.exp(log_price)
            state.today[:] = 1.0
        for phase in (NEWS, AFTER_CLOSE):
            do_phase(plain, phase, day, 0, 3, LANES)
            assert kernel.call(words.ctypes.data_as(WORDS), phase, day, 0, 3, LANES) == 0
        told |= set(np.flatnonzero((plain.shock != 0.0).any(axis=1)).tolist())
        for name, one, other in zip(plain.state._fields, plain.state, compiled.state, strict=True):
            assert np.array_equal(one, other), (day, name)
        for name in ("observables", "shock", "log_value", "today"):
            assert np.array_equal(getattr(plain, name), getattr(compiled, name)), (day, name)
    assert told == {2, 4, 5, 6}  # of capex, credit, growth and support: power connects what it was expected to
    assert len(set(plain.state.shown[0].tolist())) == LANES


def blocks(market):
    return market.new_block(), market.new_block()
