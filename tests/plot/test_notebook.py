"""What objects show of themselves in a notebook and at a prompt, and pictures in files whose words are words."""

import re

import polars as pl
import pytest
from helpers.made_outlook import made_outlook
from helpers.made_replay import made_replay
from helpers.markets import market_config

import flowsim as fs
from flowsim.plot.replay import replay_pictures
from flowsim.plot.saving import save


def rich(shown: str) -> str:
    """Return the words of HTML."""
    assert shown.count("<div>") == shown.count("</div>")
    return " ".join(re.sub(r"<[^>]+>", " ", shown).split())


def test_a_picture_shows_itself_as_png_and_writes_words_as_words(tmp_path) -> None:
    figure = replay_pictures(made_replay())["cta"]
    assert figure._repr_png_().startswith(b"\x89PNG")
    assert "CTAs: net position" in figure.to_svg()
    file = save(figure, tmp_path / "cta.svg")
    assert "CTAs: net position" in file.read_text()


def test_a_config_says_in_short_what_it_is_and_what_was_changed() -> None:
    config = fs.load("us_equity", {"population.cta.capital_bn": 400})
    assert repr(config) == str(config)
    assert repr(config).startswith("Config(us_equity + 1 change: cta.capital_bn 40 -> 400; ")
    assert repr(config).endswith(" populations, 252 days from 2018-12-31, seed 1)")
    words = rich(config._repr_html_())
    assert "CTAs cta" in words
    assert "400.00" in words
    assert "published" not in words
    assert "published sizes" in rich(fs.load("us_equity")._repr_html_())


def test_a_replay_shows_who_held_and_traded_what() -> None:
    found = made_replay()
    assert repr(found) == f"Replay({found.label}; 12 sessions, 5 populations)"
    assert "Vol control" in rich(found._repr_html_())


def test_an_outlook_says_its_sentences() -> None:
    found = made_outlook()
    assert repr(found).splitlines()[1:] == [f"- {sentence}" for sentence in found.words]
    assert found.words[0] in rich(found._repr_html_()).replace("&#x27;", "'")


def test_a_run_shows_its_tables_and_no_description_that_no_longer_holds() -> None:
    config = market_config(time={"days": 3})
    run = fs.simulate(config, 2, overrides={"market.multiplier": 9})
    assert "+ 1 change: market.multiplier" in run.label
    assert run.label.endswith("; 2 paths, 3 days, seed 1")
    assert run.description == ""
    words = rich(run._repr_html_())
    assert "market 6" in words
    assert fs.simulate(config, 2).description == config.description


@pytest.mark.parametrize(("days", "known"), [(4, [False, False]), (12, [True, False]), (25, [True, True])])
def test_a_sum_over_days_that_a_period_does_not_have_is_none(days: int, known: list[bool]) -> None:
    found = made_replay()
    flows = pl.DataFrame({"population": ["cta"] * days, "flow_bn": [1.0] * days, "exposure_bn": [1.0] * days})
    summary = type(found).summary.fget(_With(flows))
    sums = summary.select("last_5_days_bn", "last_21_days_bn").row(0)
    assert [value is not None for value in sums] == known
    assert [value for value in sums if value is not None] == [5.0, 21.0][: sum(known)]


class _With:
    def __init__(self, flows: pl.DataFrame) -> None:
        self.flows = flows
