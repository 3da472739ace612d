"""Every command has its Python beside it, and every name of Python on the page is there."""

import re
from pathlib import Path

import typer

import flowsim as fs
from flowsim.cli import app

PAGE = (Path(__file__).parents[2] / "docs" / "python.md").read_text()
ABOUT_THE_MACHINE_OR_FILES = {"bench", "warmup", "rules", "config"}


def test_every_command_that_finds_something_out_has_its_python():
    commands = set(typer.main.get_command(app).commands) - ABOUT_THE_MACHINE_OR_FILES
    assert commands == set(re.findall(r"`flowsim (\w+)", PAGE)) - ABOUT_THE_MACHINE_OR_FILES


def test_every_name_on_the_page_can_be_had():
    names = set(re.findall(r"\bfs\.([\w.]+)", PAGE))
    assert len(names) > 15
    for name in names:
        found = fs
        for part in name.split("."):
            found = getattr(found, part)


def test_the_page_says_not_to_fork():
    assert "spawn" in PAGE
    assert "Do not fork" in PAGE


def test_no_process_of_flowsim_is_a_fork():
    package = Path(fs.__file__).parent
    sources = "".join(file.read_text() for file in package.rglob("*.py"))
    assert "os.fork" not in sources
    assert not re.search(r"\bimport multiprocessing|from multiprocessing import (?!get_context\b)", sources)
    assert not re.search(r'ProcessPoolExecutor\((?!mp_context=get_context\("spawn"\))', sources)
