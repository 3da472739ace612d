from datetime import date

import numpy as np
import polars as pl
import pytest
from helpers.option_run import SPOT_PCT, option_tables
from matplotlib.colors import to_hex
from matplotlib.dates import date2num, num2date
from test_option_tables import levels_of, run_of
from test_pictures import assert_legible, words

from flowsim.clock.vix_settlements import days_to_settlement
from flowsim.errors import InputError
from flowsim.plot import futures, gamma, hedging, inversion, overview, term_structure
from flowsim.plot.hedging import slope
from flowsim.plot.option_tables import hedging_days
from flowsim.plot.style import ALERT, BORROWED, INK, option_colors

PICTURES = pytest.mark.parametrize("picture", [term_structure, inversion, futures, gamma, hedging])


@PICTURES
def test_a_run_without_options_is_refused_in_one_sentence(make_run, picture):
    with pytest.raises(InputError, match=r"^this run lists no options[^.]*options\.listed = true$"):
        picture(make_run(n_days=3).replace(options={}))


@pytest.mark.parametrize(
    ("picture", "table"),
    [(term_structure, "volatility"), (inversion, "volatility"), (inversion, "vix_sources"), (gamma, "gamma"),
     (gamma, "options"), (futures, "volatility")],
)  # fmt: skip
def test_an_option_table_that_was_not_recorded_is_named(make_run, picture, table):
    run = make_run(n_days=3)
    with pytest.raises(InputError, match=f"no table '{table}'"):
        picture(run.replace(options={name: rows for name, rows in run.options.items() if name != table}))


@pytest.mark.parametrize(
    ("picture", "titles", "units"),
    [
        (term_structure, {"By horizon, on telling dates (log scales)", "Over time, median of the paths"},
         {"% a year", "% a year (log scale)", "% of paths"}),
        (inversion, {"Into the inversion, over 10 closes"},
         {"ratio", "vol points", "closes from the first inverted one", "vol points of VIX minus VIX3M"}),
        (gamma, {"By spot, all closes", "At each close", "Against each programme, weekly mean, all paths"},
         {"USD bn for a 1 % move", "index from its close, %"}),
        (futures, {"On telling dates; dashed: the indices", "First future over the VIX"},
         {"vol points", "% of paths", "days ahead: an index at its horizon, a future amid its 30 days"}),
        (hedging, {"Slope by dealers' gamma, groups of equally many closes"},
         {"hedging flow, USD bn", "USD bn for +1 %"}),
    ],
)  # fmt: skip
def test_option_panels_have_titles_and_units(make_run, picture, titles, units):
    assert titles | units <= words(picture(make_run(n_paths=9, n_days=200)))


@PICTURES
def test_twenty_programmes_are_drawn_without_cut_or_overlapping_text(make_run, picture):
    run = make_run(n_paths=2, n_days=200)
    names = [f"a_long_name_of_a_programme_{k}" for k in range(20)]
    tables = option_tables(run.market.collect(), names)
    options = {name: table.lazy() for name, table in tables.items()}
    assert_legible(picture(run.replace(options=options, programmes=names)))


@PICTURES
def test_the_only_path_of_a_run_is_named(make_run, picture):
    assert any(text.endswith(", path 0") for text in words(picture(make_run(n_paths=1, n_days=30))))


def test_a_programme_shares_its_color_with_no_other_part_while_the_palette_lasts():
    names = [f"desk_{k}" for k in range(15)]
    assert len(set(option_colors(names).values())) == len(BORROWED) + 15
    assert option_colors(names) == option_colors(names[::-1])


def test_a_run_without_futures_is_told_how_to_list_them(make_run):
    run = make_run(n_days=3)
    without = {name: table for name, table in run.options.items() if name != "vix_futures"}
    with pytest.raises(InputError, match=r"^this run lists no VIX futures, [^.]*; run it with the table vix_futures"):
        futures(run.replace(options=without))


def test_futures_stand_amid_the_thirty_days_that_they_are_on(make_run):
    run = make_run(n_paths=2, n_days=40)
    curve, prices = futures(run, path=1).axes[0].lines[1::2], run.options["vix_futures"].collect()
    drawn = {tuple(line.get_ydata()): line.get_xdata() for line in curve}
    days = [f"vix_m{month}" for month in range(1, 9)]
    shown = prices.filter(path=1).filter(pl.struct(days).map_elements(lambda row: tuple(row.values()) in drawn, bool))
    assert shown.height == len(drawn) >= 3
    for row in shown.iter_rows(named=True):
        ahead = days_to_settlement(np.array([row["date"]], "datetime64[D]"), 8)[0]
        np.testing.assert_array_equal(drawn[tuple(row[name] for name in days)], ahead + 15.0)


