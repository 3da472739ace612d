"""What the pictures of the macro layer draw, number by number, against the tables that they are drawn from."""

import numpy as np
import polars as pl
import pytest
from helpers.drawn import areas, bars, legend_of, line_at, lines, panel

import flowsim as fs
from flowsim.plot.macro import HELD_BACK, MACRO_PICTURES, MET, RESERVES, SOURCES, USES, macro_pictures
from flowsim.plot.macro_holders import BORNE, HOLDERS
from flowsim.plot.macro_page import LEFT_OUT
from flowsim.plot.style import ALERT, INDEX, INK


@pytest.fixture(scope="module")
def stressed():
    return fs.macro_run("debt_refinancing_stress", 5, quarters=11)


def mean(run, name):
    return run.tables["macro"].group_by("quarter", maintain_order=True).agg(pl.col(name).mean())[name].to_numpy()


def of_year(run, name, year):
    rows = run.tables["macro"].filter(pl.col("quarter").str.starts_with(year))
    return rows.group_by("path").agg(pl.col(name).sum())[name].mean()


def test_money_taken_in_and_money_spent_are_of_equal_height(stressed):
    (axes,) = MACRO_PICTURES["financing"](stressed).axes
    assert [label.get_text() for label in axes.get_xticklabels()] == ["2027", "2028"]
    heights = [height for _, height in bars(axes)]
    assert sum(heights) == pytest.approx(0.0, abs=1e-6)
    cash_flow = [height for _, height in bars(axes, SOURCES["cash_flow_bn"][1])]
    assert cash_flow == pytest.approx([of_year(stressed, "cash_flow_bn", year) for year in ("2027", "2028")])
    spent = [height for _, height in bars(axes, USES["capex_bn"][1])]
    assert spent == pytest.approx([-of_year(stressed, "capex_bn", year) for year in ("2027", "2028")])


def test_what_becomes_of_loans_due_adds_up_to_what_is_due(stressed):
    wall = panel(MACRO_PICTURES["maturities"](stressed), "Loans of vehicles due")
    stacked = np.sum([[height for _, height in bars(wall, ink)] for _, ink in MET.values()], axis=0)
    assert stacked == pytest.approx(mean(stressed, "due_bn"))
    lost = [height for _, height in bars(wall, MET["loss_bn"][1])]
    assert lost == pytest.approx(mean(stressed, "loss_bn"))
    assert max(lost) > 0.1
    assert legend_of(wall) == list(MET.values())


def test_the_contribution_to_growth_is_the_change_over_four_quarters_on_output_before(stressed):
    parts = panel(MACRO_PICTURES["growth"](stressed), "Change of AI spending")
    macro = stressed.tables["macro"].filter(path=0)
    spending, output = macro["ai_spending_bn"].to_numpy(), macro["output_bn"].to_numpy()
    changes = []
    for path in range(5):
        one = stressed.tables["macro"].filter(path=path)
        spending, output = one["ai_spending_bn"].to_numpy(), one["output_bn"].to_numpy()
        changes.append(100 * (spending[4:] - spending[:-4]) / output[:-4])
    (gross,) = lines(parts, INDEX)
    assert gross[4:] == pytest.approx(np.median(changes, axis=0))
    assert np.isnan(gross[:4]).all()
    (net,) = lines(parts, ALERT)
    assert abs(net[4]) < abs(gross[4])


def test_a_fan_has_the_quantiles_of_the_paths(stressed):
    axes = panel(MACRO_PICTURES["debts"](stressed), "Debt of builders")
    values = stressed.tables["macro"]["builder_debt_bn"].to_numpy().reshape(5, 11)
    wide, narrow = areas(axes, INDEX)
    assert wide[0] == pytest.approx(np.quantile(values, 0.05, axis=0))
    assert narrow[1] == pytest.approx(np.quantile(values, 0.75, axis=0))
    assert [height for _, height in line_at(axes, INDEX)] == pytest.approx(np.median(values, axis=0))


def test_what_binds_adds_up_to_all_companies_and_paths(stressed):
    axes = panel(MACRO_PICTURES["power"](stressed), "What holds a company back")
    parts = [[height for _, height in bars(axes, ink)] for _, ink in HELD_BACK.values()]
    assert np.sum(parts, axis=0) == pytest.approx([100.0] * 11)
    assert parts[0][0] > 50.0


def test_parts_of_the_change_of_reserves_add_up_to_it():
    run = fs.macro_run("treasury_liquidity_2026", 1, quarters=5, shocks=False)
    axes = panel(MACRO_PICTURES["liquidity"](run), "Added to reserves")
    (changes,) = lines(axes, INK)
    assert np.cumsum(changes) + 5460 == pytest.approx(run.tables["macro"]["reserves_bn"].to_numpy())
    assert [height for _, height in bars(axes, RESERVES["account_growth_bn"][1])][:2] == [-100.0, 150.0]


def test_every_picture_says_what_the_layer_leaves_out(stressed):
    pictures = macro_pictures(stressed)
    assert list(pictures) == list(MACRO_PICTURES)
    for figure in pictures.values():
        assert LEFT_OUT in [text.get_text() for text in figure.texts]
        assert stressed.label in figure.texts[1].get_text()


def test_a_run_too_short_for_a_year_has_the_pictures_that_need_none():
    short = macro_pictures(fs.macro_run("baseline", 2, quarters=2))
    assert list(short) == ["maturities", "debts", "holders", "power", "shares", "liquidity"]


def test_who_holds_the_debt_is_all_that_is_owed(stressed):
    figure = MACRO_PICTURES["holders"](stressed)
    every, of_ai = panel(figure, "All debt"), panel(figure, "What lenders lent for AI")
    first, last = (mean(stressed, "treasury_debt_bn")[place] / 1000 for place in (0, -1))
    whole = {}
    for bar in every.patches:
        whole[bar.get_x()] = whole.get(bar.get_x(), 0.0) + bar.get_height()
    by_place = [whole[place] for place in sorted(whole)]
    assert by_place[:2] == pytest.approx([first, last])
    assert by_place[2] == pytest.approx(mean(stressed, "firm_debt_bn")[0] / 1000)
    stacked = np.sum([[height for _, height in bars(of_ai, ink)] for _, ink in BORNE.values()], axis=0)
    assert stacked == pytest.approx(mean(stressed, "builder_debt_bn") + mean(stressed, "vehicle_debt_bn"))
    assert legend_of(every) == list(HOLDERS.values())
