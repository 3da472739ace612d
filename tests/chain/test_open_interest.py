"""Dealers' gamma from open interest, against the Black formula written out."""

import math

import numpy as np
import polars as pl
import pytest

from flowsim.chain.open_interest import dealer_gamma
from flowsim.errors import InputError
from flowsim.pricing.black import price

SPOT, VOL, AS_OF = 5000.0, 0.2, "2024-03-01 16:00"
YEARS = 27 / 365


def chain(tmp_path, *, calls, puts, name="open_interest"):
    """Write a chain of one expiry, 2024-03-28 at 16:00, at one volatility and no interest."""
    rows = []
    for strike in np.arange(4500.0, 5501.0, 50.0):
        for cp, held in (("C", calls), ("P", puts)):
            mid = float(price(SPOT, strike, YEARS, VOL, is_call=cp == "C"))
            rows.append(("SPXW", "2024-03-28", strike, cp, 0.99 * mid, 1.01 * mid, held.get(strike, 0)))
    file = tmp_path / "chain.csv"
    pl.DataFrame(rows, schema=["root", "expiry", "strike", "cp", "bid", "ask", name], orient="row").write_csv(file)
    return file


def gamma_of(strike, spot):
    """Return USD bn to trade for 1 % on one contract: 100 phi(d1) / (S vol root T) S^2 / 100."""
    root = VOL * math.sqrt(YEARS)
    d1 = (math.log(spot / strike) + 0.5 * root * root) / root
    return 100.0 * math.exp(-0.5 * d1 * d1) / math.sqrt(2.0 * math.pi) / root * spot / 100.0 / 1e9


def test_gamma_at_the_spot_is_that_of_calls_less_that_of_puts(tmp_path):
    found = dealer_gamma(chain(tmp_path, calls={5100.0: 20_000}, puts={4900.0: 30_000}), as_of=AS_OF)
    expected = 20_000 * gamma_of(5100.0, SPOT) - 30_000 * gamma_of(4900.0, SPOT)
    assert found.at_spot == pytest.approx(expected, rel=1e-3)
    assert found.spot == pytest.approx(SPOT, rel=1e-6)
    assert found.left_out == 0.0


def test_the_zero_lies_between_puts_below_and_calls_above(tmp_path):
    # Equal sizes: 5100 and 4900 have the same d1 squared where S = sqrt(5100 * 4900) exp(-root^2 / 2).
    found = dealer_gamma(chain(tmp_path, calls={5100.0: 10_000}, puts={4900.0: 10_000}), as_of=AS_OF)
    middle = math.sqrt(5100.0 * 4900.0) * math.exp(-0.5 * VOL * VOL * YEARS)
    assert found.zero_cross == pytest.approx(middle, rel=1e-3)


def test_the_other_side_has_the_other_sign(tmp_path):
    file = chain(tmp_path, calls={5100.0: 10_000}, puts={4900.0: 40_000})
    long_puts = dealer_gamma(file, as_of=AS_OF, calls=-1.0, puts=1.0)
    np.testing.assert_allclose(long_puts.gamma_1pct_bn, -dealer_gamma(file, as_of=AS_OF).gamma_1pct_bn)
    assert "calls -1, puts +1" in long_puts.assumption


def test_oi_is_another_name_of_open_interest(tmp_path):
    held = {"calls": {5000.0: 5}, "puts": {}}
    one = dealer_gamma(chain(tmp_path, **held), as_of=AS_OF).at_spot
    assert dealer_gamma(chain(tmp_path, **held, name="oi"), as_of=AS_OF).at_spot == one


@pytest.mark.parametrize(
    ("name", "as_of", "held", "words"),
    [
        ("size", AS_OF, {5000.0: 5}, "has no open interest"),
        ("oi", None, {5000.0: 5}, "no column as_of"),
        ("oi", AS_OF, {}, "no open interest with a usable quote"),
        ("oi", AS_OF, {5000.0: -5}, "open interest is '-5'"),
    ],
)
def test_a_chain_without_usable_interest_is_refused(tmp_path, name, as_of, held, words):
    file = chain(tmp_path, calls=held, puts={}, name=name)
    with pytest.raises(InputError, match=words):
        dealer_gamma(file, as_of=as_of)


def test_a_real_chain_gives_the_gamma_that_its_own_vendor_computed(shared_folder):
    file = shared_folder / "data" / "chains" / "spx_chain_20230820_aryaman.parquet"
    found = dealer_gamma(file, as_of="2023-08-18 16:15", rate_pct=5.55)
    quoted = pl.read_parquet(file).filter(pl.col("expiry").dt.date() > pl.date(2023, 8, 18))
    sign = pl.when(pl.col("cp") == "C").then(1.0).otherwise(-1.0)
    per_point = quoted.select((sign * pl.col("oi") * pl.col("gamma")).sum()).item()
    assert found.at_spot == pytest.approx(per_point * 100.0 * found.spot**2 / 100.0 / 1e9, rel=0.05)
    assert found.spot == pytest.approx(4369.71, rel=0.003)
    # Most of it expired that afternoon, the third Friday.
    assert found.left_out < 0.3


def test_contracts_of_a_half_day_keep_their_root_and_their_interest(tmp_path):
    # The Friday after Thanksgiving closes at 13:00, which is neither time at which a root settles on other days.
    file = chain(tmp_path, calls={5100.0: 20_000}, puts={4900.0: 30_000})
    file.write_text(file.read_text().replace("2024-03-28", "2024-11-29"))
    found = dealer_gamma(file, as_of="2024-11-01 16:00")
    assert found.left_out == 0.0
    assert found.at_spot == pytest.approx(20_000 * gamma_of(5100.0, SPOT) - 30_000 * gamma_of(4900.0, SPOT), rel=1e-2)
