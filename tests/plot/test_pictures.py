import subprocess
import sys
from itertools import combinations
from pathlib import Path

import polars as pl
import pytest
from conftest import POPULATIONS
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_hex
from matplotlib.text import Text

from flowsim.errors import InputError
from flowsim.plot import PICTURES, attribution, flows, overview, paths, positions
from flowsim.plot.style import COLORS, label

EVERY_PICTURE = pytest.mark.parametrize("picture", PICTURES.values(), ids=PICTURES)
SHAPES = {
    "one path and one day": {"n_paths": 1, "n_days": 1},
    "one day": {"n_paths": 9, "n_days": 1},
    "few paths": {"n_paths": 7, "n_days": 60},
    "a fan": {"n_paths": 9, "n_days": 100},
    "eleven years": {"n_paths": 2, "n_days": 2800, "populations": ("cta", "noise")},
    "bars": {"n_paths": 8, "n_days": 8, "n_bars": 4, "grain": "bar"},
    "no population": {"populations": ()},
    "one population": {"populations": ("mine",)},
    "noise only": {"populations": ("noise",)},
    "forty populations": {"n_paths": 2, "populations": [f"_a_long_${i}$_name_of_a_desk_{i}" for i in range(40)]},
}
# Pictures that write no name of a population differ little between these and a run without any, or with all.
NAMES_NO_POPULATION = {"episode", "paths", "term-structure", "inversion", "futures", "gamma", "hedging", "facts"}
FEW_NAMES = {"one population", "noise only"}
RUNS = [
    pytest.param(
        picture,
        shape,
        id=f"{run}-{name}",
        marks=[pytest.mark.slow] if run in FEW_NAMES and name in NAMES_NO_POPULATION else [],
    )
    for run, shape in SHAPES.items()
    for name, picture in PICTURES.items()
]


def written(figure):
    """Text and box of everything that is written on the page, as drawn."""
    canvas = FigureCanvasAgg(figure)
    figure.draw_without_rendering()  # all but the pixels, which take most of the time
    texts: list[Text] = list(figure.texts)
    for axes in figure.axes:
        texts += [*axes.texts, axes.xaxis.label, axes.yaxis.label]
        texts += [child for child in axes.get_children() if isinstance(child, Text)]
        texts += axes.get_legend().get_texts() if axes.get_legend() else []
        for axis in (axes.xaxis, axes.yaxis):
            low, high = sorted(axis.get_view_interval())
            texts += [tick.label1 for tick in axis.get_major_ticks() if low <= tick.get_loc() <= high]
    seen = {id(text): text for text in texts if text.get_visible() and text.get_text().strip()}
    return [(text.get_text(), text.get_window_extent(canvas.get_renderer())) for text in seen.values()]


def words(figure):
    return {text for text, _ in written(figure)}


@pytest.mark.parametrize(("picture", "shape"), RUNS)
def test_every_run_is_drawn_without_cut_or_overlapping_text(make_run, picture, shape):
    assert_legible(picture(make_run(**shape), path=None))


@EVERY_PICTURE
@pytest.mark.parametrize("shape", ["one path and one day", "few paths", "a fan"])
def test_a_chosen_path_is_drawn_without_cut_or_overlapping_text(make_run, picture, shape):
    assert_legible(picture(make_run(**SHAPES[shape]), path=0))


def assert_legible(figure):
    found = written(figure)
    cut = [
        text for text, box in found if box.x0 < 0 or box.y0 < 0 or box.x1 > figure.bbox.x1 or box.y1 > figure.bbox.y1
    ]
    assert cut == []
    assert [(a, b) for (a, one), (b, two) in combinations(found, 2) if overlap(one, two)] == []


def overlap(one, two, tolerance=1.5):
    """Whether two boxes share more than a sliver, in pixels of a page at 100 dpi."""
    wide = min(one.x1, two.x1) - max(one.x0, two.x0)
    high = min(one.y1, two.y1) - max(one.y0, two.y0)
    return wide > tolerance and high > tolerance


