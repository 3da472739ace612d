"""No file of flowsim imports itself, however far around: at the top of files, inside functions and for types alike."""

import ast
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


def modules(root: Path) -> dict[str, Path]:
    """Return every file of the package by the name that it is imported under."""
    files = sorted((root / "flowsim").rglob("*.py"))
    return {".".join(file.relative_to(root).with_suffix("").parts).removesuffix(".__init__"): file for file in files}


def imports_of(name: str, known: dict[str, Path]) -> set[str]:
    """Return the files that a file imports, anywhere in it."""
    found = set()
    for node in ast.walk(ast.parse(known[name].read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            # A name that is taken from a package may be a file of it.
            full = [f"{node.module}.{alias.name}" for alias in node.names]
            found |= {one if one in known else str(node.module) for one in full}
    return (found & known.keys()) - {name}


def circle(root: Path) -> list[str]:
    """Return the files of a circle of imports, the first also as the last; an empty list where there is none."""
    known = modules(root)
    try:
        TopologicalSorter({name: imports_of(name, known) for name in known}).prepare()
    except CycleError as error:
        return error.args[1]
    return []


def test_no_imports_go_in_a_circle() -> None:
    assert len(modules(ROOT)) > 150
    assert circle(ROOT) == []


@pytest.mark.parametrize(
    "inside",
    ["from flowsim.a import x", "def f():\n    from flowsim import a", "if TYPE_CHECKING:\n    import flowsim.a"],
)
def test_a_circle_is_found_wherever_the_import_stands(inside: str, tmp_path: Path) -> None:
    (tmp_path / "flowsim" / "room").mkdir(parents=True)
    (tmp_path / "flowsim" / "__init__.py").touch()
    (tmp_path / "flowsim" / "a.py").write_text("from flowsim.room.b import y\n")
    (tmp_path / "flowsim" / "room" / "b.py").write_text(inside + "\n")
    assert set(circle(tmp_path)) == {"flowsim.a", "flowsim.room.b"}
