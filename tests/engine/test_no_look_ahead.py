"""A rule sees what was there at the last completed step, and nothing of the step in which it trades."""

from pathlib import Path

import numpy as np
import pytest
from helpers.markets import Block, market_config, population, simulated, step_block, with_company

from flowsim.engine.prepare import Market, prepare

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


OPTION_RULES = '''
"""Rules that trade the one field of what they see that a parameter chooses."""

from flowsim.strategy import Annotated, Field, Leg, NamedTuple, Structure, View, strategy


class Choice(NamedTuple):
    capital_bn: Annotated[float, Field("capital", "USD bn", 0.0)]
    field: Annotated[float, Field("number of the field", "", 0.0, 9.0)]
    strike: Annotated[float, Field("strike over the index", "", 0.0, 2.0)] = 1.0


class Nothing(NamedTuple):
    none: float = 0.0


@strategy(clock="roll", source="a test", structure=Structure("daily", "next_session", (Leg("call", "strike"),)))
def at_a_roll(view: View, choice: Choice, state: Nothing, noise: float) -> tuple[Nothing, float]:
    return state, AT_A_ROLL


@strategy(clock="bar", source="a test")
def in_a_bar(view: View, choice: Choice, state: Nothing, noise: float) -> tuple[Nothing, float]:
    return state, IN_A_BAR
'''
AT_A_ROLL = ("log_price", "day_return", "rv_21", "sentiment", "vix", "gamma_1pct_bn")
IN_A_BAR = ("vix9d", "vix", "vix3m", "vix6m", "vix1y")


def chosen(fields: tuple[str, ...]) -> str:
    """Return an expression for the field that `choice.field` counts to."""
    return " else ".join([*(f"view.{name} if choice.field == {i}.0" for i, name in enumerate(fields)), "0.0"])


def options_watched(folder: Path, days: int) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray], Block]:
    """Return what was seen at the last close and in the bars of the last day, by field, and the block."""
    text = OPTION_RULES.replace("AT_A_ROLL", chosen(AT_A_ROLL)).replace("IN_A_BAR", chosen(IN_A_BAR))
    (folder / "watching.py").write_text(text)
    populations = with_company({"puts": population("put_hedging")})
    for rule, fields in (("at_a_roll", AT_A_ROLL), ("in_a_bar", IN_A_BAR)):
        one = {"strategy": rule, "agents": 1, "capital_bn": 1}
        populations |= {f"{rule}_{name}": one | {"field": number} for number, name in enumerate(fields)}
    config = market_config(
        populations,
        strategy_folders=[str(folder)],
        time={"days": days},
        market={"multiplier": 0},
        sentiment={"response": 1.0, "threshold": 0.0},
    )
    market = prepare(config)
    block, flow = step_block(market), step_block(market, by_bar=True).record.flow[-int(market.timetable.bars[-1]) :]
    bought = dict(zip(AT_A_ROLL, block.options.book.quantity[-len(AT_A_ROLL) :], strict=True))
    traded = {name: flow[:, 2 + list(config.population).index(f"in_a_bar_{name}")] for name in IN_A_BAR}
    return bought, traded, block


@pytest.mark.parametrize("days", [1, 8])
def test_a_programme_deals_on_what_its_close_showed(tmp_path: Path, days: int) -> None:
    seen, _, block = options_watched(tmp_path, days)
    np.testing.assert_allclose(seen["log_price"], np.log(block.prices[-1]), rtol=1e-13)
    np.testing.assert_allclose(seen["day_return"], block.log_returns[-1], rtol=0, atol=1e-13)
    np.testing.assert_array_equal(seen["rv_21"], block.record.market[-1, 4])
    np.testing.assert_array_equal(seen["sentiment"], block.record.market[-1, 6])
    assert block.record.market[-1, 6].any()


def test_volatility_is_marked_after_the_roll_so_a_programme_sees_that_of_the_close_before(tmp_path: Path) -> None:
    seen, _, block = options_watched(tmp_path, 8)
    np.testing.assert_array_equal(seen["vix"], block.options.record.volatility[-2, 1])
    # The gamma is that of the last bar's book.
    assert (seen["gamma_1pct_bn"] != block.record.market[-1, 7]).all()


def test_a_bar_sees_the_indices_of_the_close_before(tmp_path: Path) -> None:
    _, seen, block = options_watched(tmp_path, 8)
    for row, field in enumerate(IN_A_BAR):
        for bar in seen[field]:
            np.testing.assert_array_equal(bar, block.options.record.volatility[-2, row])


def test_how_long_a_run_goes_on_changes_nothing_before() -> None:
    customers = {name: population(name) for name in ("put_hedging", "collar", "meeting_hedging", "weekly_buying")}
    short, long = (simulated(market_config(with_company(customers), time={"days": days})) for days in (9, 20))
    np.testing.assert_array_equal(short.prices, long.prices[:9])
    for table in ("volatility", "index_parts", "sums"):
        np.testing.assert_array_equal(getattr(short.options.record, table), getattr(long.options.record, table)[:9])
