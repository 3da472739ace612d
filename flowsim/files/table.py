"""A table from outside as text, whatever it came in: every value as it was given, so that a fault can show it."""

from __future__ import annotations

import logging
import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache

from flowsim.errors import InputError

LONGEST_NAME = 40
"""Characters of a column's name that a message shows."""

_LAST_PARENTHESIS = re.compile(r"\s*[(\[][^)\]]*[)\]]\s*$")
_NUMBERING = re.compile(r"^\d+[a-z]?\. (?=.)")
_NO_WORD = re.compile(r"[\W_]+")


@dataclass(frozen=True, eq=False)
class Table:
    """Columns of text, all of the same length.

    `source` is what messages call it: a path, or the name of an argument. `names` are those of the columns, a tuple for
    each, since some vendors write several header lines. `rows` says where each value stands: the line of a CSV file,
    the row of a sheet, of a Parquet file or of a table, from 1. `column(n)` gives the texts of one column without
    blanks around them, empty where there is no value. `preamble` is what stands above the header, and
    `decimal_comma_likely` whether the file separates its fields by semicolons.
    """

    source: str
    names: list[tuple[str, ...]]
    rows: Sequence[int]
    column: Callable[[int], list[str]]
    preamble: list[list[str]] = field(default_factory=list)
    decimal_comma_likely: bool = False

    def called(self, position: int) -> str:
        """Return the name of a column for a message."""
        name = " ".join(self.names[position]) or f"column {position + 1}"
        return name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 3]}..."

    def listed_names(self) -> str:
        """Return the names of all columns for a message; the first line of a file that is no table is of any length."""
        shown = [f"'{self.called(position)}'" for position in range(len(self.names))]
        return ", ".join(shown if len(shown) <= 24 else [*shown[:23], f"{len(shown) - 23} more"])

    def find(self, words: Iterable[str]) -> list[int]:
        """Return the positions of the columns that have one of some plain names (see `plain`)."""
        wanted = frozenset(words)
        return [place for place, name in enumerate(self.names) if any(plain(word) in wanted for word in name)]

    def named(self, name: str, wanted: str) -> int:
        """Return the position of the column that a user names as `wanted`, by its name or its number from 1.

        Raises
        ------
        InputError
            If no column is called so, or several are.
        """
        exact = [place for place in range(len(self.names)) if _same(name, self.names[place])]
        found = exact or self.find([plain(name)])
        if not found and name.isdecimal() and 0 < int(name) <= len(self.names):
            return int(name) - 1
        if len(found) != 1:
            raise InputError(
                f"{self.source} has {len(found) or 'no'} columns named {name!r} among {self.listed_names()};"
                f" name the one of {wanted} by `columns={{'{wanted}': 'NAME'}}`"
            )
        return found[0]


@cache
def say_once(sentence: str) -> None:
    """Log a sentence on a file that was read; many runs may start from the same one."""
    logging.getLogger("flowsim").info(sentence)


@cache
def plain(name: str) -> str:
    """Return the name of a column without what vendors decorate it with: 'Close*', '<CLOSE>', '4. close' are 'close'.

    Accents, case, punctuation and a unit in parentheses at the end go too.
    """
    text = unicodedata.normalize("NFKD", _LAST_PARENTHESIS.sub("", name.strip()) or name).casefold()
    text = "".join(letter for letter in text if not unicodedata.combining(letter))
    return _NO_WORD.sub(" ", _NUMBERING.sub("", text)).strip()


def _same(name: str, names: tuple[str, ...]) -> bool:
    wanted = name.strip().casefold()
    return wanted == " ".join(names).strip().casefold() or wanted in [one.strip().casefold() for one in names]
