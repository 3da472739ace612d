"""A job is a value: it travels as text, and its digest is that of what its result depends on and of nothing else."""

import hashlib
import json
import pickle
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import flowsim
from flowsim.config import Config, load
from flowsim.config.load import built_in
from flowsim.data.prices import Prices, default_prices
from flowsim.engine.blocks import Block, Chunk, blocks_of
from flowsim.engine.prepare import Market
from flowsim.ensemble import job as jobs
from flowsim.ensemble.job import Job, function_of, name_of
from flowsim.ensemble.worker import Histories, Worker
from flowsim.errors import InputError
from flowsim.facts.ablation import returns_and_shares
from flowsim.facts.histories import closes_of_block

RULE = '''
"""A rule that buys a little."""

from flowsim.strategy import Annotated, Field, NamedTuple, View, strategy


class Size(NamedTuple):
    capital_bn: Annotated[float, Field("capital", "USD bn", 0.0)]


class Nothing(NamedTuple):
    exposure: float = 0.0


@strategy(clock="day", source="a test")
def follower(view: View, size: Size, state: Nothing, noise: float) -> tuple[Nothing, float]:
    return state, 0.01
'''
MINE = 'population.me={strategy="follower", agents=1, capital_bn=1}'


def keep(market: Market, block: Block, chunks: Iterator[Chunk]) -> np.ndarray:
    return np.concatenate([kept.record.contribution[..., : block.live] for kept, _ in chunks])


def made(*settings: str, config: Config | None = None, history: Prices | None = None, n_paths: int = 70) -> Job:
    config = config or load("us_equity", ["time.days=3", *settings])
    return Job.of(config, history or default_prices(), blocks_of(n_paths), closes_of_block)


@pytest.mark.parametrize(
    "other",
    [
        "seed=2",
        "antithetic=true",
        "time.days=4",
        "market.multiplier=4.9",
        "population.cta.capital_bn=1",
        "population.cta.capital_bn=0",
        "options.vega_depth_bn=1",
        "sentiment.response=1.9",
        "fundamental.jumps_per_year=3.3",
        "policy.statement_bp=5.5",
        "liquidity.vol=0.9",
        "time.start=2018-12-28",
        "record.every=3",
    ],
)
def test_whatever_changes_the_market_or_what_is_recorded_makes_another_job(other: str) -> None:
    assert made(other).digest != made().digest


def test_history_blocks_and_what_is_kept_make_another_job() -> None:
    one, history = made(), default_prices()
    moved = Prices(history.dates, history.close * 1.01, history.source, history.rows)
    others = [
        made(history=moved),
        made(n_paths=71),
        made(n_paths=64),
        replace(one, blocks=one.blocks[::-1]),
        replace(one, blocks=(Block(7, 64), Block(8, 6))),
        replace(one, keep=name_of(returns_and_shares)),
    ]
    assert len({one.digest, *(other.digest for other in others)}) == 1 + len(others)


def test_the_order_of_populations_makes_another_job() -> None:
    config = load("us_equity", ["time.days=3"])
    turned = config.model_copy(update={"population": dict(reversed(config.population.items()))})
    assert made(config=turned).digest != made(config=config).digest


def test_another_version_makes_another_job(monkeypatch: pytest.MonkeyPatch) -> None:
    before = made().digest
    monkeypatch.setattr(jobs, "__version__", "0.0.1")
    assert made().digest != before


def test_words_and_places_make_no_other_job(tmp_path: Path) -> None:
    config = load("us_equity", ["time.days=3"])
    file = tmp_path / "mine.toml"
    file.write_text('extends = "us_equity"\ndescription = "the same, by another name"\ntime.days = 3\n')
    mine, one = load(file), made(config=config)
    assert made(config=mine).digest == one.digest
    assert made(config=mine) != one
    elsewhere = config.override(f'history.prices="{tmp_path}/prices.csv"', "history.stand_in=2017-06-01")
    assert made(config=elsewhere).digest == one.digest
    off = config.override("population.cta.capital_bn=0")
    assert made(config=off.override("population.cta.agents=3")).digest == made(config=off).digest
    assert replace(one, source="nowhere").digest == one.digest


