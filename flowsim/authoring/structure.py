"""The option contracts that a customer's programme trades, and the real dates on which it rolls them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from numpy.typing import ArrayLike

from flowsim.clock import EXPIRY_RULES, ROLL_RULES, Rolls, roll_calendar

ZERO_COST = "zero cost"
"""Instead of a strike: the one at which the structure costs nothing."""


@dataclass(frozen=True)
class Leg:
    """One contract of a structure.

    `kind` is "put" or "call"; `strike` names the parameter with the strike over the index at the roll, or is
    `ZERO_COST`; `quantity` is what a structure of notional 1 buys of it, negative when it sells.
    """

    kind: str
    strike: str
    quantity: float = 1.0


@dataclass(frozen=True)
class Structure:
    """What is opened at the close of each roll day, and held until it expires.

    `rolls` and `expires` are names of `flowsim.clock.roll_calendar`. `ahead` says how many of those expiries ahead,
    `offset` by how many months the quarter of "quarter_end" is put off, `sessions_ahead` how long before an event it
    trades; each is a whole number or the name of a parameter that holds one.
    """

    rolls: str
    expires: str
    legs: tuple[Leg, ...]
    ahead: int | str = 1
    offset: int | str = 0
    sessions_ahead: int | str = 1

    def calendar(self, closes: ArrayLike, parameters: Mapping[str, float]) -> Rolls:
        """Return when an agent with these parameters rolls over consecutive sessions, and into which expiry.

        Raises
        ------
        InputError
            If a number of the structure is none that the calendar can have.
        """

        def whole(value: int | str) -> int:
            return round(parameters[value]) if isinstance(value, str) else value

        return roll_calendar(
            closes,
            self.rolls,
            self.expires,
            ahead=whole(self.ahead),
            month_offset=whole(self.offset),
            sessions_ahead=whole(self.sessions_ahead),
        )

    @property
    def parameters(self) -> list[str]:
        """Names of the parameters that the structure reads."""
        counts = [value for value in (self.ahead, self.offset, self.sessions_ahead) if isinstance(value, str)]
        return counts + [leg.strike for leg in self.legs if leg.strike != ZERO_COST]

    def faults(self, parameters: tuple[str, ...]) -> list[str]:
        """Return what is wrong with the structure of a rule with these parameters."""
        found = []
        for role, name, known in (("rolls", self.rolls, ROLL_RULES), ("expires", self.expires, EXPIRY_RULES)):
            if name not in known:
                found.append(f"{role} is {name!r}; it must be one of {', '.join(map(repr, known))}")
        found += [f"{n!r} is no parameter of the rule; declare it" for n in self.parameters if n not in parameters]
        found += [
            f"a leg is a {leg.kind!r}; write 'put' or 'call'" for leg in self.legs if leg.kind not in ("put", "call")
        ]
        if not self.legs:
            found.append("the structure has no legs; give it at least one")
        if sum(leg.strike == ZERO_COST for leg in self.legs) > 1 or (
            self.legs[:1] and self.legs[0].strike == ZERO_COST
        ):
            found.append("one leg at most is at zero cost, and it comes after those that it pays for")
        return found
