import re
from collections.abc import Callable
from pathlib import Path

import pytest

from flowsim.config import load

KEYS = "strategy, agents, capital_bn, anticipated, moves_price, execution, asset, legs, span_days, target_vol, lookback"
FAULTS = {
    # keys of every population
    "follower.capital_mn=80": (f"follower.capital_mn: unknown key; did you mean 'capital_bn'? known keys: {KEYS}"),
    "follower.capital=80": (f"follower.capital: unknown key; did you mean 'capital_bn'? known keys: {KEYS}"),
    "follower.capital_bn=-1": "follower.capital_bn: -1 is below 0 (USD bn); give a number from 0 to 1000000",
    "follower.capital_bn=80e9": "follower.capital_bn: 80000000000 is above 1000000 (USD bn); did you mean 80?",
    "follower.agents=0": "follower.agents: 0 is below 1 (agents); give a number from 1 to 10000",
    "follower.agents=true": "follower.agents: true is a truth value; give a whole number (agents)",
    "follower.anticipated=50": "follower.anticipated: 50 is above 1 (as a fraction of the flow); did you mean 0.5?",
    "follower=false": "follower: false is a truth value; write a table of keys",
    "follower.strategy=5": 'follower.strategy: 5 is a number; write text in "quotes"',
    # how orders are worked
    "follower.execution.lag_days=0": (
        "follower.execution.lag_days: 0 is below 1 (sessions); give a number from 1 to 60;"
        " an order never trades before the next session"
    ),
    "follower.execution.days=61": "follower.execution.days: 61 is above 60 (sessions); give a number from 1 to 60",
    "follower.execution.profile=vwpa": (
        "follower.execution.profile: \"vwpa\" is no execution profile; did you mean 'vwap'?"
        " known: close, open, vwap, twap, safe_harbor"
    ),
    "follower.execution.participation_cap=0": (
        "follower.execution.participation_cap: 0 is below 1e-06 (as a fraction of average volume);"
        " give a number from 1e-06 to 1"
    ),
    "follower.execution.participation_cap=25": (
        "follower.execution.participation_cap: 25 is above 1 (as a fraction of average volume); did you mean 0.25?"
    ),
    "follower.execution.lag=1": (
        "follower.execution.lag: unknown key; did you mean 'lag_days'?"
        " known keys: lag_days, days, profile, participation_cap"
    ),
    "hedger.execution.days=2": (
        "hedger.execution: strategy 'toy_hedger' trades at once, in the bar that it decides for (clock bar);"
        " remove the key"
    ),
    # the strategy's own parameters
    "follower.span_dys=120": (f"follower.span_dys: unknown key; did you mean 'span_days'? known keys: {KEYS}"),
    "follower.target_vol=10": ("follower.target_vol: 10 is above 1 (annualized, as a fraction); did you mean 0.1?"),
    "follower.target_vol=true": "follower.target_vol: true is a truth value; give a number",
    "follower.target_vol='0.1'": 'follower.target_vol: "0.1" is text; write the number without quotes',
    "follower.target_vol=inf": (
        "follower.target_vol: inf is not a finite number; give one from -1000000000 to 1000000000"
    ),
    "follower.lookback=42": "follower.lookback: 42 is not one of 21, 63 (sessions); choose one of these",
    "follower.span_days=1": "follower.span_days: 1 is below 2 (sessions); give a number from 2 to 500",
    # lists
    "follower.target_vol=[]": "follower.target_vol: has 0 elements; give at least 1",
    "follower.target_vol=[0.1, 12]": (
        "follower.target_vol[1]: 12 is above 1 (annualized, as a fraction); did you mean 0.12?"
    ),
    "follower.target_vol=[0.1, 'x']": 'follower.target_vol[1]: "x" is text; give a number',
    "follower.target_vol=[0.1, 0.1, 0.1, 0.1, 0.1]": (
        "follower.target_vol: the list has 5 elements for agents = 4; shorten it, or set agents = 5"
    ),
    # distributions
    "follower.span_days={dist = 'lognrmal', median = 9}": (
        "follower.span_days: dist = \"lognrmal\" is not known; did you mean 'lognormal'?"
        " known distributions: lognormal, normal, uniform"
    ),
    "follower.target_vol={median = 9}": (
        'follower.target_vol: has no key "dist"; a distribution is written'
        ' { dist = "lognormal", median = 120, sigma = 0.3 }'
    ),
    "follower.span_days={dist = 'normal', mean = 9}": ("follower.span_days.sd: missing; set it (standard deviation)"),
    "follower.span_days={dist = 'normal', mean = 9, sd = -1}": (
        "follower.span_days.sd: -1 is below 0 (of the parameter); give a number from 0 to 1000000000"
    ),
    "follower.span_days={dist = 'lognormal', median = 0, sigma = 1}": (
        "follower.span_days.median: 0 is not above 0 (of the parameter); give a number above 0 and up to 1000000000"
    ),
    "follower.span_days={dist = 'normal', mean = 9, sd = 1, sigma = 1}": (
        "follower.span_days.sigma: unknown key; known keys: dist, mean, sd, low, high"
    ),
    "follower.span_days={dist = 'uniform', low = 9, high = 3}": (
        "follower.span_days: low = 9 is not below high = 3; exchange or widen them"
    ),
    # Quantiles of four agents are at 1/8, 3/8, 5/8, 7/8 of the interval: 0 + 8 / 8 = 1 is the lowest.
    "follower.span_days={dist = 'uniform', low = 0, high = 8}": (
        "follower.span_days: agents draw from 1 to 7: 1 is below 2 (sessions); give a number from 2 to 500"
    ),
    "follower.span_days={dist = 'uniform', low = 400, high = 800}": (
        "follower.span_days: agents draw from 450 to 750: 750 is above 500 (sessions); give a number from 2 to 500"
    ),
    # size of one agent
    "hedger.capital_bn=0.5": (
        "hedger.capital_bn: each of 2 agents gets 0.25: 0.25 is below 0.5 (USD bn); give a number of 0.5 or more"
    ),
}