@pytest.mark.parametrize("picture", [overview, paths])
def test_a_run_without_real_history_starts_at_the_left_of_the_picture(make_run, picture):
    run = make_run(n_paths=9, n_days=60)
    figure = picture(run.replace(history=run.history.head(0)))
    assert_legible(figure)
    start = next(box for text, box in written(figure) if text == "start 31 Dec 2018")
    assert start.x0 >= figure.axes[0].bbox.x0


@EVERY_PICTURE
def test_every_picture_names_the_run_in_title_and_footnote(make_run, picture):
    run = make_run(n_paths=2, n_days=5)
    assert {f"{run.label}. {run.description}", f"flowsim: {run.label}"} <= words(picture(run))


@EVERY_PICTURE
def test_dollar_signs_are_printed_and_a_long_description_is_cut(make_run, picture):
    run = make_run(n_days=5, populations=("a$b$", "cta"))
    figure = picture(run.replace(label="a$b$", description="costs $5, then $x_1^2$ " * 20))
    dollars = [text for text in figure.findobj(Text) if "$" in text.get_text() and text.get_visible()]
    assert not [text for text in dollars if text.get_parse_math()]
    assert any(text.startswith("a$b$. costs $5, then $x_1^2$") and text.endswith("…") for text in words(figure))
    assert all(box.x1 <= figure.bbox.x1 for _, box in written(figure))


@EVERY_PICTURE
def test_a_path_that_is_not_there_is_refused(make_run, picture):
    with pytest.raises(InputError, match=r"^path 64 is not in this run; choose one of its 3 paths, 0 to 2$"):
        picture(make_run(n_days=3), path=64)


@pytest.mark.parametrize(
    ("picture", "table"),
    [(overview, "market"), (overview, "flows"), (paths, "market"), (flows, "flows"), (attribution, "flows"),
     (positions, "positions")],
)  # fmt: skip
def test_a_table_that_was_not_recorded_is_named(make_run, picture, table):
    def refuse(self):
        raise InputError(f"this run has no table {table!r}; record it with record.tables")

    tables = {name: value for name, value in vars(make_run(n_days=3)).items() if name != table}
    partial = type("PartialRun", (), {**tables, table: property(refuse)})()
    with pytest.raises(InputError, match=f"no table '{table}'"):
        picture(partial)


@pytest.mark.parametrize(
    ("picture", "table"), [(paths, "flows"), (paths, "positions"), (attribution, "market"), (positions, "flows")]
)
def test_a_table_that_a_picture_does_not_need_may_be_missing(make_run, picture, table):
    assert picture(make_run(n_days=3).replace(**{table: None})).axes


@pytest.mark.parametrize(
    ("picture", "titles", "units"),
    [
        (
            overview,
            {"Index, simulated paths: 9", "Realized volatility of the index, 21 days",
             "VIX", "Cumulative systematic flow, mean over paths",
             "Share of the return variance by source, all paths"},
            {"index points", "% a year", "USD bn", "% of the variance of log returns"},
        ),
        (paths, {"Index (log scale)", "Drawdown from the highest close so far"}, {"index points", "%"}),
        (
            flows,
            {"Index", *(f"Daily net flow of the {kind} populations" for kind in ("systematic", "discretionary"))},
            {"index points", "USD bn"},
        ),
        (
            attribution,
            {"Cumulative contribution to the log return of the index", "Share of the return variance, all paths"},
            {"% of log return", "% of the variance of log returns"},
        ),
        (positions, {"CTAs", "Vol control", "Pensions"}, {"USD bn", "long, %"}),
    ],
)  # fmt: skip
def test_panels_have_titles_and_units(make_run, picture, titles, units):
    assert titles | units <= words(picture(make_run(n_paths=9, n_days=30)))


