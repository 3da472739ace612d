"""What the pictures of a run draw, number by number, on runs that are made by hand and on their opposites."""

from datetime import date

import numpy as np
import polars as pl
import pytest
from conftest import FakeRun, recorded
from helpers.drawn import areas, bars, legend_of, lines, panel, rises, said, whiskers
from helpers.drawn_runs import write_run
from matplotlib.colors import to_hex
from matplotlib.dates import date2num
from test_option_tables import levels_of, run_of
from test_picture_tables import values

from flowsim.facts.fact_table import series_of_run
from flowsim.facts.market_facts import LONG, RECENT, market_facts
from flowsim.plot import attribution, facts, flows, gamma, hedging, inversion, overview, paths, positions
from flowsim.plot.attribution import variance_shares
from flowsim.plot.episode import episode
from flowsim.plot.style import ALERT, COLORS, GREY, INDEX, INK, option_colors
from flowsim.plot.tables import fan

SIDES = pytest.mark.parametrize("side", [1.0, -1.0], ids=["as made", "opposite"])
SOURCES = ["news", "policy", "cta", "buyback", "noise"]
PART = np.array([0.010, 0.0, -0.004, 0.002, 0.001])
"""What each source adds to the log return of every day, on the first path; twice as much on the second."""
FLOW = np.array([0.0, 0.0, -3.0, 2.0, 5.0])
CTA, BUYBACK, NOISE = 2, 3, 4
"""USD bn of every day, on the first path; on the second twice as much."""
DAYS = [date(2019, 1, day) for day in (1, 2, 3)]


def made_run(side: float = 1.0) -> FakeRun:
    """Return two paths of three days."""
    twice = np.array([1.0, 2.0])[:, None, None] * np.ones((2, 3, 1))
    return recorded(side * twice * PART, side * twice * FLOW, SOURCES, 1, "day")


@SIDES
@pytest.mark.parametrize(("path", "times"), [(0, 1.0), (1, 2.0), (None, 1.5)])
def test_contributions_are_stacked_up_where_they_lift_the_index_and_down_where_they_lower_it(
    side: float, path: int | None, times: float
) -> None:
    axes = attribution(made_run(side), path).axes[0]
    grown = 100.0 * side * times * np.arange(1.0, 4.0)
    total = pytest.approx((grown * PART.sum()).tolist())
    assert lines(axes, INK) == [total]
    # News, buybacks and noise share a side, and the trend followers have the other for themselves.
    on_their_side = areas(axes, COLORS["cta"])[0 if side < 0 else 1]
    low, high = np.minimum(0.0, -0.004 * grown), np.maximum(0.0, -0.004 * grown)
    assert (on_their_side[0], on_their_side[1]) == (pytest.approx(low.tolist()), pytest.approx(high.tolist()))
    news = areas(axes, COLORS["news"])[1 if side < 0 else 0]
    edges = np.sort(np.stack([0.0 * grown, 0.010 * grown]), axis=0)
    assert (news[0], news[1]) == (pytest.approx(edges[0].tolist()), pytest.approx(edges[1].tolist()))
    index = f"index {side * times * 300.0 * PART.sum():+.1f} %"
    ordered = ["CTAs", "News", index, "Buybacks", "Noise traders"]
    assert set(said(axes)) == set(ordered)
    assert said(axes).index("CTAs") == (0 if side > 0 else 4)
    assert rises(axes)
    assert axes.get_ylabel() == "% of log return"


def test_the_index_is_named_where_its_line_ends() -> None:
    # 1.8 % on the third day, above the middle of the news, 1.5 %; it began below them, at 0.6 %.
    ends = np.array([[[0.010, 0.0, -0.004]] * 3])
    axes = attribution(recorded(ends, 0.0 * ends, SOURCES[:3], 1, "day")).axes[0]
    assert said(axes) == ["CTAs", "News", "index +1.8 %"]


