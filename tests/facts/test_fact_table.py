"""Facts beside those of the real market: what counts as inside, the score, and what is left out and why."""

import csv
import json
import math

import numpy as np
import pytest
from helpers.drawn_runs import drawn_closes, drawn_history, own_name, write_run

from flowsim.data.prices import Prices, default_prices
from flowsim.data.volatility_file import Volatility
from flowsim.errors import InputError
from flowsim.facts.fact_table import FactTable, Series, facts_of_prices, facts_of_run
from flowsim.facts.facts import FACTS
from flowsim.facts.histories import closes_of_run
from flowsim.facts.market_facts import SAMPLES, Interval, market_facts
from flowsim.facts.measure import Measured, measure_history, measure_paths, samples_of

VOL, SKEW, KURTOSIS, ACF = "return annualized vol (%)", "return skew", "return excess kurtosis", "ACF r lag 1"
NAN = math.nan


def series(name="mine", **values):
    return Series(Measured(name, {fact: Interval(value, NAN, NAN) for fact, value in values.items()}, {}))


def drawn_prices(n_days):
    closes = drawn_history(n_days)
    dates = np.append(np.datetime64("2018-12-31"), closes.dates)
    prices = Prices(dates, 100.0 * np.exp(np.cumsum(np.append(0.0, closes.returns_pct)) / 100.0), "drawn.csv")
    return prices, Volatility(closes.dates, closes.indices, "vol.csv")


def test_the_shipped_table_has_every_fact_in_every_sample_with_the_value_inside_its_interval():
    assert list(market_facts()) == list(SAMPLES)[1:]
    for facts in market_facts().values():
        assert list(facts) == [fact.name for fact in FACTS]
        assert [name for name, fact in facts.items() if not fact.has_ends] == ["max drawdown whole sample (%)"]
        assert all(fact.holds(fact.value) for fact in facts.values() if fact.has_ends)


def test_the_shipped_table_quotes_the_published_one(shared_folder):
    with (shared_folder / "facts" / "market_facts.csv").open() as file:
        rows = [row for row in csv.DictReader(file) if row["sample"] != "1950-2026"]
    for row in rows:
        shipped = market_facts()[row["sample"]][own_name(row["fact"])]
        published = [float(row[column] or "nan") for column in ("value", "ci_lo", "ci_hi")]
        np.testing.assert_array_equal(shipped, published)
    assert len(rows) == 3 * (len(FACTS) - 1)


def test_a_fact_counts_inside_1990_2026_or_inside_both_later_samples():
    # volatility: 15.3 to 21.0 in 1990-2026, 12.4 to 17.4 in 2010-2019, 15.0 to 26.4 in 2020-2026
    inside = {20.0: ["1990-2026", "2020-2026"], 15.2: ["2010-2019", "2020-2026"]}
    outside = {13.0: ["2010-2019"], 25.0: ["2020-2026"], 40.0: []}
    for value, samples in (inside | outside).items():
        assert series(**{VOL: value}).samples(VOL) == samples
        assert series(**{VOL: value}).is_inside(VOL) == (value in inside)


def test_the_score_counts_what_has_a_value_and_a_real_interval():
    mine = series(**{VOL: 18.0, SKEW: 5.0, KURTOSIS: 10.0, "max drawdown whole sample (%)": -30.0})
    assert mine.scored == [VOL, SKEW, KURTOSIS]
    assert mine.misses == [SKEW]
    assert mine.score.startswith("mine: 2 of 3 facts lie inside")
    assert "1990-2026: 2, 2010-2019: 0, 2020-2026: 2" in mine.score


def test_a_sample_of_the_real_market_is_held_against_itself_alone():
    # 13 % is inside 2010-2019, and outside both others
    assert series("2010-2019", **{VOL: 13.0}).misses == []
    assert series("2020-2026", **{VOL: 13.0}).misses == [VOL]
    assert (
        series("2010-2019", **{VOL: 13.0}).score
        == "2010-2019: 1 of 1 facts lie inside the shipped interval of that sample."
    )


def test_every_row_says_where_the_fact_lies():
    table = FactTable("mine", [series(**{VOL: 18.0, KURTOSIS: 20.0, ACF: 0.5})]).as_markdown().splitlines()
    cells = {row.split("|")[1].strip(): row.split("|")[-2].strip() for row in table if row.startswith("|")}
    assert cells[VOL] == "1990-2026, 2020-2026"
    assert cells[KURTOSIS] == "misses (but in 2020-2026)"
    assert cells[ACF] == "misses"
    assert table[-1].startswith("mine: 1 of 3 facts")
    assert len({len(row) for row in table if row.startswith("|")}) == 1


def test_a_run_is_judged_by_the_median_of_its_paths_and_shows_their_middle_95_percent(tmp_path):
    run, returns, _ = write_run(tmp_path, n_paths=41)
    (found,) = facts_of_run(run).series
    vol = 100 * np.sqrt(252) * returns.std(axis=1, ddof=1)
    expected = np.quantile(vol, [0.5, 0.025, 0.975])
    np.testing.assert_allclose(found.measured.facts[VOL], expected, rtol=1e-12)
    assert not found.measured.left_out


def test_a_run_of_many_blocks_is_measured_as_one(tmp_path):
    run, _, _ = write_run(tmp_path, n_paths=130, n_days=330)
    assert [len(closes.returns_pct) for closes in closes_of_run(run)] == [64, 64, 2]
    whole = measure_paths([drawn_closes(130, 330)], "130 paths")
    (found,) = facts_of_run(run).series
    for fact, interval in found.measured.facts.items():
        np.testing.assert_allclose(interval, whole.facts[fact], rtol=1e-12, err_msg=fact)


