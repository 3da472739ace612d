"""The picture of the packages is made from the code, and the docstring of a package says what it imports."""

import re
import runpy
from pathlib import Path
from xml.etree import ElementTree

import pytest

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = runpy.run_path(str(ROOT / "docs" / "architecture.py"))
PACKAGES = SCRIPT["packages"]()
PICTURE = ROOT / "docs" / "architecture.svg"


def shown_lines():
    text = "{http://www.w3.org/2000/svg}text"
    groups = ElementTree.parse(PICTURE).iter("{http://www.w3.org/2000/svg}g")
    return {
        group.get("id"): int(next(one.text for one in group.iter(text) if one.get("class") == "lines").replace(",", ""))
        for group in groups
    }


def test_the_picture_is_what_imports_and_docstrings_say():
    lines = shown_lines()
    # Line counts of the day it was drawn, so that a picture is not redrawn for every line.
    known = {name: one._replace(lines=lines.get(name, 0)) for name, one in PACKAGES.items()}
    assert SCRIPT["picture"](known) == PICTURE.read_text(), "run python docs/architecture.py, and look at it"


def test_the_line_counts_of_the_picture_are_right_to_a_quarter():
    lines = {name: (one.lines, shown_lines()[name]) for name, one in PACKAGES.items()}
    stale = {name for name, (now, shown) in lines.items() if abs(now - shown) > max(0.25 * shown, 60)}
    assert not stale, "run python docs/architecture.py, and look at it"


def test_an_arrow_is_left_out_only_where_others_lead_there():
    shown = SCRIPT["arrows"](PACKAGES)

    def reached(name):
        return {other for a, b in shown if a == name for other in (b, *reached(b))}

    for name, one in PACKAGES.items():
        assert one.imports <= reached(name)
    assert len(shown) == len(set(shown)) < sum(len(one.imports) for one in PACKAGES.values())


def paragraphs(folder):
    text = re.match(r'"""(.*?)"""', (folder / "__init__.py").read_text(), re.DOTALL)
    return text[1].strip().split("\n\n") if text else [""]


@pytest.mark.parametrize("folder", sorted(file.parent for file in (ROOT / "flowsim").glob("*/__init__.py")), ids=str)
def test_a_package_says_what_it_is_for_and_imports_what_it_says_it_may(folder):
    purpose, *rest = paragraphs(folder)
    assert 20 < len(purpose) <= 120
    [may] = re.findall(r"May import (.*?)\.(?:\s|$)", " ".join(rest), re.DOTALL)
    if may not in ("what lies below it", "every other package"):
        assert PACKAGES[folder.name].imports <= set(re.findall(r"`(\w+)`", may))
