"""Two runs are compared path by path where they saw the same news, and where not it says why."""

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from helpers.command import flowsim
from helpers.small_sweep import WILD, small

import flowsim as fs
from flowsim.errors import InputError
from flowsim.run.run import Run
from flowsim.sweeps.compare import Comparison
from flowsim.sweeps.found import Sweep

OPTIONS = {"days": 25, "n_paths": 6}


@pytest.fixture(scope="module")
def runs() -> tuple[Run, Run]:
    """A plain market, and the same with news of twice the size, over half the paths."""
    return fs.simulate("plain", 120, days=42), fs.simulate(
        "plain", 100, days=42, overrides={"fundamental.daily_news_vol": 0.012}
    )


@pytest.fixture(scope="module")
def sweep(tmp_path_factory) -> Sweep:
    arms = [{"name": "wild", "set": WILD}, {"name": "longer", "set": ["time.days=70"]}]
    names = ["return_pct", "vol_pct", "share_news_pct"]
    outcomes = {"names": names, "horizons": [21]}
    out = tmp_path_factory.mktemp("compare") / "s"
    return fs.sweep(small(set=["time.days=42"], arm=arms, seeds=[1], paths=256, outcomes=outcomes), out=out)


def row(found: Comparison, outcome: str) -> dict:
    return found.table.filter(pl.col("outcome") == outcome).row(0, named=True)


def test_runs_with_the_same_news_pair_over_the_paths_that_both_have(runs) -> None:
    found = fs.compare(*runs)
    assert found.paired
    assert found.why == "Path by path over the first 100 paths, which both have: both saw the same news and noise."
    vol = row(found, "vol_pct")
    by_path = [
        run.market.filter(pl.col("path") < 100)
        .group_by("path")
        .agg(v=pl.col("log_return").std())
        .sort("path")
        .collect()
        for run in runs
    ]
    a, b = (100.0 * np.sqrt(252.0) * one["v"].to_numpy() for one in by_path)
    assert (vol["a"], vol["b"], vol["difference"]) == pytest.approx((a.mean(), b.mean(), (b - a).mean()))
    half = 1.9842170 * (b - a).std(ddof=1) / 10.0
    assert (vol["low"], vol["high"]) == pytest.approx(((b - a).mean() - half, (b - a).mean() + half), rel=1e-5)
    assert vol["low_all"] < vol["low"]
    assert vol["moved"]
    assert row(fs.compare(*runs[::-1]), "vol_pct")["difference"] == pytest.approx(-vol["difference"])
    assert "share_news_pct" in found.table["outcome"]


def test_runs_with_other_news_do_not_pair_and_say_why(runs) -> None:
    other = fs.simulate("plain", 100, days=40, seed=2)
    found = fs.compare(runs[0], other)
    assert not found.paired
    assert found.why.startswith("Not path by path, as they differ in seed (1 and 2), days (42 and 40);")
    paired = fs.compare(runs[0], fs.simulate("plain", 120, days=42, overrides={"market.multiplier": 4.0}))
    assert row(found, "return_21d_pct")["high"] - row(found, "return_21d_pct")["low"] > 0.5
    assert row(paired, "return_21d_pct")["high"] - row(paired, "return_21d_pct")["low"] < 0.5
    later = fs.simulate("plain", 100, days=42, overrides={"time.start": "2018-11-30"})
    assert "start (2018-12-31 and 2018-11-30)" in fs.compare(runs[0], later).why


def test_a_run_by_bar_is_compared_by_day(runs) -> None:
    by_bar = fs.simulate("plain", 120, days=42, overrides={"record.grain": "bar"})
    found = fs.compare(runs[0], by_bar)
    assert np.abs(found.table["difference"].fill_nan(0.0)).max() < 1e-9


