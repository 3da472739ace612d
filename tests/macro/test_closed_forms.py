"""Parts of the layer whose path is known in closed form."""

import math

import numpy as np
import pytest
from helpers.macro_layers import begun, live
from scipy.stats import norm

from flowsim.macro.credit import merton_spread

STILL = {"capex.guidance_growth": 0.0, "power.kappa": 0.0}


def test_without_investment_capital_decays():
    layer = begun(12, later={"capex.scale": 0.0, "vehicles.plan": 0.0})
    after_construction = None
    for place, one in enumerate(live(layer, 12)):
        assert one.state.capex[:, 0].tolist() == [0.0] * 5
        if place == 1:
            after_construction = one.state.computers[:, 0].copy(), one.state.buildings[:, 0].copy()
            assert one.state.construction[..., 0].sum() == 0.0
    assert after_construction is not None
    for stock, first, decay in zip(
        (layer.state.computers, layer.state.buildings), after_construction, (0.062, 0.012), strict=True
    ):
        assert stock[:, 0] == pytest.approx(first * (1 - decay) ** 10, rel=1e-12)


def test_loans_of_constant_size_are_due_after_their_tenor_and_their_stock_is_tenor_times_the_loan():
    settings = STILL | {"vehicles.tenor": 12.0, "vehicles.roll": 0.0, "vehicles.extension": 0.0, "vehicles.plan": 10.0}
    layer = begun(30, settings | {"vehicles.appetite_width": 1e12}, sheet_settings={"debt.vehicles": 0.0})
    loan = 0.6 * 0.91 * 10.0
    due = []
    for place, one in enumerate(live(layer, 30)):
        due.append(float(one.found.due[0]))
        assert one.state.loans[:, :, 0].sum() == pytest.approx(loan * min(place + 1, 12), rel=1e-12)
    assert due == pytest.approx([0.0] * 12 + [loan] * 18, rel=1e-12)


def test_an_extended_loan_is_due_four_quarters_later_and_at_most_twice():
    settings = STILL | {"vehicles.tenor": 12.0, "vehicles.roll": 0.0, "vehicles.extension": 1.0, "vehicles.plan": 0.0}
    layer = begun(12, settings)
    loan = 0.6 * 260 / 12
    once = [[float(one.found.due[0]), float(one.found.extended[0])] for one in live(layer, 12)]
    assert once[:4] == [pytest.approx([loan, loan])] * 4
    assert once[4:8] == [pytest.approx([2 * loan, 2 * loan])] * 4
    assert once[8:] == [pytest.approx([3 * loan, 2 * loan])] * 4


def test_debt_of_a_company_that_grows_steadily_is_the_sum_of_its_gaps():
    growth = 0.05
    settings = {
        "capex.guidance_growth": growth, "finance.growth_base": growth, "finance.dividend_growth": growth,
        "builders.software.guidance": 60.0, "builders.software.payout": 0.0, "builders.software.leverage_cap": 1e6,
        "revenue.per_gw": 0.0, "vehicles.plan": 0.0, "vehicles.rent_rate": 0.0, "vehicles.roll": 1.0,
        "credit.base_rate": 0.0, "credit.builder_spread": 0.0, "credit.supply": 0.0, "credit.builder_vol": 0.01,
        "credit.capital_response": 0.0, "finance.prefund": 0.0, "power.kappa": 0.0, "capex.chip_growth": 1.0,
        "finance.payout_speed": 1.0, "capex.scale": 1.0,
    }  # fmt: skip
    layer = begun(20, settings, sheet_settings={"debt.vehicles": 0.0, "deposits.vehicles": 0.0})
    first_gap = None
    for place, one in enumerate(live(layer, 20)):
        if place == 0:
            spent = one.state.capex[0, 0] + one.state.dividends[0, 0]
            first_gap = float(spent - 0.85 * one.found.cash_flow[0, 0])
    assert first_gap is not None
    assert first_gap > 10.0
    grown = first_gap * ((1 + growth) ** 20 - 1) / growth
    assert layer.state.builder_debt[0, 0] == pytest.approx(98.0 + grown, rel=1e-9)


def test_capital_spending_that_is_all_imported_leaves_output_as_it_is():
    imported = {"capex.hard_import": 1.0, "capex.building_import": 1.0, "vehicles.imported": 1.0}
    alone = imported | {"firms.supplier_margin": 0.0, "capex.chip_growth": 1.0}
    outputs = []
    for scale in (0.0, 1.0):
        layer = begun(1, alone, later={"capex.scale": scale, "vehicles.plan_scale": scale})
        outputs += [float(one.found.output[0]) for one in live(layer, 1)]
    assert outputs[0] == pytest.approx(outputs[1], rel=1e-12)


