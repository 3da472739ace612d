import math
import re
from dataclasses import replace
from typing import Annotated, NamedTuple

import numpy as np
import pytest

from flowsim.authoring.declaration import Field, Law, strategy
from flowsim.authoring.discovery import discover
from flowsim.authoring.view import View
from flowsim.clock import sessions
from flowsim.errors import StrategyError
from flowsim.kernel.marks import PLAIN
from flowsim.testing import GENERAL_LAWS, LAWS, BrokenLawError, Life, Market, broken_laws, check_law
from flowsim.testing.views import PAST_DAYS

EXAMPLES = 30

BUILT_IN = discover()


@pytest.mark.parametrize("name", BUILT_IN)
def test_every_strategy_keeps_every_law_it_must(name):
    assert [str(broken) for broken in broken_laws(BUILT_IN[name], EXAMPLES)] == []


class Fund(NamedTuple):
    capital_bn: Annotated[float, Field("capital", "USD bn", 0.0)]
    cap: Annotated[float, Field("largest exposure", "x capital", 0.1, 2.0)]
    buffer: Annotated[float, Field("gap left alone", "x capital", 0.0, 1.0)]
    day: Annotated[float, Field("day of the week", "", choices=(0, 1, 2, 3, 4))]


class Desk(NamedTuple):
    capital_bn: Annotated[float, Field("balance sheet", "USD bn", 0.0)]
    band: Annotated[float, Field("gap left alone", "x capital", 0.0, 1.0)]


class Held(NamedTuple):
    exposure: float = 0.0


class Nothing(NamedTuple):
    so_far: float = 0.0


CALLS: list[float] = []


@strategy(clock="day", source="broken on purpose")
def divides_by_volatility(view: View, fund: Fund, held: Nothing, noise: float) -> tuple[Nothing, float]:
    return held, fund.capital_bn / view.rv_21


@strategy(clock="bar", source="broken on purpose")
def orders_nan(view: View, fund: Fund, held: Nothing, noise: float) -> tuple[Nothing, float]:
    return held, math.nan if view.day_return < -0.05 else 0.0


@strategy(clock="day", source="broken on purpose")
def counts_its_calls(view: View, fund: Fund, held: Nothing, noise: float) -> tuple[Nothing, float]:
    CALLS.append(1.0)
    return held, float(len(CALLS))


@strategy(clock="day", source="broken on purpose")
def forgets_half_of_its_order(view: View, fund: Fund, held: Held, noise: float) -> tuple[Held, float]:
    return Held(held.exposure + 0.5 * view.day_return), view.day_return * fund.capital_bn


@strategy(clock="day", source="sound")
def trades_the_week(view: View, fund: Fund, held: Nothing, noise: float) -> tuple[Nothing, float]:
    return held, view.return_5d * fund.capital_bn


@strategy(clock="day", source="broken on purpose")
def overflows_an_integer(view: View, fund: Fund, held: Nothing, noise: float) -> tuple[Nothing, float]:
    return held, float(int(view.price * 1e20))


@strategy(clock="day", source="broken on purpose")
def ignores_its_cap_and_buffer(view: View, fund: Fund, held: Held, noise: float) -> tuple[Held, float]:
    return Held(30.0 * view.rv_21), (30.0 * view.rv_21 - held.exposure) * fund.capital_bn


@strategy(clock="day", source="broken on purpose")
def trades_whatever_its_capital(view: View, fund: Fund, held: Nothing, noise: float) -> tuple[Nothing, float]:
    return held, abs(view.day_return) - 0.01


@strategy(clock="bar", source="broken on purpose")
def hedges_half_of_its_band(view: View, desk: Desk, held: Nothing, noise: float) -> tuple[Nothing, float]:
    outside = abs(view.hedge_gap_bn) > 0.5 * desk.band * desk.capital_bn
    return held, view.hedge_gap_bn if outside else 0.0


