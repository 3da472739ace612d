"""Mistakes that turn right numbers into wrong words are noticed; `word_mutants.py` tries them all."""

import pytest
import word_mutants

MISTAKES = word_mutants.mistakes()
PLANTED = {
    ("history/outlook_words.py", "buy said for sell"): "history/test_outlook_words.py",
    ("report/claims.py", "met and fails swapped"): "report/test_claims_words.py",
    ("plot/style.py", "every y axis inverted"): "plot/test_drawn_claims.py",
}
"""A few of them, each with the tests that notice it first."""


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda one: f"{one.file}: {one.says}")
def test_the_line_that_a_mistake_changes_is_there(mistake: word_mutants.Mistake) -> None:
    assert mistake.fits, "it has moved on with the code: let its entry in tests/word_mistakes move with it"
    assert mistake.before != mistake.after
    assert all((word_mutants.ROOT / test).exists() for test in mistake.tests)


@pytest.mark.parametrize("which", PLANTED, ids=": ".join)
def test_a_planted_mistake_is_caught(which: tuple[str, str], tmp_path) -> None:
    (mistake,) = [one for one in MISTAKES if (one.file, one.says) == which]
    copies = word_mutants.Copies(tmp_path, 1)
    assert "::" in copies.caught_by(mistake, [f"tests/{PLANTED[which]}"])
