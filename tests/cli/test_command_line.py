"""The command line from end to end: what it prints, where, and how it ends."""

import json
import signal
import subprocess
import sys
import time
import tomllib

import pytest
from helpers.command import CODE, flowsim, flowsim_process
from helpers.notices import without_notice

from flowsim.config import load


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs") / "first"
    result = flowsim_process("run", "us_equity", "--paths", 12, "--days", 30, "--out", folder)
    assert result.returncode == 0, result.stderr
    return folder, result


def test_a_run_leaves_tables_a_manifest_and_a_picture_and_says_so(finished):
    folder, result = finished
    assert (folder / "overview.png").read_bytes().startswith(b"\x89PNG")
    for table in ("market", "flows", "positions"):
        assert list((folder / table).glob("*.parquet"))
    manifest = json.loads((folder / "run.json").read_text())
    assert manifest["status"] == "done"
    assert manifest["tables"]["market"]["rows"] == 12 * 30
    assert str(folder) in result.stdout


def test_a_run_in_a_pipe_says_nothing_on_standard_error(finished):
    assert without_notice(finished[1].stderr) == ""


def test_the_manifest_holds_a_config_that_simulates_the_same_run(finished):
    from flowsim.config import from_dict
    from flowsim.ensemble.simulation import simulate

    folder, _ = finished
    manifest = json.loads((folder / "run.json").read_text())
    again = simulate(from_dict(manifest["config"]), manifest["paths"])
    assert again.info["tables"] == manifest["tables"]


@pytest.mark.parametrize("picture", ["overview", "paths", "flows", "attribution", "positions"])
def test_plot_draws_every_picture_and_prints_the_file(finished, picture, tmp_path):
    file = tmp_path / "drawn.png"
    result = flowsim("plot", finished[0], picture, "--out", file)
    assert result.returncode == 0, result.stderr
    assert file.read_bytes().startswith(b"\x89PNG")
    assert result.stdout.strip() == str(file)


def test_json_is_one_document_on_standard_output(tmp_path):
    result = flowsim("run", "plain", "--paths", 2, "--days", 5, "--out", tmp_path / "a", "--no-picture", "--json")
    assert json.loads(result.stdout)["tables"]["flows"]["rows"] == 2 * 5 * 2


def test_a_run_without_a_folder_takes_the_next_free_one(tmp_path):
    for number in (1, 2):
        flowsim("run", "plain", "--paths", 1, "--days", 2, "--no-picture", cwd=tmp_path)
        assert (tmp_path / "runs" / f"plain-{number}" / "run.json").exists()


def test_set_days_and_seed_reach_the_run(tmp_path):
    flowsim(
        "run", "us_equity", "--paths", 1, "--days", 3, "--seed", 9, "--set", "population.cta.capital_bn=0",
        "--out", tmp_path / "a", "--no-picture",
    )  # fmt: skip
    manifest = json.loads((tmp_path / "a" / "run.json").read_text())
    assert (manifest["days"], manifest["seed"]) == (3, 9)
    assert "cta" not in manifest["sources"]


def test_prices_start_the_run_from_the_users_own_history(tmp_path):
    from flowsim.data.prices import default_prices

    shipped = default_prices()
    lines = ["Date,Close", *(f"{date},{2 * close}" for date, close in zip(shipped.dates, shipped.close, strict=True))]
    (tmp_path / "own.csv").write_text("\n".join(lines))
    result = flowsim(
        "run", "us_equity", "--paths", 1, "--days", 2, "--prices", tmp_path / "own.csv",
        "--out", tmp_path / "a", "--no-picture",
    )  # fmt: skip
    assert result.returncode == 0, result.stderr
    import polars as pl

    assert pl.read_parquet(tmp_path / "a" / "market" / "*.parquet")["price"][0] > 1.5 * shipped.close[-1]


BAD = {
    "unknown config": (["run", "us_equty"], ["us_equty", "did you mean 'us_equity'"]),
    "unknown key": (["run", "us_equity", "--set", "market.multiplyer=3"], ["market.multiplyer", "'multiplier'"]),
    "start outside the history": (["run", "us_equity", "--set", "time.start=2020-01-03"], ["2018-12-31", "2020-01-03"]),
    "start on a holiday": (["run", "us_equity", "--set", "time.start=2018-12-25"], ["2018-12-25", "2018-12-24"]),
    "too little history": (["run", "us_equity", "--set", "time.start=2001-01-02"], ["population.cta", "2001-01-02"]),
    "no such price file": (["run", "us_equity", "--prices", "nowhere.csv"], ["nowhere.csv"]),
    "no run there": (["plot", "nowhere"], ["nowhere", "run.json"]),
    "no such picture": (["plot", "{finished}", "fows"], ["fows", "flows"]),
    "no such path": (["plot", "{finished}", "flows", "--path", "99"], ["99", "0 to 11"]),
    "a file in the folder's place": (["run", "plain", "--out", "{finished}/run.json"], ["run.json", "--out"]),
    "folder taken": (["run", "plain", "--out", "{finished}"], ["not empty"]),
    "nothing to resume": (["run", "plain", "--out", "{finished}", "--resume"], ["nothing to resume"]),
    "resume without a folder": (["run", "plain", "--resume"], ["--out"]),
    "not a number": (["run", "plain", "--paths", "many"], ["--paths"]),
    "two liquidity desks": (["run", "us_equity", "--set", "population.liquidity_provider.agents=2"], ["agents", "1"]),
}


