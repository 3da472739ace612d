import tomllib

from hypothesis import given
from hypothesis import strategies as st

from flowsim.config.layers import Layer
from flowsim.config.toml_text import document, key_text

TEXT = '''\
# a comment with [brackets] = and "quotes"
seed = 1
market.adv_bn = 5

[population."odd name"]   # trailing
strategy = """
[not.a.header]
key = 1
"""
targets = [
    0.05,   # [x]
    0.10,
]
execution = { days = 2 }

[[policy.script]]
date = 2019-01-04
[[policy.script]]
date = 2019-01-07
[policy.script.note]
by = "hand\u2028written"
'''


def lines() -> dict:
    return Layer("x.toml", tomllib.loads(TEXT), TEXT).lines


def test_a_key_is_found_on_its_line() -> None:
    assert lines()["seed",] == 2
    assert lines()["market", "adv_bn"] == 3
    assert lines()["population", "odd name"] == 5
    assert lines()["population", "odd name", "strategy"] == 6


def test_text_inside_a_value_is_no_key() -> None:
    assert ("not", "a", "header") not in lines()
    assert ("population", "odd name", "key") not in lines()


def test_a_value_over_several_lines_counts_from_its_key() -> None:
    assert lines()["population", "odd name", "targets"] == 10
    assert lines()["population", "odd name", "targets", 1] == 10
    assert lines()["population", "odd name", "execution", "days"] == 14


def test_tables_of_an_array_are_numbered() -> None:
    assert lines()["policy", "script", 0, "date"] == 17
    assert lines()["policy", "script", 1] == 18
    assert lines()["policy", "script", 1, "date"] == 19
    assert lines()["policy", "script", 1, "note", "by"] == 21


KEYS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r"), max_size=5)
VALUES = st.integers() | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r"), max_size=5)


@given(st.dictionaries(KEYS, st.dictionaries(KEYS, VALUES, min_size=1, max_size=4), max_size=4))
def test_every_key_of_a_document_is_found_where_it_begins(table: dict) -> None:
    text = document(table)
    layer = Layer("x.toml", table, text)
    written = text.split("\n")
    for name, inner in table.items():
        assert written[layer.lines[name,] - 1] == f"[{key_text(name)}]"
        for key in inner:
            assert written[layer.lines[name, key] - 1].startswith(f"{key_text(key)} = ")
