"""Python and the command line use the same names, and each names its own in what it says."""

import inspect
import re
import subprocess
import sys

import pytest
import typer

import flowsim as fs
from flowsim.cli import app
from flowsim.cli.options import OPTIONS, as_options
from flowsim.errors import InputError

COMMANDS = {
    "run": fs.simulate,
    "ablate": fs.ablate,
    "score": fs.score,
    "calibrate": fs.calibrate,
    "claims": fs.claims,
    "replay": fs.replay,
    "evidence": fs.evidence,
    "backtest": fs.backtest,
    "outlook": fs.outlook,
    "reproduce": fs.reproduce,
    "facts": fs.facts_of_prices,
    "vix": fs.vix,
    "sweep": fs.sweep,
}
OF_PYTHON_ALONE = {
    "config", "chain", "model", "source",  # stand without a name on the command line
    "progress", "announce", "command",  # which a command always tells
    "gamma",  # --chain and what goes with it
    "executor",  # an object
}  # fmt: skip


def options_of(command: str) -> set[str]:
    found = typer.main.get_command(app).commands[command]
    return {option for parameter in found.params for option in parameter.opts}


@pytest.mark.parametrize("command", COMMANDS)
def test_every_argument_of_python_is_an_option_of_the_command(command: str) -> None:
    arguments = set(inspect.signature(COMMANDS[command]).parameters) - OF_PYTHON_ALONE
    assert {f"--{name.replace('_', '-')}" for name in arguments} <= options_of(command)


def test_an_argument_that_a_message_names_has_an_option_somewhere() -> None:
    everywhere = set().union(*map(options_of, COMMANDS))
    assert set(OPTIONS.values()) <= everywhere


@pytest.mark.parametrize(
    ("said", "typed"),
    [
        ("choose another `out`, or go on with `resume=True`", "choose another --out, or go on with --resume"),
        ("`n_paths=0`: a run has at least one path", "--paths 0: a run has at least one path"),
        ("name it by `columns={'date': 'Day'}`", "name it by --columns date=Day"),
        ("run `flowsim config list`", "run `flowsim config list`"),
    ],
)
def test_a_message_names_options_where_they_are_typed(said: str, typed: str) -> None:
    assert as_options(said) == typed


def test_the_same_fault_names_an_argument_in_python_and_an_option_on_the_command_line(tmp_path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(InputError) as caught:
        fs.simulate("plain", 1, out=tmp_path)
    assert "choose another `out`" in str(caught.value)
    arguments = ["run", "plain", "--paths", "1", "--out", str(tmp_path)]
    printed = subprocess.run(
        [sys.executable, "-m", "flowsim", *arguments], capture_output=True, text=True, check=False, timeout=120
    )
    assert "choose another --out" in printed.stderr
    assert (printed.returncode, printed.stderr.count("\n")) == (2, 1)


def test_no_message_outside_the_command_line_names_an_option() -> None:
    from pathlib import Path

    package = Path(fs.__file__).parent
    for file in package.rglob("*.py"):
        if {"cli", "testing"} & set(file.relative_to(package).parts):
            continue
        assert not re.search(r"[ (]--[a-z][a-z-]+", file.read_text()), file
