"""Plain values as TOML text."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterator, Mapping

_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")


def document(table: Mapping[str, object]) -> str:
    """Return `table` as a TOML document, with a header for tables down to the second level and inline below."""
    return "\n".join(_lines(table, ())).strip() + "\n"


def key_text(key: str) -> str:
    """Return one key, in quotes where TOML asks for them."""
    return key if _BARE_KEY.fullmatch(key) else _quoted(key)


def value_text(value: object) -> str:
    """Return one value: text, a number, a truth value, a date, a list, or an inline table.

    Raises
    ------
    TypeError
        If TOML has no form for the value's type.
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return _quoted(value)
    if isinstance(value, int):
        return str(int(value))
    if isinstance(value, float):
        return repr(float(value))
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(value_text, value)) + "]"
    if isinstance(value, Mapping):
        pairs = ", ".join(f"{key_text(key)} = {value_text(item)}" for key, item in value.items())
        return f"{{ {pairs} }}" if pairs else "{}"
    raise TypeError(f"TOML has no form for {type(value).__name__}")


def _lines(table: Mapping[str, object], path: tuple[str, ...]) -> Iterator[str]:
    inline = {key: value for key, value in table.items() if not isinstance(value, Mapping) or len(path) == 2}
    tables = {key: value for key, value in table.items() if isinstance(value, Mapping) and key not in inline}
    if path and (inline or not tables):
        yield ""
        yield f"[{'.'.join(map(key_text, path))}]"
    for key, value in inline.items():
        yield f"{key_text(key)} = {value_text(value)}"
    for key, value in tables.items():
        yield from _lines(value, (*path, key))


def _quoted(text: str) -> str:
    # JSON's escapes are TOML's too, except that TOML also refuses a bare DEL.
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
