"""An outlook in plain sentences, each computed from its tables: what a desk reads first."""

from __future__ import annotations

import polars as pl

from flowsim.config.display import display_name, name_in_sentence
from flowsim.history.outlook_layer import layer_words
from flowsim.history.outlook_tables import OutlookTables

NEAR_PCT = 15.0
"""Levels further away than this are left to the table."""
SIGNIFICANT_BN = 1.0


def words(found: OutlookTables) -> list[str]:
    """Return what matters of an outlook, most urgent first."""
    return [
        *_levels(found),
        *_reactions(found),
        *_scenarios(found),
        *_dealers(found),
        *_roll_off(found),
        *_gamma(found),
        *_feedback(found),
        *layer_words(found.layer),
    ]


def amount(flow_bn: float) -> str:
    """Say an amount and its side."""
    return f"{'buy' if flow_bn > 0 else 'sell'} {abs(flow_bn):.0f} bn" if abs(flow_bn) > 0.5 else "do nothing"


def _levels(found: OutlookTables) -> list[str]:
    said = []
    if not found.turning.height:
        return said
    days = found.horizons[0]
    near = found.turning.filter(pl.col("distance_pct").abs() <= NEAR_PCT).sort(pl.col("distance_pct").abs())
    for row in near.iter_rows(named=True):
        who = f"{row['speed']}-speed {name_in_sentence(row['population'])}".removeprefix("-speed ")
        side = "long" if row["position_bn"] > 0 else "short"
        said.append(
            f"At {row['level']:,.0f} ({row['distance_pct']:+.1f} %) the {who} turn: now {side}"
            f" {abs(row['position_bn']):.0f} bn, a close through it and {days} sessions there make them"
            f" {amount(row[f'flow_{days}d_bn'])}, against {amount(row[f'flat_{days}d_bn'])} if the index stays here."
        )
    return said


def _reactions(found: OutlookTables) -> list[str]:
    said = []
    for row in found.reactions.iter_rows(named=True):
        parts = []
        if row["cuts_above_pct"] is not None:
            parts.append(
                f"cuts if tomorrow moves more than {row['cuts_above_pct']:.1f} % either way (realized volatility above"
                f" {100 * row['cuts_above_vol']:.1f} %)"
            )
        if row["adds_below_pct"] is not None:
            parts.append(f"adds below {row['adds_below_pct']:.1f} %")
        if parts:
            said.append(
                f"{display_name(row['population'])} {', '.join(parts)}; realized volatility is"
                f" {100 * row['vol_now']:.1f} %, and a fall of 2 % makes it {amount(row['order_2pct_bn'])}."
            )
    return said


def _scenarios(found: OutlookTables) -> list[str]:
    said = []
    systematic = found.scenarios.filter(pl.col("population").is_in(found.systematic))
    for days in found.horizons if systematic.height else ():
        total = systematic.filter(horizon_days=days).group_by("scenario").agg(pl.col("flow_bn").sum())
        flows = dict(total.iter_rows())
        said.append(
            f"Over {days} sessions all systematic players together {amount(flows['flat'])} in a flat market,"
            f" {amount(flows['-2 sigma'])} if it falls two standard deviations, {amount(flows['+2 sigma'])} if it rises"
            " as much."
        )
    return said


def _dealers(found: OutlookTables) -> list[str]:
    days = found.horizons[0]
    of_dealers = found.scenarios.filter(pl.col("population").is_in(found.hedgers), horizon_days=days)
    flows = dict(of_dealers.select("scenario", "flow_bn").iter_rows())
    if not flows:
        return []
    return [
        f"Of that, over {days} sessions, dealers who hedge the model's option programmes {amount(flows['flat'])} in a"
        f" flat market, {amount(flows['-2 sigma'])} in the fall, and {amount(flows['+2 sigma'])} in the rise."
    ]


def _roll_off(found: OutlookTables) -> list[str]:
    said = []
    for window in (21, 63):
        leaving, day = f"leaves_{window}d_pct", f"leaves_{window}d_date"
        coming = found.roll_off.head(21).filter(pl.col(leaving).is_not_null())
        if coming.height:
            largest = coming.sort(pl.col(leaving).abs(), descending=True).row(0, named=True)
            said.append(
                f"The largest return to leave the {window}-day window within a month is {largest[leaving]:+.1f} % of"
                f" {largest[day]}, on {largest['date']}; realized volatility of {window} days is then"
                f" {100 * largest[f'rv_{window}']:.1f} % if days stay as large as they were."
            )
    return said


def _gamma(found: OutlookTables) -> list[str]:
    if found.gamma is None:
        return []
    gamma = found.gamma
    cross = "no sign change within 10 %" if gamma.zero_cross != gamma.zero_cross else f"zero at {gamma.zero_cross:,.0f}"
    return [
        f"Dealers' gamma is {gamma.at_spot:+.1f} bn for 1 % at {gamma.spot:,.0f}, {cross}; {gamma.assumption}; each"
        " contract keeps its volatility."
    ]


def _feedback(found: OutlookTables) -> list[str]:
    days = found.horizons[-1]
    rows = found.forward.returns.filter(horizon_days=days)
    on, off = (rows.filter(arm=arm).row(0, named=True) for arm in ("with feedback", "without"))
    return [
        f"Simulated {days} sessions ahead on {found.forward.n_paths} paths, 90 % of returns lie between {on['p5']:+.1f}"
        f" and {on['p95']:+.1f} %, and between {off['p5']:+.1f} and {off['p95']:+.1f} % with the same news and noise"
        f" when systematic flows do not move the price: standard deviation {on['sd_pct']:.1f} against"
        f" {off['sd_pct']:.1f} %."
    ]