def test_shares_of_variance_are_bars_in_percent_the_largest_on_top() -> None:
    moves = np.array([[1.0, -1.0, 2.0, -2.0], [2.0, -1.0, -2.0, 1.0]])[:, :, None]
    run = recorded(0.01 * moves * np.array([3.0, 0.0, -1.0, 2.0]), 0.0 * moves * np.ones(4), SOURCES[:4], 1, "day")
    axes = attribution(run).axes[1]
    assert [text.get_text() for text in axes.get_yticklabels()] == ["News", "Buybacks", "Policy", "CTAs"]
    widths = [bar.get_width() for bar in axes.patches]  # type: ignore[attr-defined]
    assert widths == pytest.approx([75.0, 50.0, 0.0, -25.0])
    assert said(axes) == ["75.0 %", "50.0 %", "0.0 %", "-25.0 %"]
    bottom, top = axes.get_ylim()
    assert bottom > top
    assert axes.get_xlim()[0] < axes.get_xlim()[1]
    shares = variance_shares(run)
    ends = [tuple(line.get_xdata()) for line in axes.lines if line.get_color() == INK]  # type: ignore[arg-type]
    expected = (100.0 * shares.select("low", "high").to_numpy()).tolist()
    assert np.array(ends) == pytest.approx(np.array(expected))


@SIDES
@pytest.mark.parametrize(("path", "times"), [(0, 1.0), (1, 2.0), (None, 1.5)])
def test_flows_are_bars_up_for_buying_and_down_for_selling_in_their_panels(
    side: float, path: int | None, times: float
) -> None:
    figure = flows(made_run(side), path)
    ruled, leaning = figure.axes[1:]
    amounts = side * times * FLOW
    assert np.array(bars(ruled, COLORS["cta"])) == pytest.approx(np.array([(0.0, amounts[CTA])] * 3))
    assert np.array(bars(ruled, COLORS["buyback"])) == pytest.approx(np.array([(0.0, amounts[BUYBACK])] * 3))
    assert np.array(bars(leaning, COLORS["noise"])) == pytest.approx(np.array([(0.0, amounts[NOISE])] * 3))
    assert lines(ruled, INK) == [pytest.approx([amounts[CTA] + amounts[BUYBACK]] * 3)]
    assert lines(leaning, INK) == [pytest.approx([amounts[NOISE]] * 3)]
    assert legend_of(ruled) == [("CTAs", COLORS["cta"]), ("Buybacks", COLORS["buyback"]), ("net", INK)]
    assert legend_of(leaning)[0] == ("Noise traders", COLORS["noise"])
    assert [bar.get_x() for bar in ruled.patches[:3]] == [date2num(day) for day in DAYS]  # type: ignore[attr-defined]
    assert all(rises(axes) for axes in figure.axes)


def test_the_index_above_the_flows_starts_at_its_level_and_follows_the_path() -> None:
    axes = flows(made_run(), 1).axes[0]
    assert lines(axes, INDEX) == [pytest.approx((2500.0 * np.exp(2.0 * PART.sum() * np.arange(4.0))).tolist())]


def held(side: float) -> pl.LazyFrame:
    """Return positions of trend followers, long and then short, and of buybacks, on two paths of three days."""
    rows = [
        (path, day, name, side * (path + 1.0) * amount, long, short)
        for path in (0, 1)
        for name, amounts, counts in (
            ("cta", (10.0, 20.0, -5.0), ((3, 1), (4, 0), (0, 2))), ("buyback", (1.0, 2.0, 3.0), ((None, None),) * 3),
        )
        for day, amount, (long, short) in zip(DAYS, amounts, counts, strict=True)
    ]  # fmt: skip
    columns = ("path", "date", "population", "exposure_bn", "agents_long", "agents_short")
    return pl.DataFrame(rows, schema=columns, orient="row").lazy()


@SIDES
def test_exposures_have_their_sign_and_the_strip_counts_who_is_long(side: float) -> None:
    figure = positions(made_run().replace(positions=held(side)), 1)
    cta, buyback = panel(figure, "CTAs"), panel(figure, "Buybacks")
    assert lines(cta, COLORS["cta"]) == [
        pytest.approx([10.0 * side, 20.0 * side, -5.0 * side]), pytest.approx([20.0 * side, 40.0 * side, -10.0 * side]),
    ]  # fmt: skip
    assert lines(cta, INK) == [pytest.approx([20.0 * side, 40.0 * side, -10.0 * side])]
    assert lines(buyback, INK) == [pytest.approx([2.0 * side, 4.0 * side, 6.0 * side])]
    assert lines(buyback, COLORS["buyback"]) == [
        pytest.approx([1.0 * side, 2.0 * side, 3.0 * side]), pytest.approx([2.0 * side, 4.0 * side, 6.0 * side]),
    ]  # fmt: skip
    (strip,) = [axes for axes in figure.axes if axes.collections and axes is not cta and axes is not buyback]
    assert areas(strip, COLORS["cta"]) == [([0.0, 0.0, 0.0], [75.0, 100.0, 0.0])]
    assert strip.get_ylim() == (0.0, 100.0)
    assert all(rises(axes) for axes in figure.axes)
    assert "Strips: long agents in % of those that hold a position, path 1." in figure.texts[-1].get_text()


