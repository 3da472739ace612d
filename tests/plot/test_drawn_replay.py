"""What the pictures of a replay draw, number by number, on one that is made by hand and on its opposite."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from helpers.drawn import areas, legend_of, line_at, lines, panel, rises, said, whiskers
from helpers.made_replay import CLOSE, EXPOSURE, FLOW, GAMMA, LEVELS, SHARE, made_replay

from flowsim.plot.replay import exposure, hedging, path_dependent, rebalances, replay_pictures, trend, windows
from flowsim.plot.style import ALERT, COLORS, INDEX

SIDES = pytest.mark.parametrize("side", [1.0, -1.0], ids=["as made", "opposite"])
SOLD = "#B3202C"


def rolled(flow: np.ndarray, days: int) -> np.ndarray:
    """Return what traded over the last sessions, as soon as there are so many."""
    return np.convolve(flow, np.ones(days), "valid")


def filled(axes, color: str) -> np.ndarray:
    """Return the signed heights of the only area of a color about zero, where it is known."""
    ((low, high),) = areas(axes, color)
    return np.where(np.abs(high) > np.abs(low), high, low)


@SIDES
def test_exposure_and_fortnights_have_their_sign(side: float) -> None:
    figure = exposure(made_replay(side), "vol_control")
    index, held, traded = figure.axes
    assert lines(index, INDEX) == [CLOSE]
    assert lines(held, COLORS["vol_control"]) == [pytest.approx((side * EXPOSURE).tolist())]
    assert filled(traded, COLORS["vol_control"])[-3:] == pytest.approx(side * rolled(FLOW, 10))
    assert [axes.get_title(loc="left") for axes in figure.axes] == [
        "Index, real closes", "Vol control: exposure wished for at the close",
        "Vol control: traded over ten sessions, above zero bought",
    ]  # fmt: skip
    assert all(rises(axes) for axes in figure.axes)


@SIDES
def test_trend_followers_are_drawn_long_above_and_short_below_with_their_levels(side: float) -> None:
    figure = trend(made_replay(side), "cta")
    index, held, traded = figure.axes
    for speed, color in (("short", "#F28E5C"), ("medium", "#D0303F"), ("long", "#630000")):
        assert lines(index, color) == [(LEVELS[speed] + np.arange(12.0)).tolist()]
    assert said(index) == ["long", "medium", "short", "index"]
    long, short = np.maximum(side * 2.0 * EXPOSURE, 0.0), np.minimum(side * 2.0 * EXPOSURE, 0.0)
    assert max(areas(held, COLORS["cta"])[0][1]) == pytest.approx(long.max())
    assert min(areas(held, COLORS["cta"])[0][0]) == 0.0
    assert min(areas(held, SOLD)[0][0]) == pytest.approx(short.min())
    assert max(areas(held, SOLD)[0][1]) == 0.0
    assert filled(traded, COLORS["cta"])[-8:] == pytest.approx(side * 2.0 * rolled(FLOW, 5))
    assert all(rises(axes) for axes in figure.axes)


@SIDES
def test_rebalances_are_strokes_from_zero_and_the_four_largest_are_dated(side: float) -> None:
    figure = rebalances(made_replay(side), "leveraged_etf")
    assert np.array(whiskers(figure.axes[1])) == pytest.approx(np.stack([0.0 * FLOW, side * 3.0 * FLOW], axis=1))
    named = ["06 Sep 2018: {:+.1f}", "18 Sep 2018: {:+.1f}", "11 Sep 2018: {:+.1f}", "12 Sep 2018: {:+.1f}"]
    amounts = (-120.0, 90.0, 21.0, 18.0)
    assert said(figure.axes[1]) == [text.format(side * amount) for text, amount in zip(named, amounts, strict=True)]
    assert all(rises(axes) for axes in figure.axes)


def test_blackouts_are_in_percent_and_the_pace_is_a_weeks_mean() -> None:
    figure = windows(made_replay(), "buyback")
    _, shut, pace = figure.axes
    ((low, high),) = areas(shut)
    assert (max(low), high) == (0.0, pytest.approx((100.0 * SHARE).tolist()))
    assert shut.get_ylim() == (0.0, 100.0)
    (drawn,) = lines(pace, COLORS["buyback"])
    assert drawn[4:] == pytest.approx((4.0 * rolled(FLOW, 5) / 5.0).tolist())
    assert pace.get_title(loc="left") == "Buybacks: mean of five sessions"
    assert all(rises(axes) for axes in figure.axes)


@SIDES
def test_dealers_gamma_is_blue_above_zero_and_red_below(side: float) -> None:
    figure = hedging(made_replay(side), "dealer")
    _, gamma, traded = figure.axes
    assert max(areas(gamma, INDEX)[0][1]) == pytest.approx(max(side * GAMMA))
    assert min(areas(gamma, INDEX)[0][0]) == 0.0
    assert min(areas(gamma, ALERT)[0][0]) == pytest.approx(min(side * GAMMA))
    assert max(areas(gamma, ALERT)[0][1]) == 0.0
    assert filled(traded, COLORS["dealer"])[-8:] == pytest.approx(side * 5.0 * rolled(FLOW, 5))
    assert gamma.get_title(loc="left") == "Dealers' gamma at the close, below zero they sell a fall"
    assert all(rises(axes) for axes in figure.axes)


def test_what_past_returns_make_is_blue_and_the_real_index_red() -> None:
    figure = path_dependent(made_replay())
    near, vix = panel(figure, "VIX9D"), panel(figure, "VIX, R squared 0.83")
    assert lines(near, INDEX) == [(12.0 + np.arange(12.0)).tolist()]
    assert lines(near, SOLD) == []
    assert lines(vix, INDEX) == [(15.0 + np.arange(12.0)).tolist()]
    assert [height for _, height in line_at(vix, SOLD)] == (14.0 + 2.0 * np.arange(12.0)).tolist()
    assert legend_of(near) == [("from past returns", INDEX.upper()), ("real close", SOLD)]
    assert legend_of(path_dependent(made_replay(real=False)).axes[0]) == [("from past returns", INDEX.upper())]


def test_a_population_is_drawn_by_what_its_strategy_declares_and_not_by_its_name() -> None:
    made = made_replay()
    renamed = {name: getattr(made, name).with_columns(pl.col("population").replace("cta", "trend"))
               for name in ("flows", "levels")}  # fmt: skip
    families = {**made.families, "trend": "cta", "buyback": "pension_rebalance"}
    pictures = replay_pictures(replace(made, families=families, **renamed))
    assert pictures["trend"].texts[0].get_text() == "Trend: net position and the levels at which it turns"
    assert not {"cta", "buyback"} & set(pictures)


def test_every_population_has_its_own_picture() -> None:
    titles = {name: figure.texts[0].get_text() for name, figure in replay_pictures(made_replay()).items()}
    assert titles == {
        "vol_control": "Vol control: exposure and flow",
        "cta": "CTAs: net position and the levels at which it turns",
        "leveraged_etf": "Leveraged ETFs: trades into the close",
        "buyback": "Buybacks: blackout windows and pace",
        "dealer": "Option dealers: gamma and hedging flow",
        "path_dependent_vix": "VIX family: what past returns explain",
    }
