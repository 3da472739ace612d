"""At which levels and after which moves the rules act: what the tables say is what the rules do when they are asked."""

from types import SimpleNamespace

import numpy as np
import pytest

from flowsim.config import load
from flowsim.data.prices import default_prices
from flowsim.engine.replay import WarmMarket, follow, wanted_now, warm_market
from flowsim.experiments.arms import without_options
from flowsim.history.levels import levels_after
from flowsim.history.scenarios import daily_vol, scenarios, swings
from flowsim.history.speeds import by_speed
from flowsim.history.triggers import reaction, reaction_table, roll_off, turning_table

AS_OF = "2018-08-31"
CALM = np.array([0.0, 0.01, 0.02, 0.03, 0.04])
VOL = np.array([0.10, 0.11, 0.12, 0.13, 0.14])


def test_a_population_adds_after_small_moves_and_cuts_after_large_ones() -> None:
    assert reaction(CALM, VOL, np.array([3.0, 2.0, 0.04, -1.0, -5.0])) == pytest.approx(
        {"adds_below_pct": 1.0, "adds_below_vol": 0.11, "cuts_above_pct": 3.0, "cuts_above_vol": 0.13,
         "order_calm_bn": 3.0, "order_2pct_bn": 0.04}
    )  # fmt: skip


def test_one_that_never_adds_or_never_cuts_has_no_level_for_it() -> None:
    cuts = reaction(CALM, VOL, np.array([0.0, -0.04, -0.06, -1.0, -5.0]))
    assert (cuts["adds_below_pct"], cuts["adds_below_vol"], cuts["cuts_above_pct"]) == (None, None, 2.0)
    adds = reaction(CALM, VOL, np.array([5.0, 4.0, 3.0, 0.0, 0.0]))
    assert (adds["cuts_above_pct"], adds["cuts_above_vol"], adds["adds_below_pct"]) == (None, None, 2.0)
    assert adds["order_2pct_bn"] == 3.0


class MadeLead:
    """One population that is long within a band of moves and above a level."""

    def __init__(self, band: tuple[float, float], level: float) -> None:
        self.warm = SimpleNamespace(populations=["made"])
        self.band, self.level = band, level

    def ask(self, state: object, day: int, moves: np.ndarray) -> np.ndarray:
        """Return the wish after each move, (1, moves)."""
        long = ((moves > self.band[0]) & (moves < self.band[1])) | (moves > self.level)
        return np.where(long, 1.0, -1.0)[None]


@pytest.mark.parametrize(("band", "level", "nearest"), [((-0.30, -0.10), 0.05, 0.05), ((-0.04, 0.10), 0.25, -0.04)])
def test_a_population_turns_at_the_nearest_of_its_levels(
    band: tuple[float, float], level: float, nearest: float
) -> None:
    found = levels_after(MadeLead(band, level), None, 0, 2000.0)  # type: ignore[arg-type]
    assert found == pytest.approx([2000.0 * np.exp(nearest)], rel=1e-5)


@pytest.fixture(scope="module")
def warm() -> WarmMarket:
    return warm_market(without_options(load("us_equity")), default_prices(), AS_OF)


def decided(warm: WarmMarket, population: str, move: float) -> float:
    """Return what a population decides tomorrow if the index moves so."""
    row = warm.populations.index(population)
    return float(follow(warm, np.array([np.log1p(move)])).wanted[0, row, 0] - wanted_now(warm)[row])


def test_volatility_targets_add_below_and_cut_above_whatever_the_side(warm: WarmMarket) -> None:
    rows = {row["population"]: row for row in reaction_table(warm).iter_rows(named=True)}
    assert {"vol_control", "risk_parity"} >= set(rows)
    row = rows["vol_control"]
    for side in (1.0, -1.0):
        assert decided(warm, "vol_control", side * 0.01 * (row["cuts_above_pct"] + 0.05)) < 0.0
        assert decided(warm, "vol_control", side * 0.01 * (row["adds_below_pct"] - 0.05)) > 0.0
    assert decided(warm, "vol_control", -0.02) == pytest.approx(row["order_2pct_bn"], rel=0.05)
    assert decided(warm, "vol_control", 0.0) == pytest.approx(row["order_calm_bn"], rel=1e-6)
    returns = np.diff(np.log(warm.history.close))
    volatility = [np.sqrt(252.0 * np.mean(returns[-window:] ** 2)) for window in (21, 63)]
    assert row["vol_now"] == pytest.approx(max(volatility))
    after = np.append(returns, np.log1p(-0.01 * row["cuts_above_pct"]))
    assert row["cuts_above_vol"] == pytest.approx(
        max(np.sqrt(252.0 * np.mean(after[-window:] ** 2)) for window in (21, 63)), rel=1e-6
    )
    assert row["adds_below_vol"] <= row["cuts_above_vol"]


