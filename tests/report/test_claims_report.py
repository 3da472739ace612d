"""The report from end to end: the command, its folder, its page in a browser, and how bad input ends."""

import json
import re
import shutil
import subprocess

import polars as pl
import pytest
from helpers.command import flowsim

from flowsim.experiments.findings import Findings
from flowsim.report.claims import as_page, as_text


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    folder = tmp_path_factory.mktemp("claims") / "report"
    result = flowsim("claims", "--only", "7", "--paths", 12, "--out", folder, "--json")
    assert result.returncode == 0, result.stderr
    return folder, result


def test_it_says_how_long_it_takes_before_it_starts_and_prints_one_document(written):
    folder, result = written
    assert re.search(r"1 claim, 12 paths, .* about \d+ (seconds|minutes) on \d+ thread", result.stderr)
    assert json.loads(result.stdout) == json.loads((folder / "claims.json").read_text())


def test_the_folder_has_tables_pictures_and_a_page(written):
    folder, _ = written
    assert (folder / "report.html").stat().st_size > 20_000
    for picture in ("criteria", "scan", "map-1"):
        assert (folder / "pictures" / f"claim-7-{picture}.png").read_bytes().startswith(b"\x89PNG")
    effects = pl.read_parquet(folder / "tables" / "claim-7-effects.parquet")
    assert effects.equals(pl.read_csv(folder / "tables" / "claim-7-effects.csv"))
    assert set(effects["part"]) == {"all paths", "third 1", "third 2", "third 3"}
    assert pl.read_csv(folder / "tables" / "claim-7-map-1.csv").height == 25


def test_a_finding_survives_json(written):
    folder, _ = written
    found = Findings.model_validate_json((folder / "claims.json").read_text())
    assert found.as_dict() == json.loads((folder / "claims.json").read_text())
    assert "7. A liquidity wave in 2026" in as_text(found)


def test_the_page_loads_nothing_and_runs_nothing(written):
    page = (written[0] / "report.html").read_text()
    assert "<script" not in page
    assert not re.search(r'(src|href)="(?!#|data:)', page)
    assert not re.search(r"url\((?!#)", page)
    names = re.findall(r' id="([^"]+)"', page)
    assert len(names) == len(set(names))


def test_the_page_is_the_same_from_the_same_findings(written):
    found = Findings.model_validate_json((written[0] / "claims.json").read_text())
    assert as_page(found) == (written[0] / "report.html").read_text()


def test_a_browser_shows_the_verdict(written, tmp_path):
    browser = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if browser is None:
        pytest.skip("needs Chromium; apt-get install chromium")
    flags = ["--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path}", "--dump-dom"]
    address = (written[0] / "report.html").as_uri()
    shown = subprocess.run([browser, *flags, address], capture_output=True, text=True, check=True, timeout=120).stdout
    assert 'class="mark' in shown
    assert "A liquidity wave in 2026" in shown


def test_a_finished_claim_is_not_run_again(written):
    folder, first = written
    again = flowsim("claims", "--only", "7", "--paths", 12, "--out", folder, "--resume", "--json")
    assert again.returncode == 0
    assert again.stderr == ""
    assert again.stdout == first.stdout


BAD = {
    "folder taken": (["--only", "7", "--out", "{folder}"], ["not empty", "--resume"]),
    "another seed": (["--only", "7", "--out", "{folder}", "--resume", "--seed", "9", "--paths", "12"], ["seed", "9"]),
    "no such claim": (["--only", "99"], ["99", "1 to "]),
    "no number": (["--only", "one"], ["has the number one"]),
    "resume without a folder": (["--resume"], ["--out"]),
    "too few paths": (["--paths", "3"], ["--paths"]),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input_ends_with_one_message_and_status_2(written, case):
    arguments, words = BAD[case]
    result = flowsim("claims", *(word.format(folder=written[0]) for word in arguments))
    assert result.returncode == 2, result.stderr
    assert "Traceback" not in result.stderr
    assert result.stdout == ""
    for word in words:
        assert word in result.stderr
