"""Where a path that somebody wrote leads, if it can lead anywhere."""

from __future__ import annotations

from pathlib import Path

MOST_LETTERS = 4_000
"""The longest path that every system takes."""
MOST_IN_A_NAME = 255
"""The longest name of a file or folder."""


def place_of(written: str | Path, folder: Path) -> Path:
    """Return the absolute path of what was written, relative to `folder`.

    Raises
    ------
    ValueError
        If no file can have that path; the message says why, and what to write instead.
    """
    text = str(written)
    if "\0" in text:
        raise ValueError("a path with a zero byte in it is none; leave it out")
    longest = max((len(name.encode()) for name in text.split("/")), default=0)
    if len(text.encode()) > MOST_LETTERS or longest > MOST_IN_A_NAME:
        raise ValueError(
            f"a path of {len(text):,} letters is longer than files have; give one of at most {MOST_LETTERS:,}, with"
            f" names of at most {MOST_IN_A_NAME}"
        )
    try:
        return (folder / Path(text).expanduser()).resolve()
    except RuntimeError:
        raise ValueError(f"{text.split('/')[0]} has no home folder here; write the path in full") from None
    except OSError as error:
        raise ValueError(f"{text}: {(error.strerror or 'no path').lower()}; write another path") from None
