"""What the pictures of an attribution draw, number by number."""

import numpy as np
import polars as pl
import pytest
from helpers.drawn import areas, bars, legend_of, line_at, lines, panel, said
from helpers.made_replay import made_replay

from flowsim.config.display import display_name
from flowsim.history.attribution import REST, TOGETHER, Attribution
from flowsim.plot.moves import STATE_COLORS, attribution_pictures, episode, shares
from flowsim.plot.style import COLORS, INDEX

NAME = "2018-09-04 to 2018-09-19"
RED = "#D0303F"


@pytest.fixture(scope="module")
def found() -> Attribution:
    return made_replay().attribute(multipliers=[2.5, 10.0])


def cumulative(found: Attribution, source: str) -> np.ndarray:
    one = found.contributions.filter(source=source)["contribution"].to_numpy()[1:]
    return 100.0 * np.append(0.0, np.cumsum(one))


def test_an_episode_shows_the_index_and_what_systematic_flows_did_to_it_in_a_band(found):
    above = panel(episode(found, NAME), "Index, and what systematic flows did to it (band: M = 2.5 to 10)")
    own = sum(cumulative(found, source) for source in found.sources)
    index = own + cumulative(found, REST)
    assert [height for _, height in line_at(above, INDEX)] == pytest.approx(index.tolist())
    assert lines(above, RED) == [pytest.approx(own.tolist())]
    ((low, high),) = areas(above, RED)
    assert low == pytest.approx(np.minimum(0.5 * own, 2.0 * own).tolist())
    assert high == pytest.approx(np.maximum(0.5 * own, 2.0 * own).tolist())
    assert sorted(said(above)) == [f"index {index[-1]:+.1f} %", f"systematic {own[-1]:+.2f} %"]


def test_contributions_are_stacked_and_their_sum_is_written(found):
    below = panel(episode(found, NAME), "Contributions of systematic flows, M = 5")
    own = sum(cumulative(found, source) for source in found.sources)
    assert f"together {own[-1]:+.2f} %" in said(below)
    heights = {name: sum(high[-1] - low[-1] for low, high in areas(below, COLORS[name])) for name in found.sources}
    assert heights == pytest.approx({name: abs(cumulative(found, name)[-1]) for name in found.sources})


def test_the_answer_sets_index_systematic_flows_and_the_rest_below_one_another(found):
    answer = panel(episode(found, NAME), "Whose move it was")
    rows = found.episodes.filter(multiplier=5.0)
    parts = dict(rows.select("source", "contribution_pct").iter_rows())
    expected = [rows["index_pct"][0], parts[TOGETHER], parts[REST]]
    assert said(answer) == [f"{value:+.2f}" for value in expected]
    names = [text.get_text().replace("\n", " ") for text in answer.get_yticklabels()]
    assert names == ["index", "systematic flows", REST]


def test_the_band_of_multipliers_is_drawn_by_horizon_and_the_one_of_the_config_thickest(found):
    by_horizon = panel(shares(found), "Systematic flows, by horizon")
    whole = found.shares.filter(source=TOGETHER, state="all")
    drawn = [line for line in by_horizon.lines if len(line.get_xdata()) == 2 and line.get_marker() == "o"]
    for multiplier, line in zip((2.5, 5.0, 10.0), drawn, strict=True):
        assert list(line.get_ydata()) == whole.filter(multiplier=multiplier)["share_pct"].to_list()
    assert [line.get_linewidth() for line in drawn] == [1.0, 2.2, 1.0]
    assert sorted(said(by_horizon)) == ["M = 10", "M = 2.5", "M = 5"]


def test_each_state_has_its_color_and_each_source_its_bar(found):
    figure = shares(found)
    by_state, by_source = panel(figure, "By state"), panel(figure, "By source, 5 sessions, M = 5")
    assert legend_of(by_state) == [(name, color.upper()) for name, color in STATE_COLORS.items()]
    worst = found.shares.filter(source=TOGETHER, state="worst 1 %", multiplier=5.0)["share_pct"].drop_nulls().to_list()
    assert [height for _, height in bars(by_state, STATE_COLORS["worst 1 %"])] == pytest.approx(worst)
    order = found.shares.filter(pl.col("source") != TOGETHER, state="all", horizon_days=5).sort(
        "share_pct", descending=True
    )
    names = [text.get_text() for text in by_source.get_yticklabels()]
    assert names == [display_name(source) for source in order["source"]]


def test_every_episode_has_a_picture_named_for_its_file(found):
    assert list(attribution_pictures(found)) == ["shares", "episode_2018-09-04_to_2018-09-19"]