class Issuer(NamedTuple):
    capital_bn: Annotated[float, Field("authorized purchases a year", "USD bn", 0.0)]
    quiet_days: Annotated[float, Field("before the quarter's end", "days", 1.0, 60.0)]
    report_lag_days: Annotated[float, Field("after it", "days", 1.0, 90.0)]
    pace: Annotated[float, Field("pace in blackout", "", 0.1, 0.5)]


class Product(NamedTuple):
    so_far: float = 1.0


@strategy(clock="day", source="broken on purpose")
def counts_in_integers(view: View, fund: Fund, held: Nothing, noise: float) -> tuple[Nothing, float]:
    return Nothing(1 if view.weekday == 1.0 else 0.0), 0.0


@strategy(clock="day", source="broken on purpose")
def compounds_for_ever(view: View, fund: Fund, held: Product, noise: float) -> tuple[Product, float]:
    return Product(1.02 * held.so_far), 0.0


@strategy(clock="day", source="sound")
def averages_averages(view: View, fund: Fund, held: Product, noise: float) -> tuple[Product, float]:
    return Product(held.so_far + (view.price - held.so_far) / 300.0), 0.0


@strategy(clock="day", source="broken on purpose")
def goes_half_way(view: View, fund: Fund, held: Held, noise: float) -> tuple[Held, float]:
    traded = 0.5 * (view.rv_21 - held.exposure)
    return Held(held.exposure + traded), traded * fund.capital_bn


@strategy(clock="day", source="broken on purpose")
def follows_rises_only(view: View, fund: Fund, held: Nothing, noise: float) -> tuple[Nothing, float]:
    return held, max(view.day_return, 0.0) * fund.capital_bn


@strategy(clock="bar", source="broken on purpose")
def trades_half_of_the_market(view: View, fund: Fund, held: Nothing, noise: float) -> tuple[Nothing, float]:
    return held, -0.5 * view.adv_bn if view.day_return > 0.01 else 0.0


@strategy(clock="day", source="broken on purpose")
def never_closes_its_window(view: View, issuer: Issuer, held: Nothing, noise: float) -> tuple[Nothing, float]:
    return held, issuer.capital_bn / 252.0


class Lean(NamedTuple):
    capital_bn: Annotated[float, Field("capital", "USD bn", 0.0)]


class Path(NamedTuple):
    exposure: float = 0.0
    highest: float = 0.0


@strategy(clock="day", source="broken on purpose")
def takes_a_percent_for_a_fraction(view: View, fund: Lean, held: Held, noise: float) -> tuple[Held, float]:
    wanted = 10.0 / max(view.rv_21, 0.001)
    return Held(wanted), (wanted - held.exposure) * fund.capital_bn


@strategy(clock="day", source="broken on purpose")
def takes_a_fraction_for_a_percent(view: View, fund: Lean, held: Held, noise: float) -> tuple[Held, float]:
    wanted = 0.001 / max(view.rv_21, 0.001)
    return Held(wanted), (wanted - held.exposure) * fund.capital_bn


@strategy(clock="day", source="broken on purpose")
def never_lets_go(view: View, fund: Lean, held: Path, noise: float) -> tuple[Path, float]:
    highest = max(held.highest, min(1.5, 0.1 / max(view.rv_21, 0.001)))
    return Path(highest, highest), (highest - held.exposure) * fund.capital_bn


@strategy(clock="day", source="broken on purpose")
def drifts(view: View, fund: Lean, held: Path, noise: float) -> tuple[Path, float]:
    drifted, wanted = held.highest + 0.001, min(1.5, 0.1 / max(view.rv_21, 0.001))
    return Path(wanted + drifted, drifted), (wanted + drifted - held.exposure) * fund.capital_bn


@strategy(clock="day", source="broken on purpose")
def looks_at_round_numbers(view: View, fund: Lean, held: Nothing, noise: float) -> tuple[Nothing, float]:
    return held, fund.capital_bn * (0.1 if view.price % 100.0 < 50.0 else -0.1)


