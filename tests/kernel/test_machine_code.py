"""Machine code is kept on disk: damaged code is compiled anew, and old versions are cleared away."""

from __future__ import annotations

import ctypes
import os
import subprocess
import sys
from functools import partial

import pytest
from llvmlite.binding import ObjectFileRef

import flowsim as fs
from flowsim.engine.compiling import empty_options
from flowsim.files import cache
from flowsim.kernel import marks
from flowsim.kernel.bundle import TASK, layout_of
from flowsim.kernel.marks import PLAIN
from flowsim.kernel.numba_backend import machine_code
from flowsim.kernel.numba_backend.machine_code import Shape, is_kept, kept_or_compiled
from flowsim.options.mark import find_surface

pytestmark = pytest.mark.skipif(PLAIN, reason="nothing is compiled with NUMBA_DISABLE_JIT=1")

ADDS = "def kernel(a, b):\n    return a + b\n"
SHAPE = Shape(ctypes.c_int64, (ctypes.c_int64, ctypes.c_int64))


@pytest.fixture(autouse=True)
def empty_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("FLOWSIM_CACHE_DIR", str(tmp_path))


def compile_sum() -> bytes:
    return compiled_text(ADDS)


def compiled_text(text: str) -> bytes:
    from flowsim.kernel.numba_backend.compiler import object_code, written

    return object_code(written(text, "kernel", {}), SHAPE)


def never() -> bytes:
    raise AssertionError("compiled again")


def test_code_is_compiled_once_and_loaded_after():
    assert not is_kept("sum")
    assert kept_or_compiled("sum", SHAPE, compile_sum).call(2, 3) == 5
    assert is_kept("sum")
    loaded = kept_or_compiled("sum", SHAPE, never)
    assert loaded.call(20, -3) == 17
    assert loaded.address


def test_a_process_may_turn_to_another_cache(tmp_path, monkeypatch):
    kept_or_compiled("sum", SHAPE, compile_sum)
    monkeypatch.setenv("FLOWSIM_CACHE_DIR", str(tmp_path / "other"))
    assert not is_kept("sum")
    assert kept_or_compiled("sum", SHAPE, compile_sum).call(2, 3) == 5
    assert len(list(tmp_path.rglob("sum.o"))) == 2


def test_damaged_code_is_never_run(tmp_path):
    kept_or_compiled("sum", SHAPE, compile_sum)
    (file,) = tmp_path.rglob("sum.o")
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(bytes(content))
    assert kept_or_compiled("sum", SHAPE, compile_sum).call(2, 3) == 5
    file.write_bytes(b"")
    assert kept_or_compiled("sum", SHAPE, compile_sum).call(2, 3) == 5
    assert kept_or_compiled("sum", SHAPE, never).call(2, 3) == 5


def test_a_disk_that_cannot_be_written_costs_time_only(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setenv("FLOWSIM_CACHE_DIR", str(tmp_path / "file"))
    assert kept_or_compiled("sum", SHAPE, compile_sum).call(2, 3) == 5


def test_a_market_runs_where_nothing_can_be_kept(tmp_path):
    (tmp_path / "file").write_text("no folder")
    code = (
        "import flowsim as fs; print(len(fs.simulate(fs.load('plain').override('time.days=2'), 1).to_polars('market')))"
    )
    environment = os.environ | {"FLOWSIM_CACHE_DIR": str(tmp_path / "file")}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False)
    assert (done.stdout.strip(), done.stderr) == ("2", "")


def test_two_kernels_of_the_same_names_do_not_meet():
    text = "def kernel(a, b):\n    return a - b\n"
    adds = kept_or_compiled("sum", SHAPE, compile_sum)
    subtracts = kept_or_compiled("difference", SHAPE, lambda: compiled_text(text))
    assert (adds.call(5, 3), subtracts.call(5, 3), adds.call(1, 1)) == (8, 2, 2)


def test_code_that_only_this_process_could_run_is_refused():
    with pytest.raises(RuntimeError, match="which no other process has"):
        compiled_text("def kernel(a, b):\n    print(a)\n    return b\n")


BRANCHES = """
def kernel(a, b):
    total = 0
    for i in range(a):
        if i & 1 == 1:
            total += max(b, i) ** 2 - i
        elif i > 7:
            total = b * i // 3
        else:
            continue
        while total > 100:
            total -= 17
    return total
"""


def marks_the_surface(options, task, day, elapsed, path0, live, counter):
    find_surface(options.listing, options.surface, options.book, options.scratch, day)
    return task


def test_leaving_out_what_a_kernel_does_not_need_changes_no_instruction(monkeypatch):
    from numba.core.compiler import Compiler
    from numba.core.registry import cpu_target

    from flowsim.kernel.numba_backend import compiler, linking

    layout = layout_of(empty_options(fs.load("us_equity").spec()))

    def instructions() -> list[bytes]:
        compiler.compiled.cache_clear()
        codes = compiled_text(BRANCHES), compiler.object_code(marks_the_surface, TASK, layout)
        files = [ObjectFileRef.from_data(code) for code in codes]  # Sections live no longer than their file.
        return [section.data() for file in files for section in file.sections() if section.is_text()]

    lean = instructions()
    passes_of_numba, typing = Compiler.define_pipelines, cpu_target.typing_context
    monkeypatch.setattr(linking.Pipeline, "define_pipelines", passes_of_numba)
    monkeypatch.setattr(linking, "_resolved", partial(type(typing)._resolve_user_function_type, typing))
    assert instructions() == lean
    assert sum(map(len, lean)) > 5000


def test_versions_that_were_not_used_for_long_are_cleared_away(tmp_path):
    for age in range(6):
        old = tmp_path / "kernels" / f"version_{age}"
        old.mkdir(parents=True)
        (old / "sum.o").write_bytes(b"code")
        os.utime(old, (1000 - age, 1000 - age))
    now = machine_code.kernel_cache()
    assert now.parent == cache.cache_dir() / "kernels"
    kept = sorted(folder.name for folder in now.parent.iterdir())
    assert kept == sorted([now.name, *(f"version_{age}" for age in range(marks.KEPT_VERSIONS - 1))])


@pytest.mark.parametrize("name", ["NUMBA_OPT", "NUMBA_CPU_NAME", "NUMBA_CPU_FEATURES"])
def test_other_settings_of_the_compiler_have_a_folder_of_their_own(name, monkeypatch):
    before = machine_code.kernel_cache()
    monkeypatch.setenv(name, "1")
    # numba reads them once, so within a process the folder stays what it is.
    monkeypatch.setattr(marks, "_digest", marks._digest.__wrapped__)
    marks._kept_in.cache_clear()
    assert machine_code.kernel_cache() != before
