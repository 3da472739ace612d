"""flowsim rules mutate: planted mistakes in a user's own rule, and what a job of continuous checks reads of them."""

import json
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from flowsim.cli import app
from flowsim.testing.mutation_score import score_of
from flowsim.testing.template import write_new


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["rules", *map(str, arguments)], catch_exceptions=False)


@pytest.fixture(scope="module")
def rule(tmp_path_factory) -> Path:
    """Return a new rule whose buffer no law and no example cares for."""
    [file, _] = write_new("mine", tmp_path_factory.mktemp("rules"), [])
    return file


def line_of(file: Path, text: str) -> int:
    return next(number for number, line in enumerate(file.read_text().splitlines(), 1) if text in line)


SURVIVES = "nothing catches abs(gap) > fund.buffer -> abs(gap) >= fund.buffer"


def test_a_rule_is_scored_and_what_survives_is_named_with_its_line(rule):
    result = run("mutate", rule)
    assert result.exit_code == 0
    survivor, summary = result.stdout.splitlines()
    assert survivor == f"{rule}:{line_of(rule, 'abs(gap)')}: {SURVIVES}"
    assert summary == "mine.py: 21 of 22 mistakes are caught, 95 %: 20 by tapes, 1 by laws"


def test_processes_find_what_one_finds(rule):
    survivor, summary = run("mutate", rule, "--workers", "2").stdout.splitlines()
    assert survivor.endswith(SURVIVES)
    assert summary == "mine.py: 21 of 22 mistakes are caught, 95 %: 20 by tapes, 1 by laws"


def test_too_low_a_score_ends_with_1_and_survivors_are_errors_then(rule, monkeypatch):
    monkeypatch.setenv("GITHUB_WORKSPACE", str(rule.parent.parent))
    enough, too_few = (run("mutate", rule, "--format", "github", "--at-least", pct) for pct in (95, 96))
    where = f"file={rule.parent.name}/mine.py,line={line_of(rule, 'abs(gap)')},title=mine::{SURVIVES}"
    assert (enough.exit_code, enough.stdout.splitlines()[0]) == (0, f"::warning {where}")
    assert (too_few.exit_code, too_few.stdout.splitlines()[0]) == (1, f"::error {where}")


def test_a_score_is_a_table_and_a_document_too(rule):
    table = run("mutate", rule, "--format", "markdown").stdout.splitlines()
    assert table[:2] == ["| line | rule | what is wrong |", "| --- | --- | --- |"]
    assert table[2].endswith(f"| mine | {SURVIVES} |")
    [found] = json.loads(run("mutate", rule, "--json").stdout)
    assert (found["mistakes"], found["caught"]) == (22, {"tapes": 20, "laws": 1})
    assert found["survivors"] == [
        {"function": "mine", "line": line_of(rule, "abs(gap)"), "change": SURVIVES.removeprefix("nothing catches ")}
    ]


@pytest.fixture(scope="module")
def broken(tmp_path_factory) -> Path:
    [file, _] = write_new("broken", tmp_path_factory.mktemp("rules"), [])
    file.write_text(file.read_text().replace("min(fund.cap, fund.target_vol / max(", "(fund.target_vol / max("))
    return file


def test_a_broken_law_is_one_annotation_on_one_line(broken):
    result = run("check", broken, "--examples", 5, "--format", "github")
    *annotations, summary = result.stdout.splitlines()
    assert result.exit_code == 1
    assert summary.startswith(f"broken: keeps {22 - len(annotations)} of 22 laws")
    for annotation in annotations:
        assert re.match(
            rf"::error file=[^:,]*broken\.py,line={line_of(broken, '@strategy')},title=broken::", annotation
        )
    assert "exposure_within" in annotations[0]
    assert "%0A  session              close   return, %25%0A" in annotations[0]


def test_a_broken_law_is_a_row_of_a_table_with_its_market_below(broken):
    shown = run("check", broken, "--examples", 5, "--format", "markdown").stdout
    rows = [line for line in shown.splitlines() if line.startswith("| ")]
    assert all(row.count(" | ") == 2 for row in rows)
    assert rows[2].split(" | ")[2].startswith("broken breaks exposure_within(low=0.0, high='cap')")
    assert re.search(r"```text\n  agent .*?\n```", shown, re.DOTALL)


LOOPS = '''"""Order what is left, halved until it is small."""

from flowsim.strategy import Annotated, Field, NamedTuple, View, strategy


class Fund(NamedTuple):
    """One fund."""

    capital_bn: Annotated[float, Field("assets", "USD bn", 0.0)]


class Held(NamedTuple):
    """What it holds."""

    exposure: float = 0.0


@strategy(clock="day", source="none")
def looping(view: View, fund: Fund, held: Held, noise: float) -> tuple[Held, float]:
    """Halve."""
    size = 1.0 + view.rv_21
    while size > 0.1:
        size = size * 0.5
    return Held(size), (size - held.exposure) * fund.capital_bn
'''


def test_a_mistake_that_never_ends_is_caught(tmp_path):
    file = tmp_path / "looping.py"
    file.write_text(LOOPS)
    found = score_of(file)
    assert found.tried > 5
    assert "size * 0.5 -> size / 0.5" not in [one.change for one in found.survivors]


def test_a_rule_that_fails_as_it_is_has_to_be_mended_first(tmp_path):
    file = tmp_path / "looping.py"
    file.write_text(LOOPS.replace("1.0 + view.rv_21", "1.0 / (view.rv_21 - view.rv_21)"))
    result = CliRunner().invoke(app, ["rules", "mutate", str(file)])
    assert "mend it before planting mistakes" in str(result.exception)
    assert str(result.exception).startswith(f"{file}:{line_of(file, '@strategy')}: looping: ")
