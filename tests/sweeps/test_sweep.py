"""A sweep is the runs that it stands for, whatever did it, in whatever order, and however often it was ended."""

import json
import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from helpers.command import flowsim
from helpers.small_sweep import WILD, small

import flowsim as fs
from flowsim.errors import InputError, RunError
from flowsim.sweeps.found import Sweep
from flowsim.sweeps.store import Store


@pytest.fixture(scope="module")
def found(tmp_path_factory) -> Sweep:
    return fs.sweep(small(), out=tmp_path_factory.mktemp("sweep") / "s", threads=1)


def test_an_arm_is_the_run_of_its_settings_path_by_path(found: Sweep) -> None:
    run = fs.simulate("plain", 100, seed=2, days=42, overrides=["fundamental.daily_news_vol=0.012"])
    returns = run.market.sort("path", "date").select("path", "log_return").collect()
    by_path = np.array([part["log_return"].to_numpy() for part in returns.partition_by("path", maintain_order=True)])
    arm = found.arms.filter(pl.col("name") == "fundamental.daily_news_vol=0.012")["arm"][0]
    mine = found.outcomes.filter(pl.col("arm") == arm, pl.col("seed") == 2).collect()
    np.testing.assert_allclose(mine["return_42d_pct"], 100.0 * np.expm1(by_path.sum(axis=1)), rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(
        mine["return_21d_pct"], 100.0 * np.expm1(by_path[:, :21].sum(axis=1)), rtol=1e-12, atol=1e-12
    )
    np.testing.assert_allclose(mine["vol_pct"], 100.0 * np.sqrt(252.0) * by_path.std(axis=1, ddof=1), rtol=1e-12)
    np.testing.assert_allclose(mine["share_news_pct"], 100.0, atol=15.0)


def test_a_table_has_every_arm_and_differences_are_taken_path_by_path(found: Sweep) -> None:
    table = found.table("vol_pct")
    base, double = (table.filter(pl.col("name") == name).row(0, named=True)
                    for name in ("base", "fundamental.daily_news_vol=0.012"))  # fmt: skip
    values = {
        name: found.values(number, "vol_pct")
        for name, number in zip(found.arms["name"], found.arms["arm"], strict=True)
    }
    apart = values["fundamental.daily_news_vol=0.012"] - values["base"]
    assert double["difference"] == pytest.approx(apart.mean())
    half = 1.9719565 * apart.std(ddof=1) / np.sqrt(200)
    assert double["difference_high"] - double["difference"] == pytest.approx(half, rel=1e-5)
    assert double["difference_high_all"] > double["difference_high"]
    assert (double["moved"], base["moved"], base["paths"]) == (True, None, 200)
    assert np.isnan(base["difference"])
    assert double["fundamental.daily_news_vol"] == 0.012
    turned = found.differences("vol_pct", against="fundamental.daily_news_vol=0.012")
    assert turned.filter(pl.col("name") == "base")["difference"][0] == pytest.approx(-apart.mean())
    assert "fundamental.daily_news_vol=0.012" not in turned["name"]


def test_the_words_say_what_the_numbers_are(found: Sweep) -> None:
    text = found.as_markdown("vol_pct", "es95_21d_pct")
    assert "| arm | vol_pct, % a year | es95_21d_pct, % |" in text
    assert "path by path" in text
    assert "with the differences of all 3 arms held together (Bonferroni)" in text
    row = next(line for line in text.splitlines() if line.startswith("| fundamental.daily_news_vol=0.003"))
    assert row.split("|")[2].strip().split()[1].startswith("(-")
    assert "*" in row


def test_any_threads_order_shards_and_executors_give_the_same_bits(found: Sweep, tmp_path: Path) -> None:
    digests = {found.info["digest"], fs.sweep(small(), threads=2).info["digest"]}
    with ThreadPoolExecutor(3) as pool:
        digests.add(fs.sweep(small(), executor=pool).info["digest"])
    for shard in ("3/3", "1/3", "2/3"):
        part = fs.sweep(small(), shard=shard, out=tmp_path / "parts")
        assert part.done == (shard == "2/3")
    digests.add(part.info["digest"])
    assert len(digests) == 1
    assert fs.sweep(small(set=["time.days=42", "fundamental.drift_pct_per_year=7"])).info["digest"] not in digests


def test_an_unfinished_sweep_has_a_table_a_status_and_goes_on(found: Sweep, tmp_path: Path) -> None:
    part = fs.sweep(small(), shard="1/2", out=tmp_path / "s")
    assert not part.done
    assert "not finished" in part.label
    assert 0 < part.outcomes.collect().height < 800
    table = part.table("vol_pct")
    whole = found.table("vol_pct")
    assert set(table["paths"]) != set(whole["paths"])
    status = fs.status(tmp_path / "s")
    assert (status["status"], status["done"], status["blocks"]) == ("running", 8, 16)
    assert status["seconds_left"] > 0.0
    done = fs.sweep(small(), out=tmp_path / "s", resume=True)
    assert done.info["digest"] == found.info["digest"]
    assert fs.status(tmp_path / "s")["status"] == "done"
    assert fs.sweep(small(), out=tmp_path / "s", resume=True).done
    assert sorted(file.name for file in (tmp_path / "s").iterdir()) == [
        "arms.parquet", "outcomes", "sweep.json", "work",
    ]  # fmt: skip


def test_a_damaged_block_is_done_again(found: Sweep, tmp_path: Path) -> None:
    fs.sweep(small(), shard="1/2", out=tmp_path / "s")
    block = next((tmp_path / "s" / "blocks").glob("*.npz"))
    block.write_bytes(block.read_bytes()[:100])
    with pytest.raises(RunError, match="the files of 1 blocks are damaged; go on with `resume=True`"):
        fs.sweep(small(), out=tmp_path / "s", resume=True)
    assert fs.sweep(small(), out=tmp_path / "s", resume=True).info["digest"] == found.info["digest"]


def test_another_sweep_is_not_gone_on_with_and_what_differs_is_named(tmp_path: Path) -> None:
    fs.sweep(small(), shard="1/2", out=tmp_path / "s")
    for other, words in (
        (small(paths=102), r"another number of paths \(100, now 102\)"),
        (small(seeds=[1, 3]), r"another seeds \(\[1, 2\], now \[1, 3\]\)"),
        (small(set=["time.days=44"]), "another arm 'base' and 3 more"),
    ):
        with pytest.raises(InputError, match=words):
            fs.sweep(other, out=tmp_path / "s", resume=True)
    with pytest.raises(InputError, match="the folder is not empty"):
        fs.sweep(small(), out=tmp_path / "s")
    with pytest.raises(InputError, match="no sweep to resume"):
        fs.sweep(small(), out=tmp_path / "nowhere", resume=True)


def test_an_arm_that_breaks_says_so_and_has_no_mean(tmp_path: Path) -> None:
    wild = small(set=["time.days=63"], design={}, arm=[{"name": "wild", "set": WILD}], outcomes={"names": ["vol_pct"]},
                 paths=256, seeds=[1])  # fmt: skip
    found = fs.sweep(wild)
    assert list(found.broken) == ["wild"]
    assert found.broken["wild"].startswith("broken in ")
    assert " of 4 blocks: seed 1: " in found.broken["wild"]
    there = found.outcomes.group_by("arm").len().collect()
    assert 0 < there.filter(pl.col("arm") == 1)["len"].sum() < 256  # some of its blocks are whole
    row = found.table().filter(pl.col("name") == "wild").row(0, named=True)
    assert np.isnan([row["value"], row["difference"]]).all()
    assert (row["moved"], row["paths"]) == (None, 0)
    text = found.as_markdown()
    assert "| wild | broken |" in text
    assert "wild: broken in" in text


def test_a_sweep_of_which_every_arm_breaks_ends_with_its_sentence() -> None:
    with pytest.raises(RunError, match="every arm is broken; base: broken in"):
        fs.sweep(small(set=["time.days=63", *WILD], design={}, arm=[], seeds=[1], paths=256))


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="cannot be used as a folder"):
        fs.sweep(small(), out=tmp_path / "file")


