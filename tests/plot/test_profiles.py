from flowsim.plot.profiles import Curve, draw_profiles
from flowsim.plot.style import ALERT, INDEX

VALUES = [70.0, 80.0, 90.0, 100.0, 110.0]
KNOWN = Curve("population.noise.capital_bn", VALUES, [5.0, 1.0, 0.0, 1.0, 6.0], 90.0, (80.0, 100.0))
UNKNOWN = Curve("options.release_move_pct", VALUES, [0.2, 0.1, 0.0, 0.1, 0.2], 90.0, (70.0, 110.0))


def test_each_number_has_a_panel_over_its_whole_range_with_its_interval_shaded():
    figure = draw_profiles([KNOWN, UNKNOWN, KNOWN, KNOWN, KNOWN], 1.0, "a market, 47 facts")
    assert len(figure.axes) == 5
    known, unknown = figure.axes[:2]
    assert known.get_title(loc="left") == "noise capital bn"
    assert known.get_xlim() == unknown.get_xlim() == (70.0, 110.0)
    assert known.get_xlabel() == "fitted 90"
    shaded = known.patches[0].get_extents().transformed(known.transData.inverted())
    assert (round(shaded.x0), round(shaded.x1)) == (80, 100)


def test_a_number_that_the_facts_leave_free_is_red_and_says_so():
    known, unknown = draw_profiles([KNOWN, UNKNOWN], 1.0, "a market").axes
    assert known.lines[1].get_color() == INDEX
    assert unknown.lines[1].get_color() == ALERT
    assert unknown.get_xlabel() == "fitted 90, not identified"
