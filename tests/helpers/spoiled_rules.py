"""Small rules that break one law each, by the law; and a few that keep to all but one."""

import math
from typing import Annotated, NamedTuple

from flowsim.authoring.declaration import Field, strategy
from flowsim.authoring.view import View


class Fund(NamedTuple):
    capital_bn: Annotated[float, Field("capital", "USD bn", 0.0)]
    cap: Annotated[float, Field("largest exposure", "x capital", 0.1, 2.0)]
    buffer: Annotated[float, Field("gap left alone", "x capital", 0.0, 1.0)]
    day: Annotated[float, Field("day of the week", "", choices=(0, 1, 2, 3, 4))]


class Desk(NamedTuple):
    capital_bn: Annotated[float, Field("balance sheet", "USD bn", 0.0)]
    band: Annotated[float, Field("gap left alone", "x capital", 0.0, 1.0)]


class Held(NamedTuple):
    exposure: float = 0.0


class Nothing(NamedTuple):
    so_far: float = 0.0


CALLS: list[float] = []


@strategy(clock="day", source="broken on purpose")
def divides_by_volatility(view: View, fund: Fund, held: Nothing, noise: float) -> tuple[Nothing, float]:
    return held, fund.capital_bn / view.rv_21


@strategy(clock="bar", source="broken on purpose")
def orders_nan(view: View, fund: Fund, held: Nothing, noise: float) -> tuple[Nothing, float]:
    return held, math.nan if view.day_return < -0.05 else 0.0


@strategy(clock="day", source="broken on purpose")
def counts_its_calls(view: View, fund: Fund, held: Nothing, noise: float) -> tuple[Nothing, float]:
    CALLS.append(1.0)
    return held, float(len(CALLS))


@strategy(clock="day", source="broken on purpose")
def forgets_half_of_its_order(view: View, fund: Fund, held: Held, noise: float) -> tuple[Held, float]:
    return Held(held.exposure + 0.5 * view.day_return), view.day_return * fund.capital_bn


@strategy(clock="day", source="sound")
def trades_the_week(view: View, fund: Fund, held: Nothing, noise: float) -> tuple[Nothing, float]:
    return held, view.return_5d * fund.capital_bn


@strategy(clock="day", source="broken on purpose")
def overflows_an_integer(view: View, fund: Fund, held: Nothing, noise: float) -> tuple[Nothing, float]:
    return held, float(int(view.price * 1e20))


@strategy(clock="day", source="broken on purpose")
def ignores_its_cap_and_buffer(view: View, fund: Fund, held: Held, noise: float) -> tuple[Held, float]:
    return Held(30.0 * view.rv_21), (30.0 * view.rv_21 - held.exposure) * fund.capital_bn


@strategy(clock="day", source="broken on purpose")
def trades_whatever_its_capital(view: View, fund: Fund, held: Nothing, noise: float) -> tuple[Nothing, float]:
    return held, abs(view.day_return) - 0.01


@strategy(clock="bar", source="broken on purpose")
def hedges_half_of_its_band(view: View, desk: Desk, held: Nothing, noise: float) -> tuple[Nothing, float]:
    outside = abs(view.hedge_gap_bn) > 0.5 * desk.band * desk.capital_bn
    return held, view.hedge_gap_bn if outside else 0.0


class Issuer(NamedTuple):
    capital_bn: Annotated[float, Field("authorized purchases a year", "USD bn", 0.0)]
    quiet_days: Annotated[float, Field("before the quarter's end", "days", 1.0, 60.0)]
    report_lag_days: Annotated[float, Field("after it", "days", 1.0, 90.0)]
    pace: Annotated[float, Field("pace in blackout", "", 0.1, 0.5)]


class Product(NamedTuple):
    so_far: float = 1.0


@strategy(clock="day", source="broken on purpose")
def counts_in_integers(view: View, fund: Fund, held: Nothing, noise: float) -> tuple[Nothing, float]:
    return Nothing(1 if view.weekday == 1.0 else 0.0), 0.0


