"""The command backtest from end to end, with good input and bad."""

import json

import pytest
from helpers.command import flowsim

OFF = ("--set", "options.listed=false", "--set", "population={noise={strategy='noise_trading',agents=1,capital_bn=90}}")
GIVEN = ("--from", "2014-01-02", "--to", "2014-12-31", "--every", "60", "--paths", "100", "--horizons", "1,21")


@pytest.fixture(scope="module")
def printed(tmp_path_factory):
    folder = tmp_path_factory.mktemp("backtest")
    found = flowsim("backtest", "plain", *OFF, *GIVEN, "--out", folder / "out", "--results", folder / "kept")
    assert found.returncode == 0, found.stderr
    return folder, found.stdout


def test_tables_are_printed_and_left_with_the_picture(printed) -> None:
    folder, text = printed
    assert text.startswith("plain + 1 change: noise added on arch.data.sp500")
    assert ": 4 dates, every 60 sessions, 100 paths\n" in text
    assert "| realized volatility | 21 | filtered history |" in text
    assert "Coverage of the market is within the bounds of chance at" in text
    for name in ("forecasts.parquet", "coverage.csv", "shortfall.csv", "scores.csv", "backtest.png"):
        assert (folder / "out" / name).stat().st_size > 0


def test_json_is_one_document_of_the_same_forecasts_from_what_is_kept(printed) -> None:
    folder, _ = printed
    files = {file.name: file.stat().st_mtime_ns for file in (folder / "kept").iterdir()}
    assert len(files) == 4
    found = flowsim("backtest", "plain", *OFF, *GIVEN, "--results", folder / "kept", "--json")
    document = json.loads(found.stdout)
    assert {len(document[name]) for name in ("scores", "shortfall")} == {12}
    assert document["words"][0].startswith("Coverage of the market is")
    assert files == {file.name: file.stat().st_mtime_ns for file in (folder / "kept").iterdir()}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (("--paths", "20"), "--paths 20: a level of one percent needs 100 paths at least"),
        (("--every", "0"), "--every 0: dates are one session apart at least"),
        (("--horizons", "1,x"), "--horizons 1,x is not one or more numbers with commas between"),
        (("--from", "2018-12-20"), "choose another --from or --to, or a longer file"),
    ],
)
def test_bad_input_ends_in_one_sentence(given: tuple[str, ...], said: str) -> None:
    found = flowsim("backtest", "plain", *OFF, *given)
    assert found.returncode == 2
    assert said in found.stderr
    assert found.stderr.count("\n") == 1
