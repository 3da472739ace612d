import pytest

from flowsim.clock.bars import BAR_COUNTS
from flowsim.clock.sessions import FIRST_DATE, LAST_DATE
from flowsim.config import load
from flowsim.errors import ConfigError

MARKET_KEYS = (
    "impact, multiplier, market_cap_bn, adv_bn, depth_elasticity, week_return_loading, month_return_loading,"
    " thinnest_depth, depth_half_lives_days, depth_weights,"
    " reference_vol, transient_share, transient_decay_per_day, square_root_prefactor, propagator_exponent,"
    " propagator_cutoff_days, overnight_share, overnight_volume, auction_variance_share, edge_to_midday_variance,"
    " activity_vol, activity_half_life_sessions, circuit_breakers, anticipation_days"
)
TABLES = (
    "description, sizes, extends, seed, antithetic, strategy_folders, time, history, market, fundamental, policy,"
    " liquidity, sentiment, options, vix_futures, vix_products, population, macro, record, asset"
)
FAULTS = {
    # keys
    "market.multiplyer=2": f"market.multiplyer: unknown key; did you mean 'multiplier'? known keys: {MARKET_KEYS}",
    "market.market_cap_mn=60": (
        f"market.market_cap_mn: unknown key; did you mean 'market_cap_bn'? known keys: {MARKET_KEYS}"
    ),
    "market.daily_news_vol=0.01": "market.daily_news_vol: unknown key; it belongs in [fundamental]",
    "markets.multiplier=2": f"markets: unknown key; did you mean 'market'? known keys: {TABLES}",
    "zzz=2": f"zzz: unknown key; known keys: {TABLES}",
    # units
    "market.reference_vol=16": ("market.reference_vol: 16 is above 2 (annualized, as a fraction); did you mean 0.16?"),
    "market.transient_share=44": "market.transient_share: 44 is above 1 (as a fraction of 1); did you mean 0.44?",
    "fundamental.daily_news_vol=0.6": (
        "fundamental.daily_news_vol: 0.6 is above 0.2 (daily log return, as a fraction); did you mean 0.006?"
    ),
    "market.market_cap_bn=60e12": (
        "market.market_cap_bn: 60000000000000 is above 1000000 (USD bn); did you mean 60000?"
    ),
    "market.market_cap_bn=60_000_000": (
        "market.market_cap_bn: 60000000 is above 1000000 (USD bn); did you mean 60000?"
    ),
    "policy.initial_cut_probability=87": (
        "policy.initial_cut_probability: 87 is above 1 (as a probability); did you mean 0.87?"
    ),
    "fundamental.drift_pct_per_year=800": (
        "fundamental.drift_pct_per_year: 800 is above 50 (percent per year); did you mean 8?"
    ),
    # bounds
    "market.multiplier=3e11": (
        "market.multiplier: 300000000000 is above 100 (log return per unit of flow over market cap);"
        " give a number from 0 to 100"
    ),
    "market.adv_bn=0": "market.adv_bn: 0 is below 0.0001 (USD bn); give a number from 0.0001 to 1000000",
    "fundamental.reflexivity=nan": "fundamental.reflexivity: nan is not a finite number; give one from -1 to 1",
    "market.multiplier=-inf": "market.multiplier: -inf is not a finite number; give one from 0 to 100",
    "time.days=0": "time.days: 0 is below 1 (sessions); give a number from 1 to 25200",
    "seed=-1": "seed: -1 is below 0; give a number from 0 to 9223372036854775807",
    "seed=9223372036854775808": (
        "seed: 9223372036854775808 is above 9223372036854775807; give a number from 0 to 9223372036854775807"
    ),
    # types
    "market.multiplier=true": (
        "market.multiplier: true is a truth value; give a number (log return per unit of flow over market cap)"
    ),
    "market.multiplier='5'": 'market.multiplier: "5" is text; write the number without quotes',
    "market.multiplier=high": (
        'market.multiplier: "high" is text; give a number (log return per unit of flow over market cap)'
    ),
    "time.days=2.5": "time.days: 2.5 is not a whole number; give a whole number (sessions)",
    "time.days=252.0": "time.days: 252.0 is not a whole number; give a whole number (sessions)",
    "seed=true": "seed: true is a truth value; give a whole number",
    "antithetic=1": "antithetic: 1 is a number; write true or false",
    "description=5": 'description: 5 is a number; write text in "quotes"',
    "history.prices=''": "history.prices: is empty; write text in the quotes",
    "history=sp500": 'history: "sp500" is text; write a table of keys',
    "strategy_folders=rules": 'strategy_folders: "rules" is text; write a list in [brackets]',
    "market.impact=linaer": (
        "market.impact: \"linaer\" is not known; did you mean 'linear'? known: linear, square_root, propagator"
    ),
    "record.grain=5": "record.grain: 5 is not known; known: day, bar",
    # lists
    "market.depth_weights=[0.5, 0.5]": "market.depth_weights: has 2 elements; give 4",
    "market.depth_weights=[0.5, 0.5, 0, 0, 0]": "market.depth_weights: has 5 elements; give 4",
    "market.depth_weights=[1, 1, 1, 1]": (
        "market.depth_weights: the weights sum to 4, not 1; scale them so that they do"
    ),
    "market.depth_weights=[1, -0.5, 0.5, 0]": "market.depth_weights[1]: -0.5 is below 0; give a number from 0 to 1",
    "market.depth_weights=[true, 0, 0, 1]": "market.depth_weights[0]: true is a truth value; give a number",
    "market.depth_half_lives_days=0.5": ("market.depth_half_lives_days: 0.5 is a number; write a list in [brackets]"),
    "market.depth_half_lives_days=[3, 17, 70, 0]": (
        "market.depth_half_lives_days[3]: 0 is below 0.01; give a number from 0.01 to 25200"
    ),
    "record.tables=['market', 'fows']": (
        "record.tables[1]: \"fows\" is not known; did you mean 'flows'? known: market, flows, positions,"
        " volatility, vix_sources, options, gamma"
    ),
    # options
    "options.listed=1": "options.listed: 1 is a number; write true or false",
    "options.curvature=1.2": (
        # 2 / (1 + 0.75) = 1.1429.
        "options: curvature = 1.2 lets butterflies pay for nothing; with skew_correlation = -0.75 it is at most 1.143"
    ),
    "options.skew_correlation=0.5": "options.skew_correlation: 0.5 is above -0.05; give a number from -0.95 to -0.05",
    "options.vega_depth_bn=0": (
        "options.vega_depth_bn: 0 is below 1e-06 (USD bn for a vol point); give a number from 1e-06 to 1000"
    ),
    "options.vix3m=[8, 0.2, 0.1]": "options.vix3m: has 3 elements; give 8",
    "options.vix3m=[8, 0.2, 0, 0.6, -0.6, -0.4, -1.4, '-9']": (
        'options.vix3m[7]: "-9" is text; write the number without quotes'
    ),
    "options.meeting_move_pct=90": ("options.meeting_move_pct: 90 is above 5 (percent); did you mean 0.9?"),
    "options.vix3=[]": (
        "options.vix3: unknown key; did you mean 'vix3m'? known keys: listed, vix9d, vix, vix3m, vix6m, vega_depth_bn,"
        " vega_depth_elasticity, demand_reach, demand_half_life_days, skew_correlation, curvature, curvature_exponent,"
        " skew_response,"
        " sentiment_points, initial_points, meeting_move_pct, release_move_pct, half_spread_pct"
    ),
    "record.tables=['flows', 'flows']": 'record.tables: "flows" is listed twice; list each table once',
    # sessions
    "time.start=2018-12-30": (
        "time.start: 2018-12-30 is not an NYSE session; the nearest are 2018-12-28 and 2018-12-31"
    ),
    "time.start='New Year'": 'time.start: "New Year" is text; write a date as 2018-12-31',
    "time.start=2018-12-31T09:30:00": "time.start: 2018-12-31T09:30:00 is a datetime; write a date as 2018-12-31",
    "time.start=1850-01-02": (
        f"time.start: 1850-01-02 is outside the NYSE calendar; choose a date from {FIRST_DATE} to {LAST_DATE}"
    ),
    "policy.script=[{date = 2019-01-05, cut_probability = 0.5}]": (
        "policy.script[0].date: 2019-01-05 is not an NYSE session; the nearest are 2019-01-04 and 2019-01-07"
    ),
    "policy.script=[{date = 2019-01-04}]": (
        "policy.script[0].cut_probability: missing; set it, or let the config extend 'plain'"
    ),
    "policy.script=[{date = 2019-01-07, cut_probability = 0}, {date = 2019-01-07, cut_probability = 1}]": (
        "policy.script: 2019-01-07 does not come after 2019-01-07; list each date once, in ascending order"
    ),
    "liquidity.script=[{date = 2019-01-07, level = 1}, {date = 2019-01-04, level = 2}]": (
        "liquidity.script: 2019-01-04 does not come after 2019-01-07; list each date once, in ascending order"
    ),
}


