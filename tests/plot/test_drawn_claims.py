"""What the pictures of the claims report draw, number by number, on findings that are made by hand."""

import numpy as np
import pytest
from helpers.drawn import areas, bars, legend_of, lines, rises, said
from helpers.made_findings import ANSWERS, finding, grid
from matplotlib.axes import Axes
from matplotlib.colors import to_hex
from matplotlib.patches import Rectangle

from flowsim.plot.claims import FAILING, MET, OPEN, compared_shares, criteria, heat_map, scan, shares_by_horizon
from flowsim.plot.style import ALERT, COLORS, GREY, INDEX, INK

FOUND = finding()
WORDS = {True: ("met", MET), False: ("fails", FAILING), None: ("open", OPEN)}


def span_of(axes: Axes) -> tuple[float, float, float, float]:
    """Return left, right, bottom and top of the green side, in data or in parts of the panel."""
    (span,) = [one for one in axes.patches if isinstance(one, Rectangle)]
    return (span.get_x(), span.get_x() + span.get_width(), span.get_y(), span.get_y() + span.get_height())


@pytest.mark.parametrize("met", ANSWERS)
def test_a_criterion_is_answered_in_its_color_and_word(met: tuple[bool | None, ...]) -> None:
    for axes, answer in zip(criteria(finding(met=met)).axes, met, strict=True):
        word, color = WORDS[answer]
        assert said(axes)[1] == word
        assert axes.lines[0].get_color() == color


def test_each_criterion_shows_the_effect_above_and_its_thirds_below_on_one_scale() -> None:
    figure = criteria(FOUND)
    assert [said(axes)[0] for axes in figure.axes] == [one.effect.name for one in FOUND.tried]
    for axes, tried, measured in zip(figure.axes, FOUND.tried, FOUND.effects, strict=False):
        intervals = [tuple(line.get_xdata()) for line in axes.lines[:8:2]]  # type: ignore[arg-type]
        assert intervals == [(one.low, one.high) for one in (measured.effect, *measured.thirds)]
        dots = [float(np.ravel(line.get_xdata())[0]) for line in axes.lines[1:8:2]]
        assert dots == [one.value for one in (measured.effect, *measured.thirds)]
        heights = [float(np.ravel(line.get_ydata())[0]) for line in axes.lines[:8:2]]
        assert heights[0] == 0.0
        assert heights == sorted(heights, reverse=True)
        assert axes.lines[8].get_xdata() == [tried.bound, tried.bound]
        assert rises(axes)


def test_green_is_the_side_of_the_bound_that_the_claim_wants() -> None:
    above, below, _ = criteria(FOUND).axes
    assert span_of(above)[:2] == pytest.approx((50.0, above.get_xlim()[1]))
    assert span_of(below)[:2] == pytest.approx((below.get_xlim()[0], 1.0))


def test_the_scan_has_each_effect_over_the_parameter_with_its_interval() -> None:
    figure = scan(FOUND)
    expected = {
        0: ([20.0, 40.0, 60.0], [5.0, 5.0, 5.0]),
        1: ([3.0, 2.0, 1.0], [0.5, 0.5, 0.5]),
        2: ([1.5, 1.5, 1.5], [1.0, 2.0, 3.0]),
    }
    for place, (axes, tried) in enumerate(zip(figure.axes, FOUND.tried, strict=True)):
        value, half = (np.array(one) for one in expected[place])
        assert lines(axes, INDEX) == [value.tolist()]
        (line,) = [one for one in axes.lines if one.get_color() == INDEX]
        assert line.get_xdata().tolist() == [1.0, 2.0, 3.0]  # type: ignore[union-attr]
        assert areas(axes, INDEX) == [((value - half).tolist(), (value + half).tolist())]
        assert lines(axes, INK)[0] == [tried.bound, tried.bound]
        (configured,) = [one for one in axes.lines if one.get_color() == GREY]
        assert configured.get_xdata() == [1.5, 1.5]
        (broken,) = [one for one in axes.lines if one.get_color() == ALERT]
        assert broken.get_xdata().tolist() == [4.0]  # type: ignore[union-attr]
        assert axes.get_title(loc="left").replace("\n", " ") == tried.effect.name
        assert rises(axes)
    above, below, _ = figure.axes
    assert span_of(above)[2:] == pytest.approx((50.0, above.get_ylim()[1]))
    assert span_of(below)[2:] == pytest.approx((below.get_ylim()[0], 1.0))


