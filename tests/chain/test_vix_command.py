"""`flowsim vix` from end to end: what it prints, where, and how it ends."""

from __future__ import annotations

import json
import sys
from datetime import date, datetime

import polars as pl
import pytest
from helpers.command import flowsim, flowsim_process
from helpers.made_chains import contracts, terms, written

from flowsim import cli
from flowsim.chain.vix import vix

AS_OF = "2024-02-06 16:15"
MINUTES = "34484,44954"


@pytest.fixture
def command(monkeypatch, capsys):
    """Run the command in this process; return exit status, standard output and standard error."""

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["flowsim", "vix", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        return ended.value.code, *capsys.readouterr()

    return run


@pytest.fixture(scope="module")
def by_contract(tmp_path_factory):
    expiries = [("SPXW", date(2024, 3, 1)), ("SPXW", date(2024, 3, 8)), ("SPX", date(2024, 3, 15))]
    table = contracts(expiries, datetime(2024, 2, 6, 16, 15), 0.2, rate_pct=4.0, step=25)
    return written(tmp_path_factory.mktemp("chain"), table, "chain.parquet")


@pytest.fixture(scope="module")
def by_term(tmp_path_factory):
    return written(tmp_path_factory.mktemp("chain"), terms((34484, 44954), 0.2, step=25))


def test_json_is_one_document_of_exactly_the_promised_keys(by_term):
    result = flowsim("vix", by_term, "--minutes", MINUTES, "--rate", "0.03,0.02", "--json")
    assert (result.returncode, len(result.stderr.splitlines())) == (0, 1)
    assert ", bid in " in result.stderr
    document = json.loads(result.stdout)
    assert list(document) == ["index", "value", "near", "next"]
    assert list(document["near"]) == list(document["next"]) == ["variance", "forward", "k0", "strip_sum", "minutes"]
    assert document == vix(by_term, minutes=(34484, 44954), rate_pct=(0.03, 0.02)).as_dict()


def test_the_white_papers_numbers_come_out_of_the_command(shared_folder):
    chain = shared_folder / "data" / "cboe_whitepaper_2014_chain.csv"
    result = flowsim("vix", chain, "--minutes", MINUTES, "--rate", "0.031664,0.028797", "--json")
    assert json.loads(result.stdout)["value"] == pytest.approx(13.927842, abs=5e-7)


def test_without_json_it_prints_the_value_and_a_line_for_each_term(command, by_contract):
    status, printed, said = command(by_contract, "--as-of", AS_OF, "--rate", "4")
    assert (status, said) == (0, "")
    lines = printed.splitlines()
    assert lines[0].startswith("VIX 20.0")
    assert [line.split()[:2] for line in lines[2:]] == [["SPXW", "2024-03-01"], ["SPXW", "2024-03-08"]]


def test_one_rate_serves_both_terms_and_two_their_own(command, by_contract):
    values = [
        json.loads(command(by_contract, "--as-of", AS_OF, "--rate", rate, "--json")[1])["value"]
        for rate in ("4", "4,4", "4,3", "3,4")
    ]
    assert values[0] == values[1]
    assert len(set(values)) == 3


def test_what_is_passed_over_is_said_on_standard_error(command, by_contract, tmp_path):
    table = pl.read_parquet(by_contract).filter(~((pl.col("cp") == "C") & (pl.col("strike") == 3500)))
    status, printed, said = command(written(tmp_path, table), "--as-of", AS_OF, "--json")
    assert status == 0
    assert json.loads(printed)["index"] == "VIX"
    assert [line.split(":")[1] for line in said.splitlines()] == [" SPXW 2024-03-01", " SPXW 2024-03-08"]


BAD = {
    "no such file": (["nowhere.csv", "--as-of", AS_OF], ["nowhere.csv", "no such file"]),
    "no time": (["{contracts}"], ["--as-of", "YYYY-MM-DD HH:MM"]),
    "a time that is none": (["{contracts}", "--as-of", "noon"], ["as_of = noon", "YYYY-MM-DD HH:MM"]),
    "after everything": (["{contracts}", "--as-of", "2030-01-01 10:00"], ["2030-01-01 10:00", "2024-03-15"]),
    "a missing expiry": (["{contracts}", "--as-of", AS_OF, "--index", "VIX9D"], ["VIX9D", "2024-02-15"]),
    "an unknown index": (["{contracts}", "--as-of", AS_OF, "--index", "VIX5D"], ["VIX5D", "VIX9D, VIX, VIX3M"]),
    "a rate in words": (["{contracts}", "--as-of", AS_OF, "--rate", "4%"], ["--rate 4%", "comma"]),
    "three rates": (["{contracts}", "--as-of", AS_OF, "--rate", "1,2,3"], ["--rate 1,2,3", "two"]),
    "no minutes": (["{terms}"], ["--minutes"]),
    "one number of minutes": (["{terms}", "--minutes", "34484"], ["34484,34484", "43200"]),
    "minutes for dates": (["{contracts}", "--as-of", AS_OF, "--minutes", MINUTES], ["leave out", "--minutes"]),
    "no chain named": ([], ["CHAIN"]),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input_ends_with_one_message_and_status_2(command, by_contract, by_term, case):
    arguments, words = BAD[case]
    status, printed, said = command(*(word.format(contracts=by_contract, terms=by_term) for word in arguments))
    assert (status, printed) == (2, "")
    assert "Traceback" not in said
    for word in words:
        assert word in said


def test_a_crossed_quote_ends_the_process_with_status_2_and_its_row(by_term, tmp_path):
    lines = by_term.read_text().splitlines()
    term, strike, call_bid, _, put_bid, put_ask = lines[6].split(",")
    lines[6] = ",".join([term, strike, call_bid, "1", put_bid, put_ask])
    (tmp_path / "crossed.csv").write_text("\n".join(lines))
    result = flowsim_process("vix", tmp_path / "crossed.csv", "--minutes", MINUTES)
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr.splitlines()[-1].startswith(
        f"flowsim: {tmp_path / 'crossed.csv'}, row 7: the near call of strike {float(strike)}"
    )
    assert len(result.stderr.splitlines()) == 2
