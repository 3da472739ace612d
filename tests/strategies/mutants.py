"""Spoil every built-in rule in every small way there is, and count what laws and tapes notice.

    python tests/strategies/mutants.py [--only FILE] [--split]

prints the share of mutants that are caught, by what, and each survivor with its line. `flowsim rules mutate` does the
same for one's own rule. The worked cases of the other tests are left out.
"""

from __future__ import annotations

import argparse
from collections import Counter
from pathlib import Path

from flowsim.testing.mutation_score import score_of

ROOT = Path(__file__).resolve().parents[2]
FILES = sorted((ROOT / "strategies").glob("[!_]*.py"))

_HORIZONS = "a horizon is 21, 63, 126 or 252 sessions, and nothing between"
EQUIVALENT = {
    f"cta.{function}: {change}": _HORIZONS
    for function in ("channel", "cta_momentum")
    for change in (
        "21.0 -> 22.0",
        "21.0 -> 23.1",
        "63.0 -> 64.0",
        "63.0 -> 69.30000000000001",
        "126.0 -> 127.0",
        "126.0 -> 138.60000000000002",
    )
} | {
    "buyback.buyback: view.days_since_quarter_end < spent.day_of_quarter -> view.days_since_quarter_end <="
    " spent.day_of_quarter": "from session to session the day of the quarter grows or starts anew",
    "buyback.buyback: max(min(pace, issuer.quarter_limit / 4.0 - so_far), 0.0) -> min(pace, issuer.quarter_limit / 4.0"
    " - so_far)": "what was bought never exceeds the limit but by rounding, against which the floor at 0 stands",
    "discretionary.dip_buying: max(fall - buyer.threshold, 0.0) -> fall - buyer.threshold": "a wish below 0 loses"
    " against what is left of an earlier position, which is at least 0",
    "option_customers.vol_selling: 0.01 -> 0.011000000000000001": "at so low a volatility the part is capped anyway",
    "option_dealer.option_dealer: 1.0 -> 1.1": "the number of bars left is whole",
    "passive_inflow.passive_inflow: 3.0 -> 3.3000000000000003": "the number of sessions is whole",
}
"""Mutants that are the same rule, each with the reason; they count neither as caught nor as missed."""


def main() -> None:
    """Print the score and the survivors."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--only", metavar="FILE", help="name of one strategy file, without .py")
    parser.add_argument("--split", action="store_true", help="try laws also where tapes notice the mutant")
    options = parser.parse_args()
    counts: Counter[str] = Counter()
    for file in FILES:
        if options.only in (None, file.stem):
            here = score_of(file, split=options.split, same_rule=EQUIVALENT)
            counts += here.counts
            for mutant in here.survivors:
                print(f"survives: {mutant.file.name}:{mutant.line}: {mutant.name}", flush=True)
    same = counts.pop("same rule", 0)
    total = sum(counts.values())
    caught = total - counts.pop("none", 0)
    print(f"{caught} of {total} mutants are caught, {100.0 * caught / total:.1f} %; {same} more are the same rule")
    print(", ".join(f"{number} by {what}" for what, number in counts.most_common()))


if __name__ == "__main__":
    main()
