"""The file and the test that a new rule begins as: a working one, to be changed line by line."""

from __future__ import annotations

import keyword
import re
from pathlib import Path

from flowsim.errors import InputError

_RULE = '''"""NAME: say in three sentences what the desk does, and what feedback that brings to the market.

It holds so much of the index that its risk is constant, and leaves small gaps alone.

Feedback: a rise of volatility makes it sell into it.

Source: author, year, title.
"""

from flowsim.strategy import Annotated, Field, Law, NamedTuple, View, strategy

# A tenth of a percent a year, so that on a flat market nothing divides by zero.
LOWEST_VOL = 0.001


class Fund(NamedTuple):
    """One fund."""

    capital_bn: Annotated[float, Field("assets under management", "USD bn", 0.0)]
    target_vol: Annotated[float, Field("volatility the fund aims at", "annualized, as a fraction", 0.01, 1.0)]
    cap: Annotated[float, Field("largest exposure", "x capital", 0.0, 10.0)]
    buffer: Annotated[float, Field("gap to the wanted exposure that is left alone", "x capital", 0.0, 1.0)]


class Held(NamedTuple):
    """What one fund holds, in units of its capital."""

    exposure: float = 0.0


@strategy(
    clock="day",
    source="author, year, title",
    lookback_days=21,
    laws=(
        Law("exposure_within", {"low": 0.0, "high": "cap"}),
        Law("silent_inside_buffer", {"buffer": "buffer"}),
        Law("risk_at_most", {"vol": "rv_21", "most": "target_vol", "buffer": "buffer"}),
        Law("decreasing_in", {"fields": ("rv_21",)}),
        Law("acts_on", {"fields": ("rv_21",), "alone": True}),
        Law("reaches_its_target"),
        Law("forgets_where_it_came_from", {"buffer": "buffer"}),
        Law("sized_to_its_capital", {"turnover_a_year": (1.0, 20.0)}),
    ),
    examples=(Fund(100.0, target_vol=0.10, cap=1.5, buffer=0.05),),
)
def NAME(view: View, fund: Fund, held: Held, noise: float) -> tuple[Held, float]:
    """Hold target_vol over one month's realized volatility."""
    wanted = min(fund.cap, fund.target_vol / max(view.rv_21, LOWEST_VOL))
    gap = wanted - held.exposure
    traded = gap if abs(gap) > fund.buffer else 0.0
    return Held(held.exposure + traded), traded * fund.capital_bn
'''

_TEST = '''"""What NAME must do: a worked case, its laws, and what it did when its tapes were recorded."""

from pathlib import Path

import pytest

from flowsim.authoring.discovery import rules_in
from flowsim.testing import CANONICAL, check_law, laws_of, view_with

[RULE] = rules_in(Path(__file__).with_name("NAME.py"))


def test_a_fund_that_aims_at_ten_percent_holds_half_when_volatility_is_twenty():
    # 10 % / 20 % = 0.5 of 100 bn, from nothing.
    fund = RULE.params(capital_bn=100.0, target_vol=0.10, cap=1.5, buffer=0.05)
    held, order_bn = RULE.rule(view_with(rv_21=0.20), fund, RULE.state(), 0.0)
    assert (held.exposure, order_bn) == pytest.approx((0.5, 50.0))


@pytest.mark.parametrize("law", laws_of(RULE), ids=lambda law: law.kind)
def test_it_keeps_its_law(law):
    check_law(RULE, law)


@pytest.mark.parametrize("market", CANONICAL)
def test_it_does_what_it_did(strategy_tape, market):
    strategy_tape(RULE, market)
'''


def write_new(name: str, folder: Path, taken: list[str]) -> list[Path]:
    """Write the file and the test of a new rule into a folder, and return both.

    Raises
    ------
    InputError
        If the name is none that a rule can have, or a file of it is there already, or the folder is not.
    """
    if not re.fullmatch("[a-z][a-z0-9_]*", name) or keyword.iskeyword(name) or name.startswith("test_"):
        raise InputError(f"{name!r} is no name for a rule; use lower-case letters, digits and _, a letter first")
    if name in taken:
        raise InputError(f"a built-in strategy is called {name!r}; choose another name")
    if not folder.is_dir():
        raise InputError(f"{folder}: no such folder; make it, or name another by --folder")
    files = [folder / f"{name}.py", folder / f"test_{name}.py"]
    for file, text in zip(files, (_RULE, _TEST), strict=True):
        try:
            with file.open("x", encoding="utf-8") as opened:
                opened.write(text.replace("NAME", name))
        except FileExistsError:
            raise InputError(f"{file} is there already; choose another name or --folder") from None
        except OSError as error:
            raise InputError(f"{file}: cannot be written ({error.strerror}); name another --folder") from None
    return files
