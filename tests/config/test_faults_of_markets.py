"""What is said of markets beside the first that cannot be."""

import pytest
from helpers.beside import BONDS, BTC, TRADERS, several
from helpers.markets import population

from flowsim import load
from flowsim.config import from_dict
from flowsim.errors import ConfigError, InputError

HOUR = "asset.btc.hours"


def faults(assets=None, populations=None, **tables):
    with pytest.raises(ConfigError) as raised:
        several(assets, populations, **tables)
    return str(raised.value)


@pytest.mark.parametrize(
    ("assets", "said"),
    [
        ({"equity": BONDS}, "asset.equity: the first market is called equity, and its tables have no name"),
        ({"BTC": BTC}, "asset.BTC: the name must be lower-case letters"),
        (
            {"btc": BTC | {"news": {"equtiy": 0.3}}},
            "asset.btc.news.equtiy: no market is called \"equtiy\"; did you mean 'equity'?",
        ),
        ({"btc": BTC | {"news": {"btc": 0.3}}}, "asset.btc.news.btc: a market has no loading on itself"),
        (
            {"btc": BTC | {"news": {"bonds": 0.3}}, "bonds": BONDS},
            "asset.btc.news.bonds: comes after btc; list [asset.bonds] before it",
        ),
        (
            {"btc": BTC, "bonds": BONDS | {"news": {"btc": 0.2}}},
            "asset.bonds.news.btc: btc never closes, and bonds does; list bonds first, and let btc load on it",
        ),
        (
            {"bonds": BONDS | {"news": {"equity": 0.8}}, "btc": BTC | {"news": {"equity": 0.8, "bonds": 0.8}}},
            "asset.btc.news: the squares sum to 1.28, more than all of its news; lower the correlations",
        ),
        ({"btc": BTC | {"news": {"equity": 1.2}}}, "asset.btc.news.equity: 1.2 is above 1; give a number from -1 to 1"),
        ({"btc": {"clock": "always"}}, f"{HOUR}: missing; with clock = \"always\" everybody trades at night"),
        ({"btc": BTC | {"clock": "session"}}, f"{HOUR}: its night is one step; set clock"),
        ({"btc": BTC | {"hours": BTC["hours"] | {"night_volume": 0}}}, f"{HOUR}.night_volume: 0 is not above 0"),
        ({"btc": BTC | {"market": {"overnight_share": 0.3}}}, "asset.btc.market.overnight_share: is that of a market"),
        ({"btc": BTC | {"market": {"circuit_breakers": True}}}, "asset.btc.market.circuit_breakers: halt a session"),
        ({"btc": BTC | {"market": {"multiplyer": 3}}}, "market.multiplyer: unknown key; did you mean 'multiplier'?"),
        ({"btc": BTC | {"fundamental": {"cpi_bp": 3}}}, "asset.btc.fundamental.cpi_bp: unknown key"),
        ({"btc": BTC | {"clock": "never"}}, 'asset.btc.clock: "never" is not known; known: session, always'),
    ],
)  # fmt: skip
def test_a_market_that_cannot_be_is_refused_with_key_and_remedy(assets, said):
    assert said in faults(assets, {})


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"asset": "bct"}, "population.noise.asset: no market is called \"bct\"; did you mean 'btc'?"),
        ({"legs": {"gold": 3.0}}, 'population.noise.legs.gold: no market is called "gold"'),
        (
            {"legs": {"equity": 3.0}},
            "population.noise.legs.equity: it trades there with capital_bn already; remove the leg",
        ),
        ({"legs": {"btc": -1.0}}, "population.noise.legs.btc: -1 is below 0"),
    ],
)
def test_a_population_is_refused_where_there_is_no_such_market(changes, said):
    assert said in faults(populations={"noise": population("noise_trading") | changes})


def test_options_are_of_the_first_market():
    said = faults(populations={"puts": population("put_hedging", asset="btc")})
    assert "population.puts.asset: 'put_hedging' trades options, and those are listed on equity alone" in said


def test_each_market_has_one_liquidity_provider():
    desk = population("liquidity_provider")
    fine = several(populations={"desk": desk, "coins": population("liquidity_provider", asset="btc")})
    assert fine.of_market("btc").spec().names == ["coins"]
    twice = {"desk": desk | {"legs": {"btc": 2.0}}, "coins": population("liquidity_provider", asset="btc")}
    assert "'desk' already provides liquidity" in faults(populations=twice)


def test_a_config_of_several_markets_travels_as_text_and_keeps_what_is_left_out():
    config = several()
    assert from_dict(config.resolved()) == config
    assert config.of_market("btc").market.depth_elasticity == config.market.depth_elasticity
    moved = config.override("market.depth_elasticity=0.5")
    assert moved.of_market("btc").market.depth_elasticity == 0.5
    assert moved.of_market("btc").market.multiplier == config.market.multiplier
    assert "multiplier" not in config.resolved()["asset"]["btc"]["market"]
    assert not config.of_market("btc").market.circuit_breakers


def test_the_order_of_markets_is_part_of_a_config_and_their_absence_is_not():
    both, turned = several({"bonds": BONDS, "btc": BTC}, TRADERS), several({"btc": BTC, "bonds": BONDS}, TRADERS)
    assert both.digest != turned.digest
    plain = load("plain")
    assert "asset" not in plain.resolved()
    assert plain.of_market("equity") == plain
    with pytest.raises(InputError, match='no market is called "btc"; known markets: equity'):
        plain.of_market("btc")


def test_a_file_of_prices_lies_beside_the_config_and_its_folder_does_not_count(tmp_path):
    digests = []
    for folder in ("one", "two"):
        file = tmp_path / folder / "market.toml"
        file.parent.mkdir()
        file.write_text('extends = "plain"\n[asset.gold]\nprices = "gold.csv"\n')
        digests.append(load(file).digest)
        assert load(file).asset["gold"].prices == str(tmp_path / folder / "gold.csv")
    assert digests[0] == digests[1]
