"""The page of private names says all that flowsim takes from the insides of numba and llvmlite."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "numba-backend.md").read_text()
FILES = sorted((ROOT / "flowsim" / "kernel" / "numba_backend").glob("[!_]*.py"))
PUBLIC = {"numba", "numba.extending", "llvmlite"}
"""What numba and llvmlite document: names of these need no line."""
OURS = {"key", "field_type"}
"""Methods of our own in a class of theirs."""


def taken(file: Path) -> set[str]:
    """Return what a file imports from inside of numba and llvmlite, and what it names with an underscore of theirs."""
    tree = ast.parse(file.read_text())
    imports = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    names = {
        alias.name
        for node in imports
        if (node.module or "").split(".")[0] in ("numba", "llvmlite") and node.module not in PUBLIC
        for alias in node.names
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and re.match(r"_[a-z]", node.attr) and not _own(node):
            names.add(node.attr)
        if isinstance(node, ast.ClassDef) and node.bases:
            names |= {part.name for part in node.body if isinstance(part, ast.FunctionDef) and part.name[:2] != "__"}
    return names - OURS


def _own(node: ast.Attribute) -> bool:
    """Tell whether it is an attribute that `machine_code.Kernel` gives itself."""
    return isinstance(node.value, ast.Name) and node.value.id == "self" and node.attr in ("_loader", "_shape")


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_private_name_of_a_file_stands_on_the_page(file):
    listed = set(re.findall(r"\w+", " ".join(re.findall(r"`([^`]*)`", PAGE))))
    lacking = taken(file) - listed
    assert not lacking


def test_private_names_are_found():
    names = set.union(*map(taken, FILES))
    assert {"_optimize_final_module", "cpu_target", "_customize_flags", "lower_getattr_generic", "_tm"} <= names
    assert len(names) > 25
