"""Income, saving and shares of three groups of households.

    income = wages + transfers + property income - taxes;  deposits take what is neither consumed nor put into shares

Of a windfall, transfers to all beyond the usual ones, only a part is income to consume from. AI displaces wages of each
group by its own share. Listed equity grows on trend, buybacks and new shares included, as long as no market says
otherwise: `market_move` is what it says, growth over trend in the quarter.
"""

from __future__ import annotations

from flowsim.kernel.marks import inline
from flowsim.macro.numbers import N_COMPANIES
from flowsim.macro.rows import N_GROUPS
from flowsim.macro.state import N_SHAREHOLDERS

ABROAD_HOLDER = N_GROUPS
"""Row of those abroad among shareholders."""


@inline
def all_shares(state, lane):
    """Return all listed equity at market value."""
    total = 0.0
    for holder in range(N_SHAREHOLDERS):
        total += state.shares[holder, lane]
    return total


@inline
def builder_dividends(state, lane):
    """Return dividends of all builders."""
    total = 0.0
    for one in range(N_COMPANIES):
        total += state.dividends[one, lane]
    return total


@inline
def net_buybacks(layer, lane):
    """Return buybacks of builders and firms less new shares."""
    total = layer.found.firm_buybacks[lane]
    for one in range(N_COMPANIES):
        total += layer.state.buybacks[one, lane] - layer.found.shares_sold[one, lane]
    return total


@inline
def receive(layer, quarter, lane):
    """Find wages, transfers, property income and taxes of each group, and its income after them."""
    households, government = layer.numbers.households, layer.numbers.government
    state, found = layer.state, layer.found
    grown = 1.0 + layer.numbers.economy.trend[quarter]
    transfers = government.transfers[quarter] * state.output[lane] * grown + government.extra_transfers[quarter]
    at_home = 1.0 - state.shares[ABROAD_HOLDER, lane] / all_shares(state, lane)
    owned = (builder_dividends(state, lane) + found.utility_dividends[lane]) * at_home
    owned += found.distributed[lane] * (1.0 - layer.numbers.firms.foreign_share[quarter]) + found.lender_income[lane]
    worked = found.builder_wages[lane] + found.utility_wages[lane] + found.firm_wages[lane]
    for group in range(N_GROUPS):
        displaced = households.displaced_share[group, quarter] * found.displaced[lane]
        wages = households.wage_share[group, quarter] * worked - displaced
        interest = layer.numbers.credit.deposit_rate[quarter] * state.deposits[group, lane]
        owns = households.property_share[group, quarter] * owned + interest
        granted = households.transfer_share[group, quarter] * transfers
        found.wages[group, lane], found.property_income[group, lane] = wages, owns
        found.transfers[group, lane] = granted
        found.tax_wages[group, lane] = households.tax_wages[group, quarter] * wages
        found.tax_property[group, lane] = government.tax_property[quarter] * owns
    found.tax_property[0, lane] += government.tax_top[quarter]
    found.transfers[N_GROUPS - 1, lane] += government.transfers_bottom[quarter]
    for group in range(N_GROUPS):
        received = found.wages[group, lane] + found.transfers[group, lane] + found.property_income[group, lane]
        taxed = found.tax_wages[group, lane] + found.tax_property[group, lane]
        found.disposable[group, lane] = received - taxed
        windfall = households.transfer_share[group, quarter] * government.extra_transfers[quarter]
        state.income[group, lane] = received - taxed - (1.0 - government.extra_spent[quarter]) * windfall
        saved = found.disposable[group, lane] - found.consumption[group, lane]
        found.share_purchases[group, lane] = households.equity_saving[group, quarter] * max(saved, 0.0)


@inline
def save(layer, quarter, lane):
    """Put savings into deposits and shares, and let listed equity grow."""
    state, found = layer.state, layer.found
    grown = (1.0 + layer.numbers.economy.trend[quarter]) * state.market_move[lane]
    whole, retired, to_top = all_shares(state, lane), net_buybacks(layer, lane), 0.0
    for group in range(N_GROUPS):
        saved = found.disposable[group, lane] - found.consumption[group, lane]
        bought = found.share_purchases[group, lane]
        to_top += bought
        state.deposits[group, lane] += saved - bought + retired * state.shares[group, lane] / whole
    state.deposits[0, lane] += to_top
    for holder in range(N_SHAREHOLDERS):
        state.shares[holder, lane] *= grown
    for group in range(N_GROUPS):
        state.shares[group, lane] += found.share_purchases[group, lane]
    state.shares[0, lane] -= to_top
    for one in range(N_COMPANIES):
        state.builder_value[one, lane] *= grown
    state.utility_value[lane] *= grown
    state.firm_value[lane] *= grown
