"""By which channel a scenario reaches the index: told on the same paths, and nothing told of a channel that is not."""

import polars as pl
import pytest
from helpers.command import flowsim
from helpers.drawn import panel
from helpers.economies import economy_config
from helpers.markets import market_config, population

import flowsim as fs
from flowsim.errors import InputError
from flowsim.experiments.macro_channels import ALL, CHANNELS, TOGETHER, horizons
from flowsim.plot.macro_channels import LEFT_OUT, channels

DAYS = 300
"""Until two quarters of the pause are told."""


def small_config():
    buyers = {"noise": population("noise_trading"), "ai": population("buyback"), "savers": population("passive_inflow")}
    linked = {"ai": "ai_payout", "savers": "saving_top"}
    return economy_config(buyers, days=DAYS, budgets=linked).override("time.bars_per_day=1")


@pytest.fixture(scope="module")
def found():
    return fs.macro_channels("capex_pause", 16, config=small_config(), days=DAYS, threads=1)


def effect(found, channel, sessions=DAYS):
    (row,) = found.table.filter(channel=channel, sessions=sessions).iter_rows(named=True)
    return row


def test_channels_and_what_is_left_add_up_to_all(found):
    for sessions in (252, DAYS):
        parts = [effect(found, channel, sessions)["effect_pct"] for channel in (*CHANNELS, TOGETHER)]
        assert sum(parts) == pytest.approx(effect(found, ALL, sessions)["effect_pct"], abs=1e-12)


def test_a_channel_that_nobody_follows_does_nothing(found):
    for channel in ("buybacks of others", "share sales", "liquidity", "fear"):
        row = effect(found, channel)
        assert (row["effect_pct"], row["low_pct"], row["high_pct"]) == (0.0, 0.0, 0.0)


def test_a_pause_is_bad_news_and_leaves_builders_money_for_buybacks(found):
    assert effect(found, "news")["high_pct"] < -1.0
    assert effect(found, "buybacks of builders")["low_pct"] > 0.0
    assert effect(found, ALL)["noise_pct"] > 1.0


def test_horizons_are_a_year_two_years_and_the_end_of_a_shorter_run():
    assert [horizons(days) for days in (100, 252, 300, 504)] == [(100,), (252,), (252, 300), (252, 504)]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"scenario": "baseline"}, "effects are told against it"),
        ({"scenario": "calm"}, "no such file or scenario"),
        ({"scenario": "capex_pause", "config": market_config()}, "has no table macro"),
        ({"scenario": "capex_pause", "n_paths": 1}, "an interval takes 2 at least"),
    ],
)
def test_what_cannot_be_told_is_refused(arguments, said):
    arguments = {"config": small_config(), "n_paths": 4} | arguments
    with pytest.raises(InputError, match=said):
        fs.macro_channels(**arguments)


def test_the_picture_has_a_bar_for_each_channel_and_says_what_is_left_out(found):
    figure = channels(found)
    axes = panel(figure, "After 252 sessions")
    assert [label.get_text() for label in axes.get_yticklabels()] == [ALL, *CHANNELS, TOGETHER]
    lengths = [bar.get_width() for bar in axes.patches]
    assert lengths == pytest.approx(found.table.filter(sessions=252)["effect_pct"].to_list())
    assert LEFT_OUT in [text.get_text() for text in figure.texts]


def test_the_command_leaves_table_and_picture(tmp_path, found):
    file = tmp_path / "small.toml"
    file.write_text(small_config().to_toml())
    arguments = ("--paths", "4", "--days", "30", "--threads", "1", "--config", file)
    said = flowsim("macro", "channels", "capex_pause", *arguments, "--out", tmp_path / "out").stdout
    assert "buybacks of builders" in said
    table = pl.read_parquet(tmp_path / "out" / "macro_channels.parquet")
    assert table.columns == found.table.columns
    assert (table["effect_pct"] == 0.0).all()  # nothing is told in the first thirty sessions
    assert (tmp_path / "out" / "channels.png").stat().st_size > 10_000