@strategy(clock="day", source="broken on purpose")
def goes_half_way_to_a_flat_risk(view: View, fund: Lean, held: Held, noise: float) -> tuple[Held, float]:
    traded = 0.5 * (min(4.0, 0.3 / max(view.rv_21, 0.001)) - held.exposure)
    return Held(held.exposure + traded), traded * fund.capital_bn


@strategy(clock="day", source="broken on purpose")
def reads_noise_that_it_has_not(view: View, fund: Lean, held: Nothing, noise: float) -> tuple[Nothing, float]:
    return held, fund.capital_bn * (view.day_return + noise)


@strategy(clock="day", source="broken on purpose")
def buys_in_percent(view: View, fund: Lean, held: Nothing, noise: float) -> tuple[Nothing, float]:
    return held, fund.capital_bn * (0.02 if view.return_5d < -5.0 else 0.01 * view.day_return)


BROKEN = [
    (takes_a_percent_for_a_fraction, Law("sized_to_its_capital"), "times its capital, outside 0 to 5; look for"),
    (takes_a_fraction_for_a_percent, Law("sized_to_its_capital"), "times its capital a year, outside 0.4 to 40"),
    (takes_a_percent_for_a_fraction, Law("bounded_in_calm_and_storm"), "when every return is 0.01 times what it was"),
    (never_lets_go, Law("trades_both_ways"), "it never sells in 600 sessions of its example"),
    (buys_in_percent, Law("acts_on_all_it_reads"), "reads return_5d, which moves no order of its examples in 600"),
    (trades_the_week, Law("acts_on_all_it_reads"), "its parameter cap moves no order in 600 sessions of its example"),
    (reads_noise_that_it_has_not, Law("acts_on_all_it_reads"), "which is 0 unless it declares noise=True"),
    (looks_at_round_numbers, Law("unmoved_by_price_level"), "bn at .* times the price level with the same returns"),
    (
        drifts,
        Law("forgets_its_start"),
        "it holds .* of its capital, and .* had it begun .* sessions later; such gaps are .* % of what it holds",
    ),
    (takes_a_percent_for_a_fraction, Law("risk_at_most", {"vol": "rv_21", "most": 0.1}), "is 10, more than 0.1"),
    (trades_the_week, Law("spends_at_most", {"part": (0.1, "cap"), "per": "month"}), "bn in a month, more than"),
    (goes_half_way_to_a_flat_risk, Law("forgets_where_it_came_from"), "it wants an exposure of .*, and from"),
    (trades_the_week, Law("never_buys"), "it buys"),
    (trades_the_week, Law("acts_on", {"fields": ("return_21d",)}), "return_21d moves no order in 600 sessions"),
    (trades_the_week, Law("acts_on", {"fields": ("rv_5",), "alone": True}), "return_5d moves its orders, and is not"),
    (counts_in_integers, Law("answers_in_floats"), "so_far of its state is 1, of type int; make it a float"),
    (compounds_for_ever, Law("state_does_not_run_away"), "so_far of its state is 52.48 at most in 200 decisions"),
    (goes_half_way, Law("reaches_its_target"), "and at once .* bn more"),
    (follows_rises_only, Law("long_short_symmetric"), "in the mirror image of the market"),
    (trades_half_of_the_market, Law("participates_at_most", {"share": 0.1}), "more than 0.1 of 450 bn a day"),
    (
        never_closes_its_window,
        Law("slow_in_blackout", {"quiet_days": "quiet_days", "report_lag_days": "report_lag_days", "pace": ("pace",)}),
        "bn in its blackout, more than",
    ),
    (divides_by_volatility, Law("finite"), "ZeroDivisionError"),
    (orders_nan, Law("finite"), "orders nan bn"),
    (counts_its_calls, Law("deterministic"), "asked once more, it orders"),
    (forgets_half_of_its_order, Law("books_its_orders"), "and books"),
    (overflows_an_integer, Law("compiled_equals_plain"), "compiled it orders"),
    (ignores_its_cap_and_buffer, Law("exposure_within", {"low": "-cap", "high": "cap"}), "outside -"),
    (ignores_its_cap_and_buffer, Law("exposure_within", {"low": 0.001, "high": 1e9}), "its exposure is 0, outside"),
    (ignores_its_cap_and_buffer, Law("silent_inside_buffer", {"buffer": "buffer"}), "is inside the buffer"),
    (hedges_half_of_its_band, Law("silent_inside_band"), "bn is inside the band"),
    (ignores_its_cap_and_buffer, Law("silent_unless", {"field": "weekday", "equals": "day"}), "weekday is not day"),
    (trades_whatever_its_capital, Law("scales_with_capital"), "at 0.25 times the capital it orders"),
    (trades_whatever_its_capital, Law("no_order_without_capital"), "without capital it orders"),
    (trades_whatever_its_capital, Law("never_sells"), "it sells"),
    (trades_whatever_its_capital, Law("increasing_in", {"fields": ("day_return",)}), "day_return higher by 0.001"),
    (trades_whatever_its_capital, Law("decreasing_in", {"fields": ("day_return",)}), "day_return higher by"),
]


