"""A number that is a percent higher moves what it should, the way it should; the start does not know of it."""

import pytest
from helpers.macro_layers import FIRST, after, begun, live

from flowsim.macro.numbers import laid_out

QUARTERS = 8
STRESS = {"vehicles.roll": 0.25, "vehicles.haircut": 0.4, "vehicles.appetite": 0.2, "vehicles.guaranteed": 0.8}


def outcomes(later):
    """Return what a layer is after two years, losses and guarantees of all its quarters added up."""
    layer, lost, guaranteed, spread = begun(QUARTERS, later=later), 0.0, 0.0, 0.0
    for one in live(layer, QUARTERS):
        lost, guaranteed = lost + one.found.loss[0], guaranteed + one.found.guarantee[0]
        spread += one.state.vehicle_spread[0]
    found, state = layer.found, layer.state
    return {
        "output": found.output[0],
        "deficit": found.deficit[0],
        "capex": state.capex[:, 0].sum(),
        "revenue": found.revenue[0],
        "buybacks": state.buybacks[:, 0].sum(),
        "debt": state.builder_debt[:, 0].sum(),
        "labor share": found.wages[:, 0].sum() / found.output[0],
        "top share": found.consumption[0, 0] / found.consumption[:, 0].sum(),
        "earnings of firms": found.firm_profit[0],
        "losses": lost,
        "guarantees": guaranteed,
        "vehicle spread": spread,
    }


def value_of(key):
    """Return the value of a parameter in the first quarter after the start."""
    table, field = key.split(".")[0], key.split(".")[-1]
    values = getattr(getattr(laid_out(FIRST, 1), table), field)
    return float(values[0] if values.ndim == 1 else values[0, 0])


@pytest.mark.parametrize(
    ("key", "signs", "under"),
    [
        ("builders.software.crowding", {"buybacks": -1, "debt": -1}, {}),
        ("capex.hard_import", {"output": -1, "deficit": 1}, {}),
        ("power.additions_scale", {"capex": 1, "revenue": 1, "debt": 1}, {}),
        ("firms.zeta", {"labor share": -1, "top share": 1}, {}),
        ("firms.labor_share", {"output": 1, "earnings of firms": -1}, {}),
        ("vehicles.ltv", {"losses": 1}, STRESS),
        ("credit.supply", {"vehicle spread": 1}, {"vehicles.plan_scale": 2.0}),
        ("vehicles.guarantee_share", {"losses": -1, "guarantees": 1}, STRESS),
        ("revenue.per_gw", {"buybacks": 1, "debt": -1}, {}),
        ("firms.wealth_effect", {"output": 1}, {}),
    ],
)
def test_a_percent_more_moves_the_layer_as_it_should(key, signs, under):
    before, moved = outcomes(under), outcomes(under | {key: 1.01 * value_of(key)})
    changes = {name: float(moved[name] - before[name]) for name in signs}
    assert {name: (change > 0) - (change < 0) for name, change in changes.items()} == signs


def test_faster_growth_of_demand_does_nothing_while_power_binds():
    assert after(QUARTERS).found.binding[:, 0].tolist() == [1.0] * 5
    assert outcomes({"revenue.growth": 0.2}) == outcomes({})


def test_with_power_to_spare_demand_binds():
    layer = after(QUARTERS, later={"power.additions_scale": 10.0, "revenue.per_gw": 40.0, "power.kappa": 0.0})
    assert layer.found.unserved[0] == 0.0
    assert layer.found.binding[:, 0].tolist() == [0.0] * 4 + [3.0]  # the leveraged company may not borrow enough


def test_finance_binds_the_company_that_may_not_borrow():
    poor = {"builders.leveraged.leverage_cap": 0.5, "finance.equity_cap": 0.0, "finance.cash_floor": 5.0}
    layer = after(1, later=poor)
    assert layer.found.binding[4, 0] == 3.0
    assert layer.found.capex_cut[4, 0] > 0.0
    assert layer.state.cash[4, 0] >= 0.0


def test_chips_bind_a_plan_that_doubles():
    layer = after(1, later={"capex.scale": 2.0})
    assert layer.found.binding[:, 0].tolist() == [2.0] * 5
    assert layer.state.capex[0, 0] == pytest.approx(1.25 * 34.0)
