"""Vehicles: owners of rented campuses, whose loans fall due and are rolled, extended, paid, guaranteed or lost.

    invested = plan * power factor * appetite,  appetite falls to 0 as the spread rises by `appetite_width`
    rolled = due * roll * clip(roll_ltv * value / debt, 0, 1), all that lenders roll while debt is below value
    extended = extension * (due - rolled): a year on, at most twice, at a margin
    due - rolled - extended = half of free cash + support + guarantee + loss

Cash that is missing for interest and notes is lent, as notes. What nobody pays of a loan is a write-down of campuses.
Equity bears it while there is any: the debt that it leaves becomes notes. The rest is written off the debt, and lenders
bear it.
"""

from __future__ import annotations

from flowsim.kernel.functions import exp
from flowsim.kernel.marks import inline
from flowsim.macro.state import EXTENSIONS, LONGEST_LAG, LONGEST_TENOR, VALUE_SHOCK

EXTENDED_TO = 3
"""Slot of a loan that is due four quarters on."""


@inline
def loans_outstanding(state, lane):
    """Return all loans, however often they were extended."""
    total = 0.0
    for times in range(1 + EXTENSIONS):
        for slot in range(LONGEST_TENOR):
            total += state.loans[times, slot, lane]
    return total


@inline
def vehicle_plant(state, lane):
    """Return campuses in service and under construction."""
    total = state.campuses[lane]
    for slot in range(LONGEST_LAG):
        total += state.campuses_building[slot, lane]
    return total


@inline
def campus_value(layer, quarter, lane):
    """Return what campuses would sell for."""
    state = layer.state
    kept = 1.0 - layer.numbers.vehicles.haircut[quarter]
    return vehicle_plant(state, lane) * exp(state.value_walk[lane]) * kept


@inline
def run_vehicles(layer, quarter, lane):
    """Live through the quarter of the vehicles: rent, interest, loans due, owners' income, new campuses."""
    vehicles, state, found = layer.numbers.vehicles, layer.state, layer.found
    plant = vehicle_plant(state, lane)
    debt = loans_outstanding(state, lane) + state.notes[lane]
    equity = plant + state.vehicle_cash[lane] - debt
    state.value_walk[lane] += 0.5 * vehicles.asset_vol[quarter] * layer.shocks[VALUE_SHOCK, lane]
    found.vehicle_value[lane] = campus_value(layer, quarter, lane)
    found.rent[lane] = vehicles.rent_rate[quarter] * state.campuses[lane]
    found.vehicle_interest[lane] = vehicle_interest(layer, quarter, lane)
    amortized = vehicles.amortization[quarter] * state.notes[lane]
    free = state.vehicle_cash[lane] + found.rent[lane] - found.vehicle_interest[lane] - amortized
    missing = max(-free, 0.0)
    pass_a_quarter(layer, quarter, lane, debt)
    settle(layer, quarter, lane, max(free, 0.0), max(equity, 0.0))
    state.notes[lane] += missing - amortized
    kept = max(free, 0.0) - found.paid_from_cash[lane]
    found.vehicle_income[lane] = 0.5 * max(kept - vehicles.cash_share[quarter] * plant, 0.0)
    state.vehicle_cash[lane] = kept - found.vehicle_income[lane]
    paid = found.paid_from_cash[lane] + found.support_paid[lane] + found.guarantee[lane]
    found.vehicle_repaid[lane] = amortized + paid
    found.vehicle_borrowed[lane] = missing
    build(layer, quarter, lane)


@inline
def vehicle_interest(layer, quarter, lane):
    """Return interest on all debt; an extension costs a margin each time."""
    vehicles, credit, state = layer.numbers.vehicles, layer.numbers.credit, layer.state
    rise = state.vehicle_spread[lane] - credit.vehicle_spread[quarter]
    rate = credit.vehicle_rate[quarter] + credit.vehicle_pass[quarter] * rise / 4.0
    total = rate * state.notes[lane]
    for times in range(1 + EXTENSIONS):
        for slot in range(LONGEST_TENOR):
            total += (rate + times * vehicles.extension_margin[quarter] / 4.0) * state.loans[times, slot, lane]
    return total