def test_curves_of_the_term_structure_are_rows_of_the_table(make_run):
    run = make_run(n_paths=3, n_days=40)
    curves = term_structure(run, path=1).axes[0].lines
    table = run.options["volatility"].filter(path=1).sort("vix").collect()
    rows = {row[2:] for row in table.iter_rows()}
    assert len(curves) == 5
    assert all(tuple(curve.get_ydata()) in rows for curve in curves)
    assert tuple(curves[0].get_ydata()) == table.row(0)[2:]
    assert list(curves[0].get_xdata()) == [9, 30, 93, 184, 366]


def test_the_surface_runs_from_vix9d_to_vix1y_of_each_close(make_run):
    run = run_of(make_run, levels_of([15, 21, 19]))
    mesh = term_structure(run).axes[1].collections[0]
    shown = np.asarray(mesh.get_array()).reshape(-1, 3)
    # VIX9D is VIX here, VIX1Y 22; the cells lie between the horizons, so their ends are near those levels.
    assert shown[0] == pytest.approx([15, 21, 19])
    assert shown[-1] == pytest.approx([22, 22, 22], rel=1e-3)


def test_the_strip_below_the_surface_shows_the_share_of_inverted_paths(make_run):
    run = run_of(make_run, levels_of([15, 21, 25], [15, 16, 24], [15, 15, 15], [15, 15, 15]))
    strip = term_structure(run).axes[3]
    assert list(strip.patches[0].get_data().values) == pytest.approx([0, 25, 50])
    assert strip.get_title("left") == "Inverted: VIX above VIX3M, on 25.0 % of closes"


def spans(axes):
    """First day and the day after the last of each shaded spell."""
    shaded = [patch for patch in axes.patches if to_hex(patch.get_facecolor()).upper() == ALERT]
    return [(num2date(p.get_x()).date(), num2date(p.get_x() + p.get_width()).date()) for p in shaded]


@pytest.mark.parametrize(("picture", "panel"), [(inversion, 0), (term_structure, 1)])
def test_the_shaded_days_are_those_with_vix_above_vix3m(make_run, picture, panel):
    # 1 to 4 and 7 to 9 January 2019: inverted on the 2nd, 3rd, and 8th.
    run = run_of(make_run, levels_of([19, 21, 22, 19, 18, 23, 17], [30] * 7))
    expected = [(date(2019, 1, 2), date(2019, 1, 4)), (date(2019, 1, 8), date(2019, 1, 9))]
    assert spans(picture(run, path=0).axes[panel]) == expected
    assert spans(picture(run).axes[panel]) == []


def test_the_inversion_picture_says_how_often_and_how_long(make_run):
    # Two paths of five closes: spells of 2 and 1, so 30 % of closes, mean 1.5.
    run = run_of(make_run, levels_of([19, 21, 22, 19, 18], [19, 19, 19, 19, 21]))
    assert "VIX over VIX3M: above 1 on 30.0 % of closes; 2 spells, mean 1.5 closes, longest 2" in words(inversion(run))


def test_a_run_that_never_inverts_says_so(make_run):
    run = run_of(make_run, levels_of([15.0] * 30))
    assert {"VIX over VIX3M: above 1 on 0.0 % of closes", "No spell of path 0 begins after 10 calm closes."} <= words(
        inversion(run)
    )


def test_what_drove_an_inversion_ends_at_the_change_of_vix_minus_vix3m(make_run):
    # VIX 15 for ten closes, then 21, then 25 for ten: +6 at the first inverted close, +10 ten closes later.
    run = run_of(make_run, levels_of([15.0] * 10 + [21.0] + [25.0] * 10))
    figure = inversion(run)
    total = figure.axes[1].lines[1]
    assert list(total.get_xdata()) == list(range(-10, 11))
    assert total.get_ydata()[[0, 10, 20]] == pytest.approx([0, 6, 10])
    bars = {
        text.get_text(): bar for text, bar in zip(figure.axes[2].get_yticklabels(), figure.axes[2].patches, strict=True)
    }
    assert bars["Path dependent"].get_width() == pytest.approx(5)
    assert bars["Put hedges"].get_width() == pytest.approx(1)


def with_profile(run, gammas):
    """Give every profile of the run these values at SPOT_PCT."""
    table = (
        run.options["gamma"]
        .collect()
        .with_columns(gamma_1pct_bn=pl.col("spot_pct").replace_strict(dict(zip(SPOT_PCT, gammas, strict=True))))
    )
    return run.replace(options={**run.options, "gamma": table.lazy()})