@pytest.mark.parametrize("setting", FAULTS)
def test_a_faulty_population_gets_one_message(setting: str, problems_with: Callable[..., list[str]]) -> None:
    assert problems_with(f"population.{setting}") == [f"`overrides` population.{FAULTS[setting]}"]


def test_an_unknown_strategy_gets_the_nearest_and_the_list(problems_with: Callable[..., list[str]]) -> None:
    (problem,) = problems_with("population.follower.strategy=toy_folower")
    assert problem.startswith(
        "`overrides` population.follower.strategy: no strategy is called \"toy_folower\"; did you mean 'toy_follower'?"
        " known strategies: "
    )
    assert problem.endswith(
        "toy_customer, toy_dealer, toy_follower, toy_hedger, toy_provider" + problem.split("toy_provider")[-1]
    )


def test_a_missing_parameter_says_what_it_is(problems_with: Callable[..., list[str]], folder: Path) -> None:
    text = (folder / "market.toml").read_text().replace("target_vol = [0.05, 0.10]\n", "")
    (folder / "market.toml").write_text(text)
    assert problems_with() == [
        "market.toml:5: population.follower.target_vol: missing; strategy 'toy_follower' needs it"
        " (volatility aimed at, annualized, as a fraction)"
    ]


def test_a_population_without_agents_is_told_to_say_how_many(
    problems_with: Callable[..., list[str]], folder: Path
) -> None:
    (folder / "market.toml").write_text((folder / "market.toml").read_text().replace("agents = 2\n", ""))
    assert problems_with() == ["market.toml:12: population.hedger.agents: missing; set it (number of agents)"]


@pytest.mark.parametrize("name", ["news", "policy", "market_maker", "holders"])
def test_names_of_the_markets_own_accounts_are_refused(name: str, problems_with: Callable[..., list[str]]) -> None:
    (problem,) = problems_with(f'population.{name}={{strategy = "toy_hedger", agents = 1, capital_bn = 1}}')
    assert problem == (
        f"`overrides` population.{name}: the name is kept for the market's own accounts"
        " (news, policy, market_maker, holders); choose another"
    )


@pytest.mark.parametrize("name", ["Fund", "2nd", "a-b", '"a b"', "_x"])
def test_names_must_be_lower_case_words(name: str, problems_with: Callable[..., list[str]]) -> None:
    (problem,) = problems_with(f'population.{name}={{strategy = "toy_hedger", agents = 1, capital_bn = 1}}')
    assert problem == (
        f"`overrides` population.{name}: the name must be lower-case letters, digits and _, and begin with a letter;"
        " rename it"
    )


def test_only_one_population_may_provide_liquidity(problems_with: Callable[..., list[str]]) -> None:
    provider = '{strategy = "toy_provider", agents = 1, capital_bn = 1}'
    assert problems_with(f"population.a={provider}", f"population.b={provider}") == [
        "`overrides` population.b.strategy: 'a' already provides liquidity, and one population may; remove one of them"
    ]


CUSTOMER = '{strategy = "toy_customer", agents = 2, capital_bn = 1, strike = 0.95}'
DEALER = '{strategy = "toy_dealer", agents = 1, capital_bn = 1, within_bar = 1.0}'


