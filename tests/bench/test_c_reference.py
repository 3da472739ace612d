"""The C reference computes what flowsim computes, so that their times can be compared."""

import ctypes

import numpy as np
import pytest

from flowsim.authoring.rows import LOG_PRICE
from flowsim.cli import bench
from flowsim.engine.run_days import run_days
from flowsim.errors import InputError
from flowsim.kernel.marks import LANES, PLAIN
from flowsim.market.calls import FINE

bench.suite()
from flowsim_benchmarks import layout, reference, scenario  # noqa: E402

AGENTS = 7
SECOND_BLOCK = 64
RECORDED = ("market", "flow", "contribution", "exposure", "agents_long", "agents_short")


@pytest.fixture(scope="module", autouse=True)
def _compiler() -> None:
    try:
        reference.compiler()
    except InputError as error:
        pytest.skip(str(error))
    if PLAIN:
        pytest.skip("without numba's compiler there are no addresses to give to C")


@pytest.fixture(scope="module")
def market():
    return scenario.scenario(AGENTS)


@pytest.fixture(scope="module")
def engine_record(market):
    block = scenario.fresh_block(market)
    known = (market.timetable, market.rules, market.model)
    assert run_days(*known, *block, 0, len(market.dates), SECOND_BLOCK, LANES) == FINE
    return block[2]


def c_record(market, flags):
    block = scenario.fresh_block(market)
    assert reference.stepper(market, *block[:3], path0=SECOND_BLOCK, flags=flags)() == 0
    return block[2]


def test_c_that_may_not_reorder_gives_the_bits_of_the_engine(market, engine_record):
    by_hand = c_record(market, reference.STRICT)
    for name in RECORDED:
        np.testing.assert_array_equal(getattr(by_hand, name), getattr(engine_record, name), err_msg=name)


def test_c_at_its_fastest_gives_the_prices_of_the_engine(market, engine_record):
    # Reordered sums differ by some 1e-16 in a step; the market carries that on, over 252 days to some 1e-13.
    by_hand = c_record(market, reference.FAST)
    np.testing.assert_allclose(by_hand.market[:, 0], engine_record.market[:, 0], rtol=1e-9)


def test_the_scenario_moves_every_population(market, engine_record):
    for row, name in enumerate(market.sources):
        assert np.abs(engine_record.contribution[:, row]).sum() > 0.0, name


@pytest.mark.parametrize(("rule", "population"), [("vol_target", "vol_control"), ("cta", "cta")])
def test_a_rule_in_c_gives_the_bits_of_the_kernel(market, rule, population):
    row = market.populations.index(population)
    fields = len(market.config.strategies[rule].state_names)
    view = market.start.observables.copy()
    view[LOG_PRICE] += np.linspace(-0.1, 0.1, LANES)
    view[0] = np.exp(view[LOG_PRICE])
    params = market.rules.params[market.rules.params_at[row] :].copy()
    first = market.rules.state_at[row] * LANES
    call = reference.library("kernels.c", reference.STRICT).call_often
    by_hand = getattr(reference.library("kernels.c", reference.STRICT), f"{rule}_kernel")
    found = []
    for address in (market.kernels[row].address, ctypes.cast(by_hand, ctypes.c_void_p).value):
        state = market.start.agents[first : first + fields * AGENTS * LANES].copy()
        state[: AGENTS * LANES] -= 0.2
        orders = np.zeros(LANES)
        data = [layout.pointer(array) for array in (view, params, state, orders)]
        call(ctypes.c_void_p(address), ctypes.c_int64(3), *data, ctypes.c_int64(AGENTS))
        found.append((state, orders))
    assert np.abs(found[0][1]).min() > 0.0
    np.testing.assert_array_equal(found[0][0], found[1][0])
    np.testing.assert_array_equal(found[0][1], found[1][1])


def test_fast_c_leaves_tiny_numbers_alone_in_the_rest_of_the_process():
    reference.library("kernels.c", reference.FAST)
    smallest_normal = np.array([2.2250738585072014e-308])
    assert (smallest_normal / 4.0)[0] > 0.0


def test_without_a_compiler_one_sentence_says_what_to_do(monkeypatch):
    monkeypatch.delenv("CC", raising=False)
    monkeypatch.setenv("PATH", "")
    with pytest.raises(InputError, match=r"no C compiler found"):
        bench.run()


def test_an_installed_flowsim_says_where_the_benchmarks_are(monkeypatch, tmp_path):
    monkeypatch.setattr(bench, "FOLDER", tmp_path)
    monkeypatch.delitem(bench.sys.modules, "flowsim_benchmarks")
    with pytest.raises(InputError, match="not part of an installed flowsim; run `flowsim bench` from a checkout"):
        bench.run()
