"""What objects show of themselves in a notebook: a heading, a few lines, and a table."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape


def card(title: str, lines: Iterable[str], columns: Sequence[str] = (), rows: Iterable[Sequence[object]] = ()) -> str:
    """Return HTML with a title, lines of text below it, and a table; what is empty is left out."""
    parts = [f"<strong>{escape(title)}</strong>", *(escape(" ".join(line.split())) for line in lines if line.strip())]
    body = "".join("<tr>" + "".join(map(_cell, row)) + "</tr>" for row in rows)
    head = "".join(f"<th>{escape(name)}</th>" for name in columns)
    table = f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>" if columns else ""
    return f"<div>{'<br>'.join(parts)}{table}</div>"


def bullets(lines: Iterable[str]) -> str:
    """Return sentences as a list."""
    return "<ul>" + "".join(f"<li>{escape(line)}</li>" for line in lines) + "</ul>"


def _cell(value: object) -> str:
    if isinstance(value, float):
        return f'<td style="text-align: right">{value:,.2f}</td>'
    return f"<td>{'' if value is None else escape(str(value))}</td>"
