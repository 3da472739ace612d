"""Claim 6 on made markets: leads and lags of known slope, kinds of days of known size, and odds that move the index."""

from functools import cache

import numpy as np
import pytest
from helpers.made_samples import MadeLaboratory, sample, surely, us_equity, values_of, within

from flowsim.clock import cpi_days, fomc_minutes_days, fomc_statement_days, gdp_days, payroll_days
from flowsim.config import Config
from flowsim.ensemble.sample import Sample
from flowsim.experiments import communication
from flowsim.experiments.communication import (
    FED_TO_DATA,
    FED_TO_REST,
    LAG,
    LAG_ON,
    LEAD,
    ODDS,
    SPEECH_TO_DATA,
    TONE_LAG,
    TONE_SHARE,
    granger,
    measure,
)

SHAPE = (6, 400)
START = "2018-12-31"
LOUD = 1e4


@cache
def returns() -> np.ndarray:
    return 0.01 * np.random.default_rng(1).normal(size=SHAPE)


def days_of(one: Sample, *calendars) -> np.ndarray:
    """Return the days on which one of the calendars has an event; a closed day moves on to the session after."""
    found = np.zeros(len(one.dates), bool)
    for calendar in calendars:
        for day in calendar(one.dates[0], one.dates[-1]):
            found[np.flatnonzero(one.dates >= day)[:1]] = True
    return found


def releases(one: Sample) -> np.ndarray:
    return days_of(one, payroll_days, cpi_days, gdp_days)


@cache
def sessions() -> Sample:
    return sample(SHAPE, start=START)


def valued(surprises_bp: np.ndarray, loud: bool = True) -> dict[str, np.ndarray]:
    """Return a value that changes by so many bp on each release, and on the other days by news that are louder."""
    news = LOUD * np.random.default_rng(2).normal(size=SHAPE) * loud
    changes = np.where(releases(sessions()), surprises_bp, news)
    return {"fundamental": np.exp(1e-4 * np.cumsum(changes, axis=1)), "cut_probability": np.full(SHAPE, 0.5)}


def market(surprises_bp: np.ndarray, moves: np.ndarray | None = None, **columns: np.ndarray) -> Sample:
    moved = {"news": returns() if moves is None else moves}
    return sample(SHAPE, start=START, contribution=moved, market=valued(surprises_bp) | columns)


def measured(one: Sample, **arms: Sample) -> dict[str, float]:
    unchanged = sample((2, 20), start="2025-10-28")
    return values_of(
        measure({"as configured": one, "reflexive": one, "odds": unchanged, "odds unchanged": unchanged} | arms)
    )


def quarters(first: int, last: int) -> np.ndarray:
    """Return the return of each day's neighbors, from so many days away to so many, in percent; zero at the ends."""
    found = np.zeros(SHAPE)
    for day in range(max(0, -first), SHAPE[1] - max(0, last)):
        found[:, day] = 100.0 * returns()[:, day + first : day + last + 1].sum(axis=1)
    return found


@pytest.mark.parametrize("slope", [1.5, -1.5, 0.0])
def test_the_lag_is_the_surprise_per_percent_of_the_63_days_before_it(slope: float) -> None:
    found = measured(market(slope * quarters(-63, -1)))
    assert (found[LAG], found[LAG_ON]) == pytest.approx((slope, slope), abs=1e-6)


def test_data_that_follow_prices_are_measured_in_their_own_arm_and_prices_in_theirs() -> None:
    planted, other = market(1.5 * quarters(-63, -1)), sample(SHAPE, start=START, contribution={"news": returns()[::-1]})
    found = measured(market(np.zeros(SHAPE)), reflexive=planted)
    assert (found[LAG], found[LAG_ON]) == pytest.approx((0.0, 1.5), abs=1e-6)
    found = measured(market(1.5 * quarters(-63, -1)[::-1]), prices=other)
    assert (found[LAG], found[LAG_ON]) == pytest.approx((1.5, 1.5), abs=1e-6)


@pytest.mark.parametrize("slope", [2.0, -2.0])
def test_the_lead_is_the_return_of_the_63_days_after_per_bp_of_surprise(slope: float) -> None:
    found = measured(market(100.0 * quarters(1, 63) / slope))
    assert found[LEAD] == pytest.approx(slope)
    assert abs(found[LAG]) < 500.0