KILLED = """
import os, sys
import flowsim.sweeps.sweep as sweeps
take, left = sweeps.Running._take, [int(sys.argv[2])]
def dies(self, task, answer):
    take(self, task, answer)
    left[0] -= 1
    if left[0] <= 0:
        os.kill(os.getpid(), 9)
sweeps.Running._take = dies
from helpers.small_sweep import small
sweeps.sweep(small(), out=sys.argv[1], resume=os.path.exists(sys.argv[1]), threads=2)
"""


def test_a_client_that_is_killed_again_and_again_ends_with_the_same_bits(found: Sweep, tmp_path: Path) -> None:
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[1])}
    for pieces in (1, 5):
        ended = subprocess.run([sys.executable, "-c", KILLED, str(tmp_path / "s"), str(pieces)], env=environment,
                               capture_output=True, text=True, check=False, cwd=Path(__file__).parents[2])  # fmt: skip
        assert ended.returncode == -9, ended.stderr
    assert 0 < len(Store(tmp_path / "s").names()) < 16
    assert fs.sweep(small(), out=tmp_path / "s", resume=True).info["digest"] == found.info["digest"]


def test_an_interrupt_keeps_what_is_done_and_says_how_to_go_on(tmp_path: Path) -> None:
    def interrupts(done: int, total: int, said: str = "") -> None:
        if "blocks" in said and done >= 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fs.sweep(small(), out=tmp_path / "s", progress=interrupts, threads=2)
    assert fs.status(tmp_path / "s")["status"] == "interrupted"
    assert fs.sweep(small(), out=tmp_path / "s", resume=True).done


