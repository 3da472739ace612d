"""The VIX futures that a chain of option quotes implies, and what products on them trade when they move."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

import numpy as np

from flowsim.chain.chain import Chain, Choice, new_york_time, read_chain
from flowsim.chain.chain_file import QuotesLike
from flowsim.chain.indices import INDICES
from flowsim.chain.vix import VolatilityIndex, term_structure
from flowsim.clock.expiries import expiry_sessions
from flowsim.clock.vix_settlements import coming_settlements, days_to_settlement, index_roll
from flowsim.config.schema import VixProducts
from flowsim.errors import InputError
from flowsim.futures.curve import N_CONTRACTS, futures_on

CONVEXITY, CONVEXITY_HORIZON = 0.09, 60.0
"""Those of `configs/vix_futures.toml`; docs/vix-futures.md says why."""
MOVES_PCT = (-20.0, -10.0, -5.0, 5.0, 10.0, 20.0, 40.0, 80.0)
DOLLARS_A_POINT = 1000.0
"""Of one contract."""


@dataclass(frozen=True)
class Future:
    """One contract: the days to its settlement, the forward volatility, and its price, in points."""

    month: str
    settles: date
    days: int
    forward: float
    price: float


@dataclass(frozen=True)
class Trade:
    """What a product buys at the close when the 30-day index moves, and rolls in a session, in contracts."""

    product: str
    bought: tuple[float, ...]
    rolled: float


@dataclass(frozen=True)
class FuturesCurve:
    """The futures at a close, and what the 30-day index holds after it.

    `near_share` of its contracts is in the nearer of two, the first of which is `futures[first]`. `rolled_pct` of them
    go to the next in a session, which earns `roll_return_pct` of its worth at an unchanged curve. `trades` are those of
    the products asked for, at moves of the index by `MOVES_PCT`.
    """

    date: date
    indices: dict[str, float]
    futures: tuple[Future, ...]
    first: int
    near_share: float
    rolled_pct: float
    roll_return_pct: float
    trades: tuple[Trade, ...] = ()

    def as_dict(self) -> dict[str, object]:
        """Return everything as plain values that JSON can hold."""
        futures = [vars(one) | {"settles": one.settles.isoformat()} for one in self.futures]
        index = {name: getattr(self, name) for name in ("first", "near_share", "rolled_pct", "roll_return_pct")}
        trades = [
            vars(one) | {"bought": dict(zip(map(str, MOVES_PCT), one.bought, strict=True))} for one in self.trades
        ]
        return {
            "date": self.date.isoformat(),
            "indices": self.indices,
            "futures": futures,
            "index": index,
            "trades": trades,
        }

    def as_text(self) -> str:
        """Return a line for each contract, one on the index, and one for each product."""
        near = f"{', '.join(f'{name} {points:.2f}' for name, points in self.indices.items())}"
        lines = [f"VIX futures of {self.date} from {near}", ""]
        lines.append(f"{'month':<7}{'settles':<12}{'days':>5}{'forward':>10}{'future':>9}")
        lines += [
            f"{one.month:<7}{one.settles.isoformat():<12}{one.days:>5}{one.forward:>10.2f}{one.price:>9.2f}"
            for one in self.futures
        ]
        nearer, next_ = (self.futures[self.first + place].month for place in (0, 1))
        lines += [
            "",
            f"30-day index: {100 * self.near_share:.0f} % {nearer}, the rest {next_}; a session rolls"
            f" {self.rolled_pct:.1f} % of the contracts, and earns {self.roll_return_pct:+.2f} % if the curve stays",
        ]
        if self.trades:
            lines += ["", "contracts bought at the close if the index moves by, %, and rolled in a session:"]
            lines.append(f"{'':<20}{''.join(f'{move:>+10.0f}' for move in MOVES_PCT)}{'roll':>10}")
            lines += [_row(one.product, one.bought, one.rolled) for one in self.trades]
            together = tuple(map(sum, zip(*(one.bought for one in self.trades), strict=True)))
            lines.append(_row("all", together, sum(one.rolled for one in self.trades)))
        return "\n".join(lines)


def _row(name: str, bought: tuple[float, ...], rolled: float) -> str:
    return f"{name:<20}{''.join(f'{contracts:>+10,.0f}' for contracts in bought)}{rolled:>+10,.0f}"


def futures_of_chain(
    chain: QuotesLike | Chain,
    as_of: datetime | str | None = None,
    rate_pct: float | tuple[float, float] = 0.0,
    path: int | None = None,
    *,
    products: VixProducts | None = None,
    columns: Mapping[str, str] | None = None,
    trust_data: bool = False,
) -> FuturesCurve:
    """Return the VIX futures that a chain of SPX and SPXW quotes implies, by its own volatility indices.

    Parameters
    ----------
    chain, as_of, rate_pct, path, columns, trust_data
        As in `flowsim.vix`.
    products : VixProducts, optional
        The table of a config, ``load("vix_products").vix_products``, for what they trade when the index moves, however
        it came to; what their trades add to the move is left out.

    Raises
    ------
    InputError
        At a fault of the chain, or where it gives too few indices for two futures.
    """
    if not isinstance(chain, Chain):
        chain = read_chain(chain, Choice(path, None if as_of is None else new_york_time(as_of, "as_of")), columns)
    found = term_structure(chain, as_of, rate_pct, trust_data=trust_data)
    known = {name: one.value for name, one in found.items() if isinstance(one, VolatilityIndex) and name != "VIX1D"}
    if "VIX" not in known or len(known) < 3:
        missing = next(str(one) for name, one in found.items() if name != "VIX1D" and isinstance(one, str))
        raise InputError(f"VIX futures need the VIX and two more indices, and the chain gives too few: {missing}")
    time = chain.as_of if as_of is None else new_york_time(as_of, "as_of")
    assert time is not None  # The indices have been taken at it
    return _curve(time.date(), known, products)


def _curve(day: date, indices: dict[str, float], products: VixProducts | None) -> FuturesCurve:
    dates, points = np.array([day], "datetime64[D]"), np.array([list(indices.values())])
    tenors = tuple(float(INDICES[name].target_days) for name in indices)
    forward, price = (futures_on(dates, points, tenors, size, CONVEXITY_HORIZON)[0] for size in (0.0, CONVEXITY))
    days, settles = days_to_settlement(dates, N_CONTRACTS)[0], coming_settlements(dates, N_CONTRACTS)[0]
    futures = tuple(
        Future(f"M{place + 1}", settles[place].item(), int(days[place]), float(forward[place]), float(price[place]))
        for place in np.flatnonzero(np.isfinite(price)).tolist()
    )
    roll = index_roll(dates)
    share, first = float(roll.weight[0]), int(roll.first[0])
    if len(futures) < first + 2:
        raise InputError(
            "VIX futures of two months need indices that look further ahead than this chain; give a longer one"
        )
    near, next_ = futures[first].price, futures[first + 1].price
    held = share * near + (1.0 - share) * next_
    rolled = _rolled_share(dates)
    trades = [] if products is None else [
        Trade(
            name,
            tuple(_bought(one.leverage, one.assets_bn, held, move / 100.0) for move in MOVES_PCT),
            one.leverage * one.assets_bn * 1e9 / (DOLLARS_A_POINT * held) * rolled,
        )
        for name, one in products.product.items()
    ]  # fmt: skip
    return FuturesCurve(
        day, indices, futures, first, share, 100.0 * rolled, 100.0 * rolled * (near - next_) / held, tuple(trades)
    )


def _bought(leverage: float, assets_bn: float, price: float, move: float) -> float:
    """Return the contracts that a product buys to have its leverage again."""
    return leverage * (leverage - 1.0) * assets_bn * move * 1e9 / (DOLLARS_A_POINT * price * (1.0 + move))


def _rolled_share(dates: np.ndarray) -> float:
    """Return the share of the contracts that goes on to the next month in the session after a close."""
    following = dates + np.arange(1, 8).astype("timedelta64[D]")
    next_session = following[np.isin(following, expiry_sessions().dates)][:1]
    before, after = index_roll(dates), index_roll(next_session)
    return float(before.weight[0] if after.first[0] == 1 else before.weight[0] - after.weight[0])
