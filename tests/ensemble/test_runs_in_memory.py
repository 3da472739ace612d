"""A run that is given no folder: its tables live as long as anything that reads them, and no longer."""

import gc
from pathlib import Path

import polars as pl

import flowsim as fs


def small_run(n_paths: int = 3) -> fs.Run:
    return fs.simulate(fs.load("plain").override("time.days=4"), n_paths)


def test_a_frame_outlives_the_run_it_was_made_from() -> None:
    market = small_run().market
    gc.collect()
    assert market.collect().shape[0] == 3 * 4
    first = market.filter(pl.col("path") == 1).select("date", "price").head(1).collect()
    assert first.columns == ["date", "price"]
    assert first.equals(market.collect().filter(pl.col("path") == 1).select("date", "price").head(1))


def test_the_folder_goes_with_the_last_frame() -> None:
    run = small_run()
    folder, market = Path(run.folder), run.market
    del run
    gc.collect()
    assert folder.is_dir()
    del market
    gc.collect()
    assert not folder.exists()
