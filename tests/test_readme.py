"""The README is run, not believed."""

import re
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