@pytest.mark.parametrize(("table", "rule"), [(CUSTOMER, "toy_customer"), (DEALER, "toy_dealer")])
def test_whoever_trades_options_needs_them_listed(
    table: str, rule: str, problems_with: Callable[..., list[str]]
) -> None:
    assert problems_with(f"population.a={table}") == [
        f"`overrides` population.a.strategy: '{rule}' trades options, and none are listed; set options.listed = true,"
        " or capital_bn = 0"
    ]


@pytest.mark.parametrize("table", [CUSTOMER, DEALER])
@pytest.mark.parametrize("remedy", ["options.listed=true", "population.a.capital_bn=0"])
def test_either_remedy_lets_whoever_trades_options_load(table: str, remedy: str, folder: Path) -> None:
    assert "a" in load("market.toml", [f"population.a={table}", remedy]).population


def test_only_one_population_may_hedge_the_options(problems_with: Callable[..., list[str]]) -> None:
    settings = (f"population.a={DEALER}", f"population.b={DEALER}", "options.listed=true")
    assert problems_with(*settings) == [
        "`overrides` population.b.strategy: 'a' already hedges the options, and one population may; remove one of them"
    ]


def test_dealers_are_one_agent(problems_with: Callable[..., list[str]]) -> None:
    settings = (f"population.a={DEALER}", "options.listed=true", "population.a.agents=2")
    assert problems_with(*settings) == [
        "`overrides` population.a.agents: 2 agents would share the one inventory of 'toy_dealer'; set 1"
    ]


def test_options_are_opened_at_once_and_not_worked_over_days(problems_with: Callable[..., list[str]]) -> None:
    settings = (f"population.a={CUSTOMER}", "options.listed=true", "population.a.execution.days=2")
    (problem,) = problems_with(*settings)
    assert problem.startswith("`overrides` population.a.execution: strategy 'toy_customer' trades at once")
    assert problem.endswith("(clock roll); remove the key")


def test_a_parameter_with_the_name_of_a_common_key_is_reported(
    problems_with: Callable[..., list[str]], folder: Path
) -> None:
    rules = folder / "rules" / "toy.py"
    rules.write_text(rules.read_text().replace("span_days", "agents"))
    problems = problems_with()
    assert any("the rule 'toy_follower' has a parameter 'agents'" in problem for problem in problems)


def test_every_fault_of_a_population_is_reported_beside_its_neighbors(
    problems_with: Callable[..., list[str]],
) -> None:
    problems = problems_with(
        "population.hedger.capital_bn=-1",
        "population.follower.agents=0",
        "population.follower.span_dys=1",
        "population.follower.target_vol=10",
    )
    assert [problem.split(":")[0] for problem in problems] == [
        "`overrides` population.follower.agents",
        "`overrides` population.follower.span_dys",
        "`overrides` population.follower.target_vol",
        "`overrides` population.hedger.capital_bn",
    ]


def test_capital_of_zero_switches_off_whatever_an_agent_must_have(folder: Path) -> None:
    assert load("market.toml", ["population.hedger.capital_bn=0"]).population["hedger"].capital_bn == 0.0


def test_a_programme_that_rolls_beyond_the_listing_names_its_population_and_parameter(
    problems_with: Callable[..., list[str]],
) -> None:
    said = "8 is not possible with expires = 'friday'; use a whole number from 1 to 7"
    weeks = "population.vol_selling.weeks_ahead"
    assert problems_with(f"{weeks}=8", source="us_equity") == [f"`overrides` {weeks}: {said}"]
    # Of a list the element is named, and of a distribution what an agent draws: the highest quartile's middle is 7.5.
    assert problems_with(f"{weeks}=[4, 8]", source="us_equity") == [f"`overrides` {weeks}[1]: {said}"]
    drawn = "{dist = 'uniform', low = 4, high = 8}"
    assert problems_with(f"{weeks}={drawn}", source="us_equity") == [f"`overrides` {weeks}: {said}"]


def test_options_that_may_live_for_a_session_are_refused_where_dealers_have_one_bar_in_it(
    problems_with: Callable[..., list[str]],
) -> None:
    """In the default market the traders of same-day options, and those who hedge a release on the eve of it."""
    once = "time.bars_per_day=1"
    data, same_day = problems_with(once, source="us_equity")
    assert re.match(
        r"us_equity\.toml:\d+: population\.data_hedge: what it opens at a close may settle at the next", data
    )
    assert re.match(r"us_equity\.toml:\d+: population\.zero_day: .* set capital_bn = 0$", same_day)
    longer = "population.data_hedge.days_before=[2, 3]"
    assert len(problems_with(once, longer, source="us_equity")) == 1
    for remedy in ("population.zero_day.capital_bn=0", "population.dealer.capital_bn=0"):
        assert load("us_equity", [once, longer, remedy]).time.bars_per_day == 1