def test_a_map_has_x_to_the_right_and_y_upward_with_its_numbers_in_the_cells() -> None:
    figure = heat_map(grid())
    axes = figure.axes[0]
    cells = {text.get_position(): text.get_text() for text in axes.texts}
    assert cells == {(0, 0): "1.0", (1, 0): "2.0", (2, 0): "3.0", (0, 1): "11.0", (1, 1): "12.0"}
    assert [text.get_text() for text in axes.get_xticklabels()] == ["0.5", "1", "2"]
    assert [text.get_text() for text in axes.get_yticklabels()] == ["3", "5"]
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("size, × config", "multiplier M")
    assert axes.get_title(loc="left") == "Effect, %"
    shown = axes.images[0].get_array()
    assert np.ma.filled(shown, -1.0).tolist() == [[1.0, 2.0, 3.0], [11.0, 12.0, -1.0]]  # type: ignore[arg-type]
    assert rises(axes)
    hatched, frame = (one for one in axes.patches if isinstance(one, Rectangle))
    assert (hatched.get_x(), hatched.get_y(), hatched.get_hatch()) == (1.5, 0.5, "///")
    # The config stands at the second of three sizes, and half way between the two multipliers.
    assert (frame.get_x() + 0.47, frame.get_y() + 0.47) == pytest.approx((1.0, 0.5))
    assert figure.axes[1].get_ylabel() == "%"


def test_shares_are_stacked_by_horizon_with_what_leans_against_the_index_below_zero() -> None:
    (table, _) = FOUND.tables
    (axes,) = shares_by_horizon(table).axes
    assert bars(axes, COLORS["noise"]) == [(0.0, 55.0), (0.0, 45.0)]
    assert bars(axes, COLORS["cta"]) == [(55.0, 30.0), (0.0, -10.0)]
    assert bars(axes, COLORS["news"]) == [(85.0, 20.0), (45.0, 65.0)]
    assert bars(axes, COLORS["vol_control"]) == [(0.0, -5.0), (110.0, 0.0)]
    assert [text.get_text() for text in axes.get_xticklabels()] == ["1", "21"]
    assert [name for name, _ in legend_of(axes)] == ["All others", "Vol control", "News", "CTAs", "Noise traders"]
    assert dict(legend_of(axes))["CTAs"] == COLORS["cta"]
    assert lines(axes, INK) == [[50.0, 50.0]]
    assert rises(axes)


def test_ablation_and_attribution_stand_beside_each_other_in_their_colors() -> None:
    (_, table) = FOUND.tables
    (axes,) = compared_shares(table).axes
    widths = [(bar.get_y() + bar.get_height() / 2.0, bar.get_width()) for bar in axes.patches]  # type: ignore[attr-defined]
    assert np.array(widths) == pytest.approx(np.array([(-0.18, 33.0), (0.18, 11.0), (0.82, -6.0), (1.18, 22.0)]))
    spans = [tuple(line.get_xdata()) for line in axes.lines if line.get_color() == INK]  # type: ignore[arg-type]
    assert spans == [(29.0, 37.0), (9.0, 13.0), (-7.0, -5.0), (19.0, 25.0)]
    assert legend_of(axes) == [("Shapley", INDEX.upper()), ("attribution", "#A8BFCF")]
    assert [to_hex(bar.get_facecolor()) for bar in axes.patches] == [INDEX.lower(), "#a8bfcf"] * 2
    assert [text.get_text() for text in axes.get_yticklabels()] == ["trend followers", "discretionary"]
    bottom, top = axes.get_ylim()
    assert bottom > top  # the first row stands highest
    assert axes.get_xlim()[0] < axes.get_xlim()[1]
