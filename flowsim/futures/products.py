"""Notes and funds on the 30-day index of VIX futures, as a subsystem of a market.

They trade after each close, between two marks of the surface: what their leverage asks for, and the roll of the index.
The vega that they hold is a programme of the option market, `vix_products`, and dealers mark it as they mark any.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from flowsim.authoring.rows import VIX9D
from flowsim.clock.vix_settlements import days_to_settlement, index_roll, vix_settlement_days
from flowsim.config.spec import MarketSpec
from flowsim.files.arrays import ByLane, Floats, Integers, Lanes
from flowsim.files.columns import Column
from flowsim.futures.curve import Curve, build_curve
from flowsim.futures.rebalance import do_phase
from flowsim.kernel.array_functions import kept_of
from flowsim.kernel.marks import LANES
from flowsim.kernel.memory import zeros
from flowsim.market.phases import AFTER_CLOSE, AFTER_FILLS, AFTER_TRADES, MOVE, NEWS
from flowsim.market.subsystem import Host, Subsystem
from flowsim.options.arrays import GUEST_FUTURES, N_TENORS, TENOR_DAYS, Options

POINT = "USD bn for a vol point"
PUBLISHED = (
    Column("vix_index", "float64", "100 at the start", "30-day index of VIX futures, excess return"),
    Column("vix_index_return", "float64", "fraction", "its simple return of the last day", "volatility rose"),
    Column("vix_index_before", "float64", "fraction", "what that would have been before the products traded"),
    Column("vix_products_long_bn", "float64", "USD bn", "worth of the products that are long"),
    Column("vix_products_short_bn", "float64", "USD bn", "worth of those that are short", "always"),
    Column("vix_products_vega_bn", "float64", POINT, "vega that they hold after the close", "long volatility"),
    Column("vix_products_trade_bn", "float64", POINT, "bought after the close, without the roll", "bought"),
    Column("vix_products_roll_bn", "float64", POINT, "vega moved from the nearer contract to the next"),
)  # fmt: skip
NEVER = 1e30


class Calendar(NamedTuple):
    """What is known beforehand; row i is of the close before day i."""

    curve: Curve  # of the futures that may be held
    near_weight: Floats  # (days + 1,) share of the nearer contract after the roll
    first: Integers  # (days + 1,) int64 the nearer contract among those still to settle
    settles: Integers  # (days + 1,) int64, 1 where a contract settles


class Terms(NamedTuple):
    """What the products are."""

    leverage: Floats  # (products,)
    assets_bn: Floats  # (products,)
    loss: Floats  # (products,) of a day, a fraction, at which it ends
    keep: Floats  # (products,) of its distance from `assets_bn` in a session
    delta_share: float
    vega_depth_bn: float
    vega_depth_elasticity: float


class State(NamedTuple):
    """What moves."""

    assets: ByLane  # (products, lanes) USD bn
    is_open: ByLane  # (products, lanes) 1, or 0 once it has ended
    price: Lanes  # (lanes,) of what the index holds after the last close, points for one contract in all
    rise: Lanes  # (lanes,) price that clears over that of the last close
    stock_target: Lanes  # (lanes,) index that those who sold them vega hold against it, USD bn at the start price
    stock: Lanes  # (lanes,) what they hold so far


class Products(NamedTuple):
    """Everything that the kernel works on."""

    calendar: Calendar
    terms: Terms
    state: State
    prices: ByLane  # (futures, lanes) work space
    bought: Lanes  # (lanes,) of stock in the step
    vega: ByLane  # (futures, lanes) that they hold, by contract: the option market's
    guest_reach: Floats  # (days + 1, futures, tenors) the option market's
    pillar: ByLane  # (tenors, parts, lanes) the option market's
    indices: ByLane  # (tenors, lanes) rows of the view
    shown: ByLane  # (published, lanes) rows of the view
    trading: Lanes
    slope: Lanes
    total: Lanes
    relative: Lanes
    contribution: Lanes  # of this source since the last row that was kept
    flow: Lanes
    shares: ByLane  # (accounts, lanes)
    cash: ByLane
    account: int
    market_maker: int


class VixProducts(Subsystem):
    """Notes and funds on VIX futures, where the config has the table `vix_products`."""

    name = "vix_products"
    phases = (NEWS, MOVE, AFTER_FILLS, AFTER_CLOSE, AFTER_TRADES)
    work = staticmethod(do_phase)
    sources = ("vix_products",)
    published = PUBLISHED
    accounts = ("vix_product_dealers",)

    def takes_part(self, spec: MarketSpec) -> bool:
        """Return whether the config has any."""
        return spec.vix_products is not None

    def known(self, spec: MarketSpec, dates: np.ndarray) -> Calendar:
        """Return the calendar of the sessions `dates`, of which the first is before the first day."""
        futures = spec.vix_futures
        assert futures is not None
        days, roll = days_to_settlement(dates, GUEST_FUTURES), index_roll(dates)
        curve = build_curve(days, TENOR_DAYS, futures.convexity, futures.convexity_horizon)
        return Calendar(curve, roll.weight, roll.first, np.isin(dates, vix_settlement_days()).astype(np.int64))

    def days_of(self, known: Calendar, first: int, last: int) -> Calendar:
        """Return the calendar of the days from one up to another, with the close before them."""
        rows = slice(first, last + 1)
        curve = Curve(*(values[rows] for values in known.curve))
        return Calendar(curve, known.near_weight[rows], known.first[rows], known.settles[rows])

    def new_state(self, spec: MarketSpec, known: Calendar, log_close: np.ndarray) -> State:
        """Return products of their first size, which have bought nothing yet."""
        terms = terms_of(spec)
        assets = zeros(len(terms.leverage), LANES)
        assets[:] = terms.assets_bn[:, None]
        is_open = zeros(*assets.shape)
        is_open[:] = 1.0
        return State(assets, is_open, zeros(LANES), zeros(LANES), zeros(LANES), zeros(LANES))

    def bundle(self, host: Host, known: Calendar, state: State) -> Products:
        """Return the products of a block, with the vega and the surface of its option market."""
        options: Options = host.bundles["option_market"]
        registry, scratch, observables = host.registry, host.scratch, host.state.observables
        source, first = registry.sources.index(self.sources[0]), registry.view.index(PUBLISHED[0].name)
        return Products(
            calendar=known,
            terms=terms_of(host.spec),
            state=state,
            prices=zeros(GUEST_FUTURES, LANES),
            bought=zeros(LANES),
            vega=options.book.guest_vega,
            guest_reach=options.listing.guest_reach,
            pillar=options.book.pillar,
            indices=observables[VIX9D : VIX9D + N_TENORS],
            shown=observables[first : first + len(PUBLISHED)],
            trading=scratch.trading,
            slope=scratch.slope,
            total=scratch.total,
            relative=scratch.relative,
            contribution=scratch.contribution_sum[source],
            flow=scratch.flow_sum[source],
            shares=host.state.shares,
            cash=host.state.cash,
            account=registry.accounts.index(self.accounts[0]),
            market_maker=host.rules.market_maker,
        )

    def fault(self, spec: MarketSpec, what: int, where: str) -> str:
        """Return that no level of the futures clears, and whose rebalancing does not let it."""
        assert spec.vix_products is not None
        name = list(spec.vix_products.product)[what]
        return (
            f"no level of VIX futures clears on {where}: the rebalancing of product {name} feeds on itself (a fall asks"
            " it to sell more vega than dealers take at any level); lower"
            f" vix_products.product.{name}.assets_bn, or raise options.vega_depth_bn"
        )


def terms_of(spec: MarketSpec) -> Terms:
    """Return what the products of a market are."""
    assert spec.vix_products is not None
    every = spec.vix_products.product.values()
    return Terms(
        leverage=np.array([float(one.leverage) for one in every]),
        assets_bn=np.array([float(one.assets_bn) for one in every]),
        loss=np.array([NEVER if one.closes_at_loss_pct is None else one.closes_at_loss_pct / 100.0 for one in every]),
        keep=np.array(
            [1.0 if one.assets_half_life_days is None else kept_of(one.assets_half_life_days) for one in every]
        ),
        delta_share=spec.vix_products.delta_share,
        vega_depth_bn=spec.options.vega_depth_bn,
        vega_depth_elasticity=spec.options.vega_depth_elasticity,
    )


VIX_PRODUCTS = VixProducts()
