"""A bad strategy file ends in one message with file and line, before it runs where that can be known."""

import hashlib
import logging
import os
import re
import sys
from pathlib import Path

import pytest

from flowsim.authoring.discovery import discover, load_file, rules_in
from flowsim.authoring.view import View
from flowsim.errors import StrategyError
from flowsim.kernel.marks import PLAIN
from flowsim.kernel.rule_kernel import block_kernel
from flowsim.testing import broken_laws
from flowsim.testing.template import write_new

RULE = '''"""A rule to spoil."""

import math

from flowsim.strategy import Annotated, Field, Law, NamedTuple, View, strategy

TODAY = []


class Fund(NamedTuple):
    capital_bn: Annotated[float, Field("size", "USD bn", 0.0)]
    speed: Annotated[float, Field("part of the gap", "", 0.0, 1.0)]


class Held(NamedTuple):
    exposure: float = 0.0


@strategy(clock="day", source="a test")
def spoiled(view: View, fund: Fund, held: Held, noise: float) -> tuple[Held, float]:
    """Move toward the month's return."""
    gap = fund.speed * (view.return_21d - held.exposure)
    return Held(held.exposure + gap), gap * fund.capital_bn
'''
GAP = "    gap = fund.speed * (view.return_21d - held.exposure)\n"


def line_of(text: str, words: str) -> int:
    return next(number for number, line in enumerate(text.splitlines(), 1) if words in line)


def written(folder: Path, old: str = "", new: str = "") -> Path:
    assert old in RULE
    file = folder / "spoiled.py"
    file.write_text(RULE.replace(old, new))
    return file


