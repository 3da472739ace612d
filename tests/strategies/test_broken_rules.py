"""Each mistake that somebody could make in a rule breaks the law that is about it."""

from pathlib import Path

import pytest

from flowsim.authoring.discovery import rules_in
from flowsim.testing import broken_laws

RULES = {rule.name: rule for rule in rules_in(Path(__file__).with_name("broken_rules.py"))}

CAUGHT_BY = {
    "buys_what_has_become_wild": "decreasing_in",
    "orders_the_opposite": "books_its_orders",
    "follows_a_trend_backwards": "increasing_in",
    "takes_rises_and_falls_for_the_same": "long_short_symmetric",
    "goes_short_though_it_may_not": "exposure_within",
    "reads_percent_where_a_fraction_is": "trades_both_ways",
    "reads_a_fraction_where_percent_is": "sized_to_its_capital",
    "takes_a_daily_volatility_for_a_yearly_one": "risk_at_most",
    "orders_exposure_for_dollars": "scales_with_capital",
    "counts_capital_twice": "scales_with_capital",
    "counts_capital_in_millions": "sized_to_its_capital",
    "waits_for_a_fall_of_five_hundred_percent": "acts_on_all_it_reads",
    "holds_its_buffer_against_dollars": "scales_with_capital",
    "uses_the_volatility_of_yesterday": "acts_on_all_it_reads",
    "orders_what_it_wanted_yesterday": "acts_on_all_it_reads",
    "reads_the_window_next_to_its_own": "acts_on",
    "says_that_it_looks_back_a_week": "forgets_its_start",
    "has_a_cap_that_never_binds": "acts_on_all_it_reads",
    "leaves_panic_out": "acts_on",
    "takes_the_smaller_for_the_larger": "acts_on_all_it_reads",
    "asks_for_noise_and_draws_none": "acts_on_all_it_reads",
    "sizes_itself_by_volume_alone": "no_order_without_capital",
    "never_writes_down_what_it_holds": "sized_to_its_capital",
    "buys_once": "trades_both_ways",
    "stays_out_once_it_is_out": "forgets_its_start",
    "keeps_an_average_that_never_moves": "acts_on_all_it_reads",
    "never_starts_a_new_budget": "forgets_its_start",
    "starts_a_new_budget_every_month": "spends_at_most",
    "goes_half_of_the_way": "forgets_where_it_came_from",
    "adds_up_its_signals": "forgets_its_start",
    "alternates": "forgets_its_start",
    "orders_again_what_it_has": "reaches_its_target",
    "levers_without_a_bound": "bounded_in_calm_and_storm",
    "doubles_when_it_loses": "state_does_not_run_away",
    "divides_by_nothing_on_a_flat_market": "finite",
    "believes_in_a_price": "unmoved_by_price_level",
    "measures_a_fall_in_points": "unmoved_by_price_level",
    "trades_shares": "unmoved_by_price_level",
    "only_buys": "trades_both_ways",
    "only_sells": "trades_both_ways",
    "is_half_of_the_volume": "participates_at_most",
    "trades_inside_its_buffer": "silent_inside_buffer",
    "keeps_a_minimum_ticket": "scales_with_capital",
    "lets_an_average_grow": "state_does_not_run_away",
}


def test_every_broken_rule_has_a_law_that_is_about_its_mistake():
    assert set(CAUGHT_BY) == set(RULES)


@pytest.mark.parametrize("name", CAUGHT_BY)
def test_a_mistake_breaks_the_law_that_is_about_it(name):
    assert CAUGHT_BY[name] in {found.law.kind for found in broken_laws(RULES[name], 20)}
