"""Chains that can be read and are hardly true."""

from __future__ import annotations

import pytest
from helpers.vendor_chains import CHAIN_FILES

from flowsim.chain.vix import vix
from flowsim.errors import InputError

PLAIN = CHAIN_FILES["plain"]


def written(folder, text):
    (folder / "chain.csv").write_text(text, encoding="utf-8")
    return folder / "chain.csv"


def stub(text):
    """Return a chain with a stub quote of 0 to 4.80 on both sides of a strike, where parity then seems to hold."""
    lines = [
        ",".join([*line.split(",")[:5], "0", "4.8"]) if ",SPX,2025-09-19,3600," in line else line
        for line in text.splitlines()
    ]
    return "\n".join(lines)


UNLIKELY = {
    "a stub quote": (
        stub(PLAIN),
        {},
        r"the forward of SPX 2025-09-19 is 3,600.00, and the forward of SPXW 2025-09-26 is",
    ),
    "a holiday": (
        PLAIN.replace("2025-08-21", "2025-03-20")
        .replace("2025-09-19", "2025-04-18")
        .replace("2025-09-26", "2025-04-25"),
        {},
        "row 2: SPX 2025-04-18 is a Friday on which NYSE is closed; .* write 2025-04-17, or insist with",
    ),
    "both roots SPX": (
        PLAIN.replace("SPXW", "SPX"),
        {},
        "row 52: SPX 2025-09-26 is no third Friday, on which alone options of the root SPX expire; name SPXW",
    ),
    "a Sunday": (
        PLAIN,
        {"as_of": "2025-08-24 16:15"},
        "as_of = 2025-08-24 16:15 is a Sunday on which NYSE is closed; .* such as 2025-08-22 16:15",
    ),
    "rates": (PLAIN, {"rate_pct": (0.04, 40)}, "rate_pct = 0.04, 40"),
}


@pytest.mark.parametrize("case", UNLIKELY)
def test_an_unlikely_chain_is_refused_with_its_values_and_the_remedy(tmp_path, case):
    text, options, sentence = UNLIKELY[case]
    with pytest.raises(InputError, match=sentence):
        vix(written(tmp_path, text), **options)


@pytest.mark.parametrize("case", ["a stub quote", "a Sunday"])
def test_a_trusted_chain_is_taken_as_it_is(tmp_path, case):
    text, options, _ = UNLIKELY[case]
    assert vix(written(tmp_path, text), trust_data=True, **options).value > 0.0


def test_a_strip_that_ends_at_a_strike_with_a_bid_is_said(tmp_path):
    header, *lines = PLAIN.splitlines()
    narrow = [line for line in lines if 3800 <= int(line.split(",")[3]) <= 4200]
    found = vix(written(tmp_path, "\n".join([header, *narrow])))
    assert len(found.notes) == 4
    assert found.notes[0].startswith(
        "SPX 2025-09-19: the strip of puts ends at 3800, the lowest strike there is, whose bid"
    )
    assert found.value < vix(written(tmp_path, PLAIN)).value