def test_the_text_of_a_rule_makes_another_job_and_its_folder_does_not(tmp_path: Path) -> None:
    digests = []
    for name, text in (("a", RULE), ("b", RULE), ("c", RULE.replace("0.01", "0.02"))):
        (tmp_path / name).mkdir()
        (tmp_path / name / "follower.py").write_text(text)
        config = load("plain", ["time.days=3", f'strategy_folders=["{tmp_path / name}"]', MINE])
        digests.append(made(config=config).digest)
    assert digests[0] == digests[1] != digests[2]


@pytest.mark.parametrize("name", built_in())
def test_a_job_goes_through_text_and_through_pickle(name: str) -> None:
    one = made(config=load(name))
    for other in (Job.from_text(one.to_text()), pickle.loads(pickle.dumps(one))):
        assert "market" not in other.__dict__
        assert other == one
        assert other.source == one.source
        assert other.digest == one.digest
        assert list(other.market.population) == list(one.market.population)
    assert isinstance(json.loads(one.to_text()), dict)


def test_the_pieces_of_a_job_give_what_it_gives_and_so_does_its_text() -> None:
    histories = Histories()
    config = load("us_equity", ["time.days=3", 'record={tables=["flows"]}'])
    whole = histories.job(config, blocks_of(70), keep)
    expected = Worker(histories).kept(whole)
    assert [block.shape[-1] for block in expected] == [64, 6]
    for pieces in (whole.by_block(), [Job.from_text(piece.to_text()) for piece in reversed(whole.by_block())][::-1]):
        assert [piece.path_days for piece in pieces] == [3 * 64, 3 * 6]
        for piece, block in zip(pieces, expected, strict=True):
            np.testing.assert_array_equal(Worker(histories).kept(piece)[0], block)


WORKER = """
import hashlib, sys
from flowsim.data.prices import default_prices
from flowsim.ensemble.job import Job
from flowsim.ensemble.worker import Histories, Worker
job = Job.from_text(sys.stdin.read())
histories = Histories()
histories.add(default_prices())
(closes,) = Worker(histories).kept(job)
print(job.digest, hashlib.sha256(closes.returns_pct.tobytes()).hexdigest())
"""


def test_another_process_does_a_job_from_its_text_alone() -> None:
    histories = Histories()
    config = load("plain", ["time.days=3", 'record={tables=["market", "volatility"]}'])
    one = histories.job(config, blocks_of(8), closes_of_block)
    (closes,) = Worker(histories).kept(one)
    done = subprocess.run(
        [sys.executable, "-c", WORKER],
        input=one.to_text(),
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(flowsim.__file__).parents[1],
    )
    assert done.stdout.split() == [one.digest, hashlib.sha256(closes.returns_pct.tobytes()).hexdigest()]


def test_prices_that_are_not_known_are_refused() -> None:
    with pytest.raises(InputError, match=r"us_equity starts from prices with SHA-256 .*send the prices along"):
        Worker(Histories()).kept(made())


def test_a_rule_with_another_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "follower.py").write_text(RULE)
    one = made(config=load("plain", ["time.days=3", f'strategy_folders=["{tmp_path}"]', MINE]))
    (tmp_path / "follower.py").write_text(RULE.replace("0.01", "0.02"))
    with pytest.raises(InputError, match="rule 'follower' is not the one that the job was made with"):
        _ = Job.from_text(one.to_text()).market


def test_what_no_other_process_can_find_is_refused() -> None:
    def inner(market: Market, block: Block, chunks: Iterator[Chunk]) -> None: ...

    for function in (inner, lambda market, block, chunks: None):
        with pytest.raises(TypeError, match="define it with a name in a module"):
            name_of(function)
    assert function_of(name_of(closes_of_block)) is closes_of_block


def test_a_run_says_which_job_it_is() -> None:
    config = load("plain", ["time.days=2"])
    first, again, other = (flowsim.simulate(config, n, threads=threads) for n, threads in ((3, 1), (3, 2), (4, 1)))
    assert first.info["job"] == again.info["job"] != other.info["job"]
    assert first.info["tables"] == again.info["tables"]
