"""Fundamentalists and chartists who change camps: the whole market of Franke and Westerhoff (2012), variant DCA-HPM.

Fundamentalists expect the price to return to value, chartists expect it to go on, both with large noise of their own.
Each day a part of the traders belongs to each camp, by a discrete choice (DCA) on how attractive fundamentalism is:
by herding, predisposition and misalignment (HPM), the squared distance of the price from value.

Feedback: chartists spread volatility, and the misalignment that they make drives traders back to value.

Source: Franke and Westerhoff (2012), "Structural Stochastic Volatility in Asset Pricing Dynamics: Estimation and Model
Contest". Their price moves by mu times demand, day by day; here `capital_bn` times the market's impact is mu. The noise
of both camps, each normal, is drawn as one normal number with the variance of the sum.
"""

import math

from flowsim.strategy import Annotated, Field, Law, NamedTuple, View, strategy


class Market(NamedTuple):
    """Both camps, with the paper's letters beside each parameter."""

    capital_bn: Annotated[float, Field("order for a unit of demand; times the impact it is mu", "USD bn", 0.0)]
    intensity: Annotated[float, Field("intensity of choice, beta", "", 0.0, 100.0)]
    value_response: Annotated[float, Field("fundamentalists' demand for the gap to value, phi", "per log", 0.0, 100.0)]
    trend_response: Annotated[float, Field("chartists' demand for the last return, chi", "per log", 0.0, 100.0)]
    value_noise: Annotated[float, Field("standard deviation of fundamentalists' noise, sigma_f", "", 0.0, 100.0)]
    trend_noise: Annotated[float, Field("standard deviation of chartists' noise, sigma_c", "", 0.0, 100.0)]
    predisposition: Annotated[float, Field("standing attraction of fundamentalism, alpha_0", "", -100.0, 100.0)]
    herding: Annotated[float, Field("attraction of the larger camp, alpha_n", "", 0.0, 100.0)]
    misalignment: Annotated[
        float, Field("attraction of value for the squared gap, alpha_p", "per squared log", 0.0, 1e4)
    ]


class Camps(NamedTuple):
    """How much more attractive than chartism fundamentalism was at the last close."""

    attraction: float = 0.0


@strategy(
    clock="day",
    systematic=False,
    noise=True,
    source='Franke and Westerhoff (2012), "Structural Stochastic Volatility in Asset Pricing Dynamics"',
    laws=(
        Law("long_short_symmetric"),
        Law(
            "sized_to_its_capital",
            {"turnover_a_year": (20.0, 2000.0), "largest_order": 20.0, "largest_position": (2.0, 200.0)},
        ),
        Law("bounded_in_calm_and_storm", {"largest_position": 200.0}),
        Law("acts_on", {"fields": ("fundamental_gap", "day_return"), "alone": True}),
    ),
    examples=(Market(120.0, 1.0, 0.12, 1.5, 0.76, 2.09, predisposition=-0.33, herding=1.79, misalignment=18.4),),
)
def two_camps(view: View, market: Market, camps: Camps, noise: float) -> tuple[Camps, float]:
    """Let traders choose their camp, and add up what both camps demand."""
    value_share = 0.5 + 0.5 * math.tanh(0.5 * market.intensity * camps.attraction)  # 1 / (1 + exp(-x)), for every x
    trend_share = 1.0 - value_share
    gap = view.fundamental_gap
    demand = value_share * market.value_response * gap + trend_share * market.trend_response * view.day_return
    spread = math.sqrt((value_share * market.value_noise) ** 2 + (trend_share * market.trend_noise) ** 2)
    attraction = market.herding * (value_share - trend_share) + market.predisposition + market.misalignment * gap * gap
    return Camps(attraction), (demand + spread * noise) * market.capital_bn
