"""What a linter cannot know of the structure of the package."""

import ast
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
STRATEGIES = sorted((ROOT / "strategies").glob("[!_]*.py"))
NUMBA_BACKEND = ROOT / "flowsim" / "kernel" / "numba_backend"
OUTSIDE_THE_BACKEND = [file for file in sorted((ROOT / "flowsim").rglob("*.py")) if NUMBA_BACKEND not in file.parents]


def imported(file: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add(node.module or "")
    return names


@pytest.mark.parametrize("file", STRATEGIES, ids=lambda file: file.stem)
def test_a_strategy_imports_math_and_the_names_of_flowsim_strategy_only(file):
    assert imported(file) <= {"math", "typing", "flowsim.strategy"}


@pytest.mark.parametrize("file", OUTSIDE_THE_BACKEND, ids=lambda file: str(file.relative_to(ROOT)))
def test_numba_is_imported_in_its_own_folder_only(file):
    assert not {name for name in imported(file) if name.split(".")[0] in ("numba", "llvmlite")}


YEAR_OF_SESSIONS = {"clock/year.py", "market/observables.py", "testing/views.py", "config/schema.py"}
"""Where 252 is written: the constant, the windows of the view and of its check, and a bound of the config."""


def test_the_sessions_of_a_year_are_one_constant():
    found = {
        str(file.relative_to(ROOT / "flowsim"))
        for file in (ROOT / "flowsim").rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.Constant) and type(node.value) in (int, float) and node.value == 252
    }
    assert found == YEAR_OF_SESSIONS


@pytest.mark.parametrize("config", sorted((ROOT / "configs").glob("*.toml")), ids=lambda file: file.stem)
def test_a_built_in_config_loads_and_says_what_it_is(config):
    from flowsim.config import load

    assert len(load(config.stem).description) > 40


def test_every_strategy_says_what_it_does_and_where_it_comes_from():
    from flowsim.authoring.discovery import discover

    for strategy in discover().values():
        assert strategy.summary.endswith(".")
        assert len(strategy.source) > 10
        assert strategy.laws


def test_every_public_name_is_what_it_says_however_often_it_is_used():
    import flowsim as fs

    for name in fs.__all__:
        first = getattr(fs, name)
        assert getattr(fs, name) is first
        assert name in {"plot", "report", "__version__"} or callable(first)


def test_every_package_is_in_the_wheel():
    listed = set(tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["packages"])
    written = {".".join(file.parent.relative_to(ROOT).parts) for file in (ROOT / "flowsim").rglob("__init__.py")}
    assert written <= listed
