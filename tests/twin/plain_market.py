"""The day of the market once more: one path, plain Python, as slow as it likes. It is the engine's specification.

Written from the model and the docstrings, not from the engine: impact is a sum over all past trades of what is left
of each, orders wait in a dictionary by day, and every window is recomputed from the list of closes. Nothing is
shared with the engine but the config, the calendar, the text of the rules, and the state it starts from.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from twin.plain_calendar import Session, plain_sessions
from twin.plain_expiries import Expiry
from twin.plain_ledger import Ledger
from twin.plain_observables import YEAR, depth, news_heat, next_variances, observed
from twin.plain_options import PlainOptions
from twin.plain_random import Stream, stream_key
from twin.plain_traders import starting_traders

from flowsim.authoring.view import View
from flowsim.clock import sessions_after
from flowsim.engine.prepare import Market
from flowsim.market.propagator import exponential_modes

FALLS = (0.07, 0.13, 0.20)
STATES = ("liquidity", "rv_21", "cut_probability", "sentiment", "gamma_1pct_bn")


@dataclass(frozen=True)
class Step:
    """What happened in one step."""

    price: float
    contributions: list[float]
    flows: list[float]
    shares: list[float]
    states: list[float]  # value in index points, then `STATES`


class PlainMarket:
    """One path of a market from its start. With `given`, follow these returns and move no price."""

    def __init__(self, market: Market, path: int, given: list[float] | None = None, bars_per_day: int = 0) -> None:
        self.config, self.path, self.given = market.config, path, given
        self.bars_per_day = bars_per_day or self.config.time.bars_per_day
        n_days = len(given) if given else self.config.time.days
        dates = sessions_after(np.datetime64(self.config.time.start), n_days + 1).dates
        self.sessions = plain_sessions(self.config, dates, self.bars_per_day)
        self.steps_per_day = self.bars_per_day + 2
        start, lane = market.start, path % 64
        self.observables = dict(zip(View._fields, start.observables[:, lane].tolist(), strict=True))
        self.closes = np.log(market.history.close).tolist()
        self.variances = start.depth.variances[:, lane].tolist()
        self.value, self.expected_bp = float(start.news.log_value[lane]), float(start.policy.expected_bp[lane])
        self.liquidity = float(start.liquidity.deviation[lane])
        self.waiting_news = 0.0
        self.business_time = 0.0
        self.start_price = float(market.history.close[-1])
        self.traders = starting_traders(market, path)
        self.hedger = next((trader for trader in self.traders if trader.strategy.hedges_options), None)
        # Hedges of options are not foreseen, so whoever follows given returns trades none.
        lists = self.config.options.listed and given is None
        self.options = PlainOptions(market, path, self.traders) if lists else None
        self.observables["hedge_gap_bn"] = 0.0
        self.ledger = Ledger(self.traders, *start.shares[-2:, lane].tolist())
        weights, rates = exponential_modes(
            self.config.market.propagator_exponent, self.config.market.propagator_cutoff_days
        )
        self.modes = list(zip(weights.tolist(), rates.tolist(), strict=True))
        self.steps: list[Step] = []
        self.easing_since_bar = self.easing_since_close = self.waiting_policy = 0.0
        self.log_activity, self.activity = 0.0, 1.0
        self.own_news = 1.0

    def stream(self, name: str) -> Stream:
        """Return the random stream of a name."""
        return Stream(stream_key(self.config.seed, name), self.config.antithetic)

    def run(self) -> list[Step]:
        """Run every session and return its steps."""
        self.draw_liquidity()
        for day, session in enumerate(self.sessions[:-1]):
            self.one_day(day, session)
        return self.steps

    def draw_liquidity(self) -> None:
        """Draw what nobody sees of system liquidity at the start."""
        spread = self.config.liquidity.initial_vol
        if self.given is None and spread > 0.0:
            drawn = spread * self.stream("market:liquidity").normals(self.path, 0, draw=1)[0]
            self.liquidity += drawn
            self.observables["liquidity"] += drawn
            self.observables |= depth(self.config, self.variances, self.observables)

    @property
    def cash(self) -> list[float]:
        """Cash of every account, USD bn."""
        return self.ledger.cash(self.options.dealers_cash if self.options else 0.0)

    def one_day(self, day: int, session: Session) -> None:
        """Run the night, every bar, the close."""
        self.observables |= session.calendar | {"day_return": 0.0}
        self.breakers, self.halted_until = 0, -1
        if session.quiet == 0:
            self.observables["easing_bp"] = self.easing_since_bar
        for trader in self.traders:
            trader.today = trader.due.pop(day, 0.0)
        for step in range(session.bars + 1):
            trading = step > self.halted_until
            if step > 0:
                self.open_options(session, step)
            counter = day * self.steps_per_day + step
            self.move_activity(session, step, counter)
            flows, impact_flows = self.trade(day, session, step, trading)
            told = [self.news(day, session, step, counter, trading), self.policy(session, step, counter, trading)]
            told += self.news_of_others(day, session, step, trading)
            share = session.business_time[step] if trading else 0.0
            self.move_price(share, session.thinness[step], told, impact_flows, flows, within_bar=trading and step > 0)
            self.trip_breakers(session, step)
        self.close(day, session)

    def move_activity(self, session: Session, step: int, counter: int) -> None:
        """Move the activity of bars, which is 1 at night and along given returns."""
        market, vol = self.config.market, self.config.market.activity_vol
        steps = 1 if step < session.quiet else self.bars_per_day
        keep = 0.5 ** (1.0 / (market.activity_half_life_sessions * steps))
        z = self.stream("market:activity").normals(self.path, counter)[0]
        if self.given is None:
            self.log_activity = keep * self.log_activity + vol * math.sqrt(1.0 - keep**2) * z
        self.activity = (
            1.0 if step < session.quiet else math.exp(self.log_activity - 0.5 * vol**2 * (self.given is None))
        )

    def open_options(self, session: Session, step: int) -> None:
        """Settle on the opening, and show dealers what they lack to be hedged at the price before the bar."""
        if self.options:
            if step == 1:
                self.options.settle(Expiry(session.date, False), self.observables["price"])
            held = self.hedger.shares if self.hedger else 0.0
            elapsed = math.fsum(session.business_time[:step])
            self.options.publish(self.observables, held, elapsed, session.date if step == session.bars else None)

    def news(self, day: int, session: Session, step: int, counter: int, trading: bool) -> float:
        """Move value by its random walk, a release, a jump; news of a halt waits for its end."""
        if self.given is not None:
            self.value += self.given[day] if step == 0 else 0.0
            return self.given[day] if step == 0 else 0.0
        value, stream, share = self.config.fundamental, self.stream("market:news"), session.business_time[step]
        z, z_release = stream.normals(self.path, counter)
        if step == 0:
            self.heat = news_heat(self.config, self.observables["market_vol"])
        news_vol = self.heat * math.sqrt(self.activity) * value.daily_news_vol * self.own_news
        change = value.drift_pct_per_year / 100.0 / YEAR * share + news_vol * math.sqrt(share) * z
        if step == 0 and session.release_sd > 0.0:
            change += session.release_sd * z_release + value.reflexivity * self.observables["return_63d"]
        if stream.uniforms(self.path, counter, draw=1)[0] < value.jumps_per_year / YEAR * share:
            z_jump = stream.normals(self.path, counter, draw=2)[0]
            change += self.heat * (value.jump_mean_bp + value.jump_vol_bp * z_jump) / 1e4
        self.value += change
        self.waiting_news += value.pass_through * change
        told, self.waiting_news = (self.waiting_news, 0.0) if trading else (0.0, self.waiting_news)
        return told

    def news_of_others(self, day: int, session: Session, step: int, trading: bool) -> list[float]:
        """Return what is told of other markets: nothing in the first."""
        return []

    def policy_share(self, session: Session, step: int) -> float:
        """Return the business time in which officials speak."""
        return session.business_time[step]

    def counter_of_all(self, counter: int) -> int:
        """Return the address of a draw that all markets share."""
        return counter

    def policy(self, session: Session, step: int, counter: int, trading: bool) -> float:
        """Move the expected change of the policy rate by what is said and decided; the effect of a halt waits."""
        if self.given is not None:
            return 0.0
        fed, stream, share = self.config.policy, self.stream("market:policy"), self.policy_share(session, step)
        u_speech, u_decision = stream.uniforms(self.path, counter)
        z_speech, z_release = stream.normals(self.path, counter, draw=1)
        size = 0.0
        speeches = (
            (fed.chair_speeches_per_year, fed.chair_bp),
            (fed.governor_speeches_per_year, fed.governor_bp),
            (fed.president_speeches_per_year, fed.president_bp),
        )
        for number, bp in speeches:
            if 0.0 <= u_speech < number / YEAR * share:
                size = bp
                break
            u_speech -= number / YEAR * share
        talk = size * z_speech + (fed.minutes_bp * z_release if session.minutes_step == step else 0.0)
        expected = min(max(self.expected_bp + talk, -25.0), 0.0)
        if session.scripted_cut is not None:
            expected = -25.0 * session.scripted_cut
        easing = self.expected_bp - expected
        self.expected_bp = expected
        if session.statement_step == step:
            decided = -25.0 if u_decision < -expected / 25.0 else 0.0
            easing -= decided - expected + fed.statement_bp * z_release
            if session.scripted_cut is None:
                self.expected_bp = -25.0 * fed.initial_cut_probability
        self.easing_since_bar += easing
        self.easing_since_close += easing
        self.observables["easing_bp"] = self.easing_since_bar
        self.observables["cut_probability"] = -self.expected_bp / 25.0
        self.waiting_policy += fed.price_effect_pct / 100.0 / 25.0 * fed.amplification * easing
        told, self.waiting_policy = (self.waiting_policy, 0.0) if trading else (0.0, self.waiting_policy)
        return told

    def trade(self, day: int, session: Session, step: int, trading: bool) -> tuple[list[float], list[float]]:
        """Ask the strategies of the bar clock and fill what is due; return fills, and flows that the price feels."""
        self.observables["day_fraction"] = session.volume[step] * self.activity
        self.observables["bar"] = float(step - session.night)
        self.observables["bars_left"] = session.bars - step + 1.0
        flows, impact_flows = [], []
        for trader in self.traders:
            clock = trader.strategy.clock
            if step < session.quiet and not (trader.strategy.trades_overnight and session.volume[0] > 0.0):
                flows.append(0.0)
                impact_flows.append(0.0)
                continue
            silent = self.given is not None and trader.strategy.uses_noise
            order = 0.0
            if not silent and (clock == "bar" or (clock == "last_bar" and step == session.bars)):
                order = trader.ask(self.observables, self.path, day * self.steps_per_day + step)
            execution = trader.execution
            part = session.slice_of(execution.profile, self.bars_per_day)[step]
            due = trader.backlog + part * trader.today + order
            most = math.inf
            if execution.participation_cap < 1.0:
                most = execution.participation_cap * self.config.market.adv_bn * self.observables["day_fraction"]
            fill = min(max(due, -most), most) if trading else 0.0
            # Whoever provides liquidity or hedges decides anew in every bar on all that it holds.
            anew = trader.strategy.provides_liquidity or trader.strategy.hedges_options
            trader.backlog = 0.0 if anew else due - fill
            flows.append(fill)
            in_session = session.volume[session.night :]
            ahead = trader.ahead[day] * session.volume[step] / sum(in_session) if step >= session.night else 0.0
            silent = trader.strategy.provides_liquidity or not trader.population.moves_price
            impact_flows.append(0.0 if silent else fill + ahead)
        if step >= session.quiet:
            self.easing_since_bar = 0.0
        return flows, impact_flows

    def slope(self, net: float) -> float:
        """Return the log return per USD bn of the step's net flow."""
        market = self.config.market
        if self.given is not None:
            return 0.0
        if market.impact == "square_root":
            share = max(abs(net) / market.adv_bn, 1e-4)
            daily_vol = self.observables["market_vol"] / math.sqrt(YEAR)
            return market.square_root_prefactor * daily_vol * math.sqrt(share) / (share * market.adv_bn)
        return self.observables["impact"]

    def left_after(self, age: float) -> float:
        """Return the part of an impact that is left after a while of business time, in days."""
        market = self.config.market
        if market.impact == "propagator":
            return math.fsum(weight * math.exp(-rate * age) for weight, rate in self.modes)
        transient = market.transient_share * math.exp(-market.transient_decay_per_day * age)
        return 1.0 - market.transient_share + transient

    def move_price(
        self,
        share: float,
        thinness: float,
        told: list[float],
        impact_flows: list[float],
        flows: list[float],
        *,
        within_bar: bool,
    ) -> None:
        """Add up what every source does to the price: new impact, and the change of what is left of the old."""
        slope, before = thinness * self.slope(sum(impact_flows)), self.business_time
        self.business_time += share
        contributions = [*told]
        for trader, flow in zip(self.traders, impact_flows, strict=True):
            old = (
                i * (self.left_after(self.business_time - t) - self.left_after(before - t)) for i, t in trader.impacts
            )
            contributions.append(slope * flow + math.fsum(old))
            if slope * flow != 0.0:
                trader.impacts.append((slope * flow, self.business_time))
        if within_bar:
            self.hedge_within(slope, contributions, flows)
        step_return = math.fsum(contributions)
        self.observables["step_return"] = step_return
        self.observables["day_return"] += step_return
        self.observables["log_price"] += step_return
        self.observables["price"] = math.exp(self.observables["log_price"])
        self.observables["fundamental_gap"] = self.value - self.observables["log_price"]
        self.ledger.book(flows, self.observables["price"] / self.start_price)
        self.observables["inventory_bn"] = self.ledger.inventory
        states = [math.exp(self.value), *(self.observables[name] for name in STATES)]
        self.steps.append(Step(self.observables["price"], contributions, flows, self.ledger.shares, states))

    def hedge_within(self, slope: float, contributions: list[float], flows: list[float]) -> None:
        """Let dealers hedge a part of the move while it happens: r = e - 100 slope gamma part r."""
        if self.options and self.hedger:
            row = self.traders.index(self.hedger)
            within = self.hedger.agents[0][0].within_bar if self.hedger.population.moves_price else 0.0
            gamma = 100.0 * within * self.observables["gamma_1pct_bn"]
            stock = -gamma * math.fsum(contributions) / (1.0 + slope * gamma)
            flows[row] += stock
            contributions[2 + row] += slope * stock
            self.hedger.impacts.append((slope * stock, self.business_time))

    def trip_breakers(self, session: Session, step: int) -> None:
        """Halt trading after a fall of 7 or 13 percent before 15:25, and for the day after 20 percent."""
        if not self.config.market.circuit_breakers or self.bars_per_day == 1 or self.given is not None:
            return
        level = sum(self.observables["day_return"] <= math.log(1.0 - fall) for fall in FALLS)
        if level > self.breakers:
            self.breakers = level
            if level == 3:
                self.halted_until = session.bars
            elif step <= session.last_halt_step:
                self.halted_until = step + math.ceil(15.0 / session.minutes)

    def close(self, day: int, session: Session) -> None:
        """Update what everybody sees, then let the strategies of the day clock decide for the days to come."""
        counter = day * self.steps_per_day + self.steps_per_day - 1
        self.move_states(session, counter)
        self.closes.append(self.observables["log_price"])
        self.observables |= observed(self.closes)
        self.variances = next_variances(self.config, self.variances, self.closes[-1] - self.closes[-2])
        self.observables |= depth(self.config, self.variances, self.observables)
        self.observables |= self.sessions[day + 1].calendar | {"easing_bp": self.easing_since_close}
        self.easing_since_close = 0.0
        if self.options:
            self.options.close(day, session.date, self.observables, counter)
        for trader in self.traders:
            if trader.strategy.clock == "day":
                execution = trader.execution
                order = trader.ask(self.observables, self.path, counter)
                for later in range(execution.days):
                    trader.due[day + execution.lag_days + later] += order / execution.days

    def move_states(self, session: Session, counter: int) -> None:
        """Move system liquidity and panic by a day."""
        chance = 0.0 if self.given is not None else 1.0
        liquidity, sentiment = self.config.liquidity, self.config.sentiment
        z = chance * self.stream("market:liquidity").normals(self.path, self.counter_of_all(counter))[0]
        keep = 0.5 ** (1.0 / liquidity.half_life_days)
        self.liquidity = keep * self.liquidity + liquidity.vol * math.sqrt(1.0 - keep**2) * z
        self.observables["liquidity"] = session.liquidity_level + self.liquidity
        z = chance * self.stream("market:sentiment").normals(self.path, counter)[0]
        sigmas = -self.observables["day_return"] / (self.observables["market_vol"] / math.sqrt(YEAR))
        added = sentiment.response * max(sigmas - sentiment.threshold, 0.0) + sentiment.shock_vol * z
        self.observables["sentiment"] = max(
            0.5 ** (1.0 / sentiment.half_life_days) * self.observables["sentiment"] + added, 0.0
        )
