"""The README is run, not believed."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text()


def test_the_python_of_the_readme_runs(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    [code] = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    exec(compile(code, "README.md", "exec"), {})
    assert (tmp_path / "flows.png").exists()
    assert "share" in capsys.readouterr().out


@pytest.mark.parametrize("path", re.findall(r"\]\(([^)#h][^)]*)\)", README))
def test_every_file_that_the_readme_points_to_is_there(path):
    assert (ROOT / path).exists()


@pytest.mark.parametrize("command", sorted(set(re.findall(r"`flowsim ([a-z]+)", README))))
def test_every_command_that_the_readme_names_exists(command):
    from typer.main import get_command

    from flowsim.cli import app

    assert command in get_command(app).commands


@pytest.mark.parametrize("page", ["README.md", "docs/testing-rules.md"])
def test_the_walk_of_a_page_prints_what_it_says(page, tmp_path):
    [shown] = re.findall(r"```console\n(.*?)```", (ROOT / page).read_text(), re.DOTALL)
    environment = os.environ | {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    for step in re.split(r"^\$ ", shown, flags=re.MULTILINE)[1:]:
        command, _, printed = step.partition("\n")
        told = subprocess.run(
            f"{command} 2>&1", shell=True, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
        )
        assert told.stdout == printed.replace("/home/you", str(tmp_path))


def test_the_config_of_the_readme_differs_from_the_default_in_what_it_names(tmp_path):
    import flowsim as fs

    [text] = re.findall(r"```toml\n(.*?)```", README, re.DOTALL)
    (tmp_path / "mine.toml").write_text(text)
    mine, default = fs.load(tmp_path / "mine.toml"), fs.load("us_equity")
    assert mine.population["vol_control"].capital_bn == 600 > default.population["vol_control"].capital_bn
    back = f"population.vol_control.capital_bn={default.population['vol_control'].capital_bn}"
    assert mine.override(back) == default