def test_options_have_a_curve_and_flows_their_sources() -> None:
    a, b = (
        fs.simulate("us_equity", days=30, n_paths=4, overrides={"population.dealer.capital_bn": size})
        for size in (100, 0)
    )
    found = fs.compare(a, b)
    mean = a.volatility.select(pl.col("vix3m").mean()).collect().item()
    assert row(found, "vix3m_mean")["a"] == pytest.approx(mean)
    bought = a.flows.filter(pl.col("source") == "cta").group_by("path").agg(pl.col("flow_bn").sum()).collect()
    assert row(found, "flow_cta_bn")["a"] == pytest.approx(bought["flow_bn"].mean())
    assert row(found, "es95_21d_pct")["moved"] is None
    assert "Too few paths in the tail for var95_21d_pct" in found.as_markdown()
    groups = found.table.select("outcome", "group").rows()
    assert {("vix_mean", "VIX"), ("traded_cta_bn", "flows"), ("vol_pct", "returns")} <= set(groups)


def test_arms_of_a_sweep_are_compared_by_name(sweep: Sweep) -> None:
    found = fs.compare(sweep, sweep, arms=("fundamental.daily_news_vol=0.003", "base"))
    table = sweep.differences("vol_pct", against="fundamental.daily_news_vol=0.003")
    expected = table.filter(pl.col("name") == "base").row(0, named=True)
    vol = row(found, "vol_pct")
    assert found.paired
    assert (vol["difference"], vol["low"]) == pytest.approx((expected["difference"], expected["difference_low"]))
    assert not fs.compare(sweep, sweep, arms=("base", "longer")).paired
    with pytest.raises(InputError, match=r"arm 'wild' is broken in .*; compare arms that hold"):
        fs.compare(sweep, sweep, arms=("base", "wild"))
    with pytest.raises(InputError, match="no arm is called 'bas'; did you mean 'base'"):
        fs.compare(f"{sweep.folder}:bas", sweep)


def test_what_cannot_be_compared_says_so(runs, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="neither the folder of a run nor an arm of a sweep; write"):
        fs.compare(tmp_path, runs[0])
    seldom = fs.simulate("plain", 4, days=10, overrides={"record.every": 2})
    with pytest.raises(InputError, match="recorded every 2 sessions"):
        fs.compare(runs[0], seldom)
    without = fs.simulate("plain", 4, days=10, overrides={"record.tables": ["positions"]})
    with pytest.raises(InputError, match="recorded neither market nor flows"):
        fs.compare(runs[0], without)


def test_the_command_prints_and_draws_both(runs, sweep: Sweep, tmp_path: Path) -> None:
    told = flowsim("compare", runs[0].folder, runs[1].folder, "--out", tmp_path / "both.png")
    assert told.returncode == 0, told.stderr
    assert "| vol_pct, % a year |" in told.stdout
    assert (tmp_path / "both.png").stat().st_size > 20_000
    arms = flowsim("compare", f"{sweep.folder}:base", f"{sweep.folder}:fundamental.daily_news_vol=0.003", "--json")
    assert [one["outcome"] for one in json.loads(arms.stdout)["table"]] == [
        "return_21d_pct",
        "vol_pct",
        "share_news_pct",
    ]


def test_the_picture_has_both_curves_and_marks_what_is_other_than_zero(runs) -> None:
    found = fs.compare(*runs)
    tails, curve, facts, flows = fs.plot.comparison_picture(found).axes
    days, a, b = found.returns
    assert days == 21
    for line, values in zip([one for one in tails.lines if len(one.get_xdata()) > 50], (a, b), strict=True):
        np.testing.assert_array_equal(np.sort(values), line.get_xdata())
    assert [text.get_text() for text in curve.texts] == ["no volatility index was measured in both"]
    assert [text.get_text() for text in flows.texts] == ["nothing differs, or nothing was measured in both"]
    moved = {text.get_text() for text in facts.texts if text.get_text().endswith("*")}
    assert any("% a year*" in text for text in moved)
    assert facts.get_title(loc="left") == "Facts of returns: B less A"