def test_a_chosen_path_is_said_in_the_title(make_run):
    run = make_run(n_paths=9, n_days=5)
    assert "Daily net flow by population, path 3" in words(flows(run, path=3))
    assert "Daily net flow by population, path 0" in words(flows(run))
    assert "Daily net flow by population, mean over paths" in words(flows(run, path=None))
    assert "What moved the index, path 3" in words(attribution(run, path=3))
    assert "Cumulative systematic flow, path 3" in words(overview(run, path=3))


def test_a_footnote_promises_a_fan_only_where_there_is_one(make_run):
    few, many = (words(paths(make_run(n_paths=n, n_days=3))) for n in (7, 8))
    assert any(text.startswith("All paths are drawn.") for text in few)
    assert any(text.startswith("Fans: 5, 25, 50, 75, 95 % of the paths.") for text in many)


def test_bars_of_flows_have_the_colors_of_their_legend_and_end_at_the_net_flow(make_run):
    run = make_run(n_paths=1, n_days=5, populations=("cta", "buyback"))
    axes = flows(run).axes[1]
    shown = {text.get_text(): handle for text, handle in zip(*legend_of(axes), strict=True)}
    assert to_hex(shown["CTAs"].get_facecolor()).upper() == COLORS["cta"]
    net = next(line for line in axes.lines if line.get_marker() == "o")
    heights = sum(bar.get_height() for bar in axes.patches)
    assert sum(net.get_ydata()) == pytest.approx(heights)


def test_bars_are_stacked_from_zero_up_for_buying_and_down_for_selling(make_run):
    # One path, one day: two populations buy and two sell.
    run = make_run(n_paths=1, n_days=1, populations=("cta", "buyback", "pension", "passive"))
    signed = pl.Series("flow_bn", [0.0, 0.0, 3.0, 1.0, -2.0, -5.0])
    axes = flows(run.replace(flows=run.flows.collect().with_columns(signed).lazy())).axes[1]
    assert [(bar.get_y(), bar.get_height()) for bar in axes.patches] == [(0, 3), (3, 1), (0, -2), (-2, -5)]


def test_bars_keep_a_distance_from_the_frame(make_run):
    # Passive rests on the first day, on top of the highest bar: matplotlib by itself would end the panel there.
    run = make_run(n_paths=1, n_days=2, populations=("cta", "passive"))
    signed = pl.Series("flow_bn", [0.0, 0.0, 5.0, 0.0, 0.0, 0.0, 1.0, 2.0])
    axes = flows(run.replace(flows=run.flows.collect().with_columns(signed).lazy())).axes[1]
    assert axes.get_ylim()[1] > 5


def test_drawdowns_are_measured_from_the_high_of_the_real_history(make_run):
    # The high before the start is 3,125: at the start, at 2,500, every path is 20 % below it.
    run = make_run(n_paths=1, n_days=3)
    high = pl.when(pl.int_range(pl.len()) == 9).then(3125.0).otherwise("close")
    run = run.replace(history=run.history.with_columns(close=high))
    simulated = paths(run).axes[1].lines[1]
    assert simulated.get_ydata()[0] == pytest.approx(-20)


def test_a_negative_share_is_not_hidden_among_the_others(make_run):
    # Twenty populations, of which the last leans hard against the news; the smallest in size are added up.
    run = make_run(n_paths=1, n_days=40, populations=[f"desk_{i}" for i in range(20)])
    news = pl.col("contribution").filter(pl.col("source") == "news").first().over("path", "date")
    leaning = pl.when(pl.col("source") == "desk_19").then(-0.3 * news).otherwise("contribution")
    run = run.replace(flows=run.flows.with_columns(contribution=leaning))
    axes = overview(run).axes[3]
    names = [text.get_text() for text in axes.get_yticklabels()]
    assert names[-2:] == ["Desk 19", "6 others"]
    assert sum(bar.get_width() for bar in axes.patches) == pytest.approx(100)


def test_a_last_source_is_named_rather_than_called_the_others(make_run):
    # News, policy and fifteen populations are seventeen bars, one more than are shown of many.
    run = make_run(n_paths=1, n_days=40, populations=[f"desk_{i}" for i in range(15)])
    names = {text.get_text() for text in overview(run).axes[3].get_yticklabels()}
    assert names == {"News", "Policy", *(f"Desk {i}" for i in range(15))}


