"""What the report on the claims says, on findings that are made by hand: every word of its text, page and tables.

To renew the text of the page after a change that is meant: ``pytest tests/report/test_claims_words.py --force-regen``.
"""

import re

import polars as pl
import pytest
from helpers.made_findings import ANSWERS, finding, findings
from helpers.page_text import text_of

from flowsim.report.claims import as_page, as_text, write
from flowsim.report.columns import CLAIM_TABLES

EFFECTS, SCAN, *_ = CLAIM_TABLES


def test_the_text_has_each_verdict_with_its_sentences_and_real_data() -> None:
    assert as_text(findings()).splitlines()[:10] == [
        "us_equity.toml, 192 paths, seed 7",
        "",
        "1. Title of claim 1: REPRODUCED",
        "   Size: large: +61.2 %, share of flows, %. Null arms: undecided.",
        "   Of 3 criteria 1 is met and 1 fail, 1 open: partly.",
        "   What came out of claim 1.",
        "   And more.",
        "   real data: Real data say so (Author 2021)",
        "   real data: and so (Author 2022)",
        "",
    ]
    verdicts = re.findall(r"^\d\. .*: (.*)$", as_text(findings()), flags=re.M)
    assert verdicts == ["REPRODUCED", "NOT REPRODUCED", "PARTLY", "UNDECIDED"]


@pytest.fixture(scope="module")
def page() -> str:
    return as_page(findings())


def test_the_page_says_what_was_found(page: str, file_regression) -> None:
    file_regression.check(text_of(page))


def test_criteria_are_answered_in_a_word(page: str) -> None:
    rows = [line.split(" | ") for line in text_of(page).splitlines() if line.count(" | ") == 6]
    answers = [row[4] for row in rows if row[1].startswith(("above ", "below "))]
    words = {True: "met", False: "fails", None: "open"}
    assert answers == [words[met] for met_of_claim in ANSWERS for met in met_of_claim]


def test_verdicts_are_on_the_color_of_their_kind(page: str) -> None:
    marks = re.findall(r'<span class="mark ([a-z-]+)">([a-z ]+)</span>', page)
    assert marks[:4] == [
        ("reproduced", "reproduced"), ("not-reproduced", "not reproduced"), ("partly", "partly"),
        ("undecided", "undecided"),
    ]  # fmt: skip


def test_tables_are_written_with_their_names_and_columns(tmp_path) -> None:
    one = findings().model_copy(update={"findings": [finding(3)]})
    assert write(one, tmp_path) == tmp_path / "report.html"
    effects = pl.read_csv(tmp_path / "tables" / "claim-3-effects.csv")
    assert effects.rows()[:4] == [
        ("share of flows, %", "all paths", 61.25, 56.75, 65.75),
        ("share of flows, %", "third 1", 59.25, 50.25, 68.25),
        ("share of flows, %", "third 2", 61.25, 52.25, 70.25),
        ("share of flows, %", "third 3", 64.25, 55.25, 73.25),
    ]
    assert effects.columns == list(EFFECTS.names)
    scan = pl.read_csv(tmp_path / "tables" / "claim-3-scan.csv")
    assert scan.columns == list(SCAN.names)
    assert scan.rows()[1] == (1.0, "not reproduced", "ratio, with over without", 3.0, 2.5, 3.5, "")
    assert scan.rows()[-1] == (4.0, None, "", None, None, None, "the price moved by more than a factor of e")
    grid = pl.read_csv(tmp_path / "tables" / "claim-3-map-1.csv")
    assert grid.columns == ["size, × config", "multiplier M", "Effect, %"]
    assert grid.rows() == [
        (0.5, 3.0, 1.0), (1.0, 3.0, 2.0), (2.0, 3.0, 3.0), (0.5, 5.0, 11.0), (1.0, 5.0, 12.0), (2.0, 5.0, None),
    ]  # fmt: skip
    shares = pl.read_csv(tmp_path / "tables" / "claim-3-share-of-return-variance-by-source.csv")
    assert shares.rows()[1] == ("cta", 30.0, 2.0, -10.0, 2.5)
    assert shares.columns == ["source", "1 d", "± 1 d", "21 d", "± 21 d"]