@pytest.mark.parametrize(
    ("rule", "law", "words"), [pytest.param(*row, id=f"{row[1].kind}-{row[0].__name__}") for row in BROKEN]
)
def test_a_rule_that_breaks_a_law_is_caught(rule, law, words):
    if PLAIN and law.kind == "compiled_equals_plain":
        pytest.skip("nothing is compiled with NUMBA_DISABLE_JIT=1")
    with pytest.raises(AssertionError, match=words):
        check_law(rule.__flowsim_strategy__, law, EXAMPLES)


class LifeWithTomorrowsPaper(Life):
    @property
    def views(self):
        today = Life.views.func(self)
        later = [*today[1:], today[-1]]
        return [view._replace(return_5d=tomorrow.day_return) for view, tomorrow in zip(today, later, strict=True)]


def test_a_view_that_shows_tomorrow_is_caught():
    rule = trades_the_week.__flowsim_strategy__
    dates = sessions("2023-01-03", "2024-03-28").dates
    walk = 8.0 + 0.01 * np.cumsum(np.random.default_rng(1).standard_normal(len(dates)))
    life = [rule, Market(dates, walk), rule.params(1.0, 1.0, 0.0, 0.0), [0.0] * (len(dates) - PAST_DAYS - 1)]
    (_, words), *others = LAWS["no_look_ahead"](LifeWithTomorrowsPaper(*life))
    # Only the last decision before prices change could know of it.
    assert words == f"it orders {0.03:.10g} bn when later prices are others"
    assert others == []
    assert list(LAWS["no_look_ahead"](Life(*life))) == []


def test_every_kind_of_law_has_a_test_here_that_breaks_it():
    assert {law.kind for _, law, _ in BROKEN} | {"no_look_ahead"} == set(LAWS)
    assert {law.kind for law in GENERAL_LAWS} <= set(LAWS)


