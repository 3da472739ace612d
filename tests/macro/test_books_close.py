"""Every identity of the books holds on every quarter and path, whatever the parameters; a broken layer is named."""

import numpy as np
import pytest
from helpers.macro_layers import begun, drawn_settings, live
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from flowsim.errors import InputError
from flowsim.kernel.memory import copied_bundle
from flowsim.macro import payments, rows, vehicles
from flowsim.macro.identities import Quarter, broken, gaps, require_closed
from flowsim.macro.quarter import one_quarter

STRESS = {
    "vehicles.roll": 0.0,
    "vehicles.extension": 0.25,
    "vehicles.haircut": 0.4,
    "vehicles.appetite": 0.2,
    "vehicles.guaranteed": 0.8,
    "vehicles.support": 0.1,
}


@settings(max_examples=200)
@given(st.integers(0, 2**32 - 1))
def test_books_close_whatever_the_parameters(seed):
    rng = np.random.default_rng(seed)
    try:
        layer = begun(3, drawn_settings(rng))
    except InputError:
        assume(False)
    for _ in live(layer, 3, rng=rng, check=True):
        pass


def test_books_close_for_six_years_of_stress():
    rng = np.random.default_rng(5)
    layer = begun(24, later=STRESS, lanes=4)
    lost = sum(one.found.loss.sum() for one in live(layer, 24, rng=rng, check=True))
    assert lost > 1.0


def test_deposits_owed_are_those_held_though_nothing_makes_them_so():
    layer = begun(48)
    for _ in live(layer, 48):
        held = layer.state.deposits.sum(axis=0) + layer.state.cash.sum(axis=0)
        held += layer.state.vehicle_cash + layer.state.utility_cash + layer.state.firm_cash
        assert abs(held[0] - layer.state.deposits_owed[0]) < 1e-9 * layer.found.output[0]


def test_each_payment_has_one_payer_and_one_payee():
    assert (rows.FLOW_SIGN.sum(axis=1) == 0).all()
    assert (np.abs(rows.FLOW_SIGN).sum(axis=1) == 2).all()
    assert len({flow.label for flow in rows.FLOWS}) == rows.N_FLOWS


def quarter_of_stress(monkeypatch=None, where=None, name=None, mistake=None):
    """Return a quarter in which guarantees are paid, lived through with a mistake in one function."""
    layer = begun(2, later=STRESS)
    before = copied_bundle(layer.state)
    if monkeypatch is not None:
        monkeypatch.setattr(where, name, mistake)
    one_quarter(layer, 0, 1)
    assert layer.found.guarantee[0] > 0.1
    return Quarter(before, layer, 0)


def names(found):
    return {one.rpartition(" (")[0] for one in found}


def test_an_unbroken_quarter_breaks_no_identity():
    assert broken(quarter_of_stress(), 1) == []
    assert len({identity for one in gaps(quarter_of_stress()) for identity in one.identities}) > 150


def test_a_payment_without_payee_is_named():
    sign = rows.FLOW_SIGN.copy()
    sign[rows.RENT, rows.VEHICLES] = 0
    found = names(broken(quarter_of_stress()._replace(sign=sign), 1))
    assert "a payer and a payee: rent of campuses: builders to vehicles" in found
    assert "budget of vehicles" in found


@pytest.mark.parametrize("row", [rows.RENT, rows.CONSUMPTION, rows.WAGES, rows.IMPORTS, rows.VEHICLE_BORROWING])
def test_a_swapped_sign_is_named_by_both_budgets(row):
    sign = rows.FLOW_SIGN.copy()
    sign[row] *= -1
    found = names(broken(quarter_of_stress()._replace(sign=sign), 1))
    flow = rows.FLOWS[row]
    assert {f"budget of {rows.SECTORS[flow.payer]}", f"budget of {rows.SECTORS[flow.payee]}"} <= found


def test_a_payment_left_out_is_named(monkeypatch):
    whole = payments.write_payments

    def without_rent(layer, quarter, lane):
        whole(layer, quarter, lane)
        layer.flows[rows.RENT, lane] = 0.0

    from flowsim.macro import quarter as order

    found = names(broken(quarter_of_stress(monkeypatch, order, "write_payments", without_rent), 1))
    assert {"budget of builders", "budget of vehicles"} <= found


def test_a_guarantee_counted_twice_is_named(monkeypatch):
    whole = vehicles.settle

    def twice(layer, quarter, lane, free, equity):
        whole(layer, quarter, lane, free, equity)
        layer.found.loss[lane] -= layer.found.guarantee[lane]

    assert "loans due are met once" in names(broken(quarter_of_stress(monkeypatch, vehicles, "settle", twice), 1))


def test_a_guarantee_paid_twice_is_named(monkeypatch):
    from flowsim.macro import quarter as order

    whole = order.pay_out_and_borrow

    def twice(layer, quarter, lane):
        layer.found.guarantee[lane] *= 2.0
        whole(layer, quarter, lane)
        layer.found.guarantee[lane] /= 2.0

    found = names(broken(quarter_of_stress(monkeypatch, order, "pay_out_and_borrow", twice), 1))
    assert {"guarantee is paid once", "budget of builders"} <= found


def test_a_ladder_off_by_one_is_named(monkeypatch):
    whole = vehicles.lend

    def late(state, tenor, amount, lane):
        whole(state, tenor + 1, amount, lane)

    found = names(broken(quarter_of_stress(monkeypatch, vehicles, "lend", late), 1))
    assert found == {"loans come a quarter nearer"}


def test_books_that_do_not_close_end_a_run_with_what_is_broken():
    from flowsim.errors import RunError

    layer = quarter_of_stress()
    layer.layer.state.vehicle_cash[0] += 1.0
    with pytest.raises(RunError, match=r"do not close in quarter 0: .*budget of vehicles"):
        require_closed(layer, 1)
