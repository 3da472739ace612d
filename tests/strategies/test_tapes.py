"""Tapes: every built-in strategy does what it did, and what a tape says of a rule that does something else."""

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from flowsim.authoring.discovery import discover, rules_in
from flowsim.errors import StrategyError
from flowsim.testing import CANONICAL, Market, canonical_market, record, tape_of, verify, views_along
from flowsim.testing.canonical import market_digest
from flowsim.testing.replay import compared, summary, verify_market
from flowsim.testing.tape_files import read_tapes, tape_file, tapes_folder
from flowsim.testing.tapes import examples_of
from flowsim.testing.template import write_new
from flowsim.testing.views import PAST_DAYS

BUILT_IN = discover()
TAPES = Path(__file__).parents[1] / "tapes"


@pytest.mark.parametrize("name", BUILT_IN)
def test_a_built_in_strategy_does_what_it_did(name):
    assert [verdict.shown for verdict in verify(BUILT_IN[name], TAPES) if not verdict.passed] == []


def test_every_built_in_strategy_has_examples_and_one_file_with_a_section_for_each_market():
    assert [name for name, rule in BUILT_IN.items() if not rule.examples] == []
    assert {file.name for file in TAPES.iterdir()} == {f"{name}.txt" for name in BUILT_IN}
    assert [name for name, rule in BUILT_IN.items() if tuple(read_tapes(tape_file(TAPES, rule))) != CANONICAL] == []
    assert tapes_folder(BUILT_IN["cta"]) == TAPES


def test_every_built_in_strategy_trades_on_some_canonical_market():
    silent = []
    for name in BUILT_IN:
        parts = [part for tape in read_tapes(TAPES / f"{name}.txt").values() for part in tape.parts]
        if all(float(row.did[0]) == 0.0 for part in parts for row in part.rows):
            silent.append(name)
    assert silent == []


@pytest.fixture
def mine(tmp_path):
    """Return a function that changes the text of a new rule and gives its strategy; its tapes are recorded."""
    file = write_new("mine", tmp_path, [])[0]
    record(*rules_in(file), tmp_path / "tapes")

    def changed(old, new):
        text = file.read_text()
        assert old in text
        file.write_text(text.replace(old, new))
        return rules_in(file)[0]

    return changed


def test_tapes_are_the_same_when_they_are_read_and_written_again(tmp_path):
    for name in ("cta", "collar", "tone_trading", "weekly_buying"):
        record(BUILT_IN[name], tmp_path)
        assert read_tapes(tmp_path / f"{name}.txt") == {market: tape_of(BUILT_IN[name], market) for market in CANONICAL}
        assert set(record(BUILT_IN[name], tmp_path).values()) == {"same"}


def test_recording_says_of_each_market_whether_its_section_is_new_changed_or_the_same(tmp_path, mine):
    file = tmp_path / "tapes" / "mine.txt"
    text = file.read_text()
    file.write_text(text[: text.index("market      real_2018_12")].replace("market      calm,", "market      damp,"))
    outcome = record(mine("fund.target_vol / max", "1.01 * fund.target_vol / max"), tmp_path / "tapes")
    assert {market for market, word in outcome.items() if word == "new"} == {"calm", "real_2018_12"}
    assert {market for market, word in outcome.items() if word == "changed"} == {*CANONICAL} - {"calm", "real_2018_12"}
    assert set(record(mine("", ""), tmp_path / "tapes").values()) == {"same"}
    assert [other.name for other in file.parent.iterdir()] == ["mine.txt"]


def test_a_market_without_a_decision_is_one_line_and_a_decision_that_comes_to_it_is_shown():
    rule = BUILT_IN["put_hedging"]
    section = (TAPES / "put_hedging.txt").read_text().partition("market      gap_open")[2]
    assert section.split("\n\n")[1:2] == ["no decision in `gap_open`"]
    none = tape_of(rule, "gap_open")
    assert none.parts == ()
    verdict = compared(rule, none, replace(none, parts=tape_of(rule, "expiry_week").parts))
    assert verdict.outcome == "decision times"
    assert "before    no decision\n  now       2018-09-21" in verdict.shown


def test_a_tape_says_what_was_seen_held_and_done(tmp_path, mine):
    mine("", "")
    head, *sections = (tmp_path / "tapes" / "mine.txt").read_text().split("\n\n\n")
    assert head.splitlines() == ["strategy    mine, clock day", "tolerance   1e-05 of a number, or 1e-09"]
    lines = sections[CANONICAL.index("real_2018_02")].splitlines()
    assert lines[0].startswith("market      real_2018_02, 2018-01-26 to 2018-02-28, digest ")
    assert lines[1] == "=" * len(lines[0])
    assert lines[3].startswith("agent       capital_bn 100, target_vol 0.1, cap 1.5, buffer 0.05; digest ")
    assert lines[4].replace("|", "").split() == ["session", "rv_21", "order_bn", "exposure"]
    first, second = (lines[row].replace("|", "").split() for row in (6, 7))
    assert (first[0], second[0]) == ("2018-01-29", "2018-01-30")
    # 0.10 / rv of 100 bn, from nothing; then the gap to the next.
    assert float(first[2]) == pytest.approx(100.0 * 0.1 / float(first[1]), rel=1e-5)
    assert float(second[2]) == pytest.approx(100.0 * (float(second[3]) - float(first[3])), abs=1e-4)


