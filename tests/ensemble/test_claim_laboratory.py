"""What experiments share: a market is prepared and stepped once, and every look at it is as if it were alone."""

from functools import partial
from pathlib import Path

import numpy as np
import pytest

from flowsim.config import Config, load
from flowsim.ensemble.executor import Counter
from flowsim.ensemble.intervals import PerPath
from flowsim.ensemble.job import Job
from flowsim.ensemble.kept_results import KeptResults
from flowsim.ensemble.laboratory import Laboratory
from flowsim.ensemble.sample import sample_of
from flowsim.ensemble.worker import Histories, Worker
from flowsim.errors import RunError
from flowsim.experiments.arms import without_options

APART = "the price moved by more than a factor of e on path 70"


@pytest.fixture
def stepped(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Keep the days of each block that is stepped."""
    days: list[int] = []
    attempt = Worker.attempt

    def counted(worker: Worker, job: Job):
        days.append(job.market.time.days)
        return attempt(worker, job)

    monkeypatch.setattr(Worker, "attempt", counted)
    return days


def plain(*settings: str) -> Config:
    return without_options(load("us_equity")).override("time.days=40", 'record={tables=["flows"]}', *settings)


def returns(samples) -> dict[str, PerPath]:
    return {name: PerPath(one.returns, one.returns) for name, one in samples.items()}


def volatility(samples) -> dict[str, PerPath]:
    one = samples["arm"]
    return {"vix": PerPath(one.column("vix"), one.gap_parts[..., 0])}


def test_looks_at_one_market_share_its_steps_and_see_what_they_would_alone(stepped: list[int]) -> None:
    long, short = plain("time.days=60"), plain('record={tables=["flows", "market"]}')
    laboratory = Laboratory(64, threads=2)
    one = laboratory.plan({"arm": short}, returns, 12)
    other = laboratory.plan({"arm": long, "too": long.override("market.multiplier=3")}, returns, 70)
    seen = one.parts["arm"].numerator, other.parts["arm"].numerator
    assert sorted(stepped) == [60, 60, 60, 60]
    for found, config, n_paths in zip(seen, (short, long), (12, 70), strict=True):
        alone = Laboratory(64, threads=1).plan({"arm": config}, returns, n_paths).parts["arm"].numerator
        np.testing.assert_array_equal(found, alone)


@pytest.mark.parametrize("days", [5, 20])
def test_fewer_days_with_options_are_the_beginning_of_more(stepped: list[int], days: int) -> None:
    tables = 'record={tables=["flows", "volatility", "vix_sources"]}'
    long, short = (load("us_equity", [f"time.days={n}", tables]) for n in (25, days))
    laboratory = Laboratory(64)
    laboratory.plan({"arm": long}, volatility, 12)
    shared = laboratory.plan({"arm": short}, volatility, 12).parts["vix"]
    alone = Laboratory(64).plan({"arm": short}, volatility, 12).parts["vix"]
    assert stepped == [25, days]
    np.testing.assert_array_equal(shared.numerator, alone.numerator)
    np.testing.assert_array_equal(shared.denominator, alone.denominator)


def test_the_work_told_before_is_the_work_done(stepped: list[int]) -> None:
    counter = Counter(0, None)
    laboratory = Laboratory(64, counter=counter)
    observed = laboratory.plan({"arm": plain(), "other": plain()}, returns, 70, on_other_news=("other",))
    work = laboratory.work
    assert (work.listed_markets, work.listed_block_days, work.plain_markets) == (0, 0, 1)
    assert observed.blocks
    assert work.plain_block_days == sum(stepped) == 4 * 40
    assert work.path_days == counter.done == 2 * 70 * 40


def test_a_population_without_capital_makes_no_other_market() -> None:
    def market(config: Config) -> str:
        return Histories().job(config, [], sample_of).steps_digest

    off = plain("population.cta.capital_bn=0")
    assert market(off) == market(off.override("population.cta.agents=3", "time.days=3", "record.every=2"))
    assert market(off) != market(plain())
    assert market(off) != market(off.override("seed=99"))


def breaks_on(monkeypatch: pytest.MonkeyPatch, broken) -> None:
    attempt = Worker.attempt
    monkeypatch.setattr(Worker, "attempt", lambda worker, job: RunError(APART) if broken(job) else attempt(worker, job))


def test_a_block_in_which_a_market_comes_apart_is_left_out_and_named(monkeypatch: pytest.MonkeyPatch) -> None:
    breaks_on(monkeypatch, lambda job: job.blocks[0].number == 1)
    laboratory = Laboratory(128)
    tolerant = laboratory.plan({"arm": plain()}, returns, 128, whatever_breaks=True)
    strict = laboratory.plan({"arm": plain()}, returns, 128)
    assert len(tolerant.parts["arm"].numerator) == 64
    assert tolerant.left_out == [f"64 paths: {APART}"]
    with pytest.raises(RunError, match="path 70"):
        _ = strict.blocks
    breaks_on(monkeypatch, lambda job: True)
    with pytest.raises(RunError, match="path 70"):
        _ = Laboratory(64).plan({"arm": plain()}, returns, 64, whatever_breaks=True).blocks


def test_a_market_that_comes_apart_later_does_not_spoil_a_look_at_its_first_days(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    breaks_on(monkeypatch, lambda job: job.market.time.days > 40)
    laboratory = Laboratory(64)
    long = laboratory.plan({"arm": plain("time.days=60")}, returns, 12)
    short = laboratory.plan({"arm": plain()}, returns, 12)
    assert short.parts["arm"].numerator.shape == (12, 40)
    with pytest.raises(RunError, match="path 70"):
        _ = long.blocks


def test_antithetic_paths_are_measured_one_by_one_and_counted_in_pairs() -> None:
    def last(samples):
        return {"arm": PerPath.mean(samples["arm"].returns.sum(axis=1))}

    mirrored = plain("antithetic=true")
    observed = Laboratory(64).plan({"arm": mirrored}, last, 8)
    (by_path,) = (block["arm"] for block in observed.blocks)
    found = observed.parts["arm"]
    np.testing.assert_array_equal(found.numerator, by_path.numerator[::2] + by_path.numerator[1::2])
    assert found.denominator.tolist() == [2.0] * 4
    assert len(Laboratory(64).plan({"arm": plain()}, last, 8).parts["arm"].numerator) == 8


def half(samples, *, factor: float):
    return {name: PerPath.mean(factor * one.returns.sum(axis=1)) for name, one in samples.items()}


def test_what_was_measured_is_taken_from_the_folder_and_nothing_is_stepped_again(
    stepped: list[int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def measured(n_paths: int, factor: float = 0.5, *settings: str):
        laboratory = Laboratory(64, results=KeptResults(tmp_path / "kept"))
        arms = {"arm": plain(*settings), "other": plain("market.multiplier=3", *settings)}
        planned = laboratory.plan(arms, partial(half, factor=factor), n_paths, whatever_breaks=True)
        work = laboratory.work.path_days
        return planned.parts["other"].numerator, planned.left_out, work, len(stepped)

    first, _, work, steps = measured(70)
    assert (work, steps) == (2 * 70 * 40, 4)
    again, _, work, steps = measured(70)
    np.testing.assert_array_equal(again, first)
    assert (work, steps) == (0, 4)
    # Another end of the paths, another measure and another market are other questions; whole blocks are the same ones.
    questions: list[tuple[tuple[object, ...], int]] = [((100,), 2), ((70, 0.25), 4), ((70, 0.5, "seed=9"), 4)]
    for question, steps_of_it in questions:
        before = len(stepped)
        assert measured(*question)[3] - before == steps_of_it
    breaks_on(monkeypatch, lambda job: job.blocks[0].number == 1)
    _, left_out, *_ = measured(90)
    monkeypatch.undo()
    assert measured(90)[1] == left_out == [f"26 paths: {APART}"]
