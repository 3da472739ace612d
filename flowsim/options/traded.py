"""What is traded at a close: the greeks of the contracts that open, at the mark and for each programme."""

from __future__ import annotations

from flowsim.kernel.entry import entry
from flowsim.kernel.marks import LANES
from flowsim.options.book import add_greeks


@entry
def sum_traded(
    opens_from, open_client, open_slot, open_expiry, slot_programme, slot_call, years, sessions_left, legs_from,
    log_strike, quantity, variance, phi, terms, rho, log_price, day, sums,
) -> None:  # fmt: skip
    """Write the customers' greeks of what opened at the close of a day, (programmes, N_GREEKS, lanes), but the value.

    Arrays are those of the same names in `Listing`, `Clients` and `Book`; `log_price` (lanes,) is the close, and
    `terms` (3, lanes) work space.
    """
    for programme in range(sums.shape[0]):
        for greek in range(sums.shape[1]):
            for lane in range(LANES):
                sums[programme, greek, lane] = 0.0
    for opening in range(opens_from[day], opens_from[day + 1]):
        column, client = open_expiry[opening], open_client[opening]
        for slot in range(open_slot[opening], open_slot[opening] + legs_from[client + 1] - legs_from[client]):
            add_greeks(
                log_price,
                log_strike[slot],
                quantity[slot],
                variance[column],
                phi[column],
                rho,
                1.0,
                slot_call[slot],
                years[day + 1, column],
                sessions_left[day + 1, column],
                terms,
                sums[slot_programme[slot]],
            )
