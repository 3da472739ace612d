"""The pytest plugin as an author of rules meets it."""

import subprocess
import sys

import pytest

from flowsim.authoring.discovery import rules_in
from flowsim.testing import record
from flowsim.testing.template import write_new

pytest_plugins = ["pytester"]

PLUGIN = "flowsim.testing.plugin"


@pytest.fixture
def folder(pytester):
    """Return a folder of rules whose tapes are recorded, inside a project of its own."""
    rules = pytester.mkdir("rules")
    file, test = write_new("mine", rules, [])
    test.unlink()
    record(*rules_in(file), rules / "tapes")
    return rules


def test_a_strategy_file_is_collected_from_a_folder_that_is_named_and_no_other(pytester, folder):
    pytester.makeini("[pytest]\nflowsim_strategies = rules")
    result = pytester.runpytest_inprocess("rules", "--collect-only", "-q")
    result.stdout.fnmatch_lines(["*mine.py::mine::silent_inside_buffer", "*mine.py::mine::tape on real_2018_02"])
    pytester.makeini("[pytest]")
    assert pytester.runpytest_inprocess("rules", "--collect-only").ret == pytest.ExitCode.NO_TESTS_COLLECTED
    other = pytester.mkdir("other")
    (other / "mine.py").write_text((folder / "mine.py").read_text())
    result = pytester.runpytest_inprocess("rules", "other", "--flowsim-strategies", "other", "--collect-only", "-q")
    assert all(line.startswith("other/") for line in result.outlines if "::" in line)
    assert any(line.startswith("other/") for line in result.outlines)


def test_collected_laws_and_tapes_pass_and_a_changed_rule_is_shown_without_a_traceback(pytester, folder):
    options = (
        "rules",
        "--flowsim-strategies",
        "rules",
        "-k",
        "(cap or never or real_2018 or exposure_within) and not sized",
    )
    pytester.runpytest_inprocess(*options).assert_outcomes(passed=5, deselected=29)
    file = folder / "mine.py"
    file.write_text(file.read_text().replace("min(fund.cap, ", "max(fund.cap, "))
    result = pytester.runpytest_inprocess(*options)
    result.assert_outcomes(passed=2, failed=3, deselected=29)
    result.stdout.fnmatch_lines(["*mine.py:31: mine breaks exposure_within(low=0.0, high='cap'): its exposure is*"])
    result.stdout.fnmatch_lines(["*mine.py:31: mine on real_2018_02 differs first on 2018-01-29, decision 1 of 22"])
    result.stdout.no_fnmatch_line("*def runtest*")


def test_a_file_with_a_fault_is_one_message_in_the_collection(pytester, folder):
    (folder / "mine.py").write_text("import os\n")
    result = pytester.runpytest_inprocess("rules", "--flowsim-strategies", "rules")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*mine.py:1: imports os; a strategy file may import*"])


TEST = """
from pathlib import Path
from flowsim.authoring.discovery import rules_in

[RULE] = rules_in(Path(__file__).with_name("rules") / "mine.py")

def test_it_does_what_it_did(strategy_tape):
    strategy_tape(RULE, "calm")
"""


def test_a_recording_never_passes(pytester, folder):
    pytester.makepyfile(TEST)
    pytester.runpytest_inprocess().assert_outcomes(passed=1)
    result = pytester.runpytest_inprocess("--record-tapes")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*mine on calm: recorded anew, which is no test*"])


def test_the_fixture_takes_a_folder_of_tapes_from_the_ini(pytester, folder):
    (folder / "tapes").rename(pytester.path / "elsewhere")
    pytester.makepyfile(TEST)
    pytester.runpytest_inprocess().assert_outcomes(failed=1)
    pytester.makeini("[pytest]\nflowsim_tapes = elsewhere")
    pytester.runpytest_inprocess().assert_outcomes(passed=1)


def test_the_plugin_costs_nothing_where_it_is_not_used():
    code = f"import sys, {PLUGIN}; print(*(m for m in ('numba', 'numpy', 'hypothesis', 'pandas') if m in sys.modules))"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == ""
