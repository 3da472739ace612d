"""Arms are what the design says: combinations, or points that fill their ranges; the same market is one arm."""

import numpy as np
import pytest
from helpers.small_sweep import small
from hypothesis import given
from hypothesis import strategies as st

from flowsim.data.prices import Prices, default_prices
from flowsim.engine.blocks import blocks_of
from flowsim.sweeps.design import points
from flowsim.sweeps.file import Design, read_sweep
from flowsim.sweeps.plan import planned


def test_a_grid_has_every_combination_once_and_the_base_first() -> None:
    values = {"market.multiplier": [2.0, 3.0], "fundamental": {"daily_news_vol": [0.004, 0.005, 0.006]}}
    plan = planned(small(design={"values": values}, arm=[]))
    assert [arm.name for arm in plan.arms][:3] == [
        "base",
        "market.multiplier=2, fundamental.daily_news_vol=0.004",
        "market.multiplier=2, fundamental.daily_news_vol=0.005",
    ]
    made = {tuple(arm.values.values()) for arm in plan.arms[1:]}
    assert made == {(m, v) for m in (2.0, 3.0) for v in (0.004, 0.005, 0.006)}


def test_arms_that_are_the_same_market_are_one() -> None:
    plan = planned(small(arm=[{"name": "again", "set": ["fundamental.daily_news_vol=0.003"]}]))
    assert [arm.name for arm in plan.arms] == ["base", *(f"fundamental.daily_news_vol={v}" for v in (0.003, 0.012))]
    assert plan.same == 2


@pytest.mark.parametrize("kind", ["sobol", "latin"])
def test_drawn_points_fill_their_ranges_evenly_and_are_the_same_each_time(kind: str) -> None:
    ranges = {"a": {"low": 10.0, "high": 20.0}, "b": {"low": 0.01, "high": 100.0, "scale": "log"}}
    design = Design.model_validate({"kind": kind, "arms": 64, "seed": 3, "ranges": ranges})
    drawn = [*points(design)]
    assert drawn == [*points(design)]
    assert drawn != [*points(design.model_copy(update={"seed": 4}))]
    a, b = (np.array([one[key] for one in drawn], float) for key in "ab")
    assert ((a - 10.0) * 6.4).astype(int).tolist().sort() == list(range(64)).sort()
    for part in ((a - 10.0) / 10.0, (np.log10(b) + 2.0) / 4.0):
        assert np.bincount(np.clip((16 * part).astype(int), 0, 15), minlength=16).tolist() == [4] * 16


def test_a_key_that_is_a_whole_number_is_drawn_as_one() -> None:
    design = {"kind": "latin", "arms": 8, "ranges": {"population.cta.agents": {"low": 1.0, "high": 9.0}}}
    plan = planned(small(config="us_equity", design=design, arm=[]))
    agents = [arm.values["population.cta.agents"] for arm in plan.arms[1:]]
    assert {type(one) for one in agents} == {int}
    assert 1 <= min(agents) < max(agents) <= 9


PLAN = planned(small(paths=300))


@given(st.integers(1, 6), st.sets(st.integers(0, 39)))
def test_pieces_are_all_blocks_of_all_arms_once_first_blocks_first(each: int, kept_places: set[int]) -> None:
    blocks = [(a, s, b) for a in range(4) for s in range(2) for b in blocks_of(300)]
    kept = {PLAN.digest(*blocks[place]) for place in kept_places}
    pieces = [*PLAN.pieces(each, kept.__contains__)]
    done = [(piece.arm, piece.seed, block) for piece in pieces for block in piece.blocks]
    assert sorted(done, key=str) == sorted((one for n, one in enumerate(blocks) if n not in kept_places), key=str)
    assert all(len(piece.blocks) <= each for piece in pieces)
    firsts = [piece.blocks[0].number // each for piece in pieces]
    assert firsts == sorted(firsts)


def test_what_is_measured_seeds_paths_and_arms_make_another_sweep() -> None:
    sweeps = [
        small(),
        small(paths=102),
        small(seeds=[1]),
        small(arm=[]),
        small(outcomes={"names": ["vol_pct"]}),
        small(set=["time.days=43"]),
    ]
    assert len({planned(one).identity for one in sweeps}) == len(sweeps)
    assert planned(small(description="other words")).identity == planned(small()).identity


def test_prices_that_are_given_are_what_every_arm_starts_from() -> None:
    history = default_prices()
    dearer = Prices(history.dates, 1.01 * history.close, "mine", history.rows)
    plan = planned(small(), prices=dearer)
    assert plan.identity != planned(small()).identity
    assert {one.digest for one in plan.histories.values()} == {dearer.digest}


def test_a_sweep_is_the_same_as_text_and_as_mapping(tmp_path) -> None:
    file = tmp_path / "s.toml"
    file.write_text('config = "plain"\n[design.values]\nmarket.multiplier = [2, 3]\n"policy.statement_bp" = [1]\n')
    values = read_sweep(file)[0].design.values
    assert values == {"market.multiplier": (2, 3), "policy.statement_bp": (1,)}
