"""The page on data lists the forms of files that tests read, all of them and no other."""

from __future__ import annotations

import re
from pathlib import Path

from helpers.vendor_chains import CHAIN_FILES
from helpers.vendor_files import PRICE_FILES

PAGE = Path(__file__).resolve().parents[2] / "docs" / "data.md"


def test_every_form_in_the_table_is_read_by_a_test_and_every_tested_form_is_there():
    rows = re.findall(r"^\| (closes|chain) \| (.+?) \| `", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert [name for kind, name in rows if kind == "closes"] == list(PRICE_FILES)
    assert [name for kind, name in rows if kind == "chain"] == list(CHAIN_FILES)