@pytest.mark.parametrize("setting", FAULTS)
def test_a_faulty_value_gets_one_message_with_key_value_and_remedy(setting: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load("plain", [setting])
    assert caught.value.problems == [f"`overrides` {FAULTS[setting]}"]


def test_a_bar_count_that_no_session_has_is_refused_with_the_reason_and_the_list() -> None:
    with pytest.raises(ConfigError) as caught:
        load("plain", ["time.bars_per_day=14"])
    (problem,) = caught.value.problems
    assert problem.startswith("`overrides` time.bars_per_day: 14 does not cut ")
    assert "390 minutes" in problem
    assert "210" in problem
    assert problem.endswith(", ".join(map(str, BAR_COUNTS)))


def test_all_faults_are_reported_at_once_in_the_order_of_the_tables() -> None:
    with pytest.raises(ConfigError) as caught:
        load("plain", ["record.every=0", "market.adv_bn=0", "seed=-1", "time.days=0", "nonsense"])
    keys = [problem.split(":")[0] for problem in caught.value.problems]
    named = ["nonsense", "seed", "time.days", "market.adv_bn", "record.every"]
    assert keys == [f"`overrides` {name}" for name in named]


def test_a_number_too_large_for_a_float_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"market\.multiplier: 1000"):
        load("plain", ["market.multiplier=1" + "0" * 400])


def test_whole_numbers_are_accepted_where_numbers_are_asked_for() -> None:
    assert load("plain", ["market.multiplier=3"]).market.multiplier == 3.0


def test_a_date_may_be_written_as_text() -> None:
    assert load("plain", ["time.start='2019-01-04'"]) == load("plain", ["time.start=2019-01-04"])
