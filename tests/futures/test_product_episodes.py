"""February 2018 and August 2017 with products and without them, on the same news."""

import numpy as np
import pytest

from flowsim.config import load
from flowsim.ensemble.simulation import simulate

ROWS = 'record={tables=["market", "volatility"], grain="day", every=1}'


def first_day(name, paths=16, **sizes):
    """What the first day of an episode made of stocks, of the 30-day index, and of what products bought: medians."""
    settings = [f"vix_products.product.{product}.assets_bn={size}" for product, size in sizes.items()]
    run = simulate(load(name, ["time.days=1", ROWS, *settings]), paths, threads=1)
    products, market = run.to_polars("vix_products").sort("path"), run.to_polars("market").sort("path")
    names = ("vix_index_return", "vix_index_before", "vix_products_trade_bn")
    return {one: products[one].to_numpy() for one in names} | {"stock": np.expm1(market["log_return"].to_numpy())}


NONE = dict.fromkeys(("inverse_note", "inverse_fund", "double_funds"), 0.0)


@pytest.mark.parametrize(
    ("name", "fall", "least", "most", "contracts"),
    [("february_2018_products", -0.041, 1.7, 2.0, 208_000), ("august_2017_products", -0.014, 1.4, 1.6, 42_000)],
)
def test_on_the_same_news_products_make_the_rise_of_the_futures_larger(name, fall, least, most, contracts):
    with_them, without = first_day(name), first_day(name, **NONE)
    assert np.median(with_them["stock"]) == pytest.approx(fall, abs=0.004)
    # They trade after the close: stocks of that day, and the return before their trades, are those of the other arm.
    np.testing.assert_array_equal(with_them["stock"], without["stock"])
    np.testing.assert_allclose(with_them["vix_index_before"], without["vix_index_return"], atol=1e-12)
    ratio = np.median(with_them["vix_index_return"]) / np.median(without["vix_index_return"])
    assert least < ratio < most
    bought = 1e6 * np.median(with_them["vix_products_trade_bn"])  # Contracts of 1,000 dollars a point
    assert bought == pytest.approx(contracts, rel=0.15)
    assert (without["vix_products_trade_bn"] == 0.0).all()


def test_the_more_of_them_there_is_the_further_futures_rise():
    rises = [
        np.median(first_day("february_2018_products", inverse_note=size)["vix_index_return"])
        for size in (0.0, 1.9, 3.8)
    ]
    assert rises[0] < rises[1] - 0.05 < rises[2] - 0.1


def test_the_inverse_note_ends_where_its_prospectus_says():
    twice = {"inverse_note": 3.8, "inverse_fund": 2.4, "double_funds": 1.6}
    run = simulate(
        load(
            "february_2018_products",
            ["time.days=2", ROWS, *(f"vix_products.product.{name}.assets_bn={size}" for name, size in twice.items())],
        ),
        16,
        threads=1,
    )
    products = run.to_polars("vix_products").sort("path", "date")
    first = products.gather_every(2)
    c, short = first["vix_index_return"].to_numpy(), first["vix_products_short_bn"].to_numpy()
    ended = c > 0.85  # The loss that counts is that at the clearing price, a little off what is marked
    kept = c < 0.75
    assert ended.any()
    np.testing.assert_allclose(short[ended], np.maximum(2.4 * (1.0 - c[ended]), 0.0), atol=1e-9)
    np.testing.assert_allclose(short[kept], 6.2 * (1.0 - c[kept]), atol=1e-9)
