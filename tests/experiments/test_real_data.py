"""What real closes say beside a claim: computed lines before those of others, and the real columns of a table."""

from functools import cache

import numpy as np
import pytest
from helpers.made_evidence import planted
from helpers.made_findings import finding
from helpers.made_replay import made_replay

from flowsim.config import load
from flowsim.data.prices import Prices
from flowsim.econometrics.evidence import evidence_of
from flowsim.experiments.arms import without_options
from flowsim.experiments.findings import Finding, Table
from flowsim.experiments.real_data import CLAIMS, SAYS, RealData, real_data, with_real_data
from flowsim.experiments.states import TITLE


@cache
def known() -> RealData:
    made = made_replay()
    return RealData("made closes", made.families, made.attribute(), evidence_of(*planted(), placebos=19))


def claim(label: str) -> Finding:
    number, part = int(label[0]), label[1:]
    rows: list[list[str | float | None]] = [[state, 5.0, 0.5, 8.0, 0.75] for state in ("all", "worst 1 %")]
    table = Table(name=TITLE, columns=["state", "1 d", "± 1 d", "5 d", "± 5 d"], rows=rows)
    return finding(number).model_copy(update={"part": part, "tables": [table]})


def test_computed_lines_stand_before_those_of_others() -> None:
    found = with_real_data(claim("1a"), known())
    own = [said for said, source in found.real if source == "own computation on made closes"]
    assert found.real[: len(own)] == [(said, "own computation on made closes") for said in own]
    assert found.real[len(own) :] == claim("1a").real
    assert own[0].startswith(
        "Systematic flows carry 298.5 % over 1 d, -43.4 % over 5 d of the variance of real returns"
    )
    assert own[1].startswith("Flows known the evening before and the next day's return: +1.48 [+1.25, +1.71]")
    assert "since 2000, where the law of impact says +0.80; 5.0 % of placebos are as large" in own[1]


@pytest.mark.parametrize(
    ("label", "words"),
    [("2", "Volatility targets carry"), ("3", "Trend followers carry"), ("5", "Dealers' gamma at the close")],
)
def test_each_claim_is_told_of_its_own_traders(label: str, words: str) -> None:
    assert with_real_data(claim(label), known()).real[0][0].startswith(words)


def test_a_claim_that_real_closes_do_not_bear_on_is_left_alone() -> None:
    assert with_real_data(claim("7"), known()) == claim("7")
    assert set(SAYS) == set(CLAIMS)


def test_model_and_real_stand_side_by_side() -> None:
    (table,) = with_real_data(claim("1a"), known()).tables
    assert table.columns[:5] == ["state", "model 1 d", "± model 1 d", "real 1 d", "± real 1 d"]
    assert table.columns[5:] == ["model 5 d", "± model 5 d", "real 5 d", "± real 5 d"]
    first, last = table.rows
    assert first[:3] == ["all", 5.0, 0.5]
    assert first[3] == pytest.approx(298.47, abs=0.01)
    assert first[4] is None
    assert last[5:7] == [8.0, 0.75]


def test_closes_that_cannot_be_replayed_are_said_and_stop_nothing() -> None:
    days = np.arange("2018-01-02", "2018-01-12", dtype="datetime64[D]")
    real = real_data(
        without_options(load("us_equity")), Prices(days[np.is_busday(days)], np.full(8, 100.0), "short.csv")
    )
    assert "short.csv" in real.missing
    said, _ = with_real_data(claim("1a"), real).real[-1]
    assert said.startswith("On these closes nothing can be computed: short.csv")