@pytest.mark.parametrize("slope", [0.3, -0.3, 0.0])
def test_the_odds_follow_the_week_before_but_for_meetings_and_the_days_after_them(slope: float) -> None:
    meeting = days_of(sessions(), fomc_statement_days)
    near = meeting | np.roll(meeting, 1)
    change = np.where(near, LOUD * np.random.default_rng(3).normal(size=SHAPE), slope * quarters(-5, -1))
    odds = market(np.zeros(SHAPE), cut_probability=0.01 * np.cumsum(change, axis=1))
    assert measured(odds)[TONE_LAG] == pytest.approx(slope, abs=1e-6)


def kinds(fed: float, data: float, speech: float, rest: float, start: str = START) -> tuple[dict[str, float], float]:
    """Measure days of these sizes, of opposite sign on two paths; return also what days without either are squared."""
    shape = (2, 300)
    one = sample(shape, start=start)
    on_fed, on_data = days_of(one, fomc_statement_days, fomc_minutes_days), releases(one)
    spoken = np.arange(300) % 7 == 3
    size = np.where(on_fed, fed, np.where(on_data, data, np.where(spoken, speech, rest)))
    moves = 0.01 * size * np.array([[1.0], [-1.0]]) + 0.05
    said = np.where(spoken | on_fed | on_data, 1e-9, 0.0) * np.array([[1.0], [-1.0]])
    value = {"fundamental": np.exp(0.001 * np.cumsum(moves, axis=1)), "cut_probability": np.full(shape, 0.5)}
    found = measured(sample(shape, start=start, contribution={"news": moves, "policy": said}, market=value))
    return found, float((size[~on_fed & ~on_data] ** 2).mean())


@pytest.mark.parametrize(
    ("start", "first_or_last"),
    [
        ("2018-12-31", "neither"),
        ("2019-01-03", "first"),  # payrolls on 4 January
        ("2018-03-20", "first"),  # a statement on 21 March
    ],
)
def test_kinds_of_days_are_told_apart_by_the_calendar(start: str, first_or_last: str) -> None:
    one = sample((2, 300), start=start)
    assert (first_or_last == "first") == bool(releases(one)[0] or days_of(one, fomc_statement_days)[0])
    found, rest = kinds(fed=3.0, data=1.5, speech=2.0, rest=0.5, start=start)
    expected = {FED_TO_DATA: 4.0, SPEECH_TO_DATA: 16.0 / 9.0, FED_TO_REST: 9.0 / rest}
    assert {name: found[name] for name in expected} == pytest.approx(expected)
    found, rest = kinds(fed=1.5, data=3.0, speech=0.5, rest=2.0, start=start)
    expected = {FED_TO_DATA: 0.25, SPEECH_TO_DATA: 1.0 / 36.0, FED_TO_REST: 2.25 / rest}
    assert {name: found[name] for name in expected} == pytest.approx(expected)


@pytest.mark.parametrize("last", ["2019-12-06", "2019-12-11"])  # payrolls, and a statement on the day of a CPI report
def test_the_last_day_counts_and_a_day_of_both_is_of_the_fed(last: str) -> None:
    dates = sample((1, 400), start=START).dates
    shape = (2, int(np.searchsorted(dates, np.datetime64(last))) + 1)
    moves = np.full(shape, 0.01) * np.array([[1.0], [-1.0]])
    moves[:, -1] *= 10.0
    value = {"fundamental": np.exp(0.001 * np.cumsum(moves, axis=1)), "cut_probability": np.full(shape, 0.5)}
    found = measured(sample(shape, start=START, contribution={"news": moves}, market=value))
    assert (found[FED_TO_DATA] > 2.0, found[FED_TO_DATA] < 0.5) == (last == "2019-12-11", last == "2019-12-06")


def test_a_release_on_a_closed_day_counts_on_the_session_after() -> None:
    # Payrolls of March 2015 came out on Good Friday, 3 April; the index could answer on Monday the 6th.
    one = sample((2, 300), start="2014-12-31")
    moves = np.where(one.dates == np.datetime64("2015-04-06"), 0.1, 0.01) * np.array([[1.0], [-1.0]])
    value = {"fundamental": np.exp(0.001 * np.cumsum(moves, axis=1)), "cut_probability": np.full((2, 300), 0.5)}
    found = measured(sample((2, 300), start="2014-12-31", contribution={"news": moves}, market=value))
    n_data = int((releases(one) & ~days_of(one, fomc_statement_days, fomc_minutes_days)).sum())
    assert found[FED_TO_DATA] == pytest.approx(n_data / (n_data - 1 + 100))