def with_gamma(side: float = 1.0) -> FakeRun:
    """Return two paths on which dealers are long gamma against overwriters and short, more, against puts."""
    rows = [
        (path, day, name, side * (path + 1.0) * (k + 1.0) * amount)
        for path in (0, 1)
        for k, day in enumerate(DAYS)
        for name, amount in (("put_hedge", 6.0), ("overwrite", -2.0))
    ]
    options = pl.DataFrame(rows, schema=("path", "date", "programme", "gamma_1pct_bn"), orient="row")
    spots = np.arange(-10.0, 11.0)
    profile = pl.DataFrame({"spot_pct": spots, "gamma_1pct_bn": side * (spots - 2.0)})
    profiles = pl.DataFrame({"path": [0, 1], "date": [DAYS[1]] * 2}).join(profile, how="cross")
    run = made_run()
    return run.replace(options={**run.options, "options": options.lazy(), "gamma": profiles.lazy()})


@SIDES
@pytest.mark.parametrize(("path", "times"), [(0, 1.0), (1, 2.0)])
def test_dealers_gamma_has_its_sign_by_spot_over_time_and_by_programme(side: float, path: int, times: float) -> None:
    figure = gamma(with_gamma(side), path)
    profile, over_time, by_programme = figure.axes
    assert lines(profile, INK) == [pytest.approx((side * (np.arange(-10.0, 11.0) - 2.0)).tolist())]
    assert profile.get_xlim() == (-10.0, 10.0)
    assert said(profile) == ["zero-cross +2.0 %"]
    assert lines(over_time, INK) == [pytest.approx([-4.0 * side * times * k for k in (1, 2, 3)])]
    palette = option_colors(["put_hedge", "overwrite"])
    short = areas(by_programme, palette["put_hedge"])[1 if side > 0 else 0]
    grown = -6.0 * side * times * np.arange(1.0, 4.0)
    assert (short[0], short[1]) == (
        pytest.approx(np.minimum(grown, 0.0).tolist()), pytest.approx(np.maximum(grown, 0.0).tolist()),
    )  # fmt: skip
    assert lines(by_programme, INK) == [pytest.approx([-4.0 * side * times * k for k in (1, 2, 3)])]
    assert f"total {-12.0 * side * times:+.1f}" in said(by_programme)
    assert "Above zero dealers are long gamma: they sell rises and buy falls." in figure.texts[-1].get_text()
    assert all(rises(axes) for axes in figure.axes)


def test_means_over_paths_are_drawn_where_no_path_is_chosen() -> None:
    _, over_time, by_programme = gamma(with_gamma()).axes
    assert lines(over_time, INDEX) == [pytest.approx([-4.0, -8.0, -12.0]), pytest.approx([-8.0, -16.0, -24.0])]
    assert lines(by_programme, INK) == [pytest.approx([-6.0, -12.0, -18.0])]