REFUSED = {
    "a file that is no Python": (GAP, "    gap = = 1\n", "gap = = 1", "SyntaxError: invalid syntax"),
    "no rule": (
        '@strategy(clock="day", source="a test")\n',
        "",
        '"""A rule to spoil',
        "no rule in this file; write one",
    ),
    "a rule with another number of arguments": (
        ", noise: float)",
        ")",
        "@strategy(",
        "rule 'spoiled' takes 3 arguments; a rule takes four: (view, params, state, noise)",
    ),
    "an integer in the state": (
        "exposure: float = 0.0",
        "exposure: int = 0",
        "@strategy(",
        "rule 'spoiled': exposure of its state is declared as int; write exposure: float",
    ),
    "a state that starts as an integer": (
        "exposure: float = 0.0",
        "exposure: float = 0",
        "@strategy(",
        "rule 'spoiled': exposure of its state starts as 0; write exposure: float = 0.0",
    ),
    "a state of lists": (
        "exposure: float = 0.0",
        "exposure: list = []",
        "@strategy(",
        "rule 'spoiled': exposure of its state is declared as list; write exposure: float",
    ),
    "a call that a rule cannot make": (
        GAP,
        "    gap = sorted([1.0])[0]\n",
        "sorted",
        "calls sorted(), which a rule cannot",
    ),
    "a method": (GAP, "    gap = fund._asdict()[0]\n", "_asdict", "calls fund._asdict(), which a rule cannot"),
    "an exception of its own": (
        GAP,
        f"{GAP}    if gap > 1.0:\n        raise ValueError\n",
        "raise",
        "rule 'spoiled' raises; give an order of 0.0 where there is none",
    ),
    "a caught exception": (
        GAP,
        f"    try:\n    {GAP}    except ZeroDivisionError:\n        gap = 0.0\n",
        "try:",
        "rule 'spoiled' catches errors; write it so that none arises",
    ),
    "a file that is written": (GAP, f'{GAP}    open("notes", "w")\n', "open(", "calls open(), which a rule cannot"),
    "a file that is written when it is loaded": (
        "TODAY = []",
        'TODAY = open("notes", "w")',
        "TODAY",
        "calls open(), which a rule cannot",
    ),
    "a file that is written with with": (
        GAP,
        f"{GAP}    with TODAY:\n        pass\n",
        "with TODAY",
        "rule 'spoiled' opens something with 'with'",
    ),
    "another import": (
        "import math\n",
        "import os\n",
        "import os",
        "imports os; a strategy file may import math, typing",
    ),
    "something that is done when it is loaded": (
        "TODAY = []",
        "for day in range(3):\n    pass",
        "for day",
        "does something when the file is loaded",
    ),
    "a list that remembers": (
        GAP,
        f"{GAP}    TODAY.append(gap)\n",
        "append",
        "calls TODAY.append(), which a rule cannot",
    ),
    "a list that is changed": (
        GAP,
        f"{GAP}    TODAY[0] = gap\n",
        "TODAY[0]",
        "rule 'spoiled' changes TODAY[0], which is not its own",
    ),
    "a global": (GAP, f"    global TODAY\n{GAP}", "global", "rule 'spoiled' keeps something in a global"),
    "a way round": (GAP, "    gap = len(fund.__class__.__bases__)\n", "__bases__", "reaches for __"),
    "a field that the view has not": (
        "view.return_21d",
        "view.return_20d",
        "view.return_20d",
        "View has no field 'return_20d'; did you mean 'return_21d'?",
    ),
    "a parameter that the fund has not": (
        "fund.speed",
        "fund.sped",
        "fund.sped",
        "Fund has no field 'sped'; did you mean 'speed'?",
    ),
    "a view that is read by place": (
        "view.return_21d",
        "view[7]",
        "view[7]",
        "rule 'spoiled' takes view as a whole; name the fields that it reads",
    ),
    "a view that is counted": (
        GAP,
        f"{GAP}    gap = gap * len(view)\n",
        "len(view)",
        "rule 'spoiled' takes view as a whole; name the fields that it reads",
    ),
    "a comprehension": (
        GAP,
        "    gap = sum(one for one in (fund.speed, view.return_21d))\n",
        "sum(",
        "rule 'spoiled' holds a comprehension; write a for loop",
    ),
    "a dictionary": (
        GAP,
        "    gap = {1: fund.speed}[1]\n",
        "{1:",
        "rule 'spoiled' makes a dictionary; a rule works on numbers and tuples",
    ),
    "a text": (
        GAP,
        f"{GAP}    note = f'{{gap}}'\n",
        "note",
        "rule 'spoiled' makes a text; a rule works on numbers and tuples",
    ),
    "a star": (
        GAP,
        "    gap, *_ = (1.0, 2.0, 3.0)\n",
        "*_",
        "rule 'spoiled' unpacks with a star; name each value",
    ),
    "an error at the top": ("TODAY = []", "TODAY = 1 / 0", "TODAY", "ZeroDivisionError: division by zero"),
    "an example outside its bounds": (
        'source="a test")',
        'source="a test", examples=(Fund(1.0, 2.0),))',
        "@strategy(",
        "rule 'spoiled': speed of an example is 2.0, outside 0 to 1; choose one inside",
    ),
    "an example of another shape": (
        'source="a test")',
        'source="a test", examples=((1.0, 2.0),))',
        "@strategy(",
        "rule 'spoiled': an example is (1.0, 2.0); write Fund(...)",
    ),
}