@pytest.mark.parametrize(("tone", "share"), [(2.0, 30.0), (-2.0, -100.0 / 6.0), (0.0, 12.5)])
def test_the_share_of_tone_is_that_of_policy_and_those_who_trade_it(tone: float, share: float) -> None:
    moves = returns() + 0.02 * np.sin(np.arange(SHAPE[1]))
    parts = {"policy": 1.0, "tone": tone, "news": 5.0, "cta": 2.0}
    one = market(np.zeros(SHAPE))
    of_parts = {name: part * moves for name, part in parts.items()}
    one = sample(SHAPE, start=START, contribution=of_parts, market=valued(np.zeros(SHAPE)))
    assert measured(one)[TONE_SHARE] == pytest.approx(share)


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_the_odds_move_the_index_up_to_and_with_20_november(sign: float) -> None:
    shape = (2, 25)
    dates = sample(shape, start="2025-10-28").dates
    drift = np.random.default_rng(1).normal(0.0, 0.01, shape)
    own = np.select([dates < np.datetime64("2025-11-20"), dates == np.datetime64("2025-11-20")], [0.001, 0.004], 5.0)
    n_before = int((dates < np.datetime64("2025-11-20")).sum())
    odds = sample(shape, start="2025-10-28", contribution={"news": drift, "policy": sign * np.tile(own, (2, 1))})
    flat = sample(shape, start="2025-10-28", contribution={"news": drift})
    found = measured(market(np.zeros(SHAPE)), odds=odds, **{"odds unchanged": flat})
    assert found[ODDS] == pytest.approx(100.0 * np.expm1(sign * (0.001 * n_before + 0.004)))


EFFECTS = {
    LAG: surely(1.234), LAG_ON: surely(4.321), LEAD: surely(0.5), TONE_LAG: surely(0.1), FED_TO_DATA: surely(0.876),
    SPEECH_TO_DATA: surely(0.7), FED_TO_REST: surely(1.1), TONE_SHARE: surely(3.21), ODDS: surely(-0.765),
}  # fmt: skip


def test_what_is_told_of_data_that_lag() -> None:
    assert communication.tell(EFFECTS | {LAG: within(1.234, 0.4)}) == [
        "As configured data lag prices: a percent of return in the quarter before goes with +1.23 bp of surprise"
        " (+0.83 to +1.63). Switched on at 0.05 the lag is seen: +4.32 bp.",
        "Statement and minutes days have 0.88 times the variance of data days, and policy with those who trade it"
        " carries 3.2 % of all variance.",
        "With fundamentals frozen the odds of autumn 2025 move the index by -0.77 % to 20 November, 15 % of the real"
        " fall of 5.1 %.",
    ]


def test_what_is_told_of_the_opposite_and_of_what_is_not_clear() -> None:
    opposite = {LAG: within(-1.2, 0.4), LAG_ON: within(1.0, 2.0), ODDS: surely(0.765)}
    lags, _, odds = communication.tell(EFFECTS | opposite)
    assert lags == (
        "As configured nothing shows that data lag prices: a percent of return in the quarter before goes with -1.20 bp"
        " of surprise (-1.60 to -0.80). Switched on at 0.05 the lag is not seen: +1.00 bp."
    )
    assert "move the index by +0.77 % to 20 November, -15 % of the real fall of 5.1 %." in odds
    assert "nothing shows that data lag prices" in communication.tell(EFFECTS | {LAG: within(1.2, 1.3)})[0]


def test_a_cause_counts_beyond_what_the_effect_says_of_itself() -> None:
    random = np.random.default_rng(1)
    noise = random.normal(size=(200, 80))
    effect = np.zeros((200, 80))
    for day in range(1, 80):
        effect[:, day] = 0.95 * effect[:, day - 1] + noise[:, day]
    before = np.concatenate([np.zeros((200, 1)), effect[:, :-1]], axis=1)
    shadow = before + 0.5 * random.normal(size=(200, 80))
    assert granger(shadow, effect).mean() < 0.12
    assert granger(shadow + noise, effect).mean() == 1.0
    assert granger(random.normal(size=(2000, 80)), random.normal(size=(2000, 80))).mean() == pytest.approx(
        0.05, abs=0.02
    )


