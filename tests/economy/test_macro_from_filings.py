"""A market that starts before 2026Q3 has a layer that has lived through filed spending."""

import numpy as np
import pytest
from helpers.economies import economy, economy_config, layer_part
from helpers.made_filings import write_filings
from helpers.markets import step_block

from flowsim.economy.rows import AI_PAYOUT
from flowsim.engine.prepare import prepare
from flowsim.errors import InputError
from flowsim.macro.alone import macro_run


@pytest.fixture
def filings(tmp_path):
    return str(write_filings(tmp_path))


def test_the_layer_has_lived_through_what_was_filed(filings):
    config = economy_config(days=90, given=filings).override("time.start=2024-12-31")
    market = prepare(config)
    alone = macro_run("baseline", 1, quarters=25, given=filings, shocks=False).tables["macro"]
    assert layer_part(market).known.start[AI_PAYOUT] == pytest.approx(alone["buybacks_bn"][24], rel=1e-12)
    # Filed quarters hold no surprise of spending: the first one to be told brings only what is drawn beside it.
    block = step_block(market)
    assert (block.record.published[-1, AI_PAYOUT] > 0.0).all()


def test_quarters_before_the_start_of_a_later_run_are_lived_through_without_surprises():
    market = economy(days=5).config.override("time.start=2027-02-26")
    alone = macro_run("baseline", 1, quarters=3, shocks=False).tables["macro"]
    known = layer_part(prepare(market)).known
    bought = alone["buybacks_bn"]
    assert known.start[AI_PAYOUT] == pytest.approx(bought[0], rel=1e-12)  # 1 is what the sheet's first quarter pays
    assert known.shown[AI_PAYOUT] == pytest.approx(bought[2] / bought[0], rel=1e-12)
    assert np.isfinite(known.shown).all()


def test_a_start_before_all_filings_is_refused(filings):
    config = economy_config(days=5, given=filings).override("time.start=2018-11-15")
    with pytest.raises(InputError, match="the macro layer begins with 2019Q1; start in 2019Q1 or later"):
        prepare(config)
