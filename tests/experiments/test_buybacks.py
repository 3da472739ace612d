"""Claim 4 on made markets: who buys most, and a drift of known size in open windows or in blackouts."""

import numpy as np
import pytest
from helpers.made_samples import MadeLaboratory, sample, surely, us_equity, values_of, within

from flowsim.config import Config
from flowsim.ensemble.sample import Sample
from flowsim.experiments import buybacks
from flowsim.experiments.buybacks import CLOSED, DUE, LEAD, OPEN, RAW, VISIBLE, measure
from flowsim.facts.closes import in_blackout

SHAPE = (4, 504)
LOUD = np.array([[2.0], [2.0], [20.0], [100.0]])
"""What days are away from their mean, up and down in turn, bp: two paths are quiet. Of the third, 3 bp are 1.5 standard
errors."""


def by_window(in_open: float, in_blackout_days: float) -> np.ndarray:
    """Return one value on each day: in open windows, and in blackouts."""
    return np.where(in_blackout(sample(SHAPE).dates), in_blackout_days, in_open)


def swings() -> np.ndarray:
    """Return up and down in turn, counted in each window by itself, so that neither has a mean."""
    closed = in_blackout(sample(SHAPE).dates)
    return np.where(closed, (-1.0) ** np.cumsum(closed), (-1.0) ** np.cumsum(~closed))


def arm(open_bp: float, closed_bp: float, **flow: np.ndarray) -> Sample:
    moves = by_window(open_bp, closed_bp) + LOUD * swings()
    return sample(SHAPE, contribution={"news": 1e-4 * moves}, flow=flow)


def gaps(with_them: tuple[float, float], without: tuple[float, float]) -> dict[str, float]:
    found = values_of(measure({"with": arm(*with_them), "without": arm(*without)}))
    return {name: found[name] for name in (RAW, DUE, VISIBLE)}


def test_a_drift_in_the_open_window_is_a_gap_above_zero_and_seen_on_the_quiet_paths() -> None:
    assert gaps((4.0, 1.0), (2.0, 1.5)) == pytest.approx({RAW: 3.0, DUE: 2.5, VISIBLE: 50.0}, abs=0.5)


def test_a_drift_in_blackouts_is_a_gap_below_zero_that_no_path_counts() -> None:
    assert gaps((1.0, 4.0), (1.5, 2.0)) == pytest.approx({RAW: -3.0, DUE: -2.5, VISIBLE: 0.0}, abs=0.5)


def test_what_is_there_without_buybacks_is_not_due_to_them() -> None:
    found = gaps((4.0, 1.0), (4.0, 1.0))
    assert found[DUE] == 0.0
    assert found[RAW] > 2.0


def ledger(**flow: np.ndarray) -> dict[str, float]:
    found = values_of(measure({"with": arm(0.0, 0.0, **flow), "without": arm(0.0, 0.0)}))
    return {name: found[name] for name in (LEAD, OPEN, CLOSED)}


def test_the_lead_is_over_the_largest_other_buyer_and_not_over_who_makes_the_market() -> None:
    paces = {"buyback": by_window(5.0, 3.0), "passive": 1.0, "pension": 1.5, "cta": -9.0, "liquidity_provider": 50.0}
    found = ledger(**{name: np.broadcast_to(pace, SHAPE) for name, pace in paces.items()})
    bought = 252.0 * by_window(5.0, 3.0).mean()
    assert found == pytest.approx({LEAD: bought - 378.0, OPEN: 5.0, CLOSED: 3.0})


def test_who_buys_less_than_another_is_behind() -> None:
    found = ledger(buyback=np.full(SHAPE, 2.0), vol_control=np.full(SHAPE, 3.0))
    assert found == pytest.approx({LEAD: -252.0, OPEN: 2.0, CLOSED: 2.0})


def test_where_all_others_sell_the_lead_is_over_nobody() -> None:
    assert ledger(buyback=np.full(SHAPE, 2.0), cta=np.full(SHAPE, -3.0))[LEAD] == pytest.approx(504.0)


