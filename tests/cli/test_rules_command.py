"""flowsim rules: from a new file to a verdict, and what bad input says."""

import json
import subprocess
import sys

import pytest
from helpers.command import flowsim


@pytest.fixture
def folder(tmp_path):
    result = flowsim("rules", "new", "mine", cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    assert result.stdout.split() == ["mine.py", "test_mine.py"]
    return tmp_path


def test_list_and_show_print_what_a_strategy_declares():
    listed = flowsim("rules", "list", "--json")
    one = next(rule for rule in json.loads(listed.stdout) if rule["name"] == "risk_parity")
    assert one["parameters"]["cap"] == {
        "meaning": "largest equity exposure",
        "unit": "x capital",
        "bounds": [0.0, 10.0],
        "choices": [],
        "default": None,
    }
    assert one["state"] == ["exposure", "variance"]
    shown = flowsim("rules", "show", "risk_parity")
    for words in (
        "half-life of the variance it looks at, sessions; from 1 to 1000",
        "one of 0, 1, 2, 3, 4",
        "Qian (2005)",
    ):
        assert words in shown.stdout
    assert "silent_unless(field='weekday', equals='rebalance_weekday')" in shown.stdout
    assert shown.stderr == ""


KEEPS = "mine: keeps 22 of 22 laws"


def test_a_new_rule_keeps_its_laws_and_its_tapes_and_a_changed_one_does_not(folder):
    checked = flowsim("rules", "check", "mine.py", "--examples", 10, cwd=folder)
    assert (checked.returncode, checked.stdout) == (
        0,
        f"{KEEPS} on 10 agents and markets and in a life of 600 sessions\n",
    )
    assert checked.stderr == f"flowsim: running the strategy file {folder / 'mine.py'}\n"
    recorded = flowsim("rules", "record", "mine.py", cwd=folder)
    assert recorded.stdout == f"mine: 12 new, 0 changed, 0 same in {folder / 'tapes' / 'mine.txt'}\n"
    verified = flowsim("rules", "verify", "mine.py", cwd=folder)
    assert (verified.returncode, verified.stdout) == (0, "12 of 12 tapes are as recorded (274 decisions)\n")

    file = folder / "mine.py"
    file.write_text(file.read_text().replace("min(fund.cap, fund.target_vol / max(", "(fund.target_vol / max("))
    verified = flowsim("rules", "verify", "mine.py", cwd=folder)
    assert verified.returncode == 1
    assert "mine on calm differs first on" in verified.stdout
    assert "10 of 12 tapes are as recorded" in verified.stdout
    checked = flowsim("rules", "check", "mine.py", "--examples", 10, cwd=folder)
    assert checked.returncode == 1
    assert "mine breaks exposure_within(low=0.0, high='cap'): its exposure is" in checked.stdout
    assert "mine breaks bounded_in_calm_and_storm(): its orders add up to" in checked.stdout
    assert flowsim("rules", "record", "mine.py", cwd=folder).stdout.startswith("mine: 0 new, 2 changed, 10 same in")
    assert flowsim("rules", "verify", ".", "--json", cwd=folder).returncode == 0


def test_the_test_that_comes_with_a_new_rule_passes_once_tapes_are_recorded(folder):
    def run(*options):
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *options]
        result = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
        return result.stdout

    assert "12 failed" in run("-k", "did")
    recording = run("--record-tapes", "-k", "did")
    assert "12 failed" in recording
    assert "recorded anew, which is no test" in recording
    assert "35 passed" in run()


BAD = {
    "an unknown name": (["show", "vol_taget"], ["'vol_taget'", "did you mean 'vol_target'?"]),
    "no such file": (["check", "nowhere.py"], ["nowhere.py", "cannot be read"]),
    "an empty folder": (["verify", "."], ["no strategy file in this folder"]),
    "a name that Python has": (["new", "lambda"], ["'lambda' is no name for a rule"]),
    "a name that is taken": (["new", "cta"], ["a built-in strategy is called 'cta'"]),
    "no such folder": (["new", "mine", "--folder", "nowhere"], ["nowhere: no such folder"]),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input_to_rules_ends_with_one_message_and_status_2(case, tmp_path):
    arguments, words = BAD[case]
    result = flowsim("rules", *arguments, cwd=tmp_path)
    assert (result.returncode, result.stdout) == (2, "")
    assert "Traceback" not in result.stderr
    for word in words:
        assert word in result.stderr


def test_a_new_rule_is_never_written_over_another(folder):
    result = flowsim("rules", "new", "mine", cwd=folder)
    assert (result.returncode, result.stdout) == (2, "")
    assert "is there already" in result.stderr