@SIDES
def test_hedging_leans_against_the_move_where_gamma_is_long_and_with_it_where_it_is_short(side: float) -> None:
    # Gamma of 2 and of -3 bn for 1 %, day by day; dealers sell it for each percent up, and 1 bn beside.
    n_days = 400
    moves = np.random.default_rng(1).normal(0.0, 1.0, n_days)
    before = np.where(np.arange(n_days) % 2, 2.0, -3.0)
    traded = np.append(0.0, -side * before[:-1] * moves[1:] + 1.0)
    still = 0.0 * moves
    part, flow = (np.stack(rows, axis=1)[None] for rows in ([0.01 * moves, still, still], [still, still, traded]))
    run = recorded(part, flow, ["news", "policy", "dealer"], 1, "day")
    market = run.market.collect().with_columns(net_gamma_1pct_bn=pl.Series(before))
    figure = hedging(run.replace(market=market.lazy()))
    long, short, by_gamma = figure.axes
    for axes, level in ((long, 2.0), (short, -3.0)):
        asked, fitted = ((line.get_xdata(), line.get_ydata()) for line in axes.lines[:2])
        assert np.ptp(fitted[1]) / np.ptp(fitted[0]) * np.sign(fitted[1][1] - fitted[1][0]) == pytest.approx(
            -side * level
        )
        assert np.mean(fitted[1]) == pytest.approx(1.0)
        assert asked[1] == pytest.approx(-level * asked[0])
        assert axes.lines[0].get_linestyle() == ":"
        dots = np.asarray(axes.collections[0].get_offsets())
        assert dots[:, 1] == pytest.approx(-side * level * dots[:, 0] + 1.0)
        assert axes.get_xlabel().endswith(f"with a mean gamma of {level:+.1f} USD bn")
        assert axes.get_ylabel() == "hedging flow, USD bn"
        assert f"slope {-side * level:+.1f} USD bn for +1 %, R² 1.00" in axes.get_title(loc="left")
    assert long.get_title(loc="left").startswith("Long gamma")
    assert short.get_title(loc="left").startswith("Short gamma")
    dots = [(float(np.ravel(line.get_xdata())[0]), float(np.ravel(line.get_ydata())[0])) for line in by_gamma.lines
            if line.get_marker() == "o"]  # fmt: skip
    assert min(dots)[0] == pytest.approx(-3.0)
    assert min(dots)[1] == pytest.approx(3.0 * side)
    assert max(dots)[1] == pytest.approx(-2.0 * side)
    (asked,) = lines(by_gamma, INK, style=":")
    assert asked == pytest.approx([-end for end in by_gamma.get_xlim()])
    assert all(rises(axes) for axes in figure.axes)


def test_an_inversion_is_above_one() -> None:
    run = run_of(lambda n_days: made_run(), levels_of([25.0] * 3 + [10.0] * 3))
    axes = inversion(run).axes[0]
    assert lines(axes, INDEX) == [[1.25] * 3 + [0.5] * 3]
    assert lines(axes, ALERT) == [[1.0, 1.0]]
    assert rises(axes)


def test_a_fan_is_drawn_wide_and_pale_between_the_outer_quantiles() -> None:
    from matplotlib.figure import Figure

    from flowsim.plot.style import draw_fan

    shown = fan(values(*([float(k), 2.0 * k] for k in range(101))), path=3)
    axes = Figure().add_subplot()
    draw_fan(axes, shown, INDEX, singles=False)
    assert areas(axes, INDEX) == [([5.0, 10.0], [95.0, 190.0]), ([25.0, 50.0], [75.0, 150.0])]
    assert lines(axes, INDEX) == [[50.0, 100.0]]
    assert lines(axes, INK) == [[3.0, 6.0]]


@SIDES
def test_the_overview_adds_up_what_each_population_bought(side: float) -> None:
    figure = overview(made_run(side), 1)
    axes = panel(figure, "Cumulative systematic flow, path 1")
    assert lines(axes, COLORS["cta"]) == [pytest.approx([-6.0 * side, -12.0 * side, -18.0 * side])]
    assert lines(axes, COLORS["buyback"]) == [pytest.approx([4.0 * side, 8.0 * side, 12.0 * side])]
    assert said(axes) == (["CTAs", "Buybacks"] if side > 0 else ["Buybacks", "CTAs"])
    index = panel(figure, "Index, simulated paths: 2")
    assert lines(index, INK)[-1] == pytest.approx((2500.0 * np.exp(side * 2.0 * PART.sum() * np.arange(4.0))).tolist())
    real = panel(figure, "Realized volatility of the index, 21 days")
    run = made_run(side).market.filter(path=1).collect()
    assert lines(real, INK)[-1] == pytest.approx((100.0 * run["realized_vol"]).to_list())
    assert all(
        rises(axes)
        for axes in figure.axes
        if axes.get_title(loc="left") != "Share of the return variance by source, all paths"
    )


def test_a_drawdown_is_below_zero() -> None:
    figure = paths(made_run(-1.0), 0)
    axes = panel(figure, "Drawdown from the highest close so far")
    fallen = 100.0 * np.expm1(-PART.sum() * np.arange(4.0))
    high = made_run().history["close"].max()
    expected = 100.0 * (2500.0 * (1.0 + fallen / 100.0) / max(2500.0, float(high)) - 1.0)  # type: ignore[arg-type]
    assert lines(axes, INK)[-1] == pytest.approx(expected.tolist())
    assert axes.get_ylim()[1] == 0.0
    assert rises(axes)