def test_the_test_of_a_cause_agrees_with_statsmodels() -> None:
    import statsmodels.api as sm

    random = np.random.default_rng(2)
    cause = random.normal(size=(60, 40))
    effect = 0.3 * cause + random.normal(size=(60, 40)).cumsum(axis=1)
    expected = []
    for x, y in zip(cause, effect, strict=True):
        whole = sm.OLS(y[1:], np.stack([np.ones(39), y[:-1], x[1:]], axis=1)).fit()
        rest = sm.OLS(y[1:], np.stack([np.ones(39), y[:-1]], axis=1)).fit()
        expected.append(float(whole.compare_f_test(rest)[1] < 0.05))
    assert 0.0 < np.mean(expected) < 1.0
    assert granger(cause, effect).tolist() == expected


def one_follows_the_other(config: Config) -> Sample:
    """Return a market in which data follow prices where reflexivity is on; where it is off prices and tone go first."""
    random, shape = np.random.default_rng(3), (40, 1000)
    one = sample(shape, start=START)
    at = np.flatnonzero(releases(one))
    surprise, moves = np.zeros(shape), 0.01 * random.normal(size=shape)
    tone = np.cumsum(0.01 * random.normal(size=shape), axis=1)
    for day in at:
        own = random.normal(size=40)
        if config.fundamental.reflexivity > 0.0:
            surprise[:, day] = 100.0 * moves[:, max(0, day - 62) : day].sum(axis=1) + own
        else:
            surprise[:, day] = 300.0 * (tone[:, day - 1] - tone[:, day - 2]) + own
            moves[:, day + 1 : day + 2] += 0.03 * surprise[:, day : day + 1]
    value = {"fundamental": np.exp(1e-4 * np.cumsum(surprise, axis=1)), "cut_probability": tone}
    return sample(shape, start=START, contribution={"news": moves}, market=value)


def test_each_direction_of_cause_is_found_where_it_is_planted() -> None:
    (table,) = communication.further(MadeLaboratory(one_follows_the_other), us_equity())().tables
    assert table.name == "Granger tests at 5 %, share of ten-year paths that reject, % (on: 0.05)"
    assert table.columns == ["direction", "rejected", "±"]
    rejected = {str(row[0]): row[1] for row in table.rows}
    found = {name: "seen" if share > 90.0 else "not" if share < 20.0 else "unclear" for name, share in rejected.items()}
    assert found == {
        "prices before data, reflexivity off": "not", "data before prices, reflexivity off": "seen",
        "tone before data, reflexivity off": "seen", "prices before data, reflexivity on": "seen",
        "data before prices, reflexivity on": "not", "tone before data, reflexivity on": "not",
    }  # fmt: skip


def test_the_arms_have_data_that_follow_and_an_autumn_whose_odds_move() -> None:
    config = communication.prepared(us_equity())
    found = communication.arms(config)
    assert found["as configured"] == config
    assert found["reflexive"] == config.override("fundamental.reflexivity=0.05")
    odds, flat = found["odds"], found["odds unchanged"]
    start = flat.policy.initial_cut_probability
    assert odds.policy.initial_cut_probability == start == 0.95
    assert {entry.cut_probability for entry in flat.policy.script} == {start}
    assert min(entry.cut_probability for entry in odds.policy.script) == 0.3
    assert flat.policy.script[0].date == odds.policy.script[0].date
    assert flat.policy.script[-1].date == odds.policy.script[-1].date
    frozen = odds.fundamental
    assert (frozen.drift_pct_per_year, frozen.daily_news_vol, frozen.jumps_per_year) == (0.0, 0.0, 0.0)
    assert (frozen.payrolls_bp, frozen.cpi_bp, frozen.gdp_bp) == (0.0, 0.0, 0.0)
    off = config.override("fundamental.reflexivity=0")
    null = communication.null_arms(config)
    assert (null["as configured"], null["reflexive"], null["prices"]) == (off, off, off)
    assert null["odds"] == null["odds unchanged"] == flat
    scanned = communication.scan_arms(config, 0.02)
    assert scanned == communication.arms(config.override("fundamental.reflexivity=0.02"))
