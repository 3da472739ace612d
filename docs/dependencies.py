"""Print what each dependency of flowsim weighs where it is installed: alone, and with what would leave with it.

``python docs/dependencies.py --write`` puts the table into docs/dependencies.md.
"""

import re
import sys
from importlib.metadata import Distribution, distribution, requires
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "dependencies.md"
SHOWN = re.compile(r"(?<=<!-- weights -->\n).*?(?=<!-- end -->)", re.DOTALL)
OWN = "flowsim-market"


def needed_by(name: str, extra: str = "") -> set[str]:
    """Return the distributions that one asks for on this machine."""
    parsed = [Requirement(text) for text in requires(name) or []]
    asked = [one for one in parsed if one.marker is None or one.marker.evaluate({"extra": extra})]
    return {one.name.lower().replace("_", "-") for one in asked}


def closure(names: set[str]) -> set[str]:
    """Return distributions and all that they ask for."""
    found: set[str] = set()
    waiting = set(names)
    while waiting:
        one = waiting.pop()
        found.add(one)
        waiting |= needed_by(one) - found
    return found


def megabytes(found: Distribution) -> float:
    """Return the size of the files of a distribution, bytecode aside."""
    files = [Path(str(file.locate())) for file in found.files or [] if file.suffix != ".pyc"]
    return sum(file.stat().st_size for file in files if file.is_file()) / 1e6


def rows() -> list[tuple[str, str, float, float]]:
    """Return name, version, MB alone, and MB that would leave with it, of each declared dependency."""
    declared = needed_by(OWN)
    everything = closure(declared)
    weight = {name: megabytes(distribution(name)) for name in everything}
    leaving = {name: everything - closure(declared - {name}) for name in declared}
    found = [
        (name, distribution(name).version, weight[name], sum(weight[one] for one in leaving[name])) for name in declared
    ]
    total = ("all, with what they need", "", sum(weight[name] for name in declared), sum(weight.values()))
    return [*sorted(found, key=lambda row: -row[2]), total]


def as_text() -> str:
    """Return the table in Markdown."""
    lines = ["| dependency | version | MB | MB that would leave with it |", "|---|---|---:|---:|"]
    return "\n".join([*lines, *(f"| {n} | {v} | {alone:.0f} | {gone:.0f} |" for n, v, alone, gone in rows())]) + "\n"


if __name__ == "__main__":
    if "--write" in sys.argv:
        PAGE.write_text(SHOWN.sub(as_text(), PAGE.read_text()))
    else:
        print(as_text(), end="")
