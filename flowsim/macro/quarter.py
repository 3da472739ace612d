"""One quarter: the equations in their order. What needs income uses last quarter's; nothing is solved."""

from __future__ import annotations

from flowsim.kernel.marks import inline
from flowsim.kernel.random import normals
from flowsim.macro.capex import age_capital, begin_construction, limit_capex, plan_capex
from flowsim.macro.credit import close_lenders, open_lenders, pay_owners, price_credit
from flowsim.macro.firms import distribute, produce, run_utilities
from flowsim.macro.households import receive, save
from flowsim.macro.output import remember_output, spend
from flowsim.macro.payments import write_payments
from flowsim.macro.payout import earn, find_binding, pay_out_and_borrow
from flowsim.macro.power import connect, serve
from flowsim.macro.state import SHOCK_PAIRS
from flowsim.macro.treasury import place_debt, run_abroad, run_treasury
from flowsim.macro.value import find_value
from flowsim.macro.vehicles import run_vehicles


@inline
def one_quarter(layer, quarter, lanes):
    """Live through a quarter in so many lanes; `quarter` counts from the first of the run."""
    for lane in range(lanes):
        open_lenders(layer, quarter, lane)
        plan_capex(layer, quarter, lane)
        connect(layer, quarter, lane)
        limit_capex(layer, quarter, lane)
        run_vehicles(layer, quarter, lane)
        serve(layer, quarter, lane)
        age_capital(layer, quarter, lane)
        earn(layer, quarter, lane)
        pay_out_and_borrow(layer, quarter, lane)
        begin_construction(layer, quarter, lane)
        find_binding(layer, lane)
        spend(layer, quarter, lane)
        run_utilities(layer, quarter, lane)
        produce(layer, quarter, lane)
        distribute(layer, quarter, lane)
        pay_owners(layer, quarter, lane)
        receive(layer, quarter, lane)
        run_treasury(layer, quarter, lane)
        run_abroad(layer, quarter, lane)
        write_payments(layer, quarter, lane)
        save(layer, quarter, lane)
        place_debt(layer, lane)
        close_lenders(layer, quarter, lane)
        price_credit(layer, quarter, lane)
        find_value(layer, quarter, lane)
        remember_output(layer, quarter, lane)
        layer.state.on_trend[lane] *= 1.0 + layer.numbers.economy.trend[quarter]


@inline
def draw_shocks(layer, quarter, path0, lanes):
    """Draw the shocks of a quarter, addressed by path and quarter, so that no other path or setting moves them."""
    draws = layer.draws
    for pair in range(SHOCK_PAIRS):
        for lane in range(lanes):
            one, other = normals(path0 + lane, draws.first + quarter, pair, 0, draws.key[0], draws.key[1], draws.mirror)
            layer.shocks[2 * pair, lane] = draws.size * one
            layer.shocks[2 * pair + 1, lane] = draws.size * other


def run_quarters(layer, surprised, first, last, path0, live):
    """Live through quarters, `last` excluded; what each found is left behind by the last alone.

    With `surprised` 0 nothing happens at random.
    """
    for quarter in range(first, last):
        if surprised == 1:
            draw_shocks(layer, quarter, path0, live)
        else:
            for shock in range(layer.shocks.shape[0]):
                for lane in range(live):
                    layer.shocks[shock, lane] = 0.0
        one_quarter(layer, quarter, live)
    return 0
