"""Machine code is kept under what it was compiled from: all of that, however deep, and nothing else."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import flowsim
from flowsim.kernel import code_digest
from flowsim.kernel.code_digest import code_text, described, function_digest
from flowsim.kernel.marks import PLAIN, function, inline

ROOT = Path(flowsim.__file__).resolve().parent.parent
NAMES_OF_KERNELS = """
import json
import flowsim as fs
from flowsim.engine import compiling
from flowsim.kernel import bundle, rule_kernel

names = {}
class Kernel:
    address = 0
    def __init__(self, name, *_): names[name.rpartition("_")[0]] = name
    def call(self, *_): return 0
bundle.kept_or_compiled = rule_kernel.kept_or_compiled = Kernel
rule_kernel.is_kept = lambda name: True
spec = fs.load("us_equity").spec()
compiling.compile_market(spec)
compiling._compile_engine(spec)
bundle.bundle_kernel("option_market", compiling.OPTION_MARKET.work, compiling.empty_options(spec), bundle.TASK)
print(fs.__file__)
print(json.dumps(names))
"""


@pytest.fixture(scope="module")
def package(tmp_path_factory):
    """Return the folder of a copy of flowsim that a test may edit."""
    folder = tmp_path_factory.mktemp("copy")
    for part, under in (("flowsim", "flowsim"), ("strategies", "flowsim/strategies"), ("configs", "flowsim/configs")):
        shutil.copytree(ROOT / part, folder / under, ignore=shutil.ignore_patterns("__pycache__"))
    return folder / "flowsim"


def names_of_kernels(package: Path) -> dict[str, str]:
    environment = os.environ | {"PYTHONPATH": str(package.parent), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "-c", NAMES_OF_KERNELS]
    done = subprocess.run(command, env=environment, cwd=package.parent, capture_output=True, text=True, check=True)
    file, names = done.stdout.splitlines()
    assert Path(file).parent == package
    return json.loads(names)


def edit(file: Path, old: str, new: str) -> None:
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))


@pytest.mark.skipif(PLAIN, reason="nothing is compiled with NUMBA_DISABLE_JIT=1")
def test_an_edit_costs_the_kernels_that_it_reaches_and_no_other(package):
    before = names_of_kernels(package)
    assert {"days_64", "market_day_64", "option_market_64", "cta"} <= before.keys()

    for file in package.rglob("*.py"):
        file.write_text(f"# A comment that moves every line.\n{file.read_text()}\n# Another.\n")
    assert names_of_kernels(package) == before

    # No kernel names anything of the first; the option market calls functions of the second, several calls deep.
    edit(package / "chain" / "vix.py", "import", "UNUSED = 1\nimport")
    edit(package / "pricing" / "ssvi.py", "2.0", "2.5")
    after = names_of_kernels(package)
    assert {name for name in before if after[name] != before[name]} == {"option_market_64"}


def test_a_name_says_nothing_of_where_and_when_a_function_was_written():
    first, second = made("x + 1.0  # one\n", "One."), made("(x +\n    1.0)\n", "Another docstring.")
    assert function_digest(first) == function_digest(second)
    assert function_digest(first) != function_digest(made("x + 2.0", "One."))
    assert function_digest(first) != function_digest(made("1.0 + x", "One."))


def made(returned: str, docstring: str = "", **names):
    exec(f"def work(x):\n    {docstring!r}\n    return {returned.strip()}\n", names)
    return inline(names["work"])


def three_deep(deepest, **names):
    second = made("deepest(x) * 2.0", deepest=deepest, **names)
    return made("second(x) + 1.0", second=second)


def test_a_function_counts_that_is_called_three_calls_deep():
    assert function_digest(three_deep(made("x"))) == function_digest(three_deep(made("x")))
    assert function_digest(three_deep(made("x"))) != function_digest(three_deep(made("-x")))


def test_a_constant_counts_wherever_it_is_named():
    def with_constant(value):
        return function_digest(three_deep(made("x * CONSTANT", CONSTANT=value)))

    values = [1, 1.0, True, 2, (1, 2), (1, 2.0), "1", np.arange(2), np.arange(2.0), np.arange(3), None]
    assert len({with_constant(value) for value in values}) == len(values)
    assert with_constant(np.arange(3)) == with_constant(np.arange(3))


def test_a_global_that_a_function_does_not_name_does_not_count():
    assert function_digest(made("x", OTHER=1)) == function_digest(made("x", OTHER=2))


def test_the_mark_the_default_and_the_enclosing_value_of_a_function_count():
    called, inlined = made("x"), made("x")
    assert function_digest(function(called)) != function_digest(inlined)

    def closed(value, default):
        def work(x=default):
            return x + value

        return work

    digests = {function_digest(closed(value, default)) for value in (1.0, 2.0) for default in (1.0, 2.0)}
    assert len(digests) == 4


def test_a_function_that_calls_itself_has_a_digest():
    names = {}
    exec("def work(x):\n    return work(x - 1) if x > 0 else x\n", names)
    assert function_digest(names["work"])


def test_a_constant_of_flowsim_counts_that_a_function_reads_of_a_module(monkeypatch):
    from flowsim.kernel import functions

    def digest():
        function_digest.cache_clear()
        return function_digest(made("functions.exp(x)", functions=functions))

    before = digest()
    monkeypatch.setattr(functions, "exp", functions.expm1)
    assert digest() != before


def test_what_no_digest_is_known_of_is_named_with_the_function():
    with pytest.raises(TypeError, match=r"work: .*may depend on \{1: 2\}, and no digest is known of dict"):
        function_digest(made("TABLE[x]", TABLE={1: 2}))


def test_a_text_of_code_is_the_same_in_every_process():
    def work(x):
        return x in {3, 1, 2} or [y for y in (1, 2) if y > x]

    program = "import sys; sys.path[:] = {!r}; from {} import code_text; exec({!r}); print(code_text(f.__code__))"
    source = "def f(x):\n    return x in {'c', 'a', 'b'} or [y for y in (1, 2) if y > x]"
    texts = set()
    for seed in ("1", "2"):
        command = [sys.executable, "-c", program.format(sys.path, code_digest.__name__, source)]
        environment = os.environ | {"PYTHONHASHSEED": seed}
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
        texts.add(done.stdout)
    assert len(texts) == 1
    assert described(frozenset({2, 1})) == described(frozenset({1, 2}))
    assert code_text(work.__code__)
