import re
from dataclasses import replace

import numpy as np
import pytest
from helpers.spoiled_rules import (
    averages_averages,
    buys_in_percent,
    compounds_for_ever,
    counts_in_integers,
    counts_its_calls,
    divides_by_volatility,
    drifts,
    follows_rises_only,
    forgets_half_of_its_order,
    goes_half_way,
    goes_half_way_to_a_flat_risk,
    hedges_half_of_its_band,
    ignores_its_cap_and_buffer,
    looks_at_round_numbers,
    never_closes_its_window,
    never_lets_go,
    orders_nan,
    overflows_an_integer,
    reads_noise_that_it_has_not,
    takes_a_fraction_for_a_percent,
    takes_a_percent_for_a_fraction,
    trades_half_of_the_market,
    trades_the_week,
    trades_whatever_its_capital,
)

from flowsim.authoring.declaration import Law
from flowsim.authoring.discovery import discover
from flowsim.clock import sessions
from flowsim.kernel.marks import PLAIN
from flowsim.testing import GENERAL_LAWS, LAWS, Life, Market, broken_laws, check_law
from flowsim.testing.views import PAST_DAYS

EXAMPLES = 30

BUILT_IN = discover()


@pytest.mark.parametrize("name", BUILT_IN)
def test_every_strategy_keeps_every_law_it_must(name):
    assert [str(broken) for broken in broken_laws(BUILT_IN[name], EXAMPLES)] == []


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
    assert "spoiled_rules.py:" in head
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
