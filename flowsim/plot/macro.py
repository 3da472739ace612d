"""Pictures of the macro layer: who pays for the build-out, what falls due, growth, power, shares of income, reserves.

What the layer leaves out stands at the foot of each.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from flowsim.plot.macro_holders import holders
from flowsim.plot.macro_page import macro_page, quarter_axis, stack, swatches
from flowsim.plot.style import ALERT, COLORS, GREY, INDEX, INK, End, dress, label_ends, plain_numbers

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from flowsim.macro.alone import MacroRun

BANDS = (0.05, 0.25, 0.5, 0.75, 0.95)
QUARTERS_OF_YEAR = 4
LEAST_SHOWN = 0.003
"""Buybacks over cash flow that a picture cannot tell from none."""
COMPANY_COLORS = dict(
    zip(
        ("software", "search", "retail", "social", "leveraged"),
        (COLORS["cta"], COLORS["buyback"], COLORS["policy"], COLORS["leveraged_etf"], ALERT),
        strict=True,
    )
)
SOURCES = {
    "cash_flow_bn": ("cash flow", COLORS["buyback"]),
    "net_bonds_bn": ("bonds, net", COLORS["cta"]),
    "vehicle_borrowed_bn": ("vehicles' debt", ALERT),
    "shares_sold_bn": ("new shares", COLORS["liquidity"]),
}
USES = {
    "capex_bn": ("capital spending", COLORS["news"]),
    "vehicle_investment_bn": ("campuses", COLORS["risk_parity"]),
    "dividends_bn": ("dividends", COLORS["passive"]),
    "buybacks_bn": ("buybacks", COLORS["pension"]),
    "rest_bn": ("other, and cash", COLORS["noise"]),
}
MET = {
    "rolled_bn": ("rolled", COLORS["passive"]),
    "extended_bn": ("extended", COLORS["tone"]),
    "cash_paid_bn": ("from cash", COLORS["buyback"]),
    "support_bn": ("by the Treasury", COLORS["policy"]),
    "guarantee_bn": ("by guarantors", COLORS["risk_parity"]),
    "loss_bn": ("lost", ALERT),
}
HELD_BACK = {
    1: ("power", COLORS["policy"]),
    2: ("chips", COLORS["cta"]),
    3: ("finance", ALERT),
    0: ("demand", COLORS["noise"]),
}
RESERVES = {
    "reserve_purchases_bn": ("central bank", COLORS["buyback"]),
    "account_growth_bn": ("Treasury account", ALERT),
    "reverse_repo_growth_bn": ("reverse repo", COLORS["policy"]),
}


def financing(found: MacroRun) -> Figure:
    """Draw by year what builders and vehicles took in, above zero, and what became of it, below."""
    figure, (axes,) = macro_page("Who pays for the build-out", found, 1)
    table = found.tables["macro"].with_columns((pl.col("issued_bn") - pl.col("repaid_bn")).alias("net_bonds_bn"))
    rest = pl.sum_horizontal(*SOURCES) - pl.sum_horizontal([name for name in USES if name != "rest_bn"])
    years = _full_years(table.with_columns(rest.alias("rest_bn")), (), [*SOURCES, *USES])
    places = np.arange(years.height)
    parts = [*(years[name].to_numpy() for name in SOURCES), *(-years[name].to_numpy() for name in USES)]
    stack(axes, places, parts, [ink for _, ink in (SOURCES | USES).values()])
    axes.set_xticks(places, years["year"].to_list())
    dress(axes, "Mean over paths: taken in above zero, spent or kept below; full years", "USD bn a year")
    swatches(axes, SOURCES | USES)
    return figure


def capex_buybacks(found: MacroRun) -> Figure:
    """Draw buybacks against capital spending, both over cash flow, a point a company and year."""
    figure, (axes,) = macro_page("Capital spending and buybacks", found, 1)
    amounts = ["capex_bn", "buybacks_bn", "cash_flow_bn"]
    means = _full_years(found.tables["builders"], ("company",), amounts)
    for place, (company, ink) in enumerate(COMPANY_COLORS.items()):
        one = means.filter(company=company)
        spent, bought = (one[name].to_numpy() / one["cash_flow_bn"].to_numpy() for name in amounts[:2])
        axes.plot(spent, bought, color=ink, marker="o", markersize=4, linewidth=1.0)
        for x, y, year in zip(spent[[0, -1]], bought[[0, -1]], (one["year"][0], one["year"][-1]), strict=True):
            # Companies that buy nothing back lie on one line: their years stand above one another.
            above = 4 + 9 * place * (y < LEAST_SHOWN)
            axes.annotate(year, (x, y), xytext=(4, above), textcoords="offset points", size=7.5, color=ink)
    plain_numbers(axes.xaxis)
    dress(
        axes, "Mean over paths by full year. To the right: capital spending over cash flow", "buybacks over cash flow"
    )
    swatches(axes, {company: (company, ink) for company, ink in COMPANY_COLORS.items()})
    return figure


def maturities(found: MacroRun) -> Figure:
    """Draw loans of vehicles due by quarter, by who meets them, and the spread at which vehicles borrow."""
    figure, (wall, spread) = macro_page("The wall of maturities", found, 2)
    paid = pl.col("due_bn") - pl.sum_horizontal([name for name in MET if name != "cash_paid_bn"])
    table = found.tables["macro"].with_columns(paid.alias("cash_paid_bn"))
    means = table.group_by("quarter", maintain_order=True).agg(pl.col(list(MET)).mean())
    places = np.arange(means.height)
    stack(wall, places, [means[name].to_numpy() for name in MET], [ink for _, ink in MET.values()])
    quarter_axis(wall, found.quarters)
    dress(wall, "Loans of vehicles due, mean over paths, by what becomes of them", "USD bn a quarter")
    swatches(wall, MET)
    _fan(spread, found, "vehicle_spread_bp", ALERT, "Spread of vehicles", "bp a year")
    return figure


def growth(found: MacroRun) -> Figure:
    """Draw what AI spending adds to growth over four quarters, gross and net of imports, and growth itself."""
    figure, (parts, whole) = macro_page("What AI spending adds to growth", found, 2)
    ends = []
    for column, words, ink in (("ai_spending_bn", "gross", INDEX), ("ai_home_bn", "net of imports", ALERT)):
        added = _over_a_year(found, column)
        ends.append(End(words, _band(parts, added, ink), ink))
    parts.axhline(0, color=GREY, linewidth=0.8)
    quarter_axis(parts, found.quarters)
    dress(parts, "Change of AI spending over four quarters, over output before", "percentage points")
    label_ends(parts, ends, size=9)
    _band(whole, _over_a_year(found, "output_bn"), INK)
    quarter_axis(whole, found.quarters)
    dress(whole, "Growth of nominal output over four quarters", "%")
    return figure


def power(found: MacroRun) -> Figure:
    """Draw capacity that waits for power, and what holds builders back."""
    figure, (queue, binding) = macro_page("Power, chips, finance or demand", found, 2)
    _fan(queue, found, "queue_gw", COLORS["policy"], "Capacity that waits for power", "GW")
    table = found.tables["builders"].group_by("quarter", "binding").len()
    parts = []
    for code in HELD_BACK:
        counts = {row[0]: row[1] for row in table.filter(binding=code).select("quarter", "len").iter_rows()}
        parts.append(np.array([counts.get(quarter, 0) for quarter in found.quarters], float))
    total = np.sum(parts, axis=0)
    places = np.arange(total.size)
    stack(binding, places, [100.0 * part / total for part in parts], [ink for _, ink in HELD_BACK.values()])
    quarter_axis(binding, found.quarters)
    dress(binding, "What holds a company back most, part of companies and paths", "%")
    swatches(binding, HELD_BACK)
    return figure


def shares(found: MacroRun) -> Figure:
    """Draw the labor share, and the share of the top tenth in consumption and wealth."""
    figure, (labor, consumption, wealth) = macro_page("Who earns and who owns", found, 3)
    _fan(labor, found, "labor_share_pct", INDEX, "Wages over output", "%")
    _fan(consumption, found, "top_consumption_pct", COLORS["leveraged_etf"], "Top tenth in consumption", "%")
    _fan(wealth, found, "top_wealth_pct", COLORS["pension"], "Top tenth in deposits and listed equity", "%")
    return figure


def debts(found: MacroRun) -> Figure:
    """Draw debt of builders and vehicles, and the capital of those who lend to them."""
    figure, (builders, vehicles, lenders) = macro_page("Who owes, and who bears it", found, 3)
    _fan(builders, found, "builder_debt_bn", INDEX, "Debt of builders", "USD bn")
    _fan(vehicles, found, "vehicle_debt_bn", ALERT, "Debt of vehicles", "USD bn")
    _fan(lenders, found, "lender_capital_pct", COLORS["buyback"], "Capital of lenders over assets", "%")
    return figure


def liquidity(found: MacroRun) -> Figure:
    """Draw the change of reserves, taken apart into central bank, Treasury account and reverse repo."""
    figure, (parts, level) = macro_page("What moves reserves", found, 2)
    means = found.tables["macro"].group_by("quarter", maintain_order=True).agg(pl.col(list(RESERVES)).mean())
    added = [means["reserve_purchases_bn"].to_numpy(), *(-means[name].to_numpy() for name in list(RESERVES)[1:])]
    places = np.arange(means.height)
    stack(parts, places, added, [ink for _, ink in RESERVES.values()])
    parts.plot(places, np.sum(added, axis=0), color=INK, marker="o", markersize=4, linewidth=0)
    quarter_axis(parts, found.quarters)
    dress(parts, "Added to reserves in the quarter; dot: sum", "USD bn")
    swatches(parts, RESERVES)
    _fan(level, found, "reserves_bn", INDEX, "Reserves, currency included", "USD bn")
    return figure


MACRO_PICTURES: dict[str, Callable[[MacroRun], Figure]] = {
    "financing": financing,
    "capex-buybacks": capex_buybacks,
    "maturities": maturities,
    "growth": growth,
    "debts": debts,
    "holders": holders,
    "power": power,
    "shares": shares,
    "liquidity": liquidity,
}


def macro_pictures(found: MacroRun) -> dict[str, Figure]:
    """Return every picture of a macro run by name, without those for which it is too short."""
    years = [quarter[:4] for quarter in found.quarters]
    has_year = any(years.count(year) == QUARTERS_OF_YEAR for year in years)
    shown = {"growth": len(years) > QUARTERS_OF_YEAR, "financing": has_year, "capex-buybacks": has_year}
    return {name: draw(found) for name, draw in MACRO_PICTURES.items() if shown.get(name, True)}


def _full_years(table: pl.DataFrame, by: tuple[str, ...], names: list[str]) -> pl.DataFrame:
    """Return sums of four quarters, mean over paths, by year and more, in order of years."""
    dated = table.with_columns(pl.col("quarter").str.slice(0, 4).alias("year"))
    sums = dated.group_by("year", "path", *by).agg(pl.len().alias("quarters"), pl.col(names).sum())
    full = sums.filter(pl.col("quarters") == QUARTERS_OF_YEAR)
    return full.group_by("year", *by).agg(pl.col(names).mean()).sort("year")


def _by_quarter(found: MacroRun, column: str) -> np.ndarray:
    """Return a column of the table macro, (quarters, paths)."""
    return found.tables["macro"][column].to_numpy().reshape(found.n_paths, -1).T


def _over_a_year(found: MacroRun, column: str) -> np.ndarray:
    """Return the change over four quarters in % of output before, (quarters, paths); nan in the first four."""
    values, output = _by_quarter(found, column), _by_quarter(found, "output_bn")
    changes = np.full_like(values, np.nan)
    year = QUARTERS_OF_YEAR
    changes[year:] = 100.0 * (values[year:] - values[:-year]) / output[:-year]
    return changes


def _fan(axes: Axes, found: MacroRun, column: str, ink: str, title: str, unit: str) -> None:
    last = _band(axes, _by_quarter(found, column), ink)
    quarter_axis(axes, found.quarters)
    many = "; median, 50 and 90 % of the paths" if found.n_paths > 1 else ""
    dress(axes, f"{title}{many}", unit)
    label_ends(axes, [End(f"{last:,.1f}", last, ink)], size=9)


def _band(axes: Axes, values: np.ndarray, ink: str) -> float:
    """Draw quantiles over paths of (quarters, paths), and return the last median."""
    places = np.arange(values.shape[0])
    low, lower, middle, upper, high = np.quantile(values, BANDS, axis=1)
    axes.fill_between(places, low, high, color=ink, alpha=0.16, linewidth=0)
    axes.fill_between(places, lower, upper, color=ink, alpha=0.28, linewidth=0)
    axes.plot(places, middle, color=ink, linewidth=1.8)
    return float(middle[-1])
