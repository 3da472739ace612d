"""The mark of the surface after a close, in plain Python: levels of the indices, what they are made of, the slices."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Mapping
from itertools import pairwise
from typing import NamedTuple

from twin.plain_expiries import (
    MINUTES_IN_YEAR,
    TENOR_DAYS,
    Events,
    Expiry,
    close_of,
    minutes_to,
    sessions_to,
    terms_of,
)
from twin.plain_quotes import index_of, quotes_of, variance_of
from twin.plain_surface import Slice, black, slice_of_swap

from flowsim.engine.prepare import Market
from flowsim.engine.warm_up import WINDOW
from flowsim.options.subsystem import OPTION_SESSIONS

HALF_LIVES = ((2.0, 10.0, 60.0), (3.0, 15.0))  # sessions, of squared returns and of returns
YEARS = [days / 365.0 for days in TENOR_DAYS]
LOWEST_LEVEL, LOWEST_FORWARD_VOL, NARROWEST_SKEW = 5.0, 0.05, 0.3
WIDTH = 1.5  # standard deviations of strike over which demand spreads
PATH_DEPENDENT, SENTIMENT, EVENTS, QUOTES, FIRST_PROGRAMME = range(5)


class Contract(NamedTuple):
    """What is written on an option, and the number of the programme whose customers hold it."""

    programme: int
    call: bool
    strike: float
    expiry: Expiry


def keep(half_life: float) -> float:
    """Return what is left after a session of something with a half-life in sessions."""
    return 0.5 ** (1.0 / half_life)


def loading(years: float) -> float:
    """Return what moves a tenor when one month moves by a point: T^-0.4, for no less than a day."""
    return (max(years, 1.0 / 365.0) * 365.0 / 30.0) ** -0.4


class PlainSurface:
    """The surface of one path, and what it depends on."""

    def __init__(self, market: Market, lane: int) -> None:
        self.options, book = market.config.options, market.book
        self.overnight = market.config.market.overnight_share
        last = len(market.history) - 1
        first_mark = market.history.dates[last - min(OPTION_SESSIONS, last - WINDOW)].item()
        self.events = Events(self.options.meeting_move_pct, self.options.release_move_pct, first_mark, self.overnight)
        self.today = market.history.dates[-1].item()
        self.features = book.features[:, lane].tolist()
        self.demand = book.demand[:, :, lane].tolist()
        self.ewma_demand = book.ewma_demand[:, :, lane].tolist()
        self.skew_demand, self.usual_skew = book.skew_demand[:, lane].tolist()
        self.pillar = book.pillar[:, :, lane].tolist()
        self.carried = book.carried[:, lane].tolist()
        noisy = (market.spec.population(name).strategy.uses_noise for name in market.programmes)
        self.carrier = next((place for place, uses_noise in enumerate(noisy) if uses_noise), None)
        self.parts = book.parts[:, :, lane].tolist()
        self.slices: dict[Expiry, Slice] = {}
        self.marked: dict[Expiry, float] = {}
        for column in range(int(market.listing.n_expiries[0])):
            theta, phi = float(book.variance[column, lane]), float(book.phi[column, lane])
            expiry = expiry_after(self.today, float(market.listing.years[0, column]))
            self.slices[expiry] = Slice(theta, phi, self.options.skew_correlation)

    def follow(self, day_return: float, sentiment: float) -> None:
        """Set what past returns and panic give each index, in points."""
        moves = [day_return**2] * 3 + [day_return] * 2
        half_lives = [*HALF_LIVES[0], *HALF_LIVES[1]]
        self.features = [
            keep(days) * old + (1.0 - keep(days)) * move
            for old, move, days in zip(self.features, moves, half_lives, strict=True)
        ]
        vols = [100.0 * math.sqrt(252.0 * square) for square in self.features[:3]]
        means = [100.0 * mean for mean in self.features[3:]]
        percent = 100.0 * day_return
        values = [1.0, *vols, max(-percent, 0.0), percent, *means]
        for tenor, base in enumerate(self.bases()):
            self.pillar[tenor][PATH_DEPENDENT] = math.fsum(b * x for b, x in zip(base, values, strict=True))
            self.pillar[tenor][SENTIMENT] = self.options.sentiment_points * loading(YEARS[tenor]) * sentiment

    def bases(self) -> list[list[float]]:
        """Return the loadings of the five indices; the last goes on in a straight line of log time."""
        options = self.options
        known = [list(base) for base in (options.vix9d, options.vix, options.vix3m, options.vix6m)]
        steps = math.log(YEARS[4] / YEARS[3]) / math.log(YEARS[3] / YEARS[2])
        return [*known, [b + steps * (b - a) for a, b in zip(known[2], known[3], strict=True)]]

    def level(self, tenor: int) -> float:
        """Return the level of a pillar without events, in points."""
        return max(math.fsum(self.pillar[tenor]), LOWEST_LEVEL)

    def mark(self, today: dt.date, expiries: Iterable[Expiry]) -> None:
        """Set the slice of each expiry, and of those of the indices."""
        self.today, self.slices, self.marked, self.marked_eta, least = today, {}, {}, self.eta, 0.0
        pillars = self.pillars()
        for expiry in sorted({*expiries, *(term for pair in terms_of(today) for term in pair)}):
            left = sessions_to(today, expiry, self.overnight)
            floor = LOWEST_FORWARD_VOL**2 * left / 252.0
            least = max(interpolated(pillars, left) + self.events.variance_to(today, expiry), least, floor)
            self.slices[expiry], self.marked[expiry] = self.slice(least, self.marked_eta), least

    @property
    def eta(self) -> float:
        """Curvature of all slices: steeper where customers have bought more low strikes than usual."""
        options = self.options
        steeper = 1.0 + options.skew_response * (self.skew_demand - self.usual_skew)
        return min(options.curvature * max(steeper, NARROWEST_SKEW), 2.0 / (1.0 + abs(options.skew_correlation)))

    def slice(self, swap_variance: float, eta: float) -> Slice:
        """Return the slice whose variance swap is worth this."""
        return slice_of_swap(swap_variance, eta, self.options.curvature_exponent, self.options.skew_correlation)

    def pillars(self) -> list[tuple[float, float]]:
        """Return business time and total variance-swap variance at each pillar, zero at the mark first."""
        found, years_before = [(0.0, 0.0)], 0.0
        for tenor, years in enumerate(YEARS):
            variance = (self.level(tenor) / 100.0) ** 2 * years
            if tenor > 0:
                variance = max(variance, found[-1][1] + LOWEST_FORWARD_VOL**2 * (years - years_before))
            near, next_ = (sessions_to(self.today, term, self.overnight) for term in terms_of(self.today)[tenor])
            found.append((self.at_target(tenor, near, next_), variance))
            years_before = years
        return found

    def at_target(self, tenor: int, near: float, next_: float) -> float:
        """Return what lies at a pillar between a value at the near and one at the next term, by minutes."""
        minutes = [minutes_to(self.today, term) for term in terms_of(self.today)[tenor]]
        share = (1440.0 * TENOR_DAYS[tenor] - minutes[0]) / (minutes[1] - minutes[0])
        return (1.0 - share) * near + share * next_

    def weigh(self, price: float, book: Mapping[Contract, float]) -> None:
        """Let customers' vega press on the pillars, by programme, and on the skew."""
        options = self.options
        self.demand = [[0.0] * len(YEARS) for _ in self.demand]
        self.skew_demand = 0.0
        for contract, quantity in book.items():
            k, years = math.log(contract.strike / price), minutes_to(self.today, contract.expiry) / MINUTES_IN_YEAR
            v = math.sqrt(self.slices[contract.expiry].variance(k))
            vega_bn = quantity * 0.01 * math.sqrt(years) * black(k, v, contract.call).vega
            pressure = vega_bn / options.vega_depth_bn * math.exp(-0.5 * (k / v / WIDTH) ** 2)
            self.skew_demand -= pressure * k / v
            for tenor, there in enumerate(YEARS):
                away = abs(math.log(max(years, 1.0 / 365.0) / there))
                reach = loading(years) * loading(there) * math.exp(-away / options.demand_reach)
                self.demand[contract.programme][tenor] += reach * pressure
        for programme, demand in enumerate(self.demand):
            for tenor, now in enumerate(demand):
                thinner = (
                    max(self.pillar[tenor][PATH_DEPENDENT], LOWEST_LEVEL) / 20.0
                ) ** options.vega_depth_elasticity
                self.pillar[tenor][FIRST_PROGRAMME + programme] = thinner * (now - self.ewma_demand[programme][tenor])
        for tenor, days in enumerate(TENOR_DAYS):
            self.carried[tenor] *= keep(days * 252.0 / 365.0)
            if self.carrier is not None:
                self.pillar[tenor][FIRST_PROGRAMME + self.carrier] += self.carried[tenor]

    def get_used(self) -> None:
        """Let what is usual follow the demand."""
        stays = keep(self.options.demand_half_life_days)
        self.ewma_demand = [
            [stays * old + (1.0 - stays) * new for old, new in zip(usual, demand, strict=True)]
            for usual, demand in zip(self.ewma_demand, self.demand, strict=True)
        ]
        self.usual_skew = stays * self.usual_skew + (1.0 - stays) * self.skew_demand

    def events_to(self, tenor: int) -> float:
        """Return the variance of events up to a pillar, less its mean."""
        near, next_ = (self.events.variance_to(self.today, term) for term in terms_of(self.today)[tenor])
        return self.at_target(tenor, near, next_)

    def smile(self) -> list[tuple[float, float]]:
        """Return volatility at the money of each tenor, and how far that of 90 % strikes is above it, in points."""
        found = []
        for tenor, (_, variance) in enumerate(self.pillars()[1:]):
            least = LOWEST_FORWARD_VOL**2 * YEARS[tenor]
            one = self.slice(max(variance + self.events_to(tenor), least), self.marked_eta)
            money, low = (100.0 * math.sqrt(one.variance(k) / YEARS[tenor]) for k in (0.0, math.log(0.9)))
            found.append((money, low - money))
        return found

    def split(self, tenor: int, index: float) -> list[float]:
        """Return the parts of an index.

        What a part adds to the variance of each pillar makes a broken line of its own, and both terms of the index lie
        on it: the part is to the index without events as its variance is to all. What events add to that, and quotes,
        is the rest.
        """
        at = [0.0, *(sessions for sessions, _ in self.pillars()[1:])]
        lines = [list(zip(at, [0.0, *line], strict=True)) for line in zip(*self.shares(), strict=True)]
        terms = terms_of(self.today)[tenor]
        left = [sessions_to(self.today, term, self.overnight) for term in terms]
        variances = [self.at_target(tenor, *(interpolated(line, each) for each in left)) for line in lines]
        curve = 100.0 * math.sqrt(math.fsum(variances) / YEARS[tenor])
        parts = [curve * variance / math.fsum(variances) for variance in variances]
        marked = self.at_target(tenor, *(self.marked[term] for term in terms))
        parts[EVENTS] = 100.0 * math.sqrt(marked / YEARS[tenor]) - curve
        parts[QUOTES] = index - curve - parts[EVENTS]
        return parts

    def shares(self) -> list[list[float]]:
        """Return what each part adds to the total variance of each pillar, (pillars, parts).

        Part p of a level L adds p * L to its square. A bound on it follows its cause: the lowest level is past
        returns', and a pillar that the one before it holds up has that one's parts, and the least forward variance.
        """
        found: list[list[float]] = []
        for tenor, years in enumerate(YEARS):
            level, parts = self.level(tenor), self.pillar[tenor]
            mine = [level * part * years / 1e4 for part in parts]
            mine[PATH_DEPENDENT] += level * (level - math.fsum(parts)) * years / 1e4
            least = LOWEST_FORWARD_VOL**2 * (years - YEARS[tenor - 1])
            if tenor > 0 and self.pillars()[tenor][1] + least > (level / 100.0) ** 2 * years:
                mine = [share + least * (part == PATH_DEPENDENT) for part, share in enumerate(found[-1])]
            found.append(mine)
        return found

    def indices(self, price: float) -> list[float]:
        """Return the five indices of the quotes, and split them into their parts."""
        points = []
        for tenor, terms in enumerate(terms_of(self.today)):
            minutes = tuple(minutes_to(self.today, term) for term in terms)
            variances = []
            for term, minute in zip(terms, minutes, strict=True):
                forward, quotes = quotes_of(price, self.slices[term], self.options.half_spread_pct / 100.0, tenor)
                variances.append(variance_of(forward, quotes, minute / MINUTES_IN_YEAR))
            points.append(index_of((variances[0], variances[1]), (minutes[0], minutes[1]), TENOR_DAYS[tenor]))
            self.parts[tenor] = self.split(tenor, points[-1])
        return points


def interpolated(line: list[tuple[float, float]], at: float) -> float:
    """Return a value on a broken line, which goes on straight beyond its last point."""
    for (left, low), (right, high) in pairwise(line):
        if at <= right or right == line[-1][0]:
            return low + (high - low) * (at - left) / (right - left)
    raise AssertionError("a line has two points")


def expiry_after(today: dt.date, years: float) -> Expiry:
    """Return the expiry so far from a close."""
    settles = close_of(today) + dt.timedelta(minutes=round(years * MINUTES_IN_YEAR))
    return Expiry(settles.date(), settles.time() != dt.time(9, 30))
