"""Prose is plain desk English, and cites what a reader can find."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("flowsim", "strategies", "configs", "docs", "tests", "benchmarks")
FILES = [
    *ROOT.glob("*.md"),
    *(
        file
        for folder in FOLDERS
        for end in ("py", "md", "toml", "txt", "c")
        for file in (ROOT / folder).rglob(f"*.{end}")
    ),
]
INSTEAD = {
    r"in the place of": "instead of",
    r"founding document": "the essay, by author and date",
    r"\bnotes [A-Z]\b": "the published source",
    r"for whoever\b": "for whom",
    r"comes? apart": "diverges",
    r"\bforesight\b": "anticipation",
}
"""What is not written, and what is instead."""


@pytest.mark.parametrize("words", INSTEAD)
def test_plain_words_are_used(words: str) -> None:
    others = [file for file in FILES if file != Path(__file__) and re.search(words, file.read_text(), re.IGNORECASE)]
    assert [str(file.relative_to(ROOT)) for file in others] == [], f"write {INSTEAD[words]!r}"


def test_the_essay_is_cited_by_author_title_and_date() -> None:
    for file in ("README.md", "docs/claims.md", "flowsim/experiments/runner.py"):
        text = " ".join((ROOT / file).read_text().split())
        assert "arndxt, on AI as the only engine of growth, late 2025" in text