EFFECTS = {
    LEAD: surely(321.4), OPEN: surely(4.7), CLOSED: surely(3.2), RAW: surely(2.345), DUE: surely(1.234),
    VISIBLE: surely(12.3),
}  # fmt: skip


def test_what_is_told_of_a_drift_in_the_window() -> None:
    assert buybacks.tell(EFFECTS) == [
        "Companies buy 24 bn a week open and 16 in blackout, +321 bn a year more than the largest other buyer.",
        "On the same news they raise open windows over blackouts by +1.23 bp a day, inside the realistic 0 to 4. Over"
        " all simulated years the gap in index returns is +2.35 bp a day and is clear of zero; 12 % of single ten-year"
        " histories show it.",
    ]


def test_what_is_told_of_the_opposite_and_of_an_interval_that_holds_zero() -> None:
    said = buybacks.tell(EFFECTS | {LEAD: surely(-321.4), DUE: surely(-1.234), RAW: surely(-2.345)})
    assert "-321 bn a year more than" in said[0]
    assert "by -1.23 bp a day, outside the realistic 0 to 4." in said[1]
    assert "is -2.35 bp a day and is clear of zero" in said[1]
    said = buybacks.tell(EFFECTS | {DUE: surely(4.5), RAW: within(2.3, 3.0)})
    assert "by +4.50 bp a day, outside" in said[1]
    assert "is +2.30 bp a day and is not clear of zero" in said[1]


def made(config: Config) -> Sample:
    """Return a market in which buybacks buy 4 bn a day and lift open windows by 2 bp, while others trade steadily."""
    bought = config.population["buyback"].capital_bn > 0.0
    flow = {"buyback": 4.0 * bought, "passive": 5.0, "pension": 1.0, "cta": -2.0, "liquidity_provider": 99.0}
    moves = by_window(2.0 * bought, 0.0) + 10.0 * swings()
    return sample(
        SHAPE,
        contribution={"news": np.broadcast_to(1e-4 * moves, SHAPE)},
        flow={name: np.full(SHAPE, pace) for name, pace in flow.items()},
    )


def test_the_ledger_ranks_buyers_first_and_says_how_long_the_gap_takes_to_see() -> None:
    found = buybacks.further(MadeLaboratory(made), us_equity())()
    (table,) = found.tables
    assert table.name == "Net purchases, USD bn a year"
    assert table.columns == ["who", "net", "±"]
    net = {row[0]: row[1] for row in table.rows}
    assert [row[0] for row in table.rows[:3]] == ["passive", "buyback", "pension"]
    assert table.rows[-1][:2] == ["cta", pytest.approx(-504.0)]
    assert (net["passive"], net["buyback"], net["noise"]) == pytest.approx((1260.0, 1008.0, 0.0))
    assert "liquidity_provider" not in net
    # Two standard errors of 2 vol / sqrt(days) are the gap of 2 bp: (1.96 * 2 * 10.05 / 2)^2 days, or 1.54 years.
    assert found.sentences == ["To see 2.00 bp a day in one index at 95 % takes about 2 years."]


def test_a_gap_that_is_not_there_takes_no_number_of_years() -> None:
    def nobody(config: Config) -> Sample:
        return made(config.override("population.buyback.capital_bn=0"))

    assert buybacks.further(MadeLaboratory(nobody), us_equity())().sentences == []


def test_the_arms_differ_in_buybacks_alone() -> None:
    config = us_equity()
    off = config.override("population.buyback.capital_bn=0")
    assert buybacks.arms(config) == {"with": config, "without": off}
    tiny = config.override(f"population.buyback.capital_bn={1e-6 * 1020.0!r}")
    assert buybacks.null_arms(config) == {"with": tiny, "without": off}
    foreseen = config.override("population.buyback.anticipated=0.25")
    assert buybacks.scan_arms(config, 0.25) == {"with": foreseen, "without": off}
    assert (buybacks.configured(config), buybacks.configured(foreseen)) == (0.0, 0.25)
