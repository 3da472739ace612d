"""What is told of laws that nothing could have broken, of laws in the wrong words, and of rules that raise."""

from dataclasses import replace

import pytest
from helpers.spoiled_rules import (
    Fund,
    Held,
    Lean,
    Nothing,
    hedges_half_of_its_band,
    orders_nan,
    takes_a_percent_for_a_fraction,
    trades_the_week,
)

from flowsim.authoring.declaration import Law, strategy
from flowsim.authoring.view import View
from flowsim.errors import StrategyError
from flowsim.testing import BrokenLawError, broken_laws, check_law

EXAMPLES = 30

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
    with pytest.raises(StrategyError, match=rf"spoiled_rules.py:\d+: rule 'orders_nan' declares the law.*{message}"):
        check_law(orders_nan.__flowsim_strategy__, law)