@pytest.mark.parametrize("case", BAD, ids=str)
def test_bad_input_ends_with_one_message_and_status_2(finished, case, tmp_path):
    arguments, words = BAD[case]
    result = flowsim(*(word.format(finished=finished[0]) for word in arguments), cwd=tmp_path)
    assert result.returncode == 2, result.stdout + result.stderr
    assert "Traceback" not in result.stderr
    assert result.stdout == ""
    for word in words:
        assert word in result.stderr


def test_a_process_ends_with_the_status_of_what_went_wrong_and_a_folder_is_its_own(finished, tmp_path):
    refused = flowsim_process("plot", finished[0], "fows", cwd=tmp_path)
    assert (refused.returncode, refused.stdout, refused.stderr.count("\n")) == (2, "", 1)
    (tmp_path / "mine.toml").write_text('description = "mine"\nextends = "us_equity"\n[market]\nadv = 3\n')
    faulty = flowsim_process("config", "check", "mine.toml", cwd=tmp_path)
    assert (faulty.returncode, faulty.stdout) == (1, "")
    assert "mine.toml:4: market.adv" in faulty.stderr


def test_plot_in_a_process_of_its_own_draws_the_picture_and_prints_the_file(finished, tmp_path):
    drawn = flowsim_process("plot", finished[0], "overview", "--out", tmp_path / "drawn.png")
    assert drawn == (0, f"{tmp_path / 'drawn.png'}\n", "")
    assert (tmp_path / "drawn.png").read_bytes().startswith(b"\x89PNG")


def test_config_check_passes_a_good_config():
    result = flowsim("config", "check", "us_equity")
    assert (result.returncode, result.stderr) == (0, "")
    assert "fine" in result.stdout


def test_config_check_lists_every_fault_and_ends_with_status_1(tmp_path):
    (tmp_path / "mine.toml").write_text(
        'description = "mine"\nextends = "us_equity"\n[market]\nmultiplier = -1\nadv = 3\n'
    )
    result = flowsim("config", "check", "mine.toml", cwd=tmp_path)
    assert result.returncode == 1
    assert "mine.toml:4: market.multiplier" in result.stderr
    assert "mine.toml:5: market.adv" in result.stderr


def test_config_resolve_prints_a_config_that_loads_to_the_same(tmp_path):
    result = flowsim("config", "resolve", "us_equity")
    (tmp_path / "resolved.toml").write_text(result.stdout)
    assert load(tmp_path / "resolved.toml").digest == load("us_equity").digest
    assert tomllib.loads(result.stdout)["population"]["cta"]["strategy"] == "cta"


def test_config_schema_gives_unit_and_bounds_of_a_key():
    schema = json.loads(flowsim("config", "schema").stdout)
    assert "multiplier" in json.dumps(schema)
    assert "Gabaix" in json.dumps(schema)


SMALL = """
description = "trend followers among noise"
extends = "plain"
[population.cta]
strategy = "cta"
agents = 2
capital_bn = 40
target_vol = 0.15
cap = 3
short_span_days = 30
medium_span_days = 120
long_span_days = 250
softness = 0.5
[population.noise]
strategy = "noise_trading"
agents = 2
capital_bn = 40
"""


def test_ablation_prints_a_row_for_every_arm(tmp_path):
    (tmp_path / "small.toml").write_text(SMALL)
    result = flowsim("ablate", tmp_path / "small.toml", "--paths", 2, "--days", 252, "--json")
    assert result.returncode == 0, result.stderr
    facts = json.loads(result.stdout)["facts"]
    assert {"everything on", "no systematic population", "no cta", "no liquidity feedback"} <= set(facts)


def test_an_interrupted_run_keeps_its_blocks_and_goes_on_to_the_same_tables(tmp_path):
    arguments = ["run", "us_equity", "--paths", "384", "--days", "100", "--threads", "1", "--no-picture"]
    command = [sys.executable, "-c", CODE, *arguments, "--out", str(tmp_path / "cut")]
    running = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 600
    while not list((tmp_path / "cut" / "blocks").glob("*.json")) and time.monotonic() < deadline:
        time.sleep(0.02)
    running.send_signal(signal.SIGINT)
    _, message = running.communicate(timeout=600)
    assert running.returncode == 3, message
    assert "--resume" in message
    assert "Traceback" not in message
    assert json.loads((tmp_path / "cut" / "run.json").read_text())["status"] == "interrupted"
    kept = len(list((tmp_path / "cut" / "blocks").glob("*.json")))
    assert 0 < kept < 6

    assert flowsim(*arguments, "--out", tmp_path / "cut", "--resume").returncode == 0
    assert flowsim(*arguments, "--out", tmp_path / "whole").returncode == 0
    resumed, whole = (json.loads((tmp_path / name / "run.json").read_text()) for name in ("cut", "whole"))
    assert resumed["tables"] == whole["tables"]
