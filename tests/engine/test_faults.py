"""A rule or a market that breaks stops the run with one sentence, and what was finished is kept."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from helpers.markets import market_config, population
from twin import plain_random

from flowsim.config import Config
from flowsim.engine.blocks import Block, run_block
from flowsim.engine.prepare import prepare
from flowsim.ensemble.simulation import simulate
from flowsim.errors import InputError, RunError
from flowsim.run.run import Run

RULES = '''
"""Rules that break on Tuesdays on which the odds of a cut are exactly 0.77, and so in no history."""

import math

from flowsim.strategy import Annotated, Field, Leg, NamedTuple, Structure, View, strategy


class Size(NamedTuple):
    capital_bn: Annotated[float, Field("capital", "USD bn", 0.0)]
    strike: Annotated[float, Field("strike over the index", "", 0.5, 1.5)] = 1.0


class Nothing(NamedTuple):
    exposure: float = 0.0


@strategy(clock="day", source="a test", noise=True)
def breaks_at_the_close(view: View, size: Size, state: Nothing, noise: float) -> tuple[Nothing, float]:
    return state, BROKEN if view.cut_probability == 0.77 and view.weekday == 2.0 and noise > 2.0 else 1.0


@strategy(
    clock="roll", source="a test", noise=True, structure=Structure("daily", "next_session", (Leg("put", "strike"),))
)
def breaks_at_a_roll(view: View, size: Size, state: Nothing, noise: float) -> tuple[Nothing, float]:
    return state, BROKEN if view.cut_probability == 0.77 and view.weekday == 2.0 and noise > 1.2 else 1.0


@strategy(clock="bar", source="a test", noise=True)
def breaks_in_a_bar(view: View, size: Size, state: Nothing, noise: float) -> tuple[Nothing, float]:
    tuesday = view.cut_probability == 0.77 and view.weekday == 1.0
    return state, BROKEN if tuesday and view.bar == 4.0 and noise > 2.0 else 1.0


@strategy(clock="day", source="a test", lookback_days=252)
def broke_in_the_past(view: View, size: Size, state: Nothing, noise: float) -> tuple[Nothing, float]:
    return state, BROKEN if view.return_21d < -0.05 else 1.0
'''
DAY = "2018-11-20"
DAYS_BEFORE, STEPS_A_DAY, CLOSE = 2, 15, 14
"""Sessions before DAY, and the steps of a day of 13 bars with its night and its close."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder of strategies that break."""
    (tmp_path / "rules").mkdir()
    write_rules(tmp_path / "rules", "math.nan")
    return tmp_path


def write_rules(folder: Path, broken: str) -> None:
    (folder / "rules.py").write_text(RULES.replace("BROKEN", broken))


def breaking(folder: Path, strategy: str, **tables: object) -> Config:
    populations = {"fine": population("noise_trading"), "fund": {"strategy": strategy, "agents": 1, "capital_bn": 10}}
    return market_config(
        populations,
        time={"days": 6},
        strategy_folders=[str(folder / "rules")],
        policy={"script": [{"date": DAY, "cut_probability": 0.77}]},
        **tables,
    )


def paths_with_noise_above_two(step: int, n_paths: int) -> list[int]:
    """Return the paths that break on DAY, from the plain generator."""
    stream = plain_random.Stream(plain_random.stream_key(1, "population:fund"), mirror=False)
    return [path for path in range(n_paths) if stream.normals(path, DAYS_BEFORE * STEPS_A_DAY + step)[0] > 2.0]


def first_path_that_breaks_at_a_roll() -> int:
    """Return the first path that breaks at the close of DAY; each customer of a programme has a stream of its own."""
    stream = plain_random.Stream(plain_random.stream_key(1, "population:fund:0"), mirror=False)
    drawn = [stream.normals(path, DAYS_BEFORE * STEPS_A_DAY + CLOSE)[0] for path in range(64)]
    return next(path for path, noise in enumerate(drawn) if noise > 1.2)