def test_a_broken_law_is_shown_as_the_one_decision_that_breaks_it():
    with pytest.raises(AssertionError) as caught:
        check_law(forgets_half_of_its_order.__flowsim_strategy__, Law("books_its_orders"), EXAMPLES)
    head, *rows = str(caught.value).splitlines()
    assert "test_laws.py:" in head
    assert "forgets_half_of_its_order breaks books_its_orders(): it orders" in head
    # The agent, its state, the one field of the view that the rule reads, what it did, and its new state.
    named = ["capital_bn", "cap", "buffer", "day", "exposure", "day_return", "order_bn", "exposure"]
    assert [row.split()[-2] for row in rows[:8]] == named
    capital_bn, order_bn, exposure = (float(rows[row].split()[-1]) for row in (0, 6, 7))
    before, day_return = (float(rows[row].split()[-1]) for row in (4, 5))
    assert order_bn == pytest.approx(day_return * capital_bn)
    assert exposure == pytest.approx(before + day_return / 2)
    # The last six sessions, the one of the decision below.
    assert rows[8].split() == ["session", "close", "return,", "%"]
    market = [row.split() for row in rows[9:15]]
    assert len({row[0] for row in market}) == 6
    assert float(market[-1][2]) == pytest.approx(100.0 * day_return, abs=1e-4)
    assert rows[15].startswith("  line ")
    assert rows[15].endswith("return Held(held.exposure + 0.5 * view.day_return), view.day_return * fund.capital_bn")


def test_an_average_does_not_run_away():
    check_law(averages_averages.__flowsim_strategy__, Law("state_does_not_run_away"), EXAMPLES)


def test_a_rule_that_raises_is_shown_with_the_line_that_did():
    with pytest.raises(AssertionError, match=r"breaks finite\(\): line \d+ raises ZeroDivisionError") as caught:
        check_law(divides_by_volatility.__flowsim_strategy__, Law("finite"), EXAMPLES)
    line = re.search(r"line (\d+) raises", str(caught.value))[1]
    assert f"  line {line:<5}return held, fund.capital_bn / view.rv_21" in str(caught.value)


def test_all_laws_that_break_are_found_at_once():
    lean = replace(takes_a_percent_for_a_fraction.__flowsim_strategy__, laws=(Law("never_sells"), Law("never_buys")))
    found = {broken.law.kind for broken in broken_laws(lean, 10)}
    assert found == {"sized_to_its_capital", "bounded_in_calm_and_storm", "never_sells", "never_buys"}


IDLE = [
    (Law("decreasing_in", {"fields": ("rv_63",)}), "rv_63, moved up alone, changes no order"),
    (Law("exposure_within", {"low": -1e6, "high": 1e6}), "no order takes its exposure near either bound"),
    (
        Law("risk_at_most", {"vol": "rv_21", "most": 50.0}),
        "its exposure times volatility never comes to half of the bound",
    ),
    (Law("spends_at_most", {"part": 1e6, "per": "month"}), "it never spends half of what a month allows"),
    (Law("participates_at_most", {"share": 1e6}), "no order comes to half of the share"),
]


@pytest.mark.parametrize(("law", "words"), IDLE, ids=lambda value: getattr(value, "kind", ""))
def test_a_law_that_nothing_could_have_broken_is_told(law, words):
    strategy = takes_a_percent_for_a_fraction.__flowsim_strategy__
    [found] = broken_laws(
        replace(
            strategy, laws=(law,), waives=dict.fromkeys(("sized_to_its_capital", "bounded_in_calm_and_storm"), "a test")
        ),
        10,
    )
    assert found.vacuous
    said = "takes_a_percent_for_a_fraction nothing could have broken "
    assert said in str(found)
    assert f"{words} in 600 sessions of its example nor on 10 drawn markets" in str(found)


@strategy(clock="day", source="broken on purpose")
def never_trades(view: View, fund: Fund, held: Held, noise: float) -> tuple[Held, float]:
    return held, 0.0


@pytest.mark.parametrize(
    "law",
    [
        Law("silent_inside_buffer", {"buffer": "buffer"}),
        Law("silent_inside_band"),
        Law("silent_unless", {"field": "weekday", "equals": "day"}),
        Law("slow_in_blackout", {"quiet_days": "cap", "report_lag_days": "cap", "pace": ("cap",)}),
        Law("reaches_its_target"),
        Law("long_short_symmetric"),
        Law("unmoved_by_price_level"),
        Law("forgets_its_start"),
    ],
    ids=lambda law: law.kind,
)
def test_a_rule_that_never_trades_has_tried_no_law(law):
    strategy = never_trades.__flowsim_strategy__
    if law.kind == "silent_inside_band":
        strategy = replace(hedges_half_of_its_band.__flowsim_strategy__, rule=lambda _v, _a, held, _n: (held, 0.0))
    with pytest.raises(BrokenLawError, match="nothing could have broken") as caught:
        check_law(strategy, law, 5)
    assert caught.value.vacuous