def test_a_run_recorded_by_bar_has_the_facts_of_its_days(tmp_path):
    by_day, by_bar = (facts_of_run(write_run(tmp_path / str(bars), n_bars=bars)[0]) for bars in (0, 4))
    for fact, interval in by_day.series[0].measured.facts.items():
        np.testing.assert_allclose(interval, by_bar.series[0].measured.facts[fact], rtol=1e-9, err_msg=fact)


def test_one_path_has_values_and_no_interval(tmp_path):
    (found,) = facts_of_run(write_run(tmp_path, n_paths=1)[0]).series
    assert all(np.isfinite(fact.value) and not fact.has_ends for fact in found.measured.facts.values())


def test_the_turn_of_the_month_in_a_run_begins_with_its_first_session(tmp_path):
    # the run starts from 31 December 2018
    closes = next(closes_of_run(write_run(tmp_path)[0]))
    assert closes.turn_of_month[:4].tolist() == [True, True, True, False]


def test_a_run_that_skips_closes_is_refused_with_the_remedy(tmp_path):
    with pytest.raises(InputError, match=r"every 5th close.*record\.every = 1"):
        facts_of_run(write_run(tmp_path, every=5)[0])


def test_a_run_of_less_than_a_year_is_refused_with_both_numbers(tmp_path):
    with pytest.raises(InputError, match="has 251 daily returns, and facts need 252"):
        facts_of_run(write_run(tmp_path, n_days=251)[0])


def test_a_run_without_volatility_leaves_its_facts_out_and_says_why(tmp_path):
    table = facts_of_run(write_run(tmp_path, vix=False)[0])
    (found,) = table.series
    assert found.measured.left_out["VIX mean"] == "no closes of VIX; run it with options.listed = true"
    assert len(found.measured.left_out) == 20
    assert "left out, no closes of VIX; run it with options.listed = true: VIX mean, VIX median" in table.as_markdown()


def test_a_short_run_leaves_out_what_looks_too_far(tmp_path):
    (found,) = facts_of_run(write_run(tmp_path, n_days=300)[0]).series
    assert found.measured.left_out == {"ACF abs(r) lag 60": "needs 312 closes, and there are 300"}


def test_real_closes_without_volatility_indices_say_how_to_name_them():
    (found,) = facts_of_prices(drawn_prices(500)[0], resamples=100).series
    assert found.measured.left_out["VIX std"] == "no closes of VIX; give them by `volatility`"


def test_an_index_with_less_than_a_year_of_closes_leaves_its_facts_out():
    prices, volatility = drawn_prices(500)
    volatility.indices["VIX9D"][:300] = NAN
    (found,) = facts_of_prices(prices, volatility, resamples=100).series
    assert found.measured.left_out["VIX9D/VIX mean"] == "needs 252 closes of VIX9D and VIX, and there are 200"
    assert "VIX/VIX3M mean" in found.measured.facts


def test_a_file_of_less_than_a_year_is_refused_with_both_numbers():
    with pytest.raises(InputError, match=r"drawn\.csv has 100 daily returns, and facts need 252"):
        facts_of_prices(drawn_prices(100)[0])


def test_a_file_is_cut_into_the_samples_it_covers():
    dates = np.arange("2005-01-01", "2026-12-01", dtype="datetime64[D]")
    closes = drawn_history(len(dates) - 1)
    found = samples_of(type(closes)(dates[1:], closes.returns_pct))
    assert {name: (str(cut.dates[0]), str(cut.dates[-1])) for name, cut in found.items()} == {
        "2010-2019": ("2010-01-04", "2019-12-31"),
        "2020-2026": ("2020-01-02", "2026-08-21"),
    }


def test_a_file_that_covers_no_sample_is_taken_whole():
    table = facts_of_prices(default_prices(), resamples=100)
    assert [column.name for column in table.series] == ["1999-2018"]
    assert 17.0 < table.series[0].measured.facts[VOL].value < 21.0


def test_progress_ends_at_the_resamples_of_all_samples_and_of_the_nine_moments():
    told = []
    facts_of_prices(drawn_prices(400)[0], resamples=120, progress=lambda done, total: told.append((done, total)))
    assert told[-1] == (240, 240)


def test_samples_stand_side_by_side_and_each_has_its_score():
    closes = drawn_history(400)
    both = [Series(measure_history(closes, name, resamples=100)) for name in ("2010-2019", "2020-2026")]
    lines = FactTable("real", both).as_markdown().splitlines()
    assert lines[0].split() == ["|", "fact", "|", "2010-2019", "|", "2020-2026", "|"]
    assert [line.split(":")[0] for line in lines[-2:]] == ["2010-2019", "2020-2026"]


def test_the_document_holds_no_number_that_json_does_not_know(tmp_path):
    document = facts_of_run(write_run(tmp_path, n_paths=1)[0]).as_dict()
    text = json.dumps(document, allow_nan=False)
    (only,) = json.loads(text)["series"]
    assert only["facts"][VOL]["low"] is None
    assert only["facts"]["max drawdown whole sample (%)"]["inside"] is None
    assert only["score"]["of"] == len(FACTS) - 1
    assert only["score"]["inside"] + len(only["score"]["misses"]) == only["score"]["of"]
