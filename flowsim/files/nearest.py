"""The remedy for a misspelt name."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


def nearest(name: str, known: Iterable[str], kind: str = "") -> str:
    """Return the remedy for an unknown name: the nearest known one, if any is near, and the list."""
    names = list(known)
    close = difflib.get_close_matches(name, names, n=1, cutoff=0.5)
    guess = f"did you mean '{close[0]}'? " if close else ""
    return f"{guess}known{kind and ' ' + kind}: {', '.join(names)}"