@strategy(clock="day", source="broken on purpose")
def compounds_for_ever(view: View, fund: Fund, held: Product, noise: float) -> tuple[Product, float]:
    return Product(1.02 * held.so_far), 0.0


@strategy(clock="day", source="sound")
def averages_averages(view: View, fund: Fund, held: Product, noise: float) -> tuple[Product, float]:
    return Product(held.so_far + (view.price - held.so_far) / 300.0), 0.0


@strategy(clock="day", source="broken on purpose")
def goes_half_way(view: View, fund: Fund, held: Held, noise: float) -> tuple[Held, float]:
    traded = 0.5 * (view.rv_21 - held.exposure)
    return Held(held.exposure + traded), traded * fund.capital_bn


@strategy(clock="day", source="broken on purpose")
def follows_rises_only(view: View, fund: Fund, held: Nothing, noise: float) -> tuple[Nothing, float]:
    return held, max(view.day_return, 0.0) * fund.capital_bn


@strategy(clock="bar", source="broken on purpose")
def trades_half_of_the_market(view: View, fund: Fund, held: Nothing, noise: float) -> tuple[Nothing, float]:
    return held, -0.5 * view.adv_bn if view.day_return > 0.01 else 0.0


@strategy(clock="day", source="broken on purpose")
def never_closes_its_window(view: View, issuer: Issuer, held: Nothing, noise: float) -> tuple[Nothing, float]:
    return held, issuer.capital_bn / 252.0


class Lean(NamedTuple):
    capital_bn: Annotated[float, Field("capital", "USD bn", 0.0)]


class Path(NamedTuple):
    exposure: float = 0.0
    highest: float = 0.0


@strategy(clock="day", source="broken on purpose")
def takes_a_percent_for_a_fraction(view: View, fund: Lean, held: Held, noise: float) -> tuple[Held, float]:
    wanted = 10.0 / max(view.rv_21, 0.001)
    return Held(wanted), (wanted - held.exposure) * fund.capital_bn


@strategy(clock="day", source="broken on purpose")
def takes_a_fraction_for_a_percent(view: View, fund: Lean, held: Held, noise: float) -> tuple[Held, float]:
    wanted = 0.001 / max(view.rv_21, 0.001)
    return Held(wanted), (wanted - held.exposure) * fund.capital_bn


@strategy(clock="day", source="broken on purpose")
def never_lets_go(view: View, fund: Lean, held: Path, noise: float) -> tuple[Path, float]:
    highest = max(held.highest, min(1.5, 0.1 / max(view.rv_21, 0.001)))
    return Path(highest, highest), (highest - held.exposure) * fund.capital_bn


@strategy(clock="day", source="broken on purpose")
def drifts(view: View, fund: Lean, held: Path, noise: float) -> tuple[Path, float]:
    drifted, wanted = held.highest + 0.001, min(1.5, 0.1 / max(view.rv_21, 0.001))
    return Path(wanted + drifted, drifted), (wanted + drifted - held.exposure) * fund.capital_bn


@strategy(clock="day", source="broken on purpose")
def looks_at_round_numbers(view: View, fund: Lean, held: Nothing, noise: float) -> tuple[Nothing, float]:
    return held, fund.capital_bn * (0.1 if view.price % 100.0 < 50.0 else -0.1)


@strategy(clock="day", source="broken on purpose")
def goes_half_way_to_a_flat_risk(view: View, fund: Lean, held: Held, noise: float) -> tuple[Held, float]:
    traded = 0.5 * (min(4.0, 0.3 / max(view.rv_21, 0.001)) - held.exposure)
    return Held(held.exposure + traded), traded * fund.capital_bn


@strategy(clock="day", source="broken on purpose")
def reads_noise_that_it_has_not(view: View, fund: Lean, held: Nothing, noise: float) -> tuple[Nothing, float]:
    return held, fund.capital_bn * (view.day_return + noise)


@strategy(clock="day", source="broken on purpose")
def buys_in_percent(view: View, fund: Lean, held: Nothing, noise: float) -> tuple[Nothing, float]:
    return held, fund.capital_bn * (0.02 if view.return_5d < -5.0 else 0.01 * view.day_return)
