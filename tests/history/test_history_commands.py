"""The commands replay and outlook from end to end, with good input and bad."""

import json

import pytest
from helpers.command import flowsim
from helpers.notices import without_notice

from flowsim.data.prices import default_prices

OPTION_POPULATIONS = (
    "put_hedge", "overwrite", "collar", "month_end_hedge", "event_hedge", "data_hedge", "short_dated", "zero_day",
    "option_noise", "vol_selling", "dealer",
)  # fmt: skip
OFF = tuple(word for name in OPTION_POPULATIONS for word in ("--set", f"population.{name}.capital_bn=0"))
PERIOD = ("--from", "2018-09-04", "--to", "2018-09-28")


@pytest.fixture(scope="module")
def own(tmp_path_factory):
    """A price file whose columns have names of their own."""
    shipped, file = default_prices(), tmp_path_factory.mktemp("prices") / "own.csv"
    lines = ["Day,Last,Volume", *(f"{d},{c},0" for d, c in zip(shipped.dates, shipped.close, strict=True))]
    file.write_text("\n".join(lines))
    return file


def test_replay_prints_one_document_and_leaves_tables_and_pictures(own, tmp_path):
    command = ("replay", "us_equity", "--prices", own, "--columns", "date=Day,close=Last", *PERIOD, "--json")
    result = flowsim(*command, "--out", tmp_path / "out")
    assert result.returncode == 0, result.stderr
    (said,) = without_notice(result.stderr).splitlines()
    assert "in 'Last'; dates in 'Day' as YYYY-MM-DD" in said
    found = json.loads(result.stdout)
    assert len(found["market"]) == 19
    for name in ("flows.parquet", "flows.csv", "levels.csv", "cta.png", "vol_control.png", "path_dependent_vix.png"):
        assert (tmp_path / "out" / name).stat().st_size > 0


def test_an_attribution_is_printed_and_its_tables_and_pictures_are_left(tmp_path):
    command = ("replay", "us_equity", *PERIOD, "--attribute", "--multipliers", "2,4")
    result = flowsim(*command, "--episode", "2018-09-10,2018-09-20", "--out", tmp_path / "out")
    assert result.returncode == 0, result.stderr
    for words in (
        "Share of systematic flows",
        "news, discretionary and everything unmodelled",
        "systematic at M = 4.0, %",
    ):
        assert words in result.stdout
    for name in ("contributions.csv", "shares.parquet", "episodes.csv", "shares.png"):
        assert (tmp_path / "out" / name).stat().st_size > 0
    assert (tmp_path / "out" / "episode_2018-09-10_to_2018-09-20.png").stat().st_size > 0


def test_evidence_is_printed_with_its_placebos_and_left_as_table_and_picture(tmp_path):
    command = ("evidence", "us_equity", "--from", "2014-01-02", "--to", "2016-12-30", "--placebos", 19)
    result = flowsim(*command, "--set", "options.listed=false", *OFF, "--out", tmp_path / "out", "--json")
    assert result.returncode == 0, result.stderr
    found = json.loads(result.stdout)
    assert not found["has_range"]
    assert {row["regressor"] for row in found["evidence"]} >= {"vol_control", "cta", "all known flows"}
    for name in ("evidence.csv", "evidence.parquet", "evidence.png"):
        assert (tmp_path / "out" / name).stat().st_size > 0


def test_a_market_without_populations_can_be_replayed():
    result = flowsim("replay", "plain", *PERIOD, "--json")
    assert result.returncode == 0, result.stderr
    assert json.loads(result.stdout)["flows"] == []


def test_a_market_without_populations_has_an_outlook():
    result = flowsim("outlook", "plain", "--as-of", "2018-09-28", "--paths", 4, "--horizons", "2")
    assert result.returncode == 0, result.stderr
    assert "Simulated 2 sessions ahead on 4 paths" in result.stdout


BAD = {
    "no session": (["outlook", "us_equity", "--as-of", "2018-09-03"], ["--as-of", "2018-09-03"]),
    "no date": (["outlook", "us_equity", "--as-of", "tomorrow"], ["--as-of", "tomorrow"]),
    "outside the file": (["outlook", "us_equity", "--as-of", "2025-09-26"], ["--as-of = 2025-09-26 is outside"]),
    "horizons": (["outlook", "us_equity", "--horizons", "5,x"], ["--horizons 5,x"]),
    "half a session": (["outlook", "us_equity", "--horizons", "2.5"], ["--horizons 2.5", "whole"]),
    "columns": (["replay", "us_equity", "--prices", "{own}", "--columns", "Day"], ["--columns Day", "date=NAME"]),
    "no such column": (["replay", "us_equity", "--prices", "{own}", "--columns", "date=Day,close=Px"], ["'Px'"]),
    "columns of nothing": (["replay", "us_equity", "--columns", "date=Day"], ["--prices"]),
    "no such chain": (["outlook", "us_equity", "--as-of", "2018-09-28", "--chain", "nowhere.csv"], ["nowhere.csv"]),
    "multiplier": (
        ["replay", "us_equity", *PERIOD, "--attribute", "--multipliers", "0"],
        ["--multipliers", "0 is not"],
    ),
    "episode": (["replay", "us_equity", *PERIOD, "--attribute", "--episode", "2018-09-10"], ["--episode", "two dates"]),
    "nobody": (["replay", "plain", *PERIOD, "--attribute"], ["no population trades stock by a systematic rule"]),
    "too few days": (["evidence", "us_equity", *PERIOD], ["days are too few", "--from"]),
    "period": (["replay", "us_equity", "--from", "2030-01-02"], ["--from", "2018-12-31"]),
}


@pytest.mark.parametrize("case", BAD, ids=str)
def test_bad_input_is_one_sentence_and_status_2(case, own):
    arguments, words = BAD[case]
    result = flowsim(*(word.format(own=own) for word in arguments))
    assert result.returncode == 2, result.stdout + result.stderr
    assert "Traceback" not in result.stderr
    for word in words:
        assert word in result.stderr