@pytest.mark.parametrize("fault", REFUSED)
def test_a_bad_file_is_refused_with_file_and_line(fault, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    old, new, at, said = REFUSED[fault]
    file = written(tmp_path, old, new)
    with pytest.raises(StrategyError, match=re.escape(f"{file}:{line_of(file.read_text(), at)}: {said}")) as refused:
        load_file(file)
    assert "\n" not in str(refused.value)
    assert [entry.name for entry in tmp_path.iterdir() if entry.name != "__pycache__"] == ["spoiled.py"]


def test_a_view_may_be_handed_to_a_function_of_the_file(tmp_path):
    helper = "def gap_of(view: View, fund: Fund) -> float:\n    return fund.speed * view.return_21d\n\n\n@strategy("
    file = written(tmp_path, GAP, "    gap = gap_of(view, fund=fund)\n")
    file.write_text(file.read_text().replace("@strategy(", helper))
    [rule] = rules_in(file)
    block_kernel(rule)
    view = View(*[0.0] * len(View._fields))._replace(return_21d=0.03)
    _, order_bn = rule.rule(view, rule.params(2.0, 0.5), rule.state(0.0), 0.0)
    assert order_bn == 0.5 * 0.03 * 2.0


BROKEN = {
    "an order that is no number": ("gap * fund.capital_bn\n", "math.nan\n", "finite", "it orders nan bn"),
    "an exception inside": (GAP, "    gap = 1.0 / view.rv_21\n", "finite", "raises ZeroDivisionError"),
    "a state that grows without bound": (
        GAP,
        "    gap = 1.0 + held.exposure\n",
        "state_does_not_run_away",
        "exposure of its state is",
    ),
    "an integer that the rule returns": (
        "Held(held.exposure + gap)",
        "Held(1)",
        "answers_in_floats",
        "is 1, of type int",
    ),
    "an answer without an order": (
        "return Held(held.exposure + gap), gap * fund.capital_bn",
        "return gap",
        "",
        "it returns",
    ),
    "a function of math that is not compiled": (
        GAP,
        "    gap = math.gamma(2.0)\n",
        "",
        "calls math.gamma, which a rule cannot",
    ),
}


@pytest.mark.parametrize("fault", BROKEN)
def test_what_only_running_shows_is_found_by_the_laws_with_file_and_line(fault, tmp_path):
    old, new, law, said = BROKEN[fault]
    [rule] = rules_in(written(tmp_path, old, new))
    if fault.startswith("a function of math"):
        if PLAIN:
            pytest.skip("nothing is compiled with NUMBA_DISABLE_JIT=1")
        with pytest.raises(StrategyError, match=re.escape(f"{rule.file}:{rule.line}: rule 'spoiled' {said}")):
            block_kernel(rule)
        return
    shown = [str(broken) for broken in broken_laws(rule, 10)]
    assert any(one.startswith(f"{rule.file}:{rule.line}: spoiled breaks {law}") and said in one for one in shown)


def test_the_log_says_which_file_is_run(tmp_path, caplog):
    with caplog.at_level(logging.INFO, logger="flowsim"):
        load_file(written(tmp_path))
    assert caplog.messages == [f"running the strategy file {tmp_path / 'spoiled.py'}"]


def test_a_file_that_has_not_changed_is_run_once_and_a_changed_one_again(tmp_path, monkeypatch):
    # Even where Python keeps bytecode, which it takes for that of any text of the same second and length.
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    first = rules_in(written(tmp_path))[0]
    before = (tmp_path / "spoiled.py").stat()
    assert rules_in(tmp_path / "spoiled.py")[0] is first
    changed = written(tmp_path, "0.0, 1.0", "0.0, 0.5")
    os.utime(changed, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert rules_in(changed)[0].fields["speed"].high == 0.5
    assert not (tmp_path / "__pycache__").exists()


def test_a_rule_in_use_goes_by_the_text_that_it_was_read_from(tmp_path):
    rule = rules_in(written(tmp_path))[0]
    before = rule.text_digest
    assert before == hashlib.sha256((tmp_path / "spoiled.py").read_bytes()).hexdigest()
    changed = rules_in(written(tmp_path, "0.0, 1.0", "0.0, 0.5"))[0]
    assert rule.text_digest == before != changed.text_digest


def test_tests_beside_strategies_are_no_strategies(tmp_path):
    write_new("mine", tmp_path, [])
    (tmp_path / "conftest.py").write_text("raise RuntimeError")
    assert "mine" in discover([tmp_path])


def test_a_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(StrategyError, match=r"nowhere\.py: cannot be read"):
        load_file(tmp_path / "nowhere.py")
