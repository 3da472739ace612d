"""Every number says where it is from, and those that are filed agree with the filings at hand."""

import re

import polars as pl
import pytest
from test_macro_command import typed

from flowsim.errors import InputError
from flowsim.macro.given import SYMBOLS
from flowsim.macro.numbers import STATUSES, numbers_in, sheet
from flowsim.macro.parameters import TABLES, Numbers
from flowsim.macro.sources import scanned_choices, sources

COMPANY = {name: symbol for symbol, name in SYMBOLS.items()}


def test_every_number_has_a_status_a_date_and_a_meaning_and_all_but_choices_a_source():
    table = sources()
    assert set(table["status"]) == set(STATUSES)
    assert table.filter(pl.col("meaning") == "").is_empty()
    assert table.filter(~pl.col("as_of").str.contains(r"^20\d\d-\d\d(-\d\d)?$")).is_empty()
    assert table.filter((pl.col("status") != "choice") & (pl.col("source") == "")).is_empty()


def test_every_parameter_is_read_by_the_equations_and_has_a_number():
    fields = {f"{table}.{field}" for table in Numbers._fields for field in TABLES[table]._fields}
    keyed = {
        re.sub(r"\.(software|search|retail|social|leveraged|top|middle|bottom)\.", ".", one.key)
        for one in numbers_in("numbers")
    }
    assert keyed == fields


def test_a_value_lies_in_the_range_that_is_tried():
    for one in numbers_in("numbers"):
        assert (one.low is None) == (one.high is None)
        if one.low is not None and one.high is not None:
            assert one.low <= one.value <= one.high, one.place


@pytest.mark.parametrize("table", ["sheet_2026", "sheet_2018"])
def test_shares_of_a_sheet_add_up(table):
    one = sheet(table)
    assert sum(one[f"equity.{group}"] for group in ("top", "middle", "bottom")) == pytest.approx(1.0)
    assert sum(one[f"builders.{name}.value"] for name in COMPANY) == pytest.approx(one["equity.builders"])


@pytest.mark.parametrize("field", ["wage_share", "transfer_share", "property_share", "displaced_share"])
def test_shares_of_groups_add_up(field):
    shares = [one.value for one in numbers_in("numbers") if one.key.endswith(f".{field}")]
    assert sum(shares) == pytest.approx(1.0)


def filed(folder, symbol, quarter, item):
    table = pl.read_csv(folder / "data" / "macro" / "hyperscaler_cash_flow_quarterly.csv")
    rows = table.filter(company=symbol, calendar_quarter=quarter, item=item)
    return rows["usd_bn"].item() if rows.height else None


FILED = [
    ("software", "cash", "2026Q2", ("cash", "securities"), 0.01),
    ("social", "cash", "2026Q1", ("cash", "securities"), 0.01),
    ("software", "plant", "2026Q2", ("ppe_net",), 0.01),
    ("search", "cash", "2026Q1", ("cash", "securities"), None),
]


@pytest.mark.parametrize(("company", "key", "quarter", "items", "within"), FILED, ids=lambda one: str(one))
def test_a_filed_number_of_the_start_sheet_is_that_of_the_filing(shared_folder, company, key, quarter, items, within):
    number = next(one for one in numbers_in("sheet_2026") if one.key == f"builders.{company}.{key}")
    parts = [filed(shared_folder, COMPANY[company], quarter, item) for item in items]
    if None in parts:
        pytest.skip(f"{quarter} of {company} is not at hand")
    assert (number.status == "filed") == (within is not None)
    if within is not None:
        assert number.value == pytest.approx(sum(parts), rel=within)


@pytest.mark.parametrize("company", ["software", "search", "social"])
def test_a_cash_flow_of_the_start_sheet_is_near_the_last_filed_quarters(shared_folder, company):
    quarters = ("2025Q3", "2025Q4", "2026Q1", "2026Q2")
    known = [filed(shared_folder, COMPANY[company], quarter, "cfo") for quarter in quarters]
    mean = sum(one for one in known if one) / len([one for one in known if one])
    assert sheet("sheet_2026")[f"builders.{company}.cash_flow"] == pytest.approx(mean, rel=0.1)


def test_the_rise_of_the_account_and_the_central_bank_is_near_published_points(shared_folder):
    points = pl.read_csv(shared_folder / "data" / "macro" / "liquidity_points.csv")
    assets = points.filter(pl.col("item") == "Federal Reserve assets", pl.col("date") == "2026-08-19")
    assert sheet("sheet_2026")["central_bank.assets"] == pytest.approx(assets["usd_bn"].item(), rel=0.01)
    account = points.filter(pl.col("item").str.contains("Treasury General Account"), pl.col("date") == "2026-06-30")
    assert sheet("sheet_2026")["treasury.account"] == account["usd_bn"].item()


def test_sources_prints_each_number_with_its_status():
    lines = typed("sources").splitlines()
    assert len(lines) == sources().height + 2
    assert any(
        line.startswith("published vehicles.tenor = 16 quarters (12 to 20): life of a loan; 2025-10") for line in lines
    )
    assert {line.split()[0] for line in typed("sources", "--status", "filed").splitlines()[:-2]} == {"filed"}


def test_a_status_that_does_not_exist_is_refused():
    with pytest.raises(InputError, match="choose one of filed, published, derived, choice"):
        sources("guess")


def test_a_scan_says_what_turns_on_a_choice():
    keys = ("vehicles.extension", "finance.prefund", "value.duration", "capex.cost_per_gw", "capex.hard_decay")
    table = scanned_choices("stress_without_guarantee", keys=keys, quarters=6)
    changes = {row["key"]: row for row in table.iter_rows(named=True)}
    assert changes["vehicles.extension"]["lenders_loss_bn"] < -1.0
    assert changes["finance.prefund"]["builder_debt_bn"] > 100.0
    assert changes["value.duration"]["output_bn"] == 0.0
    assert len(changes) == 3  # cost_per_gw of 2018 has ended, and the decay of computers is no choice
