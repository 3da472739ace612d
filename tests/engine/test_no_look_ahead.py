"""A rule sees what was there at the last completed step, and nothing of the step in which it trades."""

import numpy as np
import pytest
from markets import market_config, step_block

from flowsim.market.prepare import Market, prepare

RULES = '''
"""Rules that trade what they see, so that the record shows what that was."""

from flowsim.strategy import Annotated, Field, NamedTuple, View, strategy


class Size(NamedTuple):
    capital_bn: Annotated[float, Field("capital", "USD bn", 0.0)]


class Nothing(NamedTuple):
    none: float = 0.0

'''
RULE = """
@strategy(clock="{clock}", source="a test", noise={noise})
def {clock}_{field}(view: View, size: Size, state: Nothing, noise: float) -> tuple[Nothing, float]:
    return state, {expression}

"""
FIELDS = {
    "log_price": "view.log_price",
    "step_return": "view.step_return",
    "day_return": "view.day_return",
    "easing_bp": "view.easing_bp",
    "fundamental_gap": "view.fundamental_gap",
}


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> tuple[Market, list[str]]:
    folder = tmp_path_factory.mktemp("rules")
    rules = [RULE.format(clock="bar", noise=False, field=f, expression=e) for f, e in FIELDS.items()]
    rules.append(RULE.format(clock="day", noise=False, field="day_return", expression=FIELDS["day_return"]))
    rules.append(RULE.format(clock="day", noise=True, field="noise", expression="noise"))
    (folder / "watching.py").write_text(RULES + "".join(rules))
    names = [f"bar_{field}" for field in FIELDS] + ["day_day_return", "day_noise"]
    watchers = {name: {"strategy": name, "agents": 1, "capital_bn": 1, "anticipated": 0.0} for name in names}
    config = market_config(
        watchers,
        strategy_folders=[str(folder)],
        market={"multiplier": 0, "circuit_breakers": False},
        policy={"chair_speeches_per_year": 365, "chair_bp": 10},
    )
    return prepare(config), names


def seen_and_record(watched: tuple[Market, list[str]], name: str) -> tuple[np.ndarray, ...]:
    """Return what a rule saw in every bar, and returns and policy effects of the step before that bar."""
    market, names = watched
    record = step_block(market, by_bar=True).record
    nights = np.concatenate([[0], np.cumsum(market.timetable.bars + 1)[:-1]])
    bars = np.setdiff1d(np.arange(len(record.flow)), nights)
    return record.flow[bars, 2 + names.index(name)], record.market[bars - 1, 1], record.contribution[bars - 1, 1]


def test_the_last_return_seen_is_that_of_the_step_before(watched: tuple[Market, list[str]]) -> None:
    seen, before, _ = seen_and_record(watched, "bar_step_return")
    np.testing.assert_allclose(seen, before, rtol=0, atol=1e-15)


def test_the_easing_seen_is_that_since_the_bar_before_the_nights_included(watched: tuple[Market, list[str]]) -> None:
    market, names = watched
    record = step_block(market, by_bar=True).record
    nights = np.concatenate([[0], np.cumsum(market.timetable.bars + 1)[:-1]])
    bars = np.setdiff1d(np.arange(len(record.flow)), nights)
    told = np.concatenate([np.zeros((1, record.flow.shape[2])), np.cumsum(record.contribution[:, 1], axis=0)])
    # 1 % per 25 bp: 4e-4 of return for each bp. A bar sees all that was told before it and after its last bar began.
    since = np.diff(told[bars], axis=0, prepend=0.0)
    seen = record.flow[bars, 2 + names.index("bar_easing_bp")]
    np.testing.assert_allclose(4e-4 * seen, since, rtol=1e-9, atol=1e-14)


def test_prices_and_value_seen_are_those_of_the_step_before(watched: tuple[Market, list[str]]) -> None:
    market, names = watched
    record = step_block(market, by_bar=True).record
    nights = np.concatenate([[0], np.cumsum(market.timetable.bars + 1)[:-1]])
    bars = np.setdiff1d(np.arange(len(record.flow)), nights)
    log_price, value = np.log(record.market[bars - 1, 0]), np.log(record.market[bars - 1, 2])
    np.testing.assert_allclose(record.flow[bars, 2 + names.index("bar_log_price")], log_price, rtol=1e-13)
    gap = record.flow[bars, 2 + names.index("bar_fundamental_gap")]
    np.testing.assert_allclose(gap, value - log_price, rtol=0, atol=1e-13)


def test_an_order_of_the_close_trades_on_what_that_close_showed(watched: tuple[Market, list[str]]) -> None:
    market, names = watched
    record = step_block(market).record
    traded = record.flow[1:, 2 + names.index("day_day_return")]
    np.testing.assert_allclose(traded, record.market[:-1, 1], rtol=0, atol=1e-14)


def test_rules_with_noise_are_silent_in_the_past_on_every_clock(watched: tuple[Market, list[str]]) -> None:
    market, names = watched
    assert (market.start.schedule[names.index("day_noise")] == 0.0).all()
