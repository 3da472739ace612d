"""What the picture of the evidence draws, number by number."""

import datetime

import polars as pl
import pytest
from helpers.drawn import legend_of, panel
from matplotlib.colors import to_hex

from flowsim.econometrics.evidence import GAMMA, RANGE, RETURN, Evidence
from flowsim.plot.evidence import evidence_picture
from flowsim.plot.style import ALERT, GREY, INDEX

DAY = datetime.date(2000, 1, 3)
ROWS = [
    (RETURN, "cta", "1984-1999", False, 0.5, -0.5, 1.5, 0.8),
    (RETURN, "cta", "2000-2009", True, 2.0, 1.0, 3.0, 0.9),
    (RANGE, GAMMA, "2000-2009", True, -1.25, -2.0, -0.5, -0.75),
]


@pytest.fixture(scope="module")
def drawn():
    names = ("target", "regressor", "era", "had_funds", "coefficient", "low", "high", "law")
    table = pl.DataFrame([dict(zip(names, one, strict=True)) for one in ROWS])
    return evidence_picture(Evidence("made along generated closes", True, table))


def spans(axes) -> list[tuple[tuple[float, float], str]]:
    return [(tuple(line.get_xdata()), to_hex(line.get_color())) for line in axes.lines if line.get_linestyle() == "-"
            and len(line.get_xdata()) == 2 and line.get_ydata()[0] == line.get_ydata()[1]]  # fmt: skip


def test_each_coefficient_has_its_interval_and_is_grey_where_there_were_no_such_funds(drawn):
    left = panel(drawn, RETURN)
    assert spans(left) == [((-0.5, 1.5), GREY.lower()), ((1.0, 3.0), INDEX.lower())]
    dots = [float(line.get_xdata()[0]) for line in left.lines if line.get_marker() == "o"]
    assert dots == [0.5, 2.0]
    assert [text.get_text() for text in left.get_yticklabels()] == ["CTAs"]


def test_the_law_is_marked_where_it_says_something(drawn):
    right = panel(drawn, RANGE)
    assert [float(line.get_xdata()[0]) for line in right.lines if line.get_marker() == "|"] == [-0.75]
    assert ("by the law of impact", ALERT) in legend_of(panel(drawn, RETURN))
