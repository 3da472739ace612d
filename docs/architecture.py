"""Draw docs/architecture.svg: the packages of flowsim, made from their imports and docstrings.

`python docs/architecture.py` writes it anew; tests/docs/test_architecture.py fails when it is out of date.
"""

from __future__ import annotations

import ast
import textwrap
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple
from xml.sax.saxutils import escape

ROOT = Path(__file__).resolve().parent.parent
PICTURE = ROOT / "docs" / "architecture.svg"

BOX_WIDTH, BOX_HEIGHT, ROW_HEIGHT = 330, 90, 126
LANE, GAP, MARGIN, HEAD = 26, 30, 40, 96
GROUND, SKY = (38, 70, 83), (233, 140, 97)
"""Colors of the lowest and of the highest package."""


class Package(NamedTuple):
    """A package, or a module that stands beside the packages: what it is for and what it imports."""

    name: str
    purpose: str
    imports: frozenset[str]
    lines: int


def packages() -> dict[str, Package]:
    """Return every package of flowsim by its name, and the folder of rules that ships with it."""
    sources = {folder.name: sorted(folder.rglob("*.py")) for folder in (ROOT / "flowsim").iterdir() if folder.is_dir()}
    sources |= {file.stem: [file] for file in (ROOT / "flowsim").glob("[!_]*.py")}
    sources["strategies"] = sorted((ROOT / "strategies").glob("*.py"))
    found = {name: _package(name, files) for name, files in sorted(sources.items()) if files}
    return {name: one._replace(imports=one.imports & found.keys()) for name, one in found.items()}


def _package(name: str, files: list[Path]) -> Package:
    texts = [file.read_text(encoding="utf-8") for file in files]
    trees = [ast.parse(text) for text in texts]
    paragraph = (ast.get_docstring(trees[0]) or "").partition("\n\n")[0]
    imports = frozenset(package for tree in trees for package in imported(tree)) - {name}
    return Package(name, " ".join(paragraph.split()), imports, sum(text.count("\n") for text in texts))


