"""Numbers as vendors and countries write them: currency signs, thousands separators, decimal commas."""

from __future__ import annotations

import re
from collections.abc import Iterable

_NOTHING = "|.|-|--|–|—|...|-.-|?|n/a|na|nan|null|none|nil|nat|nd|<na>|missing|#n/a|#n/a n/a|n.a.|n.d.|n.v.|k.a."
NOTHING = frozenset(_NOTHING.split("|"))
"""What stands where there is no value, in lower case."""

_CURRENCY = re.compile(
    r"^(?:[A-Z]{0,3}[$€£¥₩₹₽₺]|USD|EUR|GBP|CHF|JPY|pts?\.?)|(?:[$€£¥₩₹₽₺]|USD|EUR|GBP|CHF|JPY|pts?\.?)$"
)
_BLANKS = str.maketrans("", "", " \t\u00a0\u2007\u2009\u202f'’`")
_MARKED = re.compile(r"[+-]?[\d.,]+")
_DIGITS = {
    ".": re.compile(r"[+-]?(?:\d+|\d{1,3}(?:,\d{2,3})*,\d{3})?(?:(?<=\d)\.\d*|\.\d+)?(?:[eE][+-]?\d+)?"),
    ",": re.compile(r"[+-]?(?:\d+|\d{1,3}(?:\.\d{2,3})*\.\d{3})?(?:(?<=\d),\d*|,\d+)?(?:[eE][+-]?\d+)?"),
}


def is_nothing(text: str) -> bool:
    """Tell whether a text says that there is no value."""
    return text.casefold() in NOTHING


def decimal_mark(texts: Iterable[str], comma_likely: bool = False) -> str:
    """Return what begins the decimals in most numbers: a point, or a comma.

    A mark that is there twice separates thousands, one of two the last begins the decimals, and so does one that has
    not three digits behind it. Where no number tells, it is a point, or a comma if that is likely.
    """
    votes = {".": 0, ",": 0}
    marked = [text for text in texts if "," in text or "." in text]
    if not any("," in text or text.count(".") > 1 for text in marked):
        marked = marked if comma_likely else []
    for text in marked:
        number = _bare(text)
        if not _MARKED.fullmatch(number):
            continue
        last = max(number.rfind("."), number.rfind(","))
        if last < 0:
            continue
        mark, other = ("." if number[last] == "." else ","), ("," if number[last] == "." else ".")
        before, after = number[:last].lstrip("+-"), number[last + 1 :]
        if mark in before:
            votes[other] += 1
        elif other in before or len(after) != 3 or len(before) > 3 or before in ("", "0"):
            votes[mark] += 1
    if votes["."] == votes[","]:
        return "," if comma_likely else "."
    return max(votes, key=lambda mark: votes[mark])


def number_of(text: str, mark: str = ".") -> float | None:
    """Return the number that a text is, or None; `mark` begins its decimals."""
    if mark == ".":
        try:
            # Python's underscores between digits are no part of a number.
            return None if "_" in text else float(text)
        except ValueError:
            pass
    number = _bare(text)
    if not any(map(str.isdigit, number)) or not number.isascii() or not _DIGITS[mark].fullmatch(number):
        return None
    thousands = "," if mark == "." else "."
    return float(number.replace(thousands, "").replace(mark, "."))


def _bare(text: str) -> str:
    """Return a number without currency, and without what separates thousands in any country but '.' and ','."""
    bare = text.translate(_BLANKS)
    return _CURRENCY.sub("", bare).replace("−", "-")