@pytest.mark.parametrize("broken", ["nan", "inf"])
@pytest.mark.parametrize(
    ("strategy", "step", "when"),
    [("breaks_at_the_close", CLOSE, "the close"), ("breaks_in_a_bar", 5, "step 5")],
)
def test_an_order_that_is_no_number_names_population_path_and_date(
    folder: Path, strategy: str, step: int, when: str, broken: str
) -> None:
    write_rules(folder / "rules", f"math.{broken}")
    first = paths_with_noise_above_two(step, 64)[0]
    who, where = f"population fund (strategy {strategy})", f"path {first}, {DAY}, {when}"
    with pytest.raises(RunError, match=re.escape(f"{who} gave an order that is not a finite number on {where}")):
        simulate(breaking(folder, strategy), 64)


OPTIONS = {"options": {"listed": True}}


@pytest.mark.parametrize("broken", ["math.nan", "math.inf", "-math.inf"])
def test_a_notional_that_is_no_number_names_programme_path_and_date(folder: Path, broken: str) -> None:
    write_rules(folder / "rules", broken)
    first = first_path_that_breaks_at_a_roll()
    said = (
        "population fund (strategy breaks_at_a_roll) gave a notional that is not a finite number on"
        f" path {first}, {DAY}, the close"
    )
    with pytest.raises(RunError, match=re.escape(said)):
        simulate(breaking(folder, "breaks_at_a_roll", **OPTIONS), 64)


@pytest.mark.parametrize("chunk_days", [1, 2, 3, 6])
def test_the_date_is_right_in_any_chunk(folder: Path, chunk_days: int) -> None:
    with pytest.raises(RunError, match=f"{DAY}, the close"):
        list(run_block(prepare(breaking(folder, "breaks_at_the_close")), Block(0, 64), chunk_days=chunk_days))


def test_a_path_that_nobody_asked_for_cannot_stop_a_run(folder: Path) -> None:
    first = paths_with_noise_above_two(CLOSE, 64)[0]
    assert first > 0
    assert simulate(breaking(folder, "breaks_at_the_close"), first).n_paths == first


def test_a_path_that_nobody_asked_for_cannot_stop_a_run_with_its_options(folder: Path) -> None:
    first = first_path_that_breaks_at_a_roll()
    assert first > 0
    assert simulate(breaking(folder, "breaks_at_a_roll", **OPTIONS), first).n_paths == first


def short_of_gamma(**tables: object) -> Config:
    """Return a market in which dealers are soon so short of gamma that their hedges outrun the news.

    1,000 bn of puts at the money for a day: their gamma is near 0.4 / 1 % of it for 1 %, some 400 bn, and impact near
    1e-4 per bn, so 1 + 100 x impact x gamma is about 1 - 4.
    """
    crowd = population("option_noise_trading", agents=1, capital_bn=2000, strike=1.0, weeks_ahead=1)
    return market_config({"crowd": crowd, "dealer": population("option_dealer", within_bar=1.0)}, **tables)


def test_a_market_in_which_hedging_feeds_on_itself_has_no_price_and_says_what_to_do() -> None:
    said = (
        r"^no price clears on path \d+, 2018-11-\d\d, step \d+: hedging by population dealer feeds on itself"
        r" \(dealers are so short of gamma that 1 \+ 100 x impact x gamma is below 0\.02, and a move more than 50 times"
        r" the news in it\); lower the programmes that buy options, or market\.multiplier$"
    )
    with pytest.raises(RunError, match=said) as caught:
        simulate(short_of_gamma(), 64)
    assert caught.value.exit_code == 3


@pytest.mark.parametrize(
    "remedy", ["population.crowd.capital_bn=5", "market.multiplier=0", "population.dealer.within_bar=0"]
)
def test_either_remedy_lets_the_price_clear(remedy: str) -> None:
    config = short_of_gamma(time={"days": 3}).override(remedy, "market.depth_elasticity=0")
    assert simulate(config, 64).n_paths == 64


def test_a_market_that_comes_apart_says_where_and_what_to_do() -> None:
    config = market_config({"noise": population("noise_trading", capital_bn=200_000)}, market={"multiplier": 100})
    with pytest.raises(RunError, match="path 0, 2018-11-16, step 1: the market is unstable; lower"):
        simulate(config, 4)