def test_the_zero_cross_is_marked_where_the_profile_crosses_zero(make_run):
    # From -3 at -2 % to +1 at -1 %: at -1.25 %.
    gammas = np.where(SPOT_PCT < -1, -3.0, 1.0)
    axes = gamma(with_profile(make_run(n_paths=9, n_days=20), gammas)).axes[0]
    marker = next(line for line in axes.lines if line.get_marker() == "o")
    assert list(marker.get_xdata()) == pytest.approx([-1.25])
    assert "zero-cross -1.2 %" in {text.get_text() for text in axes.texts}


def test_of_two_zero_crosses_the_nearer_is_marked(make_run):
    # Short below -1.25 % and above +8.5 %.
    gammas = np.select([SPOT_PCT < -1, SPOT_PCT > 8], [-3.0, -1.0], 1.0)
    axes = gamma(with_profile(make_run(n_paths=9, n_days=20), gammas)).axes[0]
    assert [text.get_text() for text in axes.texts] == ["zero-cross -1.2 %"]


def test_a_profile_without_zero_cross_says_so(make_run):
    axes = gamma(with_profile(make_run(n_paths=9, n_days=20), np.ones(21))).axes[0]
    assert [text.get_text() for text in axes.texts] == ["no zero-cross in this range"]
    assert not any(line.get_marker() == "o" for line in axes.lines)


@pytest.mark.parametrize("on", [None, date(2019, 1, 14)])
def test_the_profile_of_a_path_is_the_row_of_its_close(make_run, on):
    run = make_run(n_paths=9, n_days=20)
    last = on or date(2019, 1, 28)
    shown = next(line for line in gamma(run, path=2, on=on).axes[0].lines if line.get_color() == INK)
    expected = run.options["gamma"].filter(pl.col("path") == 2, pl.col("date") == last).collect()
    assert shown.get_ydata().tolist() == expected["gamma_1pct_bn"].to_list()


def test_a_close_without_profile_is_refused_with_the_nearest(make_run):
    with pytest.raises(InputError, match=r"^no gamma profile was kept on 2019-01-10, .* the nearest is 2019-01-07$"):
        gamma(make_run(n_days=20), on=date(2019, 1, 10))


def test_a_run_too_short_for_a_profile_says_so(make_run):
    assert "The run is too short: a profile is kept every fifth session." in words(gamma(make_run(n_days=4)))


def test_gamma_against_the_programmes_adds_up_to_that_at_each_close(make_run):
    axes = gamma(make_run(n_paths=1, n_days=20)).axes
    at_close, total = axes[1].lines[0], axes[2].lines[1]
    assert total.get_ydata() == pytest.approx(at_close.get_ydata())


def test_hedging_is_drawn_apart_for_long_and_short_gamma(make_run):
    run = make_run(n_paths=2, n_days=100)
    days = hedging_days(run, "dealer", None)
    figure = hedging(run)
    for panel, chosen in ((0, days.filter(pl.col("gamma_bn") > 0)), (1, days.filter(pl.col("gamma_bn") < 0))):
        dots = np.asarray(figure.axes[panel].collections[0].get_offsets())
        assert chosen.height > 10
        assert dots == pytest.approx(chosen.select("return_pct", "flow_bn").to_numpy())


def test_the_lines_through_the_hedging_are_its_slope_and_the_mean_gamma(make_run):
    run = make_run(n_paths=2, n_days=100)
    long = hedging_days(run, "dealer", None).filter(pl.col("gamma_bn") > 0)
    asked, fitted = hedging(run).axes[0].lines[:2]
    rises = [np.diff(line.get_ydata()).item() / np.diff(line.get_xdata()).item() for line in (asked, fitted)]
    expected = slope(long)
    assert expected is not None
    assert rises == pytest.approx([-long["gamma_bn"].mean(), expected.per_pct])


def test_many_closes_are_binned(make_run):
    figure = hedging(make_run(n_paths=40, n_days=60))
    assert figure.axes[0].collections[0].get_array() is not None
    assert int(np.sum(figure.axes[0].collections[0].get_array())) > 1000


def test_a_run_in_which_nobody_hedges_says_so(make_run):
    assert "No population of this run hedges options." in words(hedging(make_run(n_days=5, populations=("cta",))))


def test_the_overview_shows_vix_where_the_run_recorded_it(make_run):
    run = make_run(n_paths=9, n_days=20)
    axes = overview(run).axes[4]
    medians = run.options["volatility"].group_by("date").agg(pl.col("vix").median()).sort("date").collect()
    assert axes.get_title("left") == "VIX"
    assert axes.lines[0].get_ydata().tolist() == medians["vix"].to_list()
    assert date2num(medians["date"].to_list()).tolist() == date2num(axes.lines[0].get_xdata()).tolist()
    assert len(overview(run.replace(options={})).axes) == 4
