"""The first quarter from a start sheet without shocks is what the sheet asks for."""

import pytest
from helpers.macro_layers import after, begun

from flowsim.errors import InputError
from flowsim.macro.numbers import COMPANIES, sheet

EXACT = {"abs": 1e-9, "rel": 1e-9}


def test_the_first_quarter_meets_every_target_of_its_sheet():
    layer, wanted = after(1), sheet("sheet_2026")
    found, output = layer.found, wanted["output"]
    assert found.output[0] == pytest.approx(output, **EXACT)
    assert found.consumption[:, 0].sum() / output == pytest.approx(wanted["target.consumption"], **EXACT)
    assert found.firm_investment[0] / output == pytest.approx(wanted["target.investment_firms"], **EXACT)
    assert found.purchases[0] / output == pytest.approx(wanted["target.purchases"], **EXACT)
    assert found.deficit[0] / output == pytest.approx(wanted["target.deficit"], **EXACT)
    for place, group in enumerate(("top", "middle", "bottom")):
        saved = 1 - found.consumption[place, 0] / layer.state.income[place, 0]
        assert saved == pytest.approx(wanted[f"target.saving_{group}"], **EXACT)


def test_the_first_quarter_holds_no_surprise():
    layer = after(1)
    assert layer.state.growth[0] == pytest.approx(0.01143438, abs=1e-8)  # ln 1.0115
    assert layer.state.gap[0] == pytest.approx(0.0, abs=1e-12)
    kept = layer.found.firm_profit - layer.found.firm_investment - layer.found.firm_buybacks - layer.found.distributed
    assert kept[0] == pytest.approx(layer.state.free_on_trend[0], **EXACT)


def test_the_balance_sheets_of_the_start_are_those_of_the_sheet():
    state, wanted = begun(1).state, sheet("sheet_2026")
    assert state.cash[:, 0].tolist() == [wanted[f"builders.{company}.cash"] for company in COMPANIES]
    assert state.deposits_owed[0] == 15600 + 7800 + 900 + 560 + 10 + 50 + 4000
    assert state.lender_bonds[0] == 31500 - 6700 - 9300
    assert state.reserves[0] == 6700 - 900 - 340
    assert state.loans[0, :16, 0].sum() == pytest.approx(0.6 * 260)
    assert state.shares[:, 0].sum() == pytest.approx(13000 + 2000 + 50000)


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("target.consumption", 0.5, r"target.consumption = 0.5: what firms distribute would be -[\d,.]+ bn a quarter"),
        ("target.purchases", 0.4, r"output = 8100: exports would be -[\d,.]+ bn a quarter .*leaves it at 0 or more"),
        ("target.deficit", 0.3, r"target.deficit = 0.3: the tax on output would be -[\d.]+ of output"),
    ],
)
def test_a_target_that_cannot_be_met_is_named(key, value, said):
    with pytest.raises(InputError, match=said):
        begun(1, sheet_settings={key: value})


def test_a_setting_after_the_start_leaves_the_coefficients_of_the_start_as_they_are():
    assert begun(1, later={"firms.labor_share": 0.55}).solved.keep.tolist() == begun(1).solved.keep.tolist()
    assert begun(1, {"firms.labor_share": 0.55}).solved.keep.tolist() != begun(1).solved.keep.tolist()


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("firms.labour_share", 0.5, r"firms.labour_share is no number .* did you mean 'firms.labor_share'"),
        ("vehicles.roll", 1.2, r"vehicles.roll = 1.2 \(fraction\); give a number from 0 to 1"),
        ("capex.scale", -1.0, r"capex.scale = -1 \(x\); give a number of 0 or more"),
        ("capex.scale", float("nan"), r"capex.scale = nan \(x\); give a number of 0 or more"),
    ],
)
def test_a_setting_that_makes_no_sense_is_refused_with_its_remedy(key, value, said):
    with pytest.raises(InputError, match=said):
        begun(1, {key: value})