def test_a_failed_run_says_so_and_keeps_its_finished_blocks(folder: Path) -> None:
    config = breaking(folder, "breaks_at_the_close", seed=seed_that_breaks_late())
    out = folder / "out"
    with pytest.raises(RunError):
        simulate(config, 128, out=out, threads=1)
    with pytest.raises(InputError, match=r"not finished \(status 'failed'\); go on with `resume=True`"):
        Run(out)
    assert [file.name for file in (out / "market").glob("*.parquet")] == ["part-00000.parquet"]
    write_rules(folder / "rules", "1.0")
    mended = breaking(folder, "breaks_at_the_close", seed=seed_that_breaks_late())
    resumed = simulate(mended, 128, out=out, resume=True).info["tables"]
    assert resumed == simulate(mended, 128).info["tables"]


def test_a_run_that_was_interrupted_goes_on_with_the_same_rules_only(folder: Path) -> None:
    config = breaking(folder, "breaks_at_the_close", seed=seed_that_breaks_late())
    out = folder / "out"
    with pytest.raises(RunError):
        simulate(config, 128, out=out, threads=1)
    manifest = json.loads((out / "run.json").read_text())
    (out / "run.json").write_text(json.dumps(manifest | {"status": "interrupted"}))
    write_rules(folder / "rules", "1.0")
    mended = breaking(folder, "breaks_at_the_close", seed=seed_that_breaks_late())
    with pytest.raises(InputError, match="the file of rule 'breaks_at_the_close' has changed since the run began"):
        simulate(mended, 128, out=out, resume=True)


def seed_that_breaks_late() -> int:
    """Return the first seed at which the first block of paths is sound and the second is not."""
    for seed in range(1, 1000):
        stream = plain_random.Stream(plain_random.stream_key(seed, "population:fund"), mirror=False)
        noise = [stream.normals(path, DAYS_BEFORE * STEPS_A_DAY + CLOSE)[0] for path in range(128)]
        if max(noise[:64]) <= 2.0 < max(noise[64:]):
            return seed
    raise AssertionError


def test_a_rule_that_breaks_in_the_past_stops_the_start(folder: Path) -> None:
    # The month to 2018-02-07 or 08 is the first in that year of history with a fall of more than 5 %.
    with pytest.raises(RunError, match=r"population fund .* on 2018-02-0"):
        prepare(breaking(folder, "broke_in_the_past"))


def test_a_folder_in_use_is_refused(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(InputError, match="the folder is not empty; choose another `out`, or go on with `resume=True`"):
        simulate(market_config(time={"days": 1}), 1, out=tmp_path)
    assert [file.name for file in tmp_path.iterdir()] == ["notes.txt"]


def test_there_is_nothing_to_resume_in_an_empty_or_a_finished_folder(tmp_path: Path) -> None:
    config = market_config(time={"days": 1})
    with pytest.raises(InputError, match="no run to resume"):
        simulate(config, 1, out=tmp_path / "run", resume=True)
    simulate(config, 1, out=tmp_path / "run")
    with pytest.raises(InputError, match="this run is finished; there is nothing to resume"):
        simulate(config, 1, out=tmp_path / "run", resume=True)


def test_a_run_is_not_resumed_as_another(folder: Path) -> None:
    config = breaking(folder, "breaks_at_the_close")
    with pytest.raises(RunError):
        simulate(config, 128, out=folder / "out")
    with pytest.raises(InputError, match="another"):
        simulate(config, 128, out=folder / "out", resume=True, seed=5)
    with pytest.raises(InputError, match="another paths"):
        simulate(config, 64, out=folder / "out", resume=True)


@pytest.mark.parametrize("options", [{"n_paths": 0}, {"threads": 0}])
def test_a_run_has_paths_and_threads(options: dict[str, int]) -> None:
    with pytest.raises(InputError, match="at least one"):
        simulate(market_config(time={"days": 1}), **options)


PLAIN = """
from pathlib import Path
import sys
from test_faults import breaking, simulate
simulate(breaking(Path(sys.argv[1]), "breaks_in_a_bar"), 64)
"""


@pytest.mark.slow
def test_plain_python_names_a_broken_order_as_compiled_code_does(folder: Path) -> None:
    environment = os.environ | {"NUMBA_DISABLE_JIT": "1", "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-W", "ignore", "-c", PLAIN, str(folder)]
    said = subprocess.run(command, env=environment, capture_output=True, text=True, check=False).stderr
    assert "RunError: population fund (strategy breaks_in_a_bar)" in said
