"""What a part of the compiler's back end buys is a ratio within a round, and each part can be taken away."""

import inspect

import pytest

from flowsim.cli import bench

bench.suite()
from flowsim_benchmarks import compiler_parts  # noqa: E402


def test_a_figure_is_the_median_of_the_ratios_within_a_round(monkeypatch):
    # The machine slows down threefold in the second round, and the bits of one part are others.
    seconds = iter([10.0, *[20.0] * 7, 30.0, *[60.0] * 7, 10.0, *[50.0] * 7])
    last = list(compiler_parts.PARTS)[-1]

    def measured(part):
        spent = next(seconds)
        return {"compile": spent, "days": 2.0 * spent, "bits": "other" if part == last else "same"}

    monkeypatch.setattr(compiler_parts, "_in_a_process", measured)
    told = []
    figures = compiler_parts.what_parts_buy(lambda *done: told.append(done), rounds=3)
    assert [one["part"] for one in figures] == list(compiler_parts.PARTS)
    assert {(one["compile"], one["days"]) for one in figures} == {(2.0, 2.0)}
    assert [one["part"] for one in figures if not one["same_bits"]] == [last]
    assert told == [(done, 24) for done in range(24)]
    assert compiler_parts.as_text(figures).count("| 2.00 | 2.00 |") == 7


@pytest.mark.parametrize("part", compiler_parts.PARTS)
def test_what_a_part_takes_away_is_there(part):
    """A name that is only set, and never read, would measure nothing."""
    for line in inspect.getsource(compiler_parts.PARTS[part]).splitlines():
        place, _, value = line.strip().partition(" = ")
        if not value or place.count(".") == 0 or line.startswith("        "):
            continue
        module, *names = place.replace("[INLINE]", "").partition("[")[0].split(".")
        found = __import__(f"flowsim.kernel.numba_backend.{module}", fromlist=[module])
        for name in names:
            found = getattr(found, name)
