"""What dealers trade, in three parts that add up to it."""

import numpy as np
import polars as pl
import pytest

from flowsim.history.dealer_parts import PARTS, dealer_parts

DATES = ["2020-01-02", "2020-01-03", "2020-01-06"]


def test_gamma_meets_the_move_deals_meet_the_next_session_and_the_rest_is_time() -> None:
    market = pl.DataFrame({"date": DATES, "log_return": np.log1p([0.0, 0.02, -0.01])})
    dealers = pl.DataFrame({"date": DATES, "gamma_1pct_bn": [3.0, -1.0, 9.0], "hedge_bn": [10.0, 5.0, 4.5]})
    options = pl.DataFrame({"date": DATES[:2], "programme": ["puts", "calls"]})
    flows = pl.DataFrame(
        {
            "date": DATES * 3,
            "population": np.repeat(["calls", "cta", "puts"], 3),
            "flow_bn": [1.0, 2.0, 0.0, 99.0, 99.0, 99.0, 0.5, -4.0, 7.0],
        }
    )
    found = dealer_parts(flows, options, dealers, market)
    assert PARTS == ("gamma hedging", "new deals", "expiry and charm")
    # A rise of 2 % with a gamma of 3 bn for 1 %: they sell 6. What was dealt at the close before has a delta of 1.5.
    np.testing.assert_allclose(found[1], [-6.0, 1.5, -0.5])
    # A fall of 1 % with a gamma of -1 bn: they sell 1; -2 was dealt.
    np.testing.assert_allclose(found[2], [-1.0, -2.0, 2.5])
    np.testing.assert_allclose(found.sum(axis=1), [0.0, -5.0, -0.5])


@pytest.fixture(scope="module")
def replayed():
    import flowsim as fs

    return fs.replay("us_equity", first="2014-01-02", last="2014-12-31")


def test_the_parts_of_a_replay_add_up_to_what_dealers_trade_and_to_their_share(replayed) -> None:
    parts = dealer_parts(replayed.flows, replayed.options, replayed.dealers, replayed.market)
    traded = replayed.flows.filter(population="dealer")["flow_bn"].to_numpy()
    np.testing.assert_allclose(parts[1:].sum(axis=1), traded[1:], atol=1e-9)
    found = replayed.attribute()
    together = found.dealer_parts.filter(horizon_days=1)["share_pct"].sum()
    whole = found.shares.filter(source="dealer", horizon_days=1, state="all")["share_pct"].item()
    # What was traded on the first day has no parts.
    assert together == pytest.approx(whole, abs=0.1)
    assert any(title.startswith("What dealers carry, in three parts") for title in found.told)
