"""Every file, command and name of the code that a page names is there."""

import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted(ROOT.glob("*/*.md"))]
YOURS = (
    "run.json",
    "NAME_config",
    "runs/",
    "outlook/",
    "../shared",
    "mine.",
    "scenario.toml",
    "fitted.toml",
    "result.json",
    "report.html",
    "sweep.json",
    "arms.parquet",
    "dealers.toml",
    "both.png",
    "SWEEP.toml",
    "blocks/",
    "outcomes/",
    "work/",
    "sweeps/dealers",
)
"""How paths begin that a run or a reader makes."""
SOURCES = ("flowsim", "strategies", "configs", "tests", "benchmarks", "docs")
PATH = re.compile(r"[\w.*-]+(?:/[\w.*-]*)+|[\w*]+\.(?:py|c|md|toml|csv|json|html)")
NAME = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*(?:\([\w, .]*\))?")


def quoted(page):
    """Return what stands in backticks on a page, outside of blocks of code."""
    prose = re.sub(r"```.*?```", "", page.read_text(), flags=re.DOTALL)
    return sorted(set(re.findall(r"`([^`\n]+)`", prose)))


@cache
def words():
    """Return every word of every source, of TOML files too."""
    files = [file for folder in SOURCES for end in ("py", "toml", "c") for file in (ROOT / folder).rglob(f"*.{end}")]
    files.remove(Path(__file__))
    return set(re.findall(r"\w+", "\n".join(file.read_text(errors="replace") for file in files)))


def known(name):
    """Tell whether something is called so in a source; `_bn` and `daily_` are ends and beginnings of names."""
    if name.startswith("_"):
        return any(word.endswith(name) for word in words())
    if name.endswith("_"):
        return any(word.startswith(name) for word in words())
    return name in words()


@cache
def files_called(name):
    return [file for folder in (*SOURCES, ".ci") for file in (ROOT / folder).rglob(name)]


def missing_paths(page):
    """Return the paths of a page that are neither in the repository nor beside the page."""
    paths = [path for path in quoted(page) if PATH.fullmatch(path) and not path.startswith(YOURS)]
    beside = (ROOT, page.parent)
    return [
        path
        for path in paths
        if not any(any(folder.glob(path.rstrip("/"))) for folder in beside)
        and not ("/" not in path and files_called(path))
    ]


def missing_names(page):
    """Return the names of a page, dotted or with an underscore, of which a part is no word of any source."""
    names = [name for name in quoted(page) if NAME.fullmatch(name) and ("_" in name or "." in name)]
    return [
        name
        for name in names
        if not PATH.fullmatch(name) and not all(map(known, re.findall(r"\w+", name.partition("(")[0])))
    ]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_path_that_a_page_names_is_there(page):
    assert missing_paths(page) == []


# The data dictionary is made from the code, some of whose names are put together of others.
@pytest.mark.parametrize(
    "page", [page for page in PAGES if page.stem != "data-dictionary"], ids=lambda page: str(page.relative_to(ROOT))
)
def test_every_name_of_the_code_that_a_page_names_is_in_the_code(page):
    assert missing_names(page) == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_page_that_a_page_links_to_is_there(page):
    links = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text())
    assert [link for link in links if not (page.parent / link).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_command_that_a_page_names_exists(page):
    from typer.main import get_command

    from flowsim.cli import app

    commands = {word for text in quoted(page) for word in re.findall(r"^flowsim ([a-z]+)", text)}
    assert commands <= set(get_command(app).commands)


def test_the_index_names_every_page():
    index = (ROOT / "docs" / "index.md").read_text()
    pages = {page.name for page in (ROOT / "docs").glob("*.md")} - {"index.md"}
    assert sorted(re.findall(r"\]\((\w[\w.-]*\.md)\)", index)) == sorted(pages)


def test_the_table_of_test_folders_has_every_folder():
    table = re.findall(r"^\|( `[^|]*)\|", (ROOT / "tests" / "README.md").read_text(), re.MULTILINE)
    named = set(re.findall(r"`(\w+)/`", "".join(table)))
    assert named == {file.parent.name for file in (ROOT / "tests").glob("*/*") if file.suffix in (".py", ".txt")}


def test_a_path_and_a_name_that_are_not_there_are_found(tmp_path):
    page = tmp_path / "page.md"
    page.write_text(
        "`flowsim/market/nowhere.py`, `nowhere.py`, `no_such_%s`, `day.no_such_%s`, `one_day`" % (("ever",) * 2)
    )
    assert missing_paths(page) == ["flowsim/market/nowhere.py", "nowhere.py"]
    assert missing_names(page) == ["day.no_such_ever", "no_such_ever"]
