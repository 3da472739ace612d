"""Every option of a command reaches what it is about; the commands run here, and what they call is looked at."""

import json
from pathlib import Path

import numpy as np
import pytest
from helpers.made_findings import findings
from helpers.made_outlook import made_outlook
from typer.testing import CliRunner, Result

from flowsim.cli import app
from flowsim.history.outlook_words import words


def run(*arguments: object) -> Result:
    result = CliRunner().invoke(app, [str(argument) for argument in arguments], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result


@pytest.fixture
def called(monkeypatch: pytest.MonkeyPatch) -> dict[str, dict[str, object]]:
    """Keep what functions are called with, by name, instead of calling them."""
    kept: dict[str, dict[str, object]] = {}

    def keep(name: str, returned: object):
        def called_with(*positional: object, **named: object) -> object:
            kept[name] = {"": positional, **named}
            return returned

        return called_with

    monkeypatch.setattr("flowsim.history.outlook.outlook", keep("outlook", made_outlook()))
    monkeypatch.setattr("flowsim.chain.open_interest.dealer_gamma", keep("gamma", None))
    monkeypatch.setattr("flowsim.experiments.runner.claims", keep("claims", findings()))
    monkeypatch.setattr("flowsim.report.claims.write", keep("write", Path("report.html")))
    return kept


def test_an_outlook_is_asked_with_every_option(called, tmp_path: Path) -> None:
    vol, chain, prices = tmp_path / "vol.csv", tmp_path / "chain.csv", tmp_path / "prices.csv"
    vol.write_text("date,VIX\n2018-08-30,13.5\n2018-08-31,12.9\n")
    prices.write_text("Day,Last\n2018-08-30,2901.1\n2018-08-31,2901.5\n")
    run(
        "outlook", "us_equity", "--as-of", "2018-08-31", "--horizons", "3,7", "--paths", 9, "--seed", 42,
        "--threads", 3, "--vol", vol, "--chain", chain, "--rate", 2.5, "--dealers", "0.5,-0.25", "--set",
        "market.multiplier=4",
        "--prices", prices, "--columns", "date=Day,close=Last",
    )  # fmt: skip
    asked = called["outlook"]
    config, known = asked[""]
    assert config.market.multiplier == 4.0
    assert known.close.tolist() == [2901.1, 2901.5]
    assert (asked["as_of"], asked["horizons"], asked["n_paths"]) == ("2018-08-31", [3, 7], 9)
    assert (asked["seed"], asked["threads"]) == (42, 3)
    np.testing.assert_array_equal(asked["volatility"].on(np.array(["2018-08-31"], "datetime64[D]"))["VIX"], [12.9])
    gamma = called["gamma"]
    assert gamma == {
        "": (chain,),
        "as_of": "2018-08-31 16:15",
        "rate_pct": 2.5,
        "calls": 0.5,
        "puts": -0.25,
        "columns": {},
        "trust_data": False,
    }


def test_a_chain_may_be_quoted_at_another_time(called) -> None:
    run("outlook", "us_equity", "--as-of", "2018-08-31", "--chain", "chain.csv", "--quoted", "2018-08-31 10:00")
    gamma = called["gamma"]
    assert (gamma["as_of"], gamma["calls"], gamma["puts"]) == ("2018-08-31 10:00", 1.0, -1.0)


def test_an_outlook_prints_its_words_and_as_one_document_its_tables_too(called) -> None:
    found = made_outlook()
    said = "\n".join(f"- {text}" for text in words(found))
    assert run("outlook", "us_equity").stdout == f"{found.label}: index 2,900.50\n\n{said}\n"
    document = json.loads(run("outlook", "us_equity", "--json").stdout)
    assert document["words"] == words(found)
    assert (document["close"], document["as_of"]) == (2900.5, "2018-08-31")
    assert document["turning"][1]["level"] == 2850.75
    assert document["forward_returns"][0]["arm"] == "with feedback"


def test_claims_are_tried_with_every_option(called, tmp_path: Path) -> None:
    result = run(
        "claims", "us_equity", "--paths", 24, "--only", "2,5", "--seed", 42, "--threads", 3, "--out", tmp_path,
        "--set", "market.multiplier=4", "--resume",
    )  # fmt: skip
    asked = called["claims"]
    config, n_paths = asked[""]
    assert (config.market.multiplier, n_paths) == (4.0, 24)
    assert (asked["only"], asked["seed"], asked["threads"]) == (["2", "5"], 42, 3)
    assert (asked["out"], asked["resume"]) == (tmp_path, True)
    assert called["write"][""] == (findings(), tmp_path)
    assert result.stdout.endswith("report: report.html\n")
    assert run("claims", "--json", "--out", tmp_path).stdout == json.dumps(findings().as_dict(), indent=2) + "\n"
