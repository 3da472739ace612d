"""`flowsim facts` and its picture, from end to end."""

import json

import numpy as np
import pytest
from helpers.command import flowsim
from helpers.drawn_runs import drawn_history, write_run

from flowsim.facts.fact_table import series_of_run
from flowsim.plot import save
from flowsim.plot.facts import facts
from flowsim.plot.style import ALERT, GREY, INK


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs") / "drawn"
    write_run(folder, n_paths=5)
    return folder


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("files")
    closes = drawn_history(400)
    levels = 100.0 * np.exp(np.cumsum(closes.returns_pct) / 100.0)
    prices = [f"{day},{level}" for day, level in zip(closes.dates, levels, strict=True)]
    indices = [f"{day},{vix}" for day, vix in zip(closes.dates, closes.indices["VIX"], strict=True)]
    (folder / "spx.csv").write_text("\n".join(["date,close", *prices]))
    (folder / "vol.csv").write_text("\n".join(["date,VIX", *indices]))
    return folder


def test_facts_of_a_run_are_a_table_that_ends_with_the_score(folder):
    result = flowsim("facts", folder)
    assert result.returncode == 0, result.stderr
    lines = result.stdout.splitlines()
    assert lines[0].split("|")[1].strip() == "fact"
    assert "of 47 facts lie inside" in lines[-1]


def test_facts_of_files_are_one_document_on_standard_output(files):
    result = flowsim("facts", "--prices", files / "spx.csv", "--vol", files / "vol.csv", "--resamples", 100, "--json")
    assert result.returncode == 0, result.stderr
    (only,) = json.loads(result.stdout)["series"]
    assert {"VIX mean", "VRP fraction > 0"} <= only["facts"].keys()
    assert only["left_out"]["VIX9D/VIX mean"] == "no closes of VIX9D; vol.csv does not hold them"
    assert [line.split(": ")[2][:10] for line in result.stderr.splitlines()] == ["400 closes", "VIX in 'VI"]


BAD = {
    "nothing": ([], ["--prices FILE"]),
    "both": (["{run}", "--prices", "{files}/spx.csv"], ["--prices FILE"]),
    "indices with a run": (["{run}", "--vol", "{files}/vol.csv"], ["--vol", "--prices"]),
    "no run": (["nowhere"], ["nowhere", "run.json"]),
    "no file": (["--prices", "nowhere.csv"], ["nowhere.csv"]),
    "closes in place of indices": (["--prices", "{files}/spx.csv", "--vol", "{files}/spx.csv"], ["spx.csv", "VIX3M"]),
    "few resamples": (["--prices", "{files}/spx.csv", "--resamples", "3"], ["--resamples"]),
}


@pytest.mark.parametrize(("arguments", "said"), BAD.values(), ids=BAD)
def test_bad_input_ends_with_status_2_and_a_sentence_that_names_it(arguments, said, folder, files):
    result = flowsim("facts", *(text.format(run=folder, files=files) for text in arguments))
    assert result.returncode == 2
    assert "Traceback" not in result.stderr
    assert result.stdout == ""
    for words in said:
        assert words in result.stderr


def drawn(figure):
    return {text.get_text(): text.get_color() for axes in figure.axes for text in axes.texts}


def test_the_picture_marks_what_misses_and_counts_what_is_inside(tmp_path):
    run, _, _ = write_run(tmp_path / "run", n_paths=5)
    series, written = series_of_run(run), drawn(figure := facts(run))
    assert {fact for fact in series.scored if written[fact] == ALERT} == set(series.misses)
    assert {fact for fact in series.scored if written[fact] == INK} == set(series.scored) - set(series.misses)
    title = figure.texts[0].get_text()
    assert title == f"Stylized facts: {47 - len(series.misses)} of 47 inside the real intervals"
    assert save(figure, tmp_path / "facts.png").read_bytes().startswith(b"\x89PNG")


def test_the_picture_writes_in_grey_what_a_run_does_not_have(tmp_path):
    written = drawn(facts(write_run(tmp_path, vix=False)[0]))
    assert written["VIX mean"] == GREY
    assert written["return skew"] != GREY


def test_a_chosen_path_is_marked_in_every_row(tmp_path):
    run, _, _ = write_run(tmp_path)
    marks = [
        [line for axes in facts(run, path).axes for line in axes.lines if line.get_marker() == "|"]
        for path in (None, 2)
    ]
    assert [len(found) for found in marks] == [0, 47]