def test_a_purchase_of_one_quarter_multiplies_as_the_textbook_says():
    """Godley & Lavoie 2007, Monetary Economics, chapter 3: one group, all income paid out, no wealth, no feedback."""
    tax, imported = 0.2, 0.1
    settings = {
        "economy.trend": 0.0, "firms.smooth": 1.0, "firms.lean": 0.0, "firms.accelerator": 0.0,
        "firms.wealth_effect": 0.0, "firms.foreign_share": 0.0, "firms.payout": 0.0, "firms.payout_suppliers": 0.0,
        "firms.spread_response": 0.0, "trade.consumption_import": imported, "trade.purchases_import": 0.0,
        "government.tax_property": tax, "government.tax_profits": 0.0, "credit.bill_rate": 0.0,
        "credit.deposit_rate": 0.0, "credit.excess_payout": 0.0, "credit.base_rate": 0.0, "credit.firm_spread": 0.0,
        "credit.supply": 0.0, "credit.capital_response": 0.0, "credit.firm_vol": 0.01, "capex.guidance_growth": 0.0,
    }  # fmt: skip
    for share in ("wage_share", "transfer_share", "property_share", "displaced_share"):
        of_group = {"top": 0.0, "middle": 1.0, "bottom": 0.0}
        settings |= {f"households.{group}.{share}": part for group, part in of_group.items()}
    settings |= {f"households.{group}.tax_wages": tax for group in ("top", "middle", "bottom")}
    settings["government.transfers"] = 0.0
    sheet = {"target.investment_firms": 0.0, "target.deficit": -0.1, "target.saving_middle": 0.3}
    quarters, paths = 60, []
    for more in (0.0, 1.0):
        layer = begun(quarters, settings, sheet_settings=sheet)
        layer.state.purchases[0] += more
        outputs = []
        for place, one in enumerate(live(layer, quarters)):
            if place == 0:
                one.state.purchases[0] -= more
            outputs.append(float(one.found.output[0]))
        paths.append(np.array(outputs))
    kept = (1 - tax) * (1 - layer.solved.tax_output[0])
    respent = layer.solved.keep[1] * kept * (1 - imported)
    assert 0.3 < respent < 0.9
    # What is left of output's digits after a difference of two of some 8,000 bn each.
    assert paths[1] - paths[0] == pytest.approx(respent ** np.arange(quarters), abs=1e-9)
    assert (paths[1] - paths[0]).sum() == pytest.approx(1 / (1 - respent), rel=1e-6)


def test_lenders_who_roll_everything_lose_nothing():
    layer = begun(30)
    for one in live(layer, 30):
        assert one.state.loans[..., 0].sum() + one.state.notes[0] < one.found.vehicle_value[0] + 50.0
        assert one.found.rolled[0] == one.found.due[0]
        assert one.found.loss[0] == 0.0


def test_demand_without_a_limit_of_capacity_is_logistic():
    layer, demand = begun(60, later={"revenue.per_gw": 1e6}), 44.0
    for one in live(layer, 60):
        demand *= 1 + 0.185 * (1 - demand / 375)
        assert one.found.revenue[0] == pytest.approx(demand, rel=1e-12)
    assert demand == pytest.approx(375, rel=1e-3)


@pytest.mark.parametrize("years", [1.0, 4.0, 10.0])
@pytest.mark.parametrize("vol", [0.08, 0.15, 0.5])
def test_the_spread_is_merton_s_by_another_normal_law(vol, years):
    for ratio in (0.05, 0.3, 0.7, 0.91, 1.0, 1.4):
        d_one = (-math.log(ratio) + 0.5 * vol * vol * years) / (vol * math.sqrt(years))
        d_two = d_one - vol * math.sqrt(years)
        exact = -math.log(norm.cdf(d_two) + norm.cdf(-d_one) / ratio) / years
        assert merton_spread(ratio, vol, years) == pytest.approx(exact, rel=1e-9, abs=1e-15)


def test_the_spread_is_what_bonds_lose_in_a_million_firms():
    ratio, vol, years = 0.91, 0.15, 4.0
    draws = np.random.default_rng(1).normal(size=1_000_000)
    value = np.exp(-0.5 * vol * vol * years + vol * math.sqrt(years) * draws)
    paid = np.minimum(value, ratio).mean() / ratio
    assert merton_spread(ratio, vol, years) == pytest.approx(-math.log(paid) / years, rel=0.01)


def test_the_volatility_of_campuses_is_implied_by_the_spread_paid():
    """225 and 250 bp were paid in October 2025 at 91 % of cost; 15 % gives 213 bp, 8 % a third of it."""
    assert 1e4 * merton_spread(0.91, 0.15, 4.0) == pytest.approx(213, abs=1)
    assert 1e4 * merton_spread(0.91, 0.08, 4.0) == pytest.approx(73, abs=1)
