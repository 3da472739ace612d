"""Pictures of a sweep show its numbers, its intervals and what is other than zero."""

import numpy as np
import polars as pl
import pytest
from helpers.small_sweep import WILD, small

import flowsim as fs
from flowsim.errors import InputError
from flowsim.sweeps.found import Sweep

GRID = {"values": {"fundamental.daily_news_vol": [0.003, 0.006, 0.012], "fundamental.drift_pct_per_year": [0.0, 8.0]}}


@pytest.fixture(scope="module")
def found() -> Sweep:
    wild = [{"name": "wild", "set": WILD}]
    return fs.sweep(
        small(set=["time.days=63"], design=GRID, arm=wild, paths=128, outcomes={"names": ["vol_pct", "drawdown_pct"]})
    )


def texts(axes) -> list[str]:
    return [text.get_text() for text in axes.texts]


def test_a_map_has_the_number_of_every_arm_where_it_belongs(found: Sweep) -> None:
    figure = fs.plot.sweep_picture(found)
    left, right = figure.axes
    table = found.table("vol_pct")
    field = left.images[0].get_array()
    assert field.shape == (2, 3)
    for x, vol in enumerate((0.003, 0.006, 0.012)):
        for y, drift in enumerate((0.0, 8.0)):
            row = table.filter(
                pl.col("fundamental.daily_news_vol") == vol, pl.col("fundamental.drift_pct_per_year") == drift
            )
            assert field[y, x] == pytest.approx(row["value"][0])
    assert [tick.get_text() for tick in left.get_xticklabels()] == ["0.003", "0.006", "0.012"]
    assert left.get_xlabel() == "fundamental.daily_news_vol"
    assert sum(text.endswith("*") for text in texts(right)) == table["moved"].sum() == len(right.patches)
    assert any(text.startswith("+") for text in texts(right))
    assert any(text.startswith("-") for text in texts(right))
    assert figure.texts[-1].get_text().startswith("1 arm broken and left out.")


def test_lines_have_a_point_for_each_value_and_a_line_for_each_of_the_other_key(found: Sweep) -> None:
    left, right = fs.plot.sweep_lines(found, "drawdown_pct").axes
    assert len(left.containers) == len(right.containers) == 2
    table = found.table("drawdown_pct").filter(pl.col("fundamental.drift_pct_per_year") == 0.0)
    x, y = left.containers[0].lines[0].get_data()
    np.testing.assert_allclose(x, [0.003, 0.006, 0.012])
    np.testing.assert_allclose(y, table.sort("fundamental.daily_news_vol")["value"])
    (bars,) = left.containers[0].lines[2]
    np.testing.assert_allclose(
        [part[1, 1] for part in bars.get_segments()], table.sort("fundamental.daily_news_vol")["high"]
    )
    assert left.get_title(loc="left") == "drawdown_pct, %"


def test_bars_have_every_arm_and_say_what_is_broken(found: Sweep) -> None:
    left, _ = fs.plot.sweep_bars(found, "vol_pct").axes
    assert [label.get_text() for label in left.get_yticklabels()][-1] == "wild"
    assert "broken" in texts(left)


def test_drawn_points_are_points_and_no_map() -> None:
    design = {"kind": "sobol", "arms": 4, "ranges": {"fundamental.daily_news_vol": {"low": 0.003, "high": 0.012}}}
    found = fs.sweep(small(design=design, arm=[], outcomes={"names": ["vol_pct"]}))
    left, _ = fs.plot.sweep_picture(found).axes
    assert left.containers[0].lines[0].get_linestyle() == "None"
    assert len(left.containers[0].lines[0].get_xdata()) == 4
    with pytest.raises(InputError, match="a map takes a grid over two keys; draw lines of this sweep"):
        fs.plot.sweep_map(found)
    with pytest.raises(InputError, match="the design does not vary 'nothing'"):
        fs.plot.sweep_lines(found, "vol_pct", "nothing")
