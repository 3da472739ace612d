"""What the systematic players will do from here, and at which levels: the state of one day, asked and simulated.

The rules have lived through the real closes up to the day (flowsim/engine/replay.py). They are asked about
suppositions and the levels at which they turn; then the whole market is simulated, with and without their feedback.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from flowsim.chain.open_interest import DealerGamma
from flowsim.clock import DateLike
from flowsim.clock.year import YEAR
from flowsim.config import Config
from flowsim.config.load import config_of
from flowsim.config.overrides import Overrides
from flowsim.data.prices import Prices, PricesLike, prices_of
from flowsim.data.volatility_file import Volatility, VolatilityLike, volatility_of
from flowsim.data.weigh import weigh_forwards
from flowsim.engine.prepare import configured_prices
from flowsim.engine.replay import WarmMarket, wanted_now, warm_market
from flowsim.ensemble.executor import Progress
from flowsim.ensemble.progress import shown
from flowsim.errors import InputError
from flowsim.files.html import bullets, card
from flowsim.history.forward import forward
from flowsim.history.outlook_layer import at_todays_budgets, layer_ahead
from flowsim.history.outlook_tables import OutlookTables
from flowsim.history.outlook_words import words
from flowsim.history.path_dependent import path_dependent
from flowsim.history.scenarios import MOST_HORIZONS, daily_vol, scenarios
from flowsim.history.speeds import by_speed
from flowsim.history.triggers import reaction_table, roll_off, turning_table

ROLL_OFF_SESSIONS = 63
LONGEST_DAYS = YEAR


@dataclass(frozen=True, eq=False)
class Outlook(OutlookTables):
    """An outlook from one close: tables and numbers, see `OutlookTables`, and what they say."""

    @property
    def words(self) -> list[str]:
        """What matters of it in sentences, most urgent first."""
        return words(self)

    def __repr__(self) -> str:
        said = "".join(f"\n- {sentence}" for sentence in self.words)
        return f"Outlook({self.label}: index {self.close:,.2f}){said}"

    def _repr_html_(self) -> str:
        about = f"Index {self.close:,.2f}; one day's standard deviation {100 * self.daily_vol:.2f} %."
        return card(self.label, [about, self.description]) + bullets(self.words)


def outlook(
    config: Config | str | Path,
    prices: PricesLike | None = None,
    *,
    as_of: DateLike | None = None,
    horizons: Sequence[int] = (5, 21),
    n_paths: int = 256,
    seed: int | None = None,
    volatility: VolatilityLike | None = None,
    gamma: DealerGamma | None = None,
    threads: int | None = None,
    progress: bool | Progress | None = None,
    overrides: Overrides = (),
    trust_data: bool = False,
) -> Outlook:
    """Return what the rules of a config will do from a real close, at which levels, and what their flows add.

    Parameters
    ----------
    config : Config, or the name or path of one
    prices : Prices, path or table, optional
        Instead of those that the config names: anything that `read_prices` takes.
    as_of : date, optional
        Session after whose close to look ahead; the last of the prices by default.
    horizons : sequence of int
        Sessions to look ahead, ascending.
    n_paths : int
        Paths of each of the two simulations.
    seed, threads, progress, overrides : optional
        As in `simulate`.
    volatility : Volatility, path or table, or several, optional
        Real closes of the VIX family, to set beside what past returns explain.
    gamma : DealerGamma, optional
        Dealers' gamma from a real chain (`dealer_gamma`).
    trust_data : bool
        Take data that are not likely; see `flowsim.data.weigh`.

    Raises
    ------
    ConfigError, InputError, StrategyError
        If the config, the date, a horizon or the history is not as it must be.
    RunError
        If a rule or the price breaks.
    """
    config = config_of(config, overrides)
    prices, volatility = (
        prices_of(prices, trust_data=trust_data) or configured_prices(config),
        volatility_of(volatility, trust_data=trust_data),
    )
    days = _checked(horizons)
    sized = at_todays_budgets(config, prices.dates[-1] if as_of is None else as_of)
    warm = warm_market(sized, prices, prices.dates[-1] if as_of is None else as_of, options_ahead=days[-1])
    history = warm.history
    day = history.dates[-1]
    if gamma is not None and not (prices.trusted or trust_data):
        close = f"the close of {day} in {prices.source}", float(history.close[-1])
        weigh_forwards(("the index of the chain", gamma.spot), close, 0.0, "chain and prices")
    speeds = by_speed(sized.active())
    turning = turning_table(warm_market(speeds, prices, day), days) if speeds.population else pl.DataFrame()
    settings = [f"time.start={day}", *([] if seed is None else [f"seed={seed}"])]
    with shown(progress, "simulating") as told:
        ahead = forward(config.override(*settings), prices, days, n_paths, threads=threads, progress=told)
    return Outlook(
        label="; ".join(filter(None, (f"{config.name} after the close of {day}, {prices.source}", config.sized))),
        description=config.about,
        as_of=day,
        close=float(history.close[-1]),
        daily_vol=daily_vol(warm),
        horizons=days,
        systematic=_systematic(warm),
        hedgers=_hedgers(warm),
        history=pl.DataFrame({"date": history.dates, "close": history.close}).tail(126),
        state=positions(warm),
        scenarios=scenarios(warm, days),
        turning=turning,
        reactions=reaction_table(warm),
        roll_off=roll_off(warm, ROLL_OFF_SESSIONS),
        volatility=_volatility(config, history, volatility),
        forward=ahead,
        gamma=gamma,
        layer=layer_ahead(config.override(*settings)),
    )


def positions(warm: WarmMarket) -> pl.DataFrame:
    """Return population and position_bn, what each rule wishes to hold, null for one without a position."""
    wanted = wanted_now(warm)
    table = pl.DataFrame({"population": warm.populations, "position_bn": wanted})
    return table.with_columns(pl.col("position_bn").fill_nan(None))


def _systematic(warm: WarmMarket) -> list[str]:
    """Return who trades stock by a rule; what option programmes deal reaches it through the dealers."""
    return [
        one.name
        for one in warm.spec.populations
        if one.strategy.kind == "systematic" and one.strategy.structure is None
    ]


def _hedgers(warm: WarmMarket) -> list[str]:
    row = warm.spec.hedger
    return [] if row < 0 else [warm.populations[row]]


def _checked(horizons: Sequence[int]) -> tuple[int, ...]:
    days = tuple(sorted(set(horizons)))
    if not days or days[0] < 1 or days[-1] > LONGEST_DAYS or len(days) > MOST_HORIZONS:
        shown = ",".join(map(str, horizons)) or "none"
        raise InputError(f"horizons = {shown}; give 1 to {MOST_HORIZONS} numbers of sessions from 1 to {LONGEST_DAYS}")
    return days


def _volatility(config: Config, history: Prices, volatility: Volatility | None) -> pl.DataFrame:
    fitted = path_dependent(config, history.close)
    real = {} if volatility is None else volatility.on(history.dates[-1:])
    rows = [
        {"index": name, "path_dependent": level[-1], "real": real[name][0] if name in real else None}
        for name, level in fitted.items()
    ]
    return pl.DataFrame(rows, schema={"index": pl.String, "path_dependent": pl.Float64, "real": pl.Float64})
