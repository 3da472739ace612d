"""Processes, a cluster and what is left of them give the bits of one thread; what would compute others is refused."""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
import subprocess
import sys
import zlib
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress
from multiprocessing import get_context
from pathlib import Path

import pytest
from helpers.small_sweep import small

import flowsim as fs
from flowsim.ensemble.station import RefusedError, do
from flowsim.errors import InputError, RunError
from flowsim.sweeps.estimate import kit_of
from flowsim.sweeps.plan import Piece, planned

FEW = small(paths=192, seeds=[1])


@pytest.fixture(scope="module")
def digest() -> str:
    return str(fs.sweep(FEW, threads=1).info["digest"])


def test_processes_give_the_same_bits_though_one_is_killed(digest: str) -> None:
    killed = []

    def kill(done: int, total: int, said: str = "") -> None:
        if "blocks" in said and not killed:
            killed.append(multiprocessing.active_children()[0].pid)
            os.kill(killed[0], signal.SIGKILL)

    found = fs.sweep(FEW, workers=2, progress=kill)
    assert killed
    assert found.info["digest"] == digest


def test_a_worker_with_other_versions_ends_the_sweep_with_its_sentence() -> None:
    plan = planned(FEW)
    content = json.loads(zlib.decompress(kit_of(plan)))
    content["stamp"]["numpy"] = "1.0"
    kit = zlib.compress(json.dumps(content).encode())
    piece = plan.job(Piece(0, 0, tuple(plan.blocks[:1]))).to_text()
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        error = pool.submit(do, kit, [piece]).exception()
    assert isinstance(error, RefusedError)
    assert "which is 1.0 there; install the same versions on it as where the work was begun" in str(error)
    assert error.exit_code == 3


SCRIPT = """
import flowsim as fs
fs.sweep({"config": "plain", "set": ["time.days=5"], "paths": 64}, workers=1)
"""


def test_a_script_that_is_not_guarded_is_told_so(tmp_path: Path) -> None:
    (tmp_path / "script.py").write_text(SCRIPT)
    ended = subprocess.run([sys.executable, tmp_path / "script.py"], capture_output=True, text=True, check=False)
    assert 'does its work under `if __name__ == "__main__":`' in ended.stderr.splitlines()[-1]


def test_no_scheduler_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("distributed")
    monkeypatch.setattr("flowsim.ensemble.cluster.CONNECT_SECONDS", 1)
    with pytest.raises(InputError, match=r"`cluster=tcp://127\.0\.0\.1:9`: no scheduler answers there"):
        fs.sweep(FEW, cluster="tcp://127.0.0.1:9")


def test_a_cluster_without_its_package_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(InputError, match=r"install flowsim-market\[cluster\]"):
        fs.sweep(FEW, cluster="tcp://127.0.0.1:9")


def test_a_cluster_gives_the_same_bits_though_a_worker_and_then_its_scheduler_are_killed(
    digest: str, tmp_path: Path
) -> None:
    pytest.importorskip("distributed")
    from helpers.clusters import local_cluster

    with local_cluster(tmp_path / "c") as cluster:
        killed = []

        def kill_worker(done: int, total: int, said: str = "") -> None:
            if "blocks" in said and not killed:
                killed.append(done)
                cluster.end(cluster.workers[0])

        assert fs.sweep(FEW, cluster=str(cluster.file), progress=kill_worker).info["digest"] == digest
        assert killed[0] < 12

        def kill_scheduler(done: int, total: int, said: str = "") -> None:
            if "blocks" in said:
                with suppress(ProcessLookupError):
                    cluster.end(cluster.scheduler)

        sentence = (
            r"the scheduler at tcp://127\.0\.0\.1:\d+ is gone; \d+ of 12 blocks are kept, go on with `resume=True`"
        )
        with pytest.raises(RunError, match=sentence):
            fs.sweep(FEW, cluster=str(cluster.file), progress=kill_scheduler, out=tmp_path / "s")
    assert fs.status(tmp_path / "s")["status"] == "failed"
    assert fs.sweep(FEW, out=tmp_path / "s", resume=True, threads=1).info["digest"] == digest


@pytest.mark.slow
def test_a_sweep_goes_on_with_another_scheduler(digest: str, tmp_path: Path) -> None:
    pytest.importorskip("distributed")
    from helpers.clusters import local_cluster

    with local_cluster(tmp_path / "first") as cluster:

        def kill(done: int, total: int, said: str = "") -> None:
            if "blocks" in said:
                cluster.end(cluster.scheduler)

        with pytest.raises(RunError, match="is gone"):
            fs.sweep(FEW, cluster=str(cluster.file), progress=kill, out=tmp_path / "s")
    with local_cluster(tmp_path / "second", workers=1) as cluster:
        cluster.add_worker()
        found = fs.sweep(FEW, cluster=str(cluster.file), out=tmp_path / "s", resume=True)
    assert found.info["digest"] == digest