def test_a_general_law_may_be_waived_with_a_reason_and_only_some_may():
    lean = trades_the_week.__flowsim_strategy__
    assert [found.law.kind for found in broken_laws(lean, 5)] == ["acts_on_all_it_reads"]
    assert broken_laws(replace(lean, waives={"acts_on_all_it_reads": "its parameters are for another rule"}), 5) == []
    with pytest.raises(StrategyError, match=r"waives 'finite', which no rule can; known: scales_with_capital"):
        broken_laws(replace(lean, waives={"finite": "it is not"}), 5)
    with pytest.raises(StrategyError, match="'trades_both_ways' without a reason; say why"):
        broken_laws(replace(lean, waives={"trades_both_ways": " "}), 5)


def test_bounds_of_a_size_that_a_percent_for_a_fraction_would_not_leave_are_refused():
    law = Law("sized_to_its_capital", {"turnover_a_year": (0.1, 11.0)})
    with pytest.raises(StrategyError, match="whose turnover_a_year lets a percent pass for a fraction; bound it"):
        check_law(trades_the_week.__flowsim_strategy__, law, 1)


@strategy(clock="day", source="broken on purpose", start=lambda view, fund: Nothing(1.0 / view.rv_21))
def cannot_start(view: View, fund: Lean, held: Nothing, noise: float) -> tuple[Nothing, float]:
    return held, fund.capital_bn * view.day_return


def test_a_rule_that_raises_in_its_first_state_is_shown_with_its_line():
    with pytest.raises(BrokenLawError, match=r"line \d+ raises ZeroDivisionError in its first state"):
        check_law(cannot_start.__flowsim_strategy__, Law("finite"), EXAMPLES)


@strategy(clock="day", source="sound", lookback_days=21)
def follows_volume(view: View, fund: Lean, held: Nothing, noise: float) -> tuple[Nothing, float]:
    limit = 0.05 * view.adv_bn
    return held, min(max(view.day_return * fund.capital_bn, -limit), limit)


def test_a_limit_in_money_is_no_breach_of_scale_and_is_tried_though_the_example_is_small():
    assert broken_laws(follows_volume.__flowsim_strategy__, EXAMPLES) == []


@pytest.mark.parametrize(
    ("law", "message"),
    [
        (Law("exposure_withn", {"low": 0.0, "high": 1.0}), "did you mean 'exposure_within'"),
        (Law("exposure_within", {"low": 0.0, "high": 1.0}), "its state has no field 'exposure'; add it"),
        (Law("exposure_within", {"low": 0.0}), r"options \['low'\]; it takes \['low', 'high'\]"),
        (Law("silent_inside_band"), "it has no parameter 'band'; add it, as a part of capital"),
        (Law("silent_inside_buffer", {"buffer": "bufer"}), "buffer names 'bufer'; did you mean 'buffer'"),
        (Law("decreasing_in", {"fields": ("rv_22",)}), "fields names 'rv_22'; did you mean 'rv_21'"),
        (Law("silent_unless", {"field": "weekdy", "equals": "day"}), "field names 'weekdy'; did you mean 'weekday'"),
    ],
)
def test_a_law_in_the_wrong_words_is_refused_with_file_line_and_remedy(law, message):
    with pytest.raises(StrategyError, match=rf"test_laws.py:\d+: rule 'orders_nan' declares the law.*{message}"):
        check_law(orders_nan.__flowsim_strategy__, law)
