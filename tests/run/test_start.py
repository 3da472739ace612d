"""What a fresh process loads on the way to its first result."""

from __future__ import annotations

import subprocess
import sys

import pytest

import flowsim as fs
from flowsim.engine import compiling
from flowsim.kernel.marks import PLAIN
from flowsim.testing.template import write_new

FIRST_RESULT = """
import sys
import flowsim as fs
run = fs.simulate(fs.load("us_equity").override("time.days=1"), n_paths=int(sys.argv[1]), threads=4)
assert run.to_polars("positions").height
slow = "numba", "pandas", "scipy.linalg", "matplotlib", "pyarrow.compute"
print([name for name in slow if name in sys.modules])
"""


BEFORE_THE_FIRST_DAY = """
import sys
import flowsim as fs
import flowsim.ensemble.simulation
from flowsim.engine.prepare import prepare
prepare(fs.load("us_equity").override("time.days=1"))
print([name for name in ("polars", "pyarrow", "numpy.ma") if name in sys.modules])
"""


@pytest.fixture(scope="module")
def warm():
    """The machine after a first process, which may have had to compile and to live through the history."""
    first_result(n_paths=1)


@pytest.mark.skipif(PLAIN, reason="everything is slow in plain Python")
def test_what_writes_and_reads_tables_is_not_imported_before_the_first_day(warm):
    assert printed_by(BEFORE_THE_FIRST_DAY) == "[]"


@pytest.mark.skipif(PLAIN, reason="everything is slow in plain Python")
def test_the_first_result_needs_no_package_that_is_slow_to_import(warm):
    assert first_result(n_paths=1) == "[]"


@pytest.mark.skipif(PLAIN, reason="nothing is compiled with NUMBA_DISABLE_JIT=1")
def test_blocks_that_begin_at_the_same_time_in_a_fresh_process_share_their_kernels(warm):
    assert [first_result(n_paths=256) for _ in range(3)] == ["[]"] * 3


def first_result(n_paths: int) -> str:
    return printed_by(FIRST_RESULT, str(n_paths))


def printed_by(code: str, *arguments: str) -> str:
    command = [sys.executable, "-c", code, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


@pytest.mark.skipif(PLAIN, reason="nothing is compiled with NUMBA_DISABLE_JIT=1")
def test_the_second_process_compiles_and_runs_nothing_of_the_working_directory(tmp_path, monkeypatch):
    monkeypatch.setenv("FLOWSIM_CACHE_DIR", str(tmp_path / "cache"))
    (tmp_path / "tomllib.py").write_text("raise SystemExit('a module of the user')\n")
    monkeypatch.chdir(tmp_path)
    assert compiling.start_beside(fs.load("plain").spec()).wait() == 0
    assert len(list((tmp_path / "cache").rglob("*.o"))) == len(fs.load("plain").population)


@pytest.mark.skipif(PLAIN, reason="nothing is compiled with NUMBA_DISABLE_JIT=1")
def test_a_rule_of_the_user_that_does_not_compile_is_named_before_the_engine_is_compiled(tmp_path, monkeypatch):
    monkeypatch.setattr(compiling, "is_compiled", lambda strategy, view: False)
    monkeypatch.setattr(compiling, "start_beside", lambda spec: None)
    monkeypatch.setattr(compiling, "_compile_engine", lambda spec: pytest.fail("compiled the engine first"))
    file, _ = write_new("mine", tmp_path, [])
    returned = "    return Held("
    file.write_text(file.read_text().replace(returned, f"    for part in (1, 0.5):\n        traded = part\n{returned}"))
    rule = "population.mine={strategy='mine', agents=1, capital_bn=1.0, target_vol=0.1, cap=1.5, buffer=0.05}"
    config = fs.load("us_equity", [f"strategy_folders=['{tmp_path}']", rule])
    with pytest.raises(fs.FlowsimError, match=rf"{file.name}:\d+: rule 'mine' does not compile"):
        compiling.compile_market(config.spec())