@SIDES
def test_an_episode_has_its_script_in_percent_and_its_flows_with_their_amount(side: float) -> None:
    run = made_run(side)
    odds = run.market.with_columns(cut_probability=pl.lit(0.3))
    scripted = {**run.info["config"], "policy": {"script": [0.3]}}
    told = type("Scripted", (FakeRun,), {"info": property(lambda self: {**run.info, "config": scripted})})
    known = {name: value for name, value in vars(run).items() if name != "market"}
    figure = episode(told(market=odds, **known), 1)
    assert lines(panel(figure, "Odds of a cut at the next meeting"), INK) == [pytest.approx([30.0] * 3)]
    axes = panel(figure, "Cumulative systematic flows, path 1")
    assert lines(axes, COLORS["cta"]) == [pytest.approx([-6.0 * side, -12.0 * side, -18.0 * side])]
    assert set(said(axes)) == {f"CTAs  {-18.0 * side:+,.0f}", f"Buybacks  {12.0 * side:+,.0f}"}
    volatility = panel(figure, "VIX; dotted: median of VIX3M")
    closes = run.options["volatility"].collect()
    median = closes.group_by("date").agg(pl.col("vix3m").median()).sort("date")["vix3m"].to_list()
    assert lines(volatility, INK, style=":") == [pytest.approx(median)]
    chosen = closes.filter(path=1).sort("date")["vix"].to_list()
    assert pytest.approx(chosen) in lines(volatility, INK, style="-")
    assert all(rises(axes) for axes in figure.axes)


def test_where_nothing_is_scripted_an_episode_shows_the_fall_from_the_high() -> None:
    run = made_run(-1.0)
    axes = panel(episode(run, 0), "Distance from the highest close of a year")
    level = 2500.0 * np.exp(-PART.sum() * np.arange(4.0))
    high = float(run.history["close"].max())  # type: ignore[arg-type]
    assert lines(axes, INK)[-1] == pytest.approx((100.0 * (level / high - 1.0)).tolist())
    assert GREY not in {line.get_color() for line in axes.lines}


def test_whiskers_of_the_shares_are_the_middle_of_single_paths() -> None:
    assert whiskers(attribution(made_run()).axes[1]) == []


def test_facts_lie_where_their_value_is_in_the_interval_of_the_real_market(tmp_path) -> None:
    run, _, _ = write_run(tmp_path, n_paths=9, n_days=700)
    figure = facts(run)
    series = series_of_run(run)
    name = "return annualized vol (%)"
    (axes,) = [axes for axes in figure.axes if name in said(axes)]
    place = next(text.get_position()[1] for text in axes.texts if text.get_text() == name)
    row = [line for line in axes.lines if np.ravel(line.get_ydata())[0] == place]
    long, measured = market_facts()[LONG][name], series.measured.facts[name]

    def scaled(value: float) -> float:
        return float(np.clip((value - long.low) / (long.high - long.low) * 2.0 - 1.0, -3.4, 3.4))

    whisker, dot = ([float(x) for x in np.ravel(line.get_xdata())] for line in row)
    assert whisker == pytest.approx([scaled(measured.low), scaled(measured.high)])
    assert dot == pytest.approx([scaled(measured.value)])
    color = INK if series.is_inside(name) else ALERT
    assert row[1].get_color() == color
    grey = next(bar for bar in axes.patches if bar.get_y() < place < bar.get_y() + bar.get_height())  # type: ignore[attr-defined]
    assert (grey.get_x(), grey.get_width()) == (-1.0, 2.0)  # type: ignore[attr-defined]
    assert axes.get_ylim()[0] > axes.get_ylim()[1]
    later = {to_hex(line.get_color()).upper(): np.ravel(line.get_xdata()).tolist() for line in axes.lines
             if abs(np.ravel(line.get_ydata())[0] - place) == pytest.approx(0.27)}  # type: ignore[arg-type]  # fmt: skip
    for sample, color in zip(RECENT, (INDEX.upper(), COLORS["policy"]), strict=True):
        real = market_facts()[sample][name]
        assert later[color] == pytest.approx([scaled(real.low), scaled(real.high)])
