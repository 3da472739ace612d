"""What one meets first: the version, names to choose from, completion, and the same entry by every door."""

import os
import subprocess
import sys
from importlib.metadata import version

import pytest

import flowsim as fs
from flowsim.config.load import built_in


def module(*arguments, **environment):
    return subprocess.run(
        [sys.executable, "-W", "error", "-m", "flowsim", *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        env=os.environ | environment,
    )


def test_the_version_is_the_same_in_python_on_the_command_line_and_in_the_distribution():
    printed = module("--version")
    assert (printed.returncode, printed.stderr) == (0, "")
    assert printed.stdout == f"flowsim {fs.__version__}\n"
    assert version("flowsim-market") == fs.__version__


def test_dir_names_what_is_public_and_every_name_in_it_can_be_had():
    assert set(fs.__all__) <= set(dir(fs))
    for name in dir(fs):
        getattr(fs, name)
    assert {name for name in dir(fs) if not name.startswith("_")} == set(fs.__all__) - {"__version__"}


def test_config_list_names_every_built_in_config_with_one_sentence():
    printed = module("config", "list")
    lines = printed.stdout.splitlines()
    assert [line.split()[0] for line in lines] == list(built_in())
    assert all(len(line.split()) > 4 for line in lines)


@pytest.mark.parametrize(
    ("typed", "place", "found"),
    [
        ("flowsim run us_e", 2, "us_equity"),
        ("flowsim plot runs/first term", 3, "term-structure"),
        ("flowsim rules check vol_target_a", 3, "vol_target_average"),
    ],
)
def test_a_shell_completes_names_of_configs_pictures_and_rules(typed, place, found):
    asked = {"COMP_WORDS": typed, "COMP_CWORD": str(place), "_FLOWSIM_COMPLETE": "complete_bash"}
    printed = subprocess.run(
        [sys.executable, "-c", "import sys; sys.argv[0] = 'flowsim'; from flowsim.cli import main; main()"],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        env=os.environ | asked,
    )
    assert printed.stdout.split() == [found]