def test_the_command_says_estimates_tables_and_status(tmp_path: Path) -> None:
    shutil.copy(Path(__file__).parent / "small.toml", tmp_path)
    dry = flowsim("sweep", "small.toml", "--dry-run", "--json", cwd=tmp_path)
    assert json.loads(dry.stdout)["path_days"] == 3 * 64 * 21
    assert "path-days       4,032" in flowsim("sweep", "small.toml", "--dry-run", cwd=tmp_path).stdout
    ended = flowsim("sweep", "small.toml", "--out", "s", "--threads", "1", cwd=tmp_path)
    assert ended.returncode == 0, ended.stderr
    assert "3 arms x 64 paths, 4,032 path-days: about" in ended.stderr
    assert "| market.multiplier=3 |" in ended.stdout
    assert (tmp_path / "s" / "sweep.png").stat().st_size > 10_000
    assert "done, 3 of 3 blocks" in flowsim("status", "s", cwd=tmp_path).stdout
    assert flowsim("table", "s", "vol_pct", "--csv", cwd=tmp_path).stdout.count("\n") == 4
    shown = json.loads(flowsim("table", "s", "vol_pct", "--json", "--against", "wide", cwd=tmp_path).stdout)
    assert [row["name"] for row in shown] == ["base", "market.multiplier=3", "wide"]
    wrong = flowsim("table", "s", "vol", cwd=tmp_path)
    assert (wrong.returncode, wrong.stderr) == (
        2,
        "flowsim: s: no outcome 'vol' here; did you mean 'vol_pct'? known: return_21d_pct, vol_pct\n",
    )
    assert "es95_pct" in flowsim("table", "--list").stdout
    for picture in ("lines", "bars"):
        assert (
            flowsim("plot", "s", picture, "--outcome", "vol_pct", cwd=tmp_path).stdout == f"s/{picture}-vol_pct.png\n"
        )
    assert "draw lines" in flowsim("plot", "s", "map", cwd=tmp_path).stderr
    both = flowsim("sweep", "small.toml", "--threads", "1", "--workers", "1", "--out", "t", cwd=tmp_path)
    assert both.stderr == "flowsim: --threads and --workers: work is done by one of them; choose\n"


def test_status_of_a_run_and_of_nothing(tmp_path: Path) -> None:
    fs.simulate("plain", 65, days=2, out=tmp_path / "r")
    assert flowsim("status", tmp_path / "r").stdout == "run of plain, 65 paths: done, 2 of 2 blocks\n"
    assert "neither a sweep nor a run here" in flowsim("status", tmp_path).stderr
