"""Files spoiled at random: letters, fields, lines and encodings changed, always in the same way for a number."""

import random
from collections.abc import Callable

TOKENS = (
    "", "nan", "NaN", "null", "None", "inf", "-inf", "1e999", "1e-999", "-1", "0", "1,234.5", "1.234,5", "1e5", "0x1F",
    "#N/A", "#REF!", "=SUM(A1)", "TRUE", "2018-13-45", "31/02/2018", "1900-01-01", "9999-12-31", "2018٣", "é", "\u202e",
    "\ufeff", '"', "'", ";", ",", "\t", "|", "\r", "\x00", "--", "[", "]", "{", "}", "(", "~", "\\", "%", "$",
    "9" * 400, "x" * 3000,
)  # fmt: skip


def spoiled(text: str, number: int) -> bytes:
    """Return a file with one to four changes."""
    chance = random.Random(number)
    for _ in range(chance.choice([1, 1, 2, 4])):
        text = chance.choice(CHANGES)(text, chance)
    content = text.encode(chance.choice(["utf-8"] * 8 + ["utf-16", "utf-8-sig"]), "surrogatepass")
    return chance.choice(BYTES)(content, chance) if chance.random() < 0.15 else content


def _token(text: str, chance: random.Random) -> str:
    """Put a token instead of a field, or into it."""
    begin = chance.randrange(len(text) + 1)
    end = min(len(text), begin + chance.choice([0, 1, 5, 12]))
    return text[:begin] + chance.choice(TOKENS) + text[end:]


def _field(text: str, chance: random.Random) -> str:
    lines = text.split("\n")
    place = chance.randrange(len(lines))
    fields = lines[place].split(",")
    fields[chance.randrange(len(fields))] = chance.choice(TOKENS)
    lines[place] = ",".join(fields)
    return "\n".join(lines)


def _lines(text: str, chance: random.Random) -> str:
    """Take a line out, repeat one, exchange two, or end in the middle of one."""
    lines = text.split("\n")
    one, other = chance.randrange(len(lines)), chance.randrange(len(lines))
    kind = chance.randrange(5)
    if kind == 0:
        del lines[one]
    elif kind == 1:
        lines.insert(other, lines[one])
    elif kind == 2:
        lines[one], lines[other] = lines[other], lines[one]
    elif kind == 3:
        return text[: chance.randrange(len(text) + 1)]
    else:
        lines = lines[:1] + lines[1:] * chance.choice([0, 2])
    return "\n".join(lines)


def _column(text: str, chance: random.Random) -> str:
    """Take a column out, or fill one with a token."""
    rows = [line.split(",") for line in text.split("\n")]
    place, token = chance.randrange(max(map(len, rows))), chance.choice(["", *TOKENS])
    for row in rows[chance.randrange(2) :]:
        if place < len(row):
            row[place : place + 1] = [token] if chance.random() < 0.9 else []
    return "\n".join(",".join(row) for row in rows)


def _separators(text: str, chance: random.Random) -> str:
    return text.replace(*chance.choice([(",", ";"), (",", "\t"), (".", ","), ("\n", "\r"), ("\n", "\n\n"), ("-", "/")]))


CHANGES: list[Callable[[str, random.Random], str]] = [_token, _token, _field, _lines, _column, _separators]


def _byte(content: bytes, chance: random.Random) -> bytes:
    place = chance.randrange(len(content) + 1)
    return content[:place] + bytes([chance.randrange(256)]) + content[place + 1 :]


def _half(content: bytes, chance: random.Random) -> bytes:
    return content[: chance.randrange(len(content) + 1)]


def _marked(content: bytes, chance: random.Random) -> bytes:
    return (
        chance.choice([b"PAR1", b"PK\x03\x04", b"\x1f\x8b", b"\xff\xfe", b"\xd0\xcf\x11\xe0", b"<html>", b"[{"])
        + content
    )


BYTES: list[Callable[[bytes, random.Random], bytes]] = [_byte, _half, _marked]
