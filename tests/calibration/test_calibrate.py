"""Calibrations of a tiny market: they come down, from wherever they begin, and go on after a kill."""

import json
import signal
import subprocess
import sys
import time

import pytest
from helpers.tiny_search import FACTS, search, write
from typer.testing import CliRunner

from flowsim.calibration.calibrate import calibrate
from flowsim.calibration.loss import total
from flowsim.cli.commands import app
from flowsim.config import load
from flowsim.errors import InputError


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    folder = tmp_path_factory.mktemp("calibration")
    return folder, search(folder)


def test_the_loss_comes_down_and_every_fact_ends_inside(found):
    _, result = found
    assert total(result.z_after.values()) < 0.2 * total(result.z_before.values())
    assert result.misses == []


def test_two_starts_end_at_the_same_loss_within_its_noise(found):
    # Two numbers fit two facts: the bottom of the valley is a loss near zero, from the middle and from anywhere.
    folder, first = found
    second = search(folder, "second", start=5)
    assert second.z_before != first.z_before
    noise = max(first.fresh_losses + second.fresh_losses) + 0.05
    assert abs(total(first.z_after.values()) - total(second.z_after.values())) < noise


def test_the_fitted_config_loads_and_has_the_loss_that_is_claimed(found):
    folder, result = found
    fitted = load(folder / "found" / "fitted.toml")
    assert fitted.population["noise"].capital_bn == pytest.approx(result.parameters[0].after, rel=1e-5)
    again = calibrate(fitted, out=folder / "again", targets=FACTS, ranges=folder / "ranges.toml", trials=0, steps=0,
                      profiles=0, n_paths=4)  # fmt: skip
    assert again.z_before == pytest.approx(result.z_after)


def test_a_parameter_that_moves_no_target_is_not_identified(tmp_path):
    config, ranges = write(tmp_path)
    ranges.write_text(ranges.read_text() + '[parameter."policy.minutes_bp"]\nlow = 1.0\nhigh = 1.6\nsource = "none"\n')
    result = calibrate(load(config), out=tmp_path / "out", targets=FACTS, ranges=ranges, trials=0, steps=0, n_paths=4)
    by_key = {one.key: one for one in result.parameters}
    assert by_key["population.noise.capital_bn"].identified
    assert not by_key["policy.minutes_bp"].identified


def test_a_parameter_that_the_facts_push_out_of_its_range_is_named(tmp_path):
    # At most 22 bn of noise: volatility stays too low, and wants more.
    config, ranges = write(tmp_path)
    config.write_text(config.read_text().replace("capital_bn = 40", "capital_bn = 22"))
    ranges.write_text(ranges.read_text().replace("high = 120", "high = 22"))
    result = calibrate(load(config), out=tmp_path / "out", targets=FACTS, ranges=ranges, trials=0, steps=0, n_paths=4)
    assert result.parameters[0].leaves == "upper"
    assert "population.noise.capital_bn wants to leave its range at the upper end (none)" in result.as_markdown()


def test_a_search_that_was_killed_goes_on_and_ends_where_it_would_have_ended(found):
    folder, whole = found
    config, ranges = write(folder)
    command = [sys.executable, "-c", "from flowsim.cli import main; main()", "calibrate", str(config)]
    command += ["--ranges", str(ranges), "--targets", FACTS[0], "--targets", FACTS[1], "--out", str(folder / "killed")]
    command += ["--trials", "12", "--steps", "6", "--paths", "4", "--days", "300"]
    journal = folder / "killed" / "journal.jsonl"
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    deadline = time.monotonic() + 120
    while not (journal.exists() and journal.read_text().count("\n") >= 3) and time.monotonic() < deadline:
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.wait()
    tried = journal.read_text().count("\n")
    assert 3 <= tried < whole.tried, "it was killed under way"
    with journal.open("a") as file:
        file.write('{"settings": ["cut sh')
    resumed = search(folder, "killed", resume=True)
    assert resumed.z_after == whole.z_after
    assert resumed.parameters == whole.parameters
    assert journal.read_text() == (folder / "found" / "journal.jsonl").read_text()


def test_another_search_cannot_go_on_in_the_folder(found):
    folder, _ = found
    with pytest.raises(InputError, match="the search there has another config, ranges, targets, start or number of"):
        search(folder, resume=True, n_paths=5)
    with pytest.raises(InputError, match="not empty; choose another `out`, or go on with `resume=True`"):
        search(folder)
    with pytest.raises(InputError, match=r"no search to resume \(search.json is missing\)"):
        search(folder, "nowhere", resume=True)


def test_the_command_prints_what_it_found(found):
    folder, result = found
    arguments = ["calibrate", str(folder / "news_and_noise.toml"), "--ranges", str(folder / "ranges.toml")]
    arguments += ["--trials", "12", "--steps", "6", "--paths", "4", "--days", "300"]
    arguments += ["--resume", "--out", str(folder / "found")]
    for fact in FACTS:
        arguments += ["--targets", fact]
    printed = CliRunner().invoke(app, [*arguments, "--json"])
    assert printed.exit_code == 0, printed.output
    assert json.loads(printed.stdout)["loss"]["after"] == pytest.approx(total(result.z_after.values()))
    printed = CliRunner().invoke(app, arguments)
    assert "2 of 2 facts inside" in printed.stdout
    assert (folder / "found" / "profiles.png").stat().st_size > 10_000


def test_of_two_numbers_that_one_fact_cannot_tell_apart_neither_is_pinned(tmp_path):
    # Volatility alone: more noise, or news as well, and either can make good for the other.
    config, ranges = write(tmp_path)
    news = '[parameter."fundamental.daily_news_vol"]\nlow = 0.0\nhigh = 0.012\nsource = "none"\n'
    ranges.write_text(ranges.read_text().split("\n\n")[0] + "\n" + news)
    both = calibrate(
        load(config), out=tmp_path / "both", targets=FACTS[:1], ranges=ranges, trials=10, steps=4, n_paths=4
    )
    ranges.write_text(news)
    alone = calibrate(
        load(config), out=tmp_path / "alone", targets=FACTS[:1], ranges=ranges, trials=0, steps=4, n_paths=4
    )
    news_beside, news_alone = both.parameters[1], alone.parameters[0]
    assert news_beside.key == news_alone.key
    widths = [one.interval[1] - one.interval[0] for one in (news_beside, news_alone)]
    assert widths[0] > 2.0 * widths[1]
    assert not both.parameters[0].identified


def test_without_cmaes_the_message_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "cmaes", None)
    with pytest.raises(InputError, match=r"install flowsim-market\[calibrate\], or search with `trials=0`"):
        search(tmp_path)
