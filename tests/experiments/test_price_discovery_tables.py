"""What claim 1 finds beside its effects, on made markets: shares by source and Shapley value; what value explains."""

from collections.abc import Iterable
from functools import cache

import numpy as np
import pytest
from helpers.made_samples import MadeLaboratory, sample, us_equity

from flowsim.config import Config
from flowsim.ensemble.executor import Counter
from flowsim.ensemble.laboratory import Laboratory
from flowsim.ensemble.sample import Sample
from flowsim.errors import RunError
from flowsim.experiments import phase_map, price_discovery
from flowsim.experiments.arms import active, without, without_options
from flowsim.experiments.experiment import FurtherFindings
from flowsim.experiments.price_discovery import HORIZONS, MONTH
from flowsim.experiments.statistics import sums
from flowsim.run.variance_share import path_shares

SHAPE = (8, 504)
OWN = {"news": 1.0, "vol_control": 2.0, "cta": -0.5, "noise": 3.0, "buyback": 0.5, "liquidity_provider": 0.25}
"""How far each source moves the index a day, in standard deviations."""
MOVES = dict(zip(OWN, np.random.default_rng(5).normal(size=(len(OWN), *SHAPE)), strict=True))


@cache
def small() -> Config:
    """The default market without options and most of its populations."""
    config = without_options(us_equity())
    return without(config, [name for name in active(config) if name not in OWN])


def made(config: Config, feedback: float = 0.0) -> Sample:
    """Return a market in which each source moves the index by itself, and noise more where trend followers trade."""
    size = {
        name: config.population[name].capital_bn / us_equity().population[name].capital_bn for name in list(OWN)[1:]
    }
    parts = {name: 1e-4 * size.get(name, 1.0) * own * MOVES[name] for name, own in OWN.items()}
    parts["noise"] = parts["noise"] * (1.0 + feedback * (size["cta"] > 0.0))
    walks = np.exp(np.cumsum(0.01 * np.random.default_rng(1).normal(size=(2, *SHAPE)), axis=2))
    return sample(SHAPE, config=config, contribution=parts, market={"fundamental": walks[0], "price": walks[1]})


@pytest.fixture(autouse=True)
def without_map(monkeypatch: pytest.MonkeyPatch) -> None:
    """The map takes hundreds of markets, and has a test of its own."""
    monkeypatch.setattr(price_discovery, "plan_map", lambda laboratory, config: list)


@cache
def found() -> FurtherFindings:
    return price_discovery.further(MadeLaboratory(made), small())()


def table(name: str) -> dict[str, list[float]]:
    (one,) = (one for one in found().tables if one.name.startswith(name))
    return {str(row[0]): row[1:] for row in one.rows}


def moved(names: Iterable[str], days: int) -> np.ndarray:
    """Return how far some sources move the index over windows of so many days."""
    return sums(np.sum([OWN[name] * MOVES[name] for name in names], axis=0), days)


def share(name: str, days: int) -> float:
    """Return the mean over paths of the share of a source."""
    return 100.0 * path_shares(moved([name], days), moved(OWN, days)).mean()


def together(one: Iterable[str], other: Iterable[str]) -> float:
    """Return the covariance of two groups over a month, about the mean over the paths on each day."""
    a, b = moved(one, MONTH), moved(other, MONTH)
    return float(((a - a.mean(axis=0)) * (b - b.mean(axis=0))).sum())


def test_sources_are_listed_with_their_share_at_each_horizon_the_largest_first() -> None:
    rows = table("Share of return variance by source and horizon, %")
    assert list(rows)[:2] == ["noise", "vol_control"]
    for name in OWN:
        assert rows[name][::2] == pytest.approx([share(name, days) for days in HORIZONS])
    assert rows["passive"] == pytest.approx([0.0] * 10)


def test_groups_are_by_what_a_population_does_and_providers_are_in_none() -> None:
    assert price_discovery.groups_of(us_equity()) == {
        "volatility targets": ["vol_control", "risk_parity"],
        "trend followers": ["cta"],
        "buybacks and other steady flows": ["buyback", "passive", "pension"],
        "leveraged ETFs": ["leveraged_etf"],
        "discretionary": ["noise", "value", "dip_buyers", "tone", "liquidity"],
        "options": [
            "put_hedge", "overwrite", "collar", "month_end_hedge", "event_hedge", "data_hedge", "short_dated",
            "zero_day", "option_noise", "vol_selling", "dealer",
        ],
    }  # fmt: skip


def test_shapley_shares_of_what_has_no_feedback_are_those_of_the_attribution() -> None:
    rows = table("Share of one-month variance: ablation against attribution, %")
    groups = {"discretionary": "noise", "volatility targets": "vol_control", "trend followers": "cta",
              "buybacks and other steady flows": "buyback"}  # fmt: skip
    # Who provides liquidity is always there, and so is in nobody's share of the ablation.
    nobody, total = ["news", "liquidity_provider"], together(OWN, OWN)
    assert rows["nobody: news and policy"][0] == pytest.approx(100.0 * together(nobody, nobody) / total)
    assert rows["nobody: news and policy"][2] == pytest.approx(share("news", MONTH))
    for name, member in groups.items():
        # What joining adds: its own square, half of its product with others, all of that with nobody.
        others = [other for other in groups.values() if other != member]
        added = together([member], [member]) + together([member], others) + 2.0 * together([member], nobody)
        assert rows[name][0] == pytest.approx(100.0 * added / total)
        assert rows[name][2] == pytest.approx(share(member, MONTH))


