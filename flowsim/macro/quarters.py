"""Quarters as text, 2026Q3, and as whole numbers that count."""

from __future__ import annotations

import re

from flowsim.errors import InputError


def quarter_number(text: str, where: str) -> int:
    """Return the number of a quarter such as 2026Q3; consecutive quarters have consecutive numbers.

    Raises
    ------
    InputError
        If it is no quarter; `where` begins the message.
    """
    found = re.fullmatch(r"(\d{4})Q([1-4])", text)
    if found is None:
        raise InputError(f"{where}: {text!r} is no quarter; write it as 2026Q3")
    return 4 * int(found[1]) + int(found[2]) - 1


def quarter_text(number: int) -> str:
    """Return a quarter's number as text."""
    return f"{number // 4}Q{number % 4 + 1}"