def test_a_close_through_the_level_turns_trend_followers_to_the_other_side() -> None:
    parts = warm_market(by_speed(without_options(load("us_equity"))), default_prices(), AS_OF)
    close, vol = float(parts.history.close[-1]), daily_vol(parts)
    held = dict(zip(parts.populations, wanted_now(parts), strict=True))
    table = turning_table(parts, [5, 21])
    assert table.select("population", "speed").rows() == [("cta", speed) for speed in ("short", "medium", "long")]
    for row, found in enumerate(table.iter_rows(named=True)):
        assert found["position_bn"] == pytest.approx(held[f"cta_{found['speed']}"])
        assert found["distance_pct"] == pytest.approx(100.0 * (found["level"] / close - 1.0))
        beyond = found["level"] * (1.001 if found["level"] > close else 0.999)
        through = np.concatenate([[np.log(beyond / close)], vol * swings(21)[:20]])
        for days in (5, 21):
            traded = follow(parts, through).flow[:days, row, 0].sum()
            stays = follow(parts, vol * swings(21)).flow[:days, row, 0].sum()
            assert found[f"flow_{days}d_bn"] == pytest.approx(traded, rel=1e-6)
            assert found[f"flat_{days}d_bn"] == pytest.approx(stays, rel=1e-6, abs=1e-9)
        # Who is long above the level sells through it, and who is short below it buys.
        assert np.sign(found["flow_21d_bn"] - found["flat_21d_bn"]) == -np.sign(found["position_bn"])
        assert np.sign(found["distance_pct"]) == -np.sign(found["position_bn"])


def test_the_volatility_of_a_day_is_that_of_the_last_63(warm: WarmMarket) -> None:
    returns = np.diff(np.log(warm.history.close))
    assert daily_vol(warm) == pytest.approx(np.sqrt((returns[-63:] ** 2).mean()))


def test_every_scenario_is_named_by_its_move(warm: WarmMarket) -> None:
    table, vol = scenarios(warm, [4, 21]), daily_vol(warm)
    names = ["-2 sigma", "-1 sigma", "flat", "+1 sigma", "+2 sigma", "+-0.5 % days", "+-1 % days", "+-2 % days"]
    for days in (4, 21):
        one = table.filter(horizon_days=days)
        moves = dict(one.select("scenario", "move_pct").unique(maintain_order=True).iter_rows())
        assert list(moves) == names
        for name, deviations in zip(names, (-2, -1, 0, 1, 2), strict=False):
            assert moves[name] == pytest.approx(100.0 * np.expm1(deviations * vol * np.sqrt(days)), abs=1e-9)
        odd = 1.0 if days % 2 else 0.0
        assert [moves[name] for name in names[5:]] == pytest.approx(
            [100.0 * np.expm1(odd * percent / 100.0) for percent in (0.5, 1.0, 2.0)], abs=1e-9
        )


@pytest.mark.parametrize(
    ("scenario", "daily_pct"), [("+-2 % days", (2.0, -2.0, 2.0, -2.0)), ("+-0.5 % days", (0.5, -0.5, 0.5, -0.5))]
)
def test_days_of_plus_and_minus_come_in_turn_and_what_is_decided_is_from_today(
    warm: WarmMarket, scenario: str, daily_pct: tuple[float, ...]
) -> None:
    along = follow(warm, np.array(daily_pct) / 100.0)
    one = scenarios(warm, [4, 21]).filter(scenario=scenario, horizon_days=4)
    assert one["population"].to_list() == warm.populations
    np.testing.assert_allclose(one["flow_bn"].to_numpy(), along.flow[:, :, 0].sum(axis=0), rtol=1e-9, atol=1e-12)
    changed = along.wanted[3, :, 0] - wanted_now(warm)
    np.testing.assert_allclose(one["decided_bn"].cast(float).to_numpy(), changed, rtol=1e-9, atol=1e-9)


def test_what_leaves_each_window_is_dated_and_what_stays_makes_the_volatility(warm: WarmMarket) -> None:
    table = roll_off(warm, 63)
    closes, dates = warm.history.close, warm.history.dates
    returns = np.diff(np.log(closes))
    assert str(table["date"][0]) == "2018-09-04"
    for window in (21, 63):
        for day in (0, 7, 20):
            gone = len(closes) - window + day
            assert table[f"leaves_{window}d_date"][day] == dates[gone].item()
            assert table[f"leaves_{window}d_pct"][day] == pytest.approx(100.0 * (closes[gone] / closes[gone - 1] - 1.0))
            ahead = daily_vol(warm) * swings(63)[: day + 1]
            kept = np.append(returns, ahead)[-window:]
            assert table[f"rv_{window}"][day] == pytest.approx(np.sqrt(252.0 * np.mean(kept**2)))
    assert table["leaves_21d_pct"].null_count() == 42
    assert table["leaves_63d_pct"].null_count() == 0