def test_cumulative_flow_of_the_overview_ends_at_the_sum_of_the_flows(make_run):
    run = make_run(n_paths=2, n_days=8, populations=("cta",))
    mean_bn = run.flows.filter(pl.col("source") == "cta").select(pl.col("flow_bn").sum() / 2).collect().item()
    assert overview(run).axes[2].lines[0].get_ydata()[-1] == pytest.approx(mean_bn)


def test_a_label_is_tied_to_its_line_outside_the_panel(make_run):
    ties = [line for line in overview(make_run(n_days=8)).axes[2].lines if list(line.get_xdata()) == [1.0, 1.025]]
    assert len(ties) == 9
    assert not any(tie.get_clip_on() for tie in ties)


def test_an_intermediary_is_no_systematic_population(make_run):
    run = make_run(n_days=8, populations=("cta", "liquidity_provider"))
    shown = {text.get_text() for text in flows(run).axes[1].get_legend().get_texts()}
    assert shown == {"CTAs", "net"}
    assert {axes.get_title("left") for axes in positions(run).axes} == {"CTAs", ""}


def legend_of(axes):
    legend = axes.get_legend()
    return legend.get_texts(), legend.legend_handles


def test_cta_has_one_color_in_every_picture(make_run):
    run = make_run(n_paths=9, n_days=30)
    drawn = {
        "overview line": overview(run).axes[2].lines[2].get_color(),
        "overview bar": bar_of(overview(run).axes[3], "CTAs"),
        "attribution bar": bar_of(attribution(run).axes[1], "CTAs"),
        "positions": next(axes for axes in positions(run).axes if axes.get_title("left") == "CTAs")
        .lines[0]
        .get_color(),
    }
    assert set(drawn.values()) == {COLORS["cta"]}, drawn


def bar_of(axes, name):
    place = [text.get_text() for text in axes.get_yticklabels()].index(label(name))
    bar = next(bar for bar in axes.patches if bar.get_y() < place < bar.get_y() + bar.get_height())
    return to_hex(bar.get_facecolor()).upper()


def test_areas_of_the_attribution_end_at_the_index_line(make_run):
    run = make_run(n_paths=1, n_days=30)
    axes = attribution(run, path=0).axes[0]
    log_return_pct = 100 * run.market.collect()["log_return"].sum()
    assert axes.lines[1].get_ydata()[-1] == pytest.approx(log_return_pct)
    assert f"index {log_return_pct:+.1f} %" in {text.get_text() for text in axes.texts}


def test_positions_show_no_discretionary_population_nor_account(make_run):
    titles = {axes.get_title("left") for axes in positions(make_run(n_days=5)).axes} - {""}
    assert titles == {label(name) for name in POPULATIONS if name not in ("noise", "value", "dip_buyers")}


def test_more_single_paths_are_drawn_on_request(make_run):
    run = make_run(n_paths=20, n_days=5)
    lines = [len(paths(run, n=n).axes[0].lines) for n in (0, 10)]
    assert lines[1] - lines[0] == 10


def test_a_negative_number_of_single_paths_is_refused(make_run):
    with pytest.raises(InputError, match="n is -1"):
        paths(make_run(n_days=3), n=-1)


def test_importing_the_pictures_does_not_import_matplotlib():
    check = "import sys, flowsim.plot; sys.exit('matplotlib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", check], check=False).returncode == 0


def test_drawing_does_not_import_pyplot():
    draw = (
        f"import sys; sys.path[:0] = {[str(Path(__file__).parents[n]) for n in (0, 1)]!r};"
        "import conftest, flowsim.plot;"
        "[picture(conftest.generated_run()) for picture in flowsim.plot.PICTURES.values()];"
        "sys.exit('matplotlib.pyplot' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", draw], check=False).returncode == 0
