"""What the pictures of an outlook draw, number by number, on one that is made by hand and on its opposite."""

from datetime import date

import numpy as np
import pytest
from helpers.drawn import areas, bars, legend_of, line_at, lines, panel, rises, said, whiskers
from helpers.made_outlook import FLOWS, SCENARIOS, made_gamma, made_outlook
from matplotlib.dates import date2num

from flowsim.plot.outlook import outlook_feedback, outlook_gamma, outlook_levels, outlook_scenarios
from flowsim.plot.style import ALERT, COLORS, INDEX, INK

SHOWN = ("vol_control", "cta", "dealer")
SIDES = pytest.mark.parametrize("side", [1.0, -1.0], ids=["as made", "opposite"])


@SIDES
@pytest.mark.parametrize(("days", "times"), [(5, 1.0), (21, 3.0)])
def test_flows_are_stacked_by_scenario_bought_up_and_sold_down(side: float, days: int, times: float) -> None:
    axes = panel(outlook_scenarios(made_outlook(side)), f"Traded over {days} sessions, above zero bought; dot: net")
    above, below = np.zeros(6), np.zeros(6)
    for name in SHOWN:
        flows = side * times * np.array(FLOWS[name])
        base = np.where(flows >= 0.0, above, below)
        assert np.array(bars(axes, COLORS[name])) == pytest.approx(np.stack([base, flows], axis=1))
        above, below = above + np.maximum(flows, 0.0), below + np.minimum(flows, 0.0)
    net = side * times * np.sum([FLOWS[name] for name in SHOWN], axis=0)
    assert lines(axes, INK) == [pytest.approx(net.tolist())]
    assert said(axes) == [f"{value:+.0f}" for value in net]
    assert [label.get_text() for label in axes.get_xticklabels()] == list(SCENARIOS)
    assert rises(axes)
    assert axes.get_ylabel() == "USD bn"


def test_the_legend_names_each_population_by_its_color() -> None:
    axes = outlook_scenarios(made_outlook()).axes[0]
    assert legend_of(axes) == [
        ("Vol control", COLORS["vol_control"]),
        ("CTAs", COLORS["cta"]),
        ("Dealers", COLORS["dealer"]),
    ]


def test_levels_stand_at_their_height_over_real_closes_and_the_fan() -> None:
    (axes,) = outlook_levels(made_outlook()).axes
    real, *_ = lines(axes, INK)
    assert real == [2880.0, 2890.0, 2910.0, 2900.5]
    assert [level[0] for level in lines(axes, ALERT)] == [2700.25, 2850.75, 2320.0]
    wide, narrow = areas(axes, INDEX)
    assert wide == ([2790.0, 2680.0], [3010.0, 3120.0])
    assert narrow == ([2860.0, 2820.0], [2950.0, 3000.0])
    assert lines(axes, INDEX) == [[2910.0, 2920.0]]
    assert said(axes) == ["2,320 medium", "2,700 long", "2,851 short", "2,920 median"]
    assert rises(axes)


def test_both_arms_are_drawn_in_the_color_that_the_legend_gives_them() -> None:
    axes = panel(outlook_feedback(made_outlook()), "Index: median, 5 and 95 % of the paths")
    assert legend_of(axes) == [
        ("with feedback of systematic flows", ALERT.upper()), ("without feedback of systematic flows", INDEX.upper()),
    ]  # fmt: skip
    assert lines(axes, ALERT) == [[2910.0, 2920.0], [2790.0, 2680.0], [3010.0, 3120.0]]
    assert lines(axes, INDEX) == [[2910.0, 2920.0], [2850.0, 2800.0], [2960.0, 3020.0]]
    days = [date2num(day) for day in (date(2018, 9, 4), date(2018, 9, 5))]
    assert axes.lines[0].get_xdata(orig=False).tolist() == days  # type: ignore[union-attr]
    assert rises(axes)


def test_mean_flows_over_the_longest_horizon_stand_beside_each_other_with_their_spread() -> None:
    axes = panel(outlook_feedback(made_outlook()), "Traded over 21 sessions: mean, and 5 to 95 % of the paths")
    # CTAs and volatility control; passive inflows are too small, and noise is not systematic.
    assert [label.get_text() for label in axes.get_xticklabels()] == ["CTAs", "Vol control"]
    assert bars(axes, ALERT) == [(0.0, -12.0), (0.0, 16.0)]
    assert bars(axes, INDEX) == [(0.0, -6.0), (0.0, 8.0)]
    assert whiskers(axes) == [(-26.0, 34.0), (-12.0, 48.0), (-13.0, 17.0), (-6.0, 24.0)]
    assert axes.patches[0].get_x() < axes.patches[2].get_x()  # type: ignore[attr-defined]
    assert rises(axes)


def test_the_vix_curve_is_that_of_the_last_day_in_the_order_of_horizons() -> None:
    axes = panel(outlook_feedback(made_outlook()), "VIX curve after 21 sessions: median, and 5 to 95 % of the paths")
    assert [label.get_text() for label in axes.get_xticklabels()] == ["VIX9D", "VIX", "VIX3M", "VIX6M"]
    assert lines(axes, ALERT) == lines(axes, INDEX) == [[15.0, 12.0, 13.0, 14.0]]
    assert whiskers(axes)[:2] == [(11.0, 23.0), (8.0, 20.0)]
    assert whiskers(axes)[4:6] == [(13.0, 19.0), (10.0, 16.0)]
    assert rises(axes)


def test_a_market_without_options_has_no_panel_of_vix() -> None:
    assert len(outlook_feedback(made_outlook(options=False)).axes) == 2


@SIDES
def test_gamma_is_drawn_over_index_points_with_its_sign(side: float) -> None:
    (axes,) = outlook_gamma(made_outlook(side, gamma=made_gamma(side))).axes
    curve = lines(axes, INDEX)[0]
    assert curve == [-9.0 * side, 0.0, 3.25 * side, 12.0 * side]
    spots = axes.lines[0].get_xdata()
    assert list(spots) == pytest.approx([2610.45, 2849.74, 2900.5, 3190.55], abs=0.01)  # type: ignore[arg-type]
    assert line_at(axes, ALERT) == [(2850.0, 0.0)]
    assert said(axes) == [f"spot 2,900: {3.25 * side:+.1f} bn", "zero at 2,850"]
    assert axes.get_title(loc="left").startswith("Stock to sell for a rise of 1 %: above zero dealers calm the market")
    assert rises(axes)
