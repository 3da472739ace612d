"""A page that holds everything in itself: style, text, tables and pictures, with no script and no address to load."""

from __future__ import annotations

import io
import re
import zlib
from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.figure import Figure

STYLE = """
:root { color-scheme: light; }
body { font: 16px/1.5 system-ui, sans-serif; color: #222; background: #fff; max-width: 62rem; margin: 0 auto;
  padding: 1.5rem 1.25rem 4rem; }
h1 { font-size: 1.8rem; line-height: 1.2; margin: 0.5rem 0; } h2 { font-size: 1.35rem; margin: 3rem 0 0.5rem; }
h3 { font-size: 1rem; margin: 1.6rem 0 0.3rem; } p { margin: 0.5rem 0; } .quiet { color: #666; font-size: 0.9rem; }
blockquote { margin: 0.5rem 0; padding: 0.1rem 1rem; border-left: 4px solid #2F5D7C; font-style: italic; }
table { border-collapse: collapse; margin: 0.6rem 0; font-size: 0.88rem; font-variant-numeric: tabular-nums; }
th, td { padding: 0.22rem 0.7rem; border-bottom: 1px solid #e3e3e3; text-align: right; vertical-align: top; }
th:first-child, td:first-child, td.text, th.text { text-align: left; } th { border-bottom: 2px solid #bbb; }
.wide { overflow-x: auto; } figure { margin: 0.8rem 0; } svg { width: 100%; height: auto; }
.mark { font-weight: 600; border-radius: 0.3rem; padding: 0.08rem 0.5rem; white-space: nowrap; }
.reproduced { background: #dff0e4; color: #1d5a36; } .partly { background: #fbf0d3; color: #7a5608; }
.not-reproduced { background: #f8dddf; color: #8f1822; } .undecided { background: #e6e6ea; color: #444; }
a { color: #2F5D7C; } @media print { h2 { break-before: page; } a { color: inherit; text-decoration: none; } }
"""


def page(title: str, body: Sequence[str]) -> str:
    """Return a whole page from parts that are HTML already."""
    return (
        f'<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>{escape(title)}</title>\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<style>{STYLE}</style>\n</head>\n<body>\n" + "\n".join(body) + "\n</body>\n</html>\n"
    )


def table(columns: Sequence[str], rows: Sequence[Sequence[str | float | None]], *, text: Sequence[int] = (0,)) -> str:
    """Return a table; the columns numbered in `text` are words, the rest numbers."""
    head = "".join(f"<th{_kind(place, text)}>{escape(name)}</th>" for place, name in enumerate(columns))
    lines = [
        "<tr>" + "".join(f"<td{_kind(place, text)}>{_cell(cell)}</td>" for place, cell in enumerate(row)) + "</tr>"
        for row in rows
    ]
    return f'<div class="wide"><table><thead><tr>{head}</tr></thead><tbody>{"".join(lines)}</tbody></table></div>'


def mark(word: str) -> str:
    """Return a word on the color of its class."""
    return f'<span class="mark {word.replace(" ", "-")}">{escape(word)}</span>'


def picture(figure: Figure, says: str, caption: str = "") -> str:
    """Return a figure as SVG inside the page, with what it shows for those who cannot see it, and a caption."""
    from matplotlib import rc_context

    file = io.StringIO()
    with rc_context({"svg.hashsalt": says, "svg.fonttype": "none"}):
        figure.savefig(file, format="svg", metadata={"Date": None})
    svg = file.getvalue()
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg[svg.index("<svg") :], flags=re.DOTALL)
    # Names of shapes are unique in a picture and not in a page of several.
    prefix = f"p{zlib.crc32(says.encode()):x}-"
    svg = re.sub(r'(id="|href="#|url\(#)', lambda found: found[1] + prefix, svg)
    below = f'<figcaption class="quiet">{escape(caption)}</figcaption>' if caption else ""
    return f'<figure role="img" aria-label="{escape(says, quote=True)}">{svg}{below}</figure>'


def number(value: float | None, digits: int = 3) -> str:
    """Write a number with so many significant digits, and a dash for none."""
    if value is None:
        return "–"
    return f"{value:,.0f}" if abs(value) >= 10**digits else f"{value:z.{digits}g}"


def _kind(place: int, text: Sequence[int]) -> str:
    return ' class="text"' if place in text else ""


def _cell(cell: str | float | None) -> str:
    if isinstance(cell, str):
        return cell if cell.startswith("<span") else escape(cell)
    return number(cell)
