"""What a rule declares of itself is checked where it is declared: one sentence with file, line and remedy."""

import re
from pathlib import Path

import pytest

from flowsim.authoring.discovery import discover, load_file
from flowsim.authoring.structure import ZERO_COST, Leg, Structure
from flowsim.clock import EXPIRY_RULES, ROLL_RULES
from flowsim.errors import StrategyError

FILE = """
from flowsim.strategy import ZERO_COST, Annotated, Field, Leg, NamedTuple, Structure, View, strategy


class Client(NamedTuple):
    capital_bn: Annotated[float, Field("notional", "USD bn", 0.0)]
    strike: Annotated[float, Field("strike over the index", "", 0.5, 1.5)]
    months: Annotated[float, Field("months to expiry", "months", 1.0, 12.0)]


class Nothing(NamedTuple):
    none: float = 0.0


@strategy(source="a test", DECLARED)
def dealing(view: View, client: Client, state: Nothing, noise: float) -> tuple[Nothing, float]:
    return state, client.capital_bn
"""
LINE = 15
PUT = 'Leg("put", "strike")'


def structure(legs: str = f"({PUT},)", **changes: str) -> str:
    """Return the text of a declaration with a structure, parts of it changed."""
    parts = {"rolls": '"monthly_expiry"', "expires": '"third_friday"'} | changes
    rest = "".join(f", {name}={value}" for name, value in parts.items() if name not in ("rolls", "expires"))
    return f'clock="roll", structure=Structure({parts["rolls"]}, {parts["expires"]}, {legs}{rest})'


def declared(folder: Path, text: str) -> Path:
    file = folder / "customers.py"
    file.write_text(FILE.replace("DECLARED", text))
    return file


WITHOUT = "a rule on the clock 'roll' has a structure of options, others none"
HEDGER = "a rule that hedges options is on the clock 'bar' with a parameter 'within_bar'"
FAULTS = {
    "a clock that there is not": (
        'clock="week"',
        "clock is 'week'; it must be one of 'day', 'bar', 'last_bar', 'roll'",
    ),
    "a roll without a structure": ('clock="roll"', f"clock 'roll'; {WITHOUT}"),
    "a structure on another clock": (structure().replace('"roll"', '"day"'), f"clock 'day'; {WITHOUT}"),
    "a hedger without its parameter": ('clock="bar", hedges_options=True', HEDGER),
    "a hedger on another clock": ('clock="day", hedges_options=True', HEDGER),
    "an unknown day of rolls": (
        structure(rolls='"yearly"'),
        f"rolls is 'yearly'; it must be one of {', '.join(map(repr, ROLL_RULES))}",
    ),
    "an unknown expiry": (
        structure(expires='"monday"'),
        f"expires is 'monday'; it must be one of {', '.join(map(repr, EXPIRY_RULES))}",
    ),
    "an unknown kind of leg": (structure('(Leg("swap", "strike"),)'), "a leg is a 'swap'; write 'put' or 'call'"),
    "a strike that is no parameter": (
        structure('(Leg("put", "moneyness"),)'),
        "'moneyness' is no parameter of the rule; declare it",
    ),
    "a count that is no parameter": (structure(ahead='"weeks"'), "'weeks' is no parameter of the rule; declare it"),
    "no legs": (structure("()"), "the structure has no legs; give it at least one"),
    "a leg at zero cost that comes first": (
        structure(f'(Leg("call", ZERO_COST, -1.0), {PUT})'),
        "one leg at most is at zero cost, and it comes after those that it pays for",
    ),
    "two legs at zero cost": (
        structure(f'({PUT}, Leg("call", ZERO_COST), Leg("put", ZERO_COST))'),
        "one leg at most is at zero cost, and it comes after those that it pays for",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_wrong_declaration_is_refused_with_file_line_and_remedy(fault: str, tmp_path: Path) -> None:
    text, said = FAULTS[fault]
    file = declared(tmp_path, text)
    with pytest.raises(StrategyError, match=f"^{re.escape(f'{file}:{LINE}: rule ')}'dealing': {re.escape(said)}$"):
        load_file(file)


def test_a_right_declaration_is_found_with_its_package(tmp_path: Path) -> None:
    declared(tmp_path, structure(f'({PUT}, Leg("call", ZERO_COST, -1.0))', ahead='"months"'))
    rule = discover([tmp_path])["dealing"]
    legs = (Leg("put", "strike", 1.0), Leg("call", ZERO_COST, -1.0))
    assert rule.structure == Structure("monthly_expiry", "third_friday", legs, ahead="months")
    assert rule.trades_options
    assert (rule.file.name, rule.line) == ("customers.py", LINE)


def test_every_fault_of_a_package_is_found_at_once() -> None:
    wrong = Structure("yearly", "monday", (Leg("swap", ZERO_COST), Leg("put", "moneyness")), ahead="weeks")
    said = " ".join(wrong.faults(("capital_bn", "strike")))
    for words in ("'yearly'", "'monday'", "'swap'", "'moneyness' is no", "'weeks' is no", "zero cost"):
        assert words in said
    assert len(wrong.faults(("capital_bn", "strike"))) == 6


def test_counts_of_a_package_may_be_numbers_or_parameters() -> None:
    put = Leg("put", "strike")
    parameters = ("capital_bn", "strike", "months")
    assert Structure("monthly_expiry", "third_friday", (put,), ahead=3).faults(parameters) == []
    assert Structure("quarter_end", "quarter_end", (put,), offset="months").faults(parameters) == []
    assert Structure("before_meeting", "after_event", (put,), sessions_ahead="months").faults(parameters) == []
    assert Structure("before_meeting", "after_event", (put,), sessions_ahead="days").faults(parameters) == [
        "'days' is no parameter of the rule; declare it"
    ]