def imported(tree: ast.AST) -> Iterator[str]:
    """Yield the packages of flowsim that a file imports, at its top or inside its functions."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module == "flowsim":
            names = [f"flowsim.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [node.module or ""]
        else:
            continue
        yield from (name.split(".")[1] for name in names if name.startswith("flowsim."))


def arrows(found: dict[str, Package]) -> list[tuple[str, str]]:
    """Return who imports whom, without what follows: a -> c is left out where a -> b -> c."""

    @cache
    def below(name: str) -> frozenset[str]:
        return found[name].imports.union(*(below(other) for other in found[name].imports))

    return [
        (name, other)
        for name, one in found.items()
        for other in sorted(one.imports)
        if not any(other in below(between) for between in one.imports)
    ]


def rows_of(found: dict[str, Package]) -> dict[str, int]:
    """Return the row of each package, from 0 at the bottom: one above the highest that it imports."""

    @cache
    def row(name: str) -> int:
        return 1 + max(map(row, found[name].imports), default=-1)

    return {name: row(name) for name in found}


class Layout(NamedTuple):
    """Where things stand: the center of each node, and for each arrow the nodes that it passes.

    A node is a package or, for an arrow over several rows, a lane between packages.
    """

    x: dict[str, float]
    row: dict[str, int]
    routes: list[list[str]]


def laid_out(found: dict[str, Package]) -> Layout:
    """Place packages in rows, and order every row so that arrows are short."""
    row = rows_of(found)
    routes = []
    for name, other in arrows(found):
        lanes = {f"{name}>{other}:{level}": level for level in range(row[name] - 1, row[other], -1)}
        row |= lanes
        routes.append([name, *lanes, other])
    levels = [[name for name in row if row[name] == level] for level in range(1 + max(row.values()))]
    steps = [step for route in routes for step in pairwise(route)]
    beside = {name: [a if b == name else b for a, b in steps if name in (a, b)] for name in row}
    x = {name: float(place) for level in levels for name, place in zip(level, _spread(level), strict=True)}
    for _ in range(40):
        for level in (*levels, *reversed(levels)):
            wanted = {name: _pull(name) * sum(x[other] for other in beside[name]) / len(beside[name]) for name in level}
            level.sort(key=lambda name: (wanted[name], name))
            x |= _pushed_apart(level, wanted)
    return Layout(x, row, routes)


def _width(name: str) -> int:
    return LANE if ">" in name else BOX_WIDTH


def _pull(name: str) -> float:
    """Return how far something follows its neighbors: packages stay near the middle, lanes go around them."""
    return 1.0 if ">" in name else 0.5


def _spread(level: list[str]) -> Iterator[float]:
    total = sum(_width(name) + GAP for name in level)
    at = -total / 2
    for name in level:
        yield at + (_width(name) + GAP) / 2
        at += _width(name) + GAP


def _pushed_apart(level: list[str], wanted: dict[str, float]) -> dict[str, float]:
    """Return places in the order of the row, as near to the wanted ones as widths allow."""
    spread = dict(zip(level, _spread(level), strict=True))
    # Without widths, places that keep the order are a running pool of means (isotonic regression).
    pools: list[list[float]] = []
    for name in level:
        pools.append([wanted[name] - spread[name]])
        while len(pools) > 1 and sum(pools[-2]) / len(pools[-2]) > sum(pools[-1]) / len(pools[-1]):
            pools[-2:] = [pools[-2] + pools[-1]]
    shifts = [sum(pool) / len(pool) for pool in pools for _ in pool]
    return {name: spread[name] + shift for name, shift in zip(level, shifts, strict=True)}


def picture(found: dict[str, Package]) -> str:
    """Return the picture as SVG."""
    layout = laid_out(found)
    top = 1 + max(layout.row.values())
    left = min(x - _width(name) / 2 for name, x in layout.x.items()) - MARGIN
    right = max(x + _width(name) / 2 for name, x in layout.x.items()) + MARGIN
    width, height = round(right - left), HEAD + top * ROW_HEIGHT + MARGIN
    at = {name: (x - left, HEAD + (top - 1 - layout.row[name]) * ROW_HEIGHT) for name, x in layout.x.items()}
    largest = max(one.lines for one in found.values())
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
            ' font-family="Helvetica, Arial, sans-serif">',
            '<defs><marker id="head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7"'
            ' orient="auto"><path d="M0,0.5 L8,4 L0,7.5 z" fill="#8a8f94"/></marker></defs>',
            f'<rect width="{width}" height="{height}" fill="#fbfaf7"/>',
            f'<text x="{MARGIN}" y="44" font-size="26" font-weight="bold" fill="#22313a">'
            "The packages of flowsim</text>",
            f'<text x="{MARGIN}" y="68" font-size="13" fill="#5b656b">Every import points down. An arrow goes to a'
            " package that is imported; what follows from other arrows is left out. Bars: lines of code.</text>",
            *(_arrow(route, layout, at) for route in layout.routes),
            *(_box(one, at[name], layout.row[name] / (top - 1), largest) for name, one in found.items()),
            "</svg>\n",
        ]
    )


def _arrow(route: list[str], layout: Layout, at: dict[str, tuple[float, float]]) -> str:
    """Return an arrow from the bottom of a package to the top of another, along its lanes."""
    first, last = route[0], route[-1]
    leave = _port(route, [other for other in layout.routes if other[0] == first], 1, layout)
    arrive = _port(route, [other for other in layout.routes if other[-1] == last], -2, layout)
    points = [(at[first][0] + leave, at[first][1] + BOX_HEIGHT)]
    for lane in route[1:-1]:
        x, y = at[lane]
        points += [(x, y), (x, y + BOX_HEIGHT)]
    points.append((at[last][0] + arrive, at[last][1] - 2))
    path = f"M{points[0][0]:.1f},{points[0][1]:.1f}"
    for (x, y), (to_x, to_y) in pairwise(points):
        middle = (y + to_y) / 2
        path += f" C{x:.1f},{middle:.1f} {to_x:.1f},{middle:.1f} {to_x:.1f},{to_y:.1f}"
    return (
        f'<path class="import" id="{first}-to-{last}" d="{path}" fill="none" stroke="#8a8f94" stroke-width="1.6"'
        ' marker-end="url(#head)"/>'
    )


def _port(route: list[str], others: Iterable[list[str]], step: int, layout: Layout) -> float:
    """Return how far from the middle of a package an arrow leaves it, so that arrows do not cross there."""
    ordered = sorted(others, key=lambda other: (layout.x[other[step]], other))
    return 56.0 * (ordered.index(route) - (len(ordered) - 1) / 2)


def _box(one: Package, corner: tuple[float, float], height: float, largest: int) -> str:
    x, y = corner[0] - BOX_WIDTH / 2, corner[1]
    color = "#" + "".join(f"{round(low + (high - low) * height):02x}" for low, high in zip(GROUND, SKY, strict=True))
    purpose = textwrap.wrap(one.purpose.replace("`", ""), 49)
    lines = "".join(
        f'<text x="{x + 14:.1f}" y="{y + 41 + 14.5 * row:.1f}" font-size="11.5" fill="#3a444a">{escape(text)}</text>'
        for row, text in enumerate(purpose)
    )
    return (
        f'<g class="package" id="{one.name}"><rect x="{x:.1f}" y="{y:.1f}" width="{BOX_WIDTH}" height="{BOX_HEIGHT}"'
        f' rx="7" fill="#ffffff" stroke="{color}" stroke-width="1.6"/>'
        f'<text x="{x + 14:.1f}" y="{y + 23:.1f}" font-size="16" font-weight="bold" fill="{color}">{one.name}</text>'
        f'<text x="{x + BOX_WIDTH - 14:.1f}" y="{y + 22:.1f}" font-size="11" text-anchor="end" fill="#5b656b"'
        f' class="lines">{one.lines:,}</text>'
        f'<rect x="{x + 14:.1f}" y="{y + BOX_HEIGHT - 9:.1f}" width="{(BOX_WIDTH - 28) * one.lines / largest:.1f}"'
        f' height="2.5" fill="{color}"/>{lines}</g>'
    )


if __name__ == "__main__":
    PICTURE.write_text(picture(packages()), encoding="utf-8")
    print(PICTURE)