def test_a_changed_rule_is_shown_at_the_first_decision_that_differs(tmp_path, mine):
    rule = mine("abs(gap) > fund.buffer", "abs(gap) > 2.0 * fund.buffer")
    verdict = verify_market(rule, "real_2018_02", tmp_path / "tapes")
    recorded = read_tapes(tmp_path / "tapes" / "mine.txt")["real_2018_02"].parts[0]
    # A gap between one and two buffers was traded, and is not now.
    first = next(number for number, row in enumerate(recorded.rows) if number and 5.0 < abs(float(row.did[0])) < 10.0)
    assert verdict.outcome == "differs"
    assert verdict.first == recorded.rows[first].when[0]
    assert f"{rule.file}:{rule.line}: mine on real_2018_02 differs first on {verdict.first}" in verdict.shown
    words = [line.split() for line in verdict.shown.splitlines()]
    assert ["saw", "rv_21", recorded.rows[first].saw[0]] in words
    assert ["held", "exposure", recorded.rows[first - 1].held[0]] in words
    assert ["order_bn", recorded.rows[first].did[0], "0"] in words
    assert words[-1][1:3] == ["of", "22"]


def test_the_summary_has_a_row_for_every_market(tmp_path, mine):
    rule = mine("fund.target_vol / max", "1.01 * fund.target_vol / max")
    verdicts = verify(rule, tmp_path / "tapes")
    # On the calm market volatility is so low that the cap holds the exposure.
    rows = [line.split() for line in summary(verdicts).splitlines()]
    assert [row[1] for row in rows[1:]] == list(CANONICAL)
    assert [row[1] for row in rows[1:] if row[2] == "same"] == ["calm"]
    assert {row[2] for row in rows[1:]} == {"same", "differs"}


OTHERS = {
    "parameters": (("target_vol=0.10,", "target_vol=0.12,"), "other parameters", "target_vol 0.12"),
    "state": (("exposure", "position"), "another state", "position"),
    "start": (("exposure: float = 0.0", "exposure: float = 0.5"), "other first holdings", "0.5"),
    "clock": (('clock="day"', 'clock="bar"'), "another strategy", "mine, clock bar"),
}


@pytest.mark.parametrize("what", OTHERS)
def test_another_input_is_told_apart_from_another_rule(tmp_path, mine, what):
    (old, new), said, word = OTHERS[what]
    if what == "state":
        mine('Law("exposure_within", {"low": 0.0, "high": "cap"}),', "")
    verdict = verify_market(mine(old, new), "calm", tmp_path / "tapes")
    assert not verdict.passed
    assert said in verdict.shown
    assert word in verdict.shown.partition("  now ")[2]


def test_another_market_is_told_apart_from_another_rule():
    tape = tape_of(BUILT_IN["cta"], "calm")
    verdict = compared(BUILT_IN["cta"], replace(tape, market=tape.market[:-1] + "x"), tape)
    assert not verdict.passed
    assert "another market" in verdict.shown


def test_another_roll_calendar_is_told_apart_from_another_rule():
    rule = BUILT_IN["put_hedging"]
    assert rule.structure is not None
    other = replace(rule, structure=replace(rule.structure, rolls="month_end"))
    verdict = compared(rule, tape_of(rule, "expiry_week"), tape_of(other, "expiry_week"))
    assert "other decision times" in verdict.shown
    assert "before    2018-09-21 2018-12-21" in verdict.shown


def test_a_rule_that_raises_on_a_tape_says_where(tmp_path, mine):
    rule = mine("max(view.rv_21, LOWEST_VOL)", "max(view.sentiment, 0.0)")
    verdict = verify_market(rule, "calm", tmp_path / "tapes")
    line = (
        rule.file.read_text()
        .splitlines()
        .index("    wanted = min(fund.cap, fund.target_vol / max(view.sentiment, 0.0))")
    )
    assert f"mine on calm: line {line + 1} raises ZeroDivisionError" in verdict.shown