@inline
def pass_a_quarter(layer, quarter, lane, debt):
    """Take the loans due off the ladder, move the others down, and put back what is rolled and extended."""
    vehicles, state, found = layer.numbers.vehicles, layer.state, layer.found
    value = found.vehicle_value[lane]
    covered = 1.0 if debt <= value else vehicles.roll_ltv[quarter] * value / debt
    roll = vehicles.roll[quarter] * min(max(covered, 0.0), 1.0)
    due, rolled, extended = 0.0, 0.0, 0.0
    for times in range(EXTENSIONS, -1, -1):
        falls_due = state.loans[times, 0, lane]
        for slot in range(LONGEST_TENOR - 1):
            state.loans[times, slot, lane] = state.loans[times, slot + 1, lane]
        state.loans[times, LONGEST_TENOR - 1, lane] = 0.0
        due += falls_due
        rolled += roll * falls_due
        if times < EXTENSIONS:
            moved = vehicles.extension[quarter] * (1.0 - roll) * falls_due
            state.loans[times + 1, EXTENDED_TO, lane] += moved
            extended += moved
    lend(state, int(vehicles.tenor[quarter]), rolled, lane)
    found.due[lane], found.rolled[lane], found.extended[lane] = due, rolled, extended


@inline
def lend(state, tenor, amount, lane):
    """Put a loan on the ladder that is due in `tenor` quarters."""
    state.loans[0, tenor - 1, lane] += amount


@inline
def settle(layer, quarter, lane, free, equity):
    """Find who pays the loans due that lenders neither roll nor extend, and who bears what nobody pays."""
    vehicles, state, found = layer.numbers.vehicles, layer.state, layer.found
    needed = max(found.due[lane] - found.rolled[lane] - found.extended[lane], 0.0)
    from_cash = min(0.5 * free, needed)
    support = vehicles.support[quarter] * (needed - from_cash)
    owed = needed - from_cash - support
    guaranteed = vehicles.guarantee_share[quarter] * vehicles.guaranteed[quarter]
    guarantee = min(guaranteed * owed, state.guarantee_left[lane])
    loss = owed - guarantee
    by_equity = min(loss, equity)
    found.paid_from_cash[lane], found.support_paid[lane], found.guarantee[lane] = from_cash, support, guarantee
    found.loss[lane], found.loss_lenders[lane] = loss, loss - by_equity
    found.impaired[lane] = min(loss, state.campuses[lane])
    state.guarantee_left[lane] -= guarantee
    state.campuses[lane] -= found.impaired[lane]
    state.notes[lane] += by_equity


@inline
def build(layer, quarter, lane):
    """Build campuses as far as power and lenders let vehicles, and take those that are finished into service."""
    vehicles, credit, state, found = layer.numbers.vehicles, layer.numbers.credit, layer.state, layer.found
    rise = state.vehicle_spread[lane] - credit.vehicle_spread[quarter]
    willing = min(max(1.0 - rise / vehicles.appetite_width[quarter], 0.0), 1.0) * vehicles.appetite[quarter]
    invested = found.plan_vehicles[lane] * found.power_factor[lane] * willing
    borrowed = vehicles.ltv[quarter] * invested
    found.vehicle_investment[lane], found.vehicle_stakes[lane] = invested, invested - borrowed
    found.vehicle_borrowed[lane] += borrowed
    loans = vehicles.loan_share[quarter] * borrowed
    lend(state, int(vehicles.tenor[quarter]), loans, lane)
    state.notes[lane] += borrowed - loans
    state.guarantee_left[lane] += vehicles.guarantee_share[quarter] * vehicles.guaranteed[quarter] * borrowed
    lost = vehicles.decay[quarter] * state.campuses[lane]
    found.vehicle_depreciation[lane] = lost
    state.campuses[lane] += state.campuses_building[0, lane] - lost
    for slot in range(LONGEST_LAG - 1):
        state.campuses_building[slot, lane] = state.campuses_building[slot + 1, lane]
    state.campuses_building[LONGEST_LAG - 1, lane] = 0.0
    state.campuses_building[int(layer.numbers.capex.service_lag[quarter]) - 1, lane] += invested
