"""The commands of the macro layer as a user types them, and the same from Python."""

import json

import polars as pl
import pytest
from typer.testing import CliRunner

import flowsim as fs
from flowsim.cli import app
from flowsim.errors import InputError
from flowsim.macro.columns import MACRO_TABLES
from flowsim.macro.scenario import built_in, load_scenario


def typed(*arguments):
    found = CliRunner().invoke(app, ["macro", *arguments], catch_exceptions=False)
    assert found.exit_code == 0
    return found.output


def test_list_prints_every_scenario_with_what_it_is():
    lines = typed("list").splitlines()
    assert [line.split()[0] for line in lines] == list(built_in())
    assert set(json.loads(typed("list", "--json"))) == set(built_in())


@pytest.mark.parametrize("name", built_in())
def test_a_scenario_closes_its_books_and_differs_from_the_baseline(name):
    without = fs.macro_run("baseline", 1, quarters=8, shocks=False).tables["macro"]
    found = fs.macro_run(name, 1, quarters=8, shocks=False).tables["macro"]
    assert found.row(0)[2] == pytest.approx(8100.0)
    assert found.equals(without) == (name == "baseline")


def test_a_run_leaves_its_tables_and_prints_medians(tmp_path):
    printed = typed("run", "power_bottleneck", "--paths", "3", "--quarters", "5", "--accounts", "--out", str(tmp_path))
    assert printed.startswith("power_bottleneck, 3 paths, 2026Q3 to 2027Q3: Utilities connect 45 %")
    assert "books closed in every quarter of every path" in printed
    for table in MACRO_TABLES:
        frame = pl.read_parquet(tmp_path / f"{table.name}.parquet")
        assert tuple(frame.columns) == table.names
    accounts = pl.read_parquet(tmp_path / "accounts.parquet")
    paid = accounts.filter(path=1, quarter="2026Q4", payment="government purchases")
    assert paid.select("payer", "payee").row(0) == ("treasury", "firms")
    macro = pl.read_parquet(tmp_path / "macro.parquet").filter(path=1, quarter="2026Q4")
    assert paid["amount_bn"][0] == macro["purchases_bn"][0]


def test_a_path_is_the_same_whatever_the_others_are():
    few = fs.macro_run("baseline", 2, quarters=4).tables["macro"]
    many = fs.macro_run("baseline", 70, quarters=4).tables["macro"]
    assert many.filter(pl.col("path") < 2).equals(few)
    assert many.filter(pl.col("quarter") == "2027Q2")["capex_bn"].n_unique() == 70


def test_a_setting_is_known_to_the_start_and_a_change_is_not():
    more = fs.macro_run("baseline", 1, quarters=2, overrides={"firms.labor_share": 0.56}, shocks=False)
    assert more.tables["macro"]["output_bn"][0] == pytest.approx(8100.0)
    text = ["firms.labor_share = 0.56"]
    assert (
        fs.macro_run("baseline", 1, quarters=2, overrides=text, shocks=False)
        .tables["macro"]
        .equals(more.tables["macro"])
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("descripton = 'x'", "descripton: unknown key; did you mean 'description'"),
        ("", 'description is missing; say in "quotes"'),
        ("description = 'x'\n[from]\nquarter = '2027Q1'", "from is no list; write"),
        ("description = 'x'\n[[from]]\nvehicles.roll = 0.1", "from[0]: quarter is missing"),
        ("description = 'x'\n[[from]]\nquarter = '2027-01'", "'2027-01' is no quarter; write it as 2026Q3"),
        ("description = 'x'\n[[from]]\nquarter = '2027Q1'\nvehicles.roll = '1'", "vehicles.roll = '1' is no number"),
        ("description = 'x'\n[[from]]\nquarter = '2027Q1'\nvehicles.rol = 1", "did you mean 'vehicles.roll'"),
        ("description = 'x'\nextends = 'bas'", "no such file or scenario; did you mean 'baseline'"),
        ("description = ", "not TOML"),
    ],
)
def test_a_scenario_file_with_a_fault_is_refused_with_place_and_remedy(tmp_path, text, said):
    file = tmp_path / "mine.toml"
    file.write_text(text)
    with pytest.raises(InputError) as caught:
        fs.macro_run(file, 1, quarters=1)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_scenario_of_ones_own_is_run(tmp_path):
    file = tmp_path / "mine.toml"
    file.write_text("description = 'x'\nextends = 'capex_pause'\n[[from]]\nquarter = '2027Q1'\npower.price = 1\n")
    assert load_scenario(file).changes[-1].value == 1.0
    assert fs.macro_run(file, 1, quarters=4, shocks=False).scenario == str(file)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"overrides": ["revenue.margin"]}, "has no value; write revenue.margin=0.6"),
        ({"overrides": ["revenue.margin=high"]}, "'high' is no number"),
        ({"quarters": 0}, "give 1 or more, and 1 to 200 quarters"),
        ({"given": "nowhere"}, "no such file; history is read from"),
    ],
)
def test_a_wrong_argument_is_refused_in_one_sentence(settings, said):
    with pytest.raises(InputError, match=r"^[^\n]*$") as caught:
        fs.macro_run("baseline", 1, **settings)
    assert said in str(caught.value)
