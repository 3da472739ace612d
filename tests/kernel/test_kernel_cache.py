"""Machine code is kept on disk: compiled once, never run when damaged, and cleared away when nobody uses it."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time

import pytest
from helpers.small_kernels import ADDS, SHAPE, compiled_text

from flowsim.files import cache
from flowsim.kernel import kernel_cache
from flowsim.kernel.kernel_cache import UNUSED_DAYS, is_kept, kept_or_compiled, kernel_name
from flowsim.kernel.marks import PLAIN

pytestmark = pytest.mark.skipif(PLAIN, reason="nothing is compiled with NUMBA_DISABLE_JIT=1")

DAY = 86_400.0


@pytest.fixture(autouse=True)
def empty_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("FLOWSIM_CACHE_DIR", str(tmp_path))


@pytest.fixture(scope="module")
def sum_code():
    return compiled_text(ADDS)


def never() -> bytes:
    raise AssertionError("compiled again")


def test_code_is_compiled_once_and_loaded_after(sum_code):
    assert not is_kept("sum")
    assert kept_or_compiled("sum", SHAPE, lambda: sum_code).call(2, 3) == 5
    assert is_kept("sum")
    loaded = kept_or_compiled("sum", SHAPE, never)
    assert loaded.call(20, -3) == 17
    assert loaded.address


def test_a_process_may_turn_to_another_cache(tmp_path, monkeypatch, sum_code):
    kept_or_compiled("sum", SHAPE, lambda: sum_code)
    monkeypatch.setenv("FLOWSIM_CACHE_DIR", str(tmp_path / "other"))
    assert not is_kept("sum")
    assert kept_or_compiled("sum", SHAPE, lambda: sum_code).call(2, 3) == 5
    assert len(list(tmp_path.rglob("sum.o"))) == 2


@pytest.mark.parametrize("damage", ["one bit", "all of it"])
def test_damaged_code_is_never_run(tmp_path, damage, sum_code):
    kept_or_compiled("sum", SHAPE, lambda: sum_code)
    (file,) = tmp_path.rglob("sum.o")
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(bytes(content) if damage == "one bit" else b"")
    assert kept_or_compiled("sum", SHAPE, lambda: sum_code).call(2, 3) == 5
    assert kept_or_compiled("sum", SHAPE, never).call(2, 3) == 5


def test_a_disk_that_cannot_be_written_costs_time_only(tmp_path, monkeypatch, sum_code):
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setenv("FLOWSIM_CACHE_DIR", str(tmp_path / "file"))
    assert kept_or_compiled("sum", SHAPE, lambda: sum_code).call(2, 3) == 5


def test_a_market_runs_where_nothing_can_be_kept(tmp_path):
    (tmp_path / "file").write_text("no folder")
    code = (
        "import flowsim as fs; print(len(fs.simulate(fs.load('plain').override('time.days=2'), 1).to_polars('market')))"
    )
    environment = os.environ | {"FLOWSIM_CACHE_DIR": str(tmp_path / "file")}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "2"
    (notice,) = done.stderr.splitlines()
    assert notice == "compiling the engine for this processor: about half a minute, once; later starts take a second"


ASKS_FOR_A_KERNEL = """
import logging
logging.basicConfig(level=logging.DEBUG)
from flowsim.kernel.kernel_cache import kept_or_compiled
from helpers.small_kernels import ADDS, SHAPE, compiled_text
print(kept_or_compiled("sum", SHAPE, lambda: compiled_text(ADDS)).call(2, 3))
"""


def test_of_two_processes_that_lack_the_same_kernel_one_compiles():
    command = [sys.executable, "-c", ASKS_FOR_A_KERNEL]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    together = [subprocess.Popen(command, env=environment, stdout=-1, stderr=-1, text=True) for _ in range(2)]
    told = [process.communicate() for process in together]
    assert [printed for printed, _ in told] == ["5\n", "5\n"], told
    assert sum(log.count("compiling sum") for _, log in told) == 1


def test_who_waits_for_a_kernel_loads_it_when_it_is_there(sum_code):
    compiled, begun = [], threading.Event()

    def slowly() -> bytes:
        begun.set()
        time.sleep(0.3)
        compiled.append("sum")
        return sum_code

    first = threading.Thread(target=kept_or_compiled, args=("sum", SHAPE, slowly))
    first.start()
    begun.wait()
    assert kept_or_compiled("sum", SHAPE, never).call(2, 3) == 5
    first.join()
    assert compiled == ["sum"]


def test_nobody_waits_for_ever_for_one_who_does_not_finish(monkeypatch, sum_code):
    monkeypatch.setattr(kernel_cache, "PATIENCE", 0.1)
    with cache.alone("kernels/sum.o", patience=0.0):
        assert kept_or_compiled("sum", SHAPE, lambda: sum_code).call(2, 3) == 5


def test_the_lock_of_a_process_that_died_holds_nobody_up(tmp_path, sum_code):
    dies = "from flowsim.files.cache import alone; import os\nwith alone('kernels/sum.o', 0.0): os._exit(1)"
    assert subprocess.run([sys.executable, "-c", dies], check=False).returncode == 1
    assert (tmp_path / "kernels" / "sum.o.lock").exists()
    began = time.monotonic()
    kept_or_compiled("sum", SHAPE, lambda: sum_code)
    assert time.monotonic() - began < 30.0


def test_a_compilation_that_fails_lets_go_of_its_lock(sum_code):
    with pytest.raises(AssertionError, match="compiled again"):
        kept_or_compiled("sum", SHAPE, never)
    began = time.monotonic()
    kept_or_compiled("sum", SHAPE, lambda: sum_code)
    assert time.monotonic() - began < 30.0


def unused_for(days: float, file) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    if not file.exists():
        file.write_bytes(b"code")
    os.utime(file, (time.time() - days * DAY,) * 2)


def test_only_what_nobody_used_for_long_is_cleared_away(tmp_path, sum_code):
    kernels = tmp_path / "kernels"
    ages = {"of_today.o": 0.0, "of_another_version.o": UNUSED_DAYS - 1.0, "old.o": UNUSED_DAYS + 1.0}
    for name, days in {**ages, "version/old.o": UNUSED_DAYS + 1.0, "old.o.lock": UNUSED_DAYS + 1.0}.items():
        unused_for(days, kernels / name)
    unused_for(UNUSED_DAYS + 1.0, tmp_path / "not-a-kernel")
    kept_or_compiled("sum", SHAPE, lambda: sum_code)
    left = {file.name for file in tmp_path.rglob("*") if file.is_file()}
    assert left - {"sum.o.lock"} == {"of_today.o", "of_another_version.o", "sum.o", "not-a-kernel"}


def test_a_kernel_is_in_use_when_it_is_loaded(tmp_path, sum_code):
    kept_or_compiled("used", SHAPE, lambda: sum_code)
    unused_for(UNUSED_DAYS + 1.0, tmp_path / "kernels" / "used.o")
    kept_or_compiled("used", SHAPE, never)
    kept_or_compiled("another", SHAPE, lambda: sum_code)
    assert is_kept("used")


def test_a_process_goes_on_when_its_kernels_are_cleared_away(tmp_path, sum_code):
    running = kept_or_compiled("sum", SHAPE, lambda: sum_code)
    for file in tmp_path.rglob("sum.o*"):
        file.unlink()
    assert running.call(2, 3) == 5
    assert kept_or_compiled("sum", SHAPE, lambda: sum_code).call(2, 3) == 5


@pytest.mark.parametrize("name", ["NUMBA_OPT", "NUMBA_CPU_NAME", "NUMBA_CPU_FEATURES"])
def test_other_settings_of_the_compiler_make_kernels_of_other_names(name, monkeypatch):
    before = kernel_name("sum")
    monkeypatch.setenv(name, "1")
    # numba reads them once, so within a process the name stays what it is.
    monkeypatch.setattr(kernel_cache, "_compiler", kernel_cache._compiler.__wrapped__)
    assert kernel_name("sum") != before


@pytest.mark.parametrize("package", ["numba", "llvmlite"])
def test_another_version_of_the_compiler_makes_kernels_of_other_names(package, monkeypatch):
    monkeypatch.setattr(kernel_cache, "_compiler", kernel_cache._compiler.__wrapped__)
    before, version = kernel_name("sum"), kernel_cache.importlib.metadata.version
    monkeypatch.setattr(
        kernel_cache.importlib.metadata, "version", lambda name: "0.0" if name == package else version(name)
    )
    assert kernel_name("sum") != before
