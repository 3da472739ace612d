"""Where the header of a table ends: below what a vendor says first, and in one line or in several."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import NamedTuple

from flowsim.errors import InputError
from flowsim.files.csv_text import Line, body_of
from flowsim.files.dates import is_date
from flowsim.files.table import Table, plain

_DEEPEST = 60
"""Lines in which a header is looked for."""
_MOST_LINES = 3


class Vocabulary(NamedTuple):
    """How the header of one kind of table is known: by names, of which `at_least` so many stand in its line.

    A name is known if its plain form is one of `words`, or if `known` says so.
    """

    words: Collection[str]
    at_least: int = 1
    known: Callable[[str], bool] | None = None

    def knows(self, name: str) -> bool:
        """Tell whether a field is the name of a column of this kind of table."""
        return plain(name) in self.words or (self.known is not None and self.known(name))


class _Header(NamedTuple):
    begin: int
    end: int
    width: int


def table_of(lines: list[Line], source: str, vocabulary: Vocabulary, decimal_comma_likely: bool = False) -> Table:
    """Return the table in some lines, with the names that its header gives to the columns; `()` for one without.

    Raises
    ------
    InputError
        If there is no line, or one has other fields than the header has.
    """
    if not lines:
        raise InputError(f"{source} is empty; it needs a header line and one line for each row of the table")
    header = _header(lines, vocabulary)
    body = body_of(lines[header.end :], header.width, source)
    names = list(zip(*(_padded(line.fields, header.width) for line in lines[header.begin : header.end]), strict=True))
    return Table(
        source,
        [tuple(filter(None, name)) for name in names] or [()] * header.width,
        [line.row for line in body],
        lambda position: [line.fields[position].strip() for line in body],
        [line.fields for line in lines[: header.begin]],
        decimal_comma_likely,
    )


def _header(lines: list[Line], vocabulary: Vocabulary) -> _Header:
    sample = [[field.strip() for field in line.fields] for line in lines[:_DEEPEST]]
    for place, fields in enumerate(sample):
        if is_header(fields, vocabulary):
            return _around(sample, place)
    for place, fields in enumerate(sample):
        if any(map(is_date, fields)):
            named = place > 0 and len(sample[place - 1]) == len(fields)
            return _Header(place - 1 if named else place, place, len(fields))
    return _Header(0, 1, len(sample[0]))


def is_header(fields: list[str], vocabulary: Vocabulary) -> bool:
    """Tell whether a line has as many known names as that of a header has."""
    return sum(vocabulary.knows(field) for field in fields if field) >= vocabulary.at_least


def _around(sample: list[list[str]], place: int) -> _Header:
    """Return the header about its line of known names: pandas writes a line for each level of the columns."""
    begin, end, width = place, place + 1, len(sample[place])
    if width > 1 and sum(map(bool, sample[place])) == 1:
        # The names stand above, and this line has that of the index alone.
        while begin > 0 and place - begin < _MOST_LINES and len(sample[begin - 1]) == width:
            begin -= 1
    while end < len(sample) and end - place < _MOST_LINES and _goes_on(sample[end], width):
        end += 1
    return _Header(begin, end, width)


def _goes_on(fields: list[str], width: int) -> bool:
    """Tell whether a line below a header belongs to it: its first field is empty, and no other is a value."""
    return len(fields) == width > 1 and not fields[0] and any(fields) and not any(map(_has_digit_first, fields))


def _has_digit_first(field: str) -> bool:
    return field.lstrip("+-.$€")[:1].isdigit()


def _padded(fields: list[str], width: int) -> list[str]:
    return [field.strip() for field in [*fields, *[""] * (width - len(fields))][:width]]
