import json
import tomllib
from collections.abc import Iterator

from flowsim.config import json_schema, load, reference


def keys(node: object) -> Iterator[tuple[str, dict]]:
    if isinstance(node, dict):
        for name, child in node.get("properties", {}).items():
            yield name, child
        for child in node.values():
            yield from keys(child)


def test_every_key_says_what_it_means() -> None:
    tables = {"time", "history", "market", "fundamental", "policy", "liquidity", "sentiment", "options", "record"}
    silent = {name for name, node in keys(json_schema()) if not node.get("description")}
    assert silent == tables


def test_every_key_with_a_unit_in_its_name_has_that_unit() -> None:
    suffixes = {"_bn": "USD bn", "_bp": "bp", "_pct": "percent", "_days": "sessions", "_per_year": "per year"}
    for name, node in keys(json_schema()):
        for suffix, unit in suffixes.items():
            if name.endswith(suffix):
                assert unit in node["unit"], name


def test_bounds_units_and_sources_reach_the_schema() -> None:
    multiplier = json_schema()["$defs"]["Market"]["properties"]["multiplier"]
    assert (multiplier["minimum"], multiplier["maximum"]) == (0, 100)
    assert multiplier["unit"] == "log return per unit of flow over market cap"
    assert multiplier["source"].startswith("Gabaix & Koijen 2021")


def test_the_schema_is_plain_json() -> None:
    assert json.loads(json.dumps(json_schema())) == json_schema()


def test_no_calibrated_number_is_a_default() -> None:
    # What a market beside the first leaves out is the first's: null stands for that.
    known = json_schema()["$defs"]
    tables = (known[name] for name in ("MarketChanges", "FundamentalChanges", "SentimentChanges"))
    changes = [node for table in tables for node in table["properties"].values()]
    with_default = {name for name, node in keys(json_schema()) if "default" in node and node not in changes}
    assert with_default == {
        "extends", "antithetic", "strategy_folders", "population", "record", "script", "grain", "tables", "every",
        "chain_dates", "anticipated", "moves_price", "execution", "lag_days", "days", "profile", "participation_cap",
        "low", "high", "stand_in", "sizes", "vix_futures", "vix_products",
        "closes_at_loss_pct", "assets_half_life_days", "macro", "numbers", "given", "budgets", "hold",
        "initial_vol", "initial_points",
        "asset", "legs", "clock", "prices", "start_price", "news", "release_loading", "jump_loading",
        "policy_effect_pct", "depth_loading", "hours", "market", "fundamental", "sentiment",
    }  # fmt: skip


def test_the_reference_has_a_row_for_every_key() -> None:
    text = reference()
    for name, node in keys(json_schema()):
        if node.get("description"):
            assert f"| `{name}` | " in text, name


def test_the_reference_has_a_section_for_every_table_of_a_config() -> None:
    text = reference()
    for table, content in tomllib.loads(load("plain").to_toml()).items():
        if isinstance(content, dict) and table != "population":
            assert f"## `[{table}]`\n" in text
    for table in ("population.NAME", "population.NAME.execution", "population.NAME.PARAMETER", "policy.script[]"):
        assert f"## `[{table}]`\n" in text


def test_the_rows_of_a_section_have_as_many_cells_as_its_head() -> None:
    rows = [line for line in reference().split("\n") if line.startswith("|")]
    assert {row.replace("\\|", "").count("|") for row in rows} == {7}
