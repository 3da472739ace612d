"""The evidence on made closes in which flows and gamma have a known effect on the next day, or none."""

from dataclasses import replace
from functools import cache

import polars as pl
import pytest
from helpers.declared import differs
from helpers.made_evidence import DAMPING_PCT, EFFECT_BP, planted

from flowsim.econometrics.columns import EVIDENCE_TABLES
from flowsim.econometrics.evidence import GAMMA, RANGE, RETURN, SIZE, TOGETHER, Evidence, evidence_of
from flowsim.errors import InputError


@cache
def found() -> Evidence:
    return evidence_of(*planted(), placebos=39)


def row(target: str, regressor: str, era: str, of: Evidence | None = None) -> dict:
    (one,) = (of or found()).table.filter(target=target, regressor=regressor, era=era).iter_rows(named=True)
    return one


def test_a_planted_flow_is_found_where_it_is_and_nowhere_else() -> None:
    there, before = (row(RETURN, "vol_control", era) for era in ("2000-2009", "1984-1999"))
    assert there["low"] < EFFECT_BP < there["high"]
    assert there["t"] > 10.0
    assert there["placebo_share"] == pytest.approx(1.0 / 40.0)
    assert abs(before["t"]) < 3.0
    assert (there["had_funds"], before["had_funds"]) == (True, False)


def test_a_flow_that_moves_nothing_has_no_effect_and_is_as_good_as_its_placebos() -> None:
    idle = row(RETURN, "cta", "2000-2009")
    assert idle["low"] < 0.0 < idle["high"]
    assert idle["placebo_share"] > 0.05


def test_what_is_known_before_is_tomorrows_flow_and_not_todays() -> None:
    replayed, ranges = planted()
    late = replace(
        replayed, flows=replayed.flows.with_columns(pl.col("flow_bn").shift(1).over("population").fill_null(0.0))
    )
    one = row(RETURN, "vol_control", "2000-2009", evidence_of(late, ranges, placebos=19))
    assert abs(one["t"]) < 3.0


def test_all_known_flows_are_their_sum() -> None:
    assert row(RETURN, TOGETHER, "2000-2009")["coefficient"] == pytest.approx(EFFECT_BP / 2.0, abs=0.4)


def test_planted_gamma_damps_the_next_range_beyond_what_is_known() -> None:
    one = row(RANGE, GAMMA, "2000-2009")
    assert one["low"] < DAMPING_PCT < one["high"]
    assert one["t"] < -4.0


def test_the_law_says_the_impact_of_a_bn_and_the_damping_of_gamma() -> None:
    assert row(RETURN, "cta", "2000-2009")["law"] == pytest.approx(0.8)
    assert row(RANGE, GAMMA, "2000-2009")["law"] == pytest.approx(-0.8)
    assert row(RETURN, GAMMA, "2000-2009")["law"] is None


def test_without_ranges_the_size_of_a_day_is_its_return() -> None:
    replayed, _ = planted()
    one = evidence_of(replayed, None, placebos=19)
    assert not one.has_range
    assert set(one.table["target"]) == {RETURN, SIZE}


def test_eras_with_such_funds_are_told_together_last() -> None:
    eras = found().table["era"].unique(maintain_order=True).to_list()
    assert eras == ["1984-1999", "2000-2009", "all with such funds"]


def test_too_few_days_are_refused() -> None:
    with pytest.raises(InputError, match="days are too few; regressions take 504"):
        evidence_of(*planted("2008-06-02"), placebos=19)


def test_the_table_has_the_columns_that_are_declared() -> None:
    (declared,) = EVIDENCE_TABLES
    assert differs(found().table, declared) == []
    assert found().summary.height == found().table.height


def test_the_same_seed_shifts_alike() -> None:
    assert evidence_of(*planted(), placebos=39).table.equals(found().table)