def test_what_a_group_makes_others_do_is_in_its_shapley_share_and_said() -> None:
    # Noise is twice as loud where trend followers trade: they share its 36 less 9 of variance, 13.5 each.
    laboratory = MadeLaboratory(lambda config: made(config, feedback=1.0))
    finding = price_discovery.further(laboratory, small())()
    rows = {row[0]: row[1:] for row in finding.tables[2].rows}
    plain = {row[0]: row[1:] for row in price_discovery.further(MadeLaboratory(made), small())().tables[2].rows}
    assert finding.tables[2].columns == ["group", "Shapley", "± Shapley", "attribution", "± attribution"]
    assert rows["trend followers"][0] > 25.0 > 5.0 > plain["trend followers"][0]
    assert rows["trend followers"][2] < 5.0
    assert finding.sentences[1].startswith(
        "Ablation and attribution differ most for trend followers: a Shapley share of"
    )
    assert finding.sentences[1].endswith("of its own; the difference is what it makes others do.")


def test_a_market_that_breaks_without_some_has_no_shapley_shares_and_says_so() -> None:
    def breaks(config: Config) -> Sample:
        if config.population["cta"].capital_bn == 0.0:
            raise RunError("the price moved by more than a factor of e on path 3")
        return made(config)

    finding = price_discovery.further(MadeLaboratory(breaks), small())()
    assert len(finding.tables) == 3
    assert finding.sentences[1] == (
        "Shapley shares cannot be had: with part of the populations off, the market breaks (the price moved by more"
        " than a factor of e on path 3)."
    )


def test_the_map_has_size_to_the_right_and_the_multiplier_upward_with_volatility_held(monkeypatch) -> None:
    monkeypatch.setattr(phase_map, "SIZES", (0.5, 1.5, 2.0))
    monkeypatch.setattr(phase_map, "MULTIPLIERS", (5.0,))
    (grid,) = phase_map.plan_map(MadeLaboratory(made), small())()  # type: ignore[arg-type]
    assert (grid.x, grid.x0, grid.y, grid.y0) == ([0.5, 1.5, 2.0], 1.0, [5.0], 5.0)
    # Systematic flows move by 4.5 times the square of their size, and noise is refitted to 14.5625 in all; twice as
    # large they alone are beyond that.
    assert grid.values[0][:2] == pytest.approx([100.0 * 4.5 * size**2 / 14.5625 for size in grid.x[:2]], abs=4.0)
    assert grid.values[0][2] is None
    # Normal moves have neither the tails nor the variance ratio of the real index.
    assert grid.outside == [[True, True, False]]


def told(share: float) -> tuple[str, dict[str, list]]:
    """Return what is said of a price of whose changes so large a part is value's, and the table."""
    random = np.random.default_rng(7)
    value = np.cumsum(0.01 * random.normal(size=(40, 1260)), axis=1)
    own = np.cumsum(0.01 * random.normal(size=(40, 1260)), axis=1)
    price = np.sqrt(share) * value + np.sqrt(1.0 - share) * own
    market = {"fundamental": np.exp(value), "price": np.exp(price)}
    one = sample((40, 1260), contribution={"news": value}, market=market)
    finding = price_discovery.further(MadeLaboratory(lambda config: one), small())()
    return finding.sentences[0], {str(row[0]): row[1:] for row in finding.tables[-1].rows}


@pytest.mark.parametrize("share", [0.25, 0.8])
def test_what_value_explains_of_price_changes_is_the_part_that_is_planted(share: float) -> None:
    said, rows = told(share)
    day, week = (rows[f"price changes of {days} d explained by changes of value, %"][0] for days in (1, 5))
    assert day == pytest.approx(100.0 * share, abs=3.0)
    assert week == pytest.approx(100.0 * share, abs=5.0)
    assert said.startswith(f"Changes of value explain {day:.0f} % of price changes of 1 d and")


def test_a_price_that_is_value_is_explained_and_not_off() -> None:
    said, rows = told(1.0)
    assert list(rows)[-1] == "log price less log value, standard deviation over days of a path, %"
    assert [row[0] for row in rows.values()] == pytest.approx([100.0] * 5 + [0.0], abs=1e-6)
    assert said.endswith("the price is 0 % off its value (one standard deviation).")


def test_horizons_are_a_day_to_a_year() -> None:
    columns = found().tables[0].columns
    assert columns == ["source", *(name for days in HORIZONS for name in (f"{days} d", f"± {days} d"))]
    assert columns[1:10:2] == ["1 d", "5 d", "21 d", "63 d", "252 d"]
    assert MONTH == 21


def test_the_refits_of_the_map_are_in_the_count_from_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"SIZES": (1.0,), "MULTIPLIERS": (4.0, 5.0), "SEARCH_DAYS": 20, "DAYS": 42, "ROUNDS": 2}.items():
        monkeypatch.setattr(phase_map, name, value)
    counter = Counter(0, None)
    laboratory = Laboratory(64, counter=counter)
    draw = phase_map.plan_map(laboratory, small())
    counter.total = laboratory.work.path_days
    assert draw()
    assert counter.done == counter.total == 64 * (20 + 2 * (2 * 20 + 42))