def test_a_missing_tape_is_no_pass_and_says_what_to_do(tmp_path, mine):
    file = tmp_path / "tapes" / "mine.txt"
    file.write_text(file.read_text().replace("market      calm,", "market      damp,"))
    outcomes = {verdict.market: verdict.outcome for verdict in verify(mine("", ""), tmp_path / "tapes")}
    assert outcomes == dict.fromkeys(CANONICAL, "same") | {"calm": "no tape"}
    file.unlink()
    verdict = verify_market(mine("", ""), "real_2008", tmp_path / "tapes")
    assert not verdict.passed
    assert f"mine on real_2008: no tape of it in {file}" in verdict.shown
    assert "flowsim rules record" in verdict.shown


@pytest.mark.parametrize(
    "text", ["", "a diary", "strategy    a\n", "strategy    a\nmarket      calm, then\nagent       b\nsession |"]
)
def test_a_file_that_holds_no_tapes_is_refused(tmp_path, mine, text):
    (tmp_path / "tapes" / "mine.txt").write_text(text)
    with pytest.raises(StrategyError, match=r"mine\.txt: no tapes; write them anew with flowsim rules record"):
        verify_market(mine("", ""), "calm", tmp_path / "tapes")


def test_a_row_with_other_columns_than_its_head_is_refused_with_its_line(tmp_path, mine):
    file = tmp_path / "tapes" / "mine.txt"
    lines = file.read_text().splitlines()
    row = next(number for number, line in enumerate(lines) if line.startswith("2018-12-10"))
    lines[row] += " 1.5"
    file.write_text("\n".join(lines))
    with pytest.raises(StrategyError, match=rf"mine\.txt:{row + 1}: the row has other columns than its head"):
        verify_market(mine("", ""), "calm", tmp_path / "tapes")


def test_a_difference_below_the_tolerance_is_none(tmp_path, mine):
    for factor, passes in (("1.000001", True), ("1.0001", False)):
        rule = mine("fund.target_vol / max", f"{factor} * fund.target_vol / max")
        assert verify_market(rule, "real_2018_12", tmp_path / "tapes").passed is passes
        mine(f"{factor} * ", "")


def test_without_examples_an_agent_in_the_middle_of_the_bounds_is_taped(mine):
    rule = mine("    examples=(Fund(100.0, target_vol=0.10, cap=1.5, buffer=0.05),),\n", "")
    assert examples_of(rule) == (rule.params(100.0, 0.505, 5.0, 0.5),)


def echo_of(market):
    views = views_along(canonical_market(market))
    return np.array([view.rv_21 for view in views]), np.array([view.rv_63 for view in views])


def test_the_echo_of_a_spike_is_seen_when_it_leaves_the_three_month_window():
    month, quarter = echo_of("vol_spike_and_echo")
    assert np.ptp(month) < 0.02
    fall = np.diff(quarter)
    # Five days of the spike leave one by one, 63 sessions after they came.
    assert np.flatnonzero(fall < -0.002).tolist() == [9, 10, 11, 12, 13]
    assert quarter[0] > 1.5 * quarter[-1]


def test_the_whipsaw_crosses_its_level_again_and_again():
    market = canonical_market("whipsaw")
    level = market.log_close[:PAST_DAYS][-63:].mean()
    above = market.log_close[PAST_DAYS:] > level
    assert np.count_nonzero(np.diff(above)) >= 5


def test_a_session_of_bars_begins_with_the_night_and_ends_where_it_closes():
    dates = canonical_market("calm").dates
    log_close = np.zeros(len(dates))
    log_close[PAST_DAYS + 1 :] = 0.03
    market = Market(dates, log_close, bars=3, overnight=0.4)
    # 0.4 of 3 % in the night; then half of the rest in each of the two bars before the last.
    seen = views_along(market, "bar")[3:6]
    assert [view.log_price for view in seen] == pytest.approx([0.012, 0.021, 0.03])
    assert [view.step_return for view in seen] == pytest.approx([0.012, 0.009, 0.009])
    assert [(view.bar, view.bars_left) for view in seen] == [(0.0, 3.0), (1.0, 2.0), (2.0, 1.0)]
    assert views_along(market, "last_bar")[1] == seen[2]


def test_the_real_markets_are_the_shipped_history():
    market = canonical_market("real_2008")
    closes = dict(zip(market.dates.astype(str).tolist(), np.exp(market.log_close).tolist(), strict=True))
    # The S&P 500 closed at 1,251.70 on the Friday before Lehman Brothers failed, at 1,192.70 on the Monday.
    assert (closes["2008-09-12"], closes["2008-09-15"]) == pytest.approx((1251.70, 1192.70), abs=0.01)


def test_a_market_digest_moves_with_anything_in_the_market():
    market = canonical_market("calm")
    digests = {
        market_digest(one)
        for one in (
            market,
            replace(market, log_close=market.log_close + 1e-6),
            replace(market, overnight=0.5),
            replace(market, elsewhere={**market.elsewhere, "adv_bn": 400.0}),
        )
    }
    assert len(digests) == 4
    assert all(math.isfinite(number) for view in views_along(market, "bar") for number in view)
