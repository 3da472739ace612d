"""The outlook as one page that can be mailed."""

from __future__ import annotations

from html import escape
from pathlib import Path

import polars as pl

from flowsim.errors import InputError
from flowsim.history.outlook import Outlook
from flowsim.history.outlook_words import words
from flowsim.plot.macro_page import LEFT_OUT
from flowsim.plot.outlook import outlook_feedback, outlook_gamma, outlook_levels, outlook_pictures, outlook_scenarios
from flowsim.plot.saving import save
from flowsim.report.page import page, picture, table

UNITS = (
    "Amounts are USD bn at the index level of the day, buy above zero. The rules have lived through the real closes;"
    " flows are what the rules of the model do, not what was measured. Made by flowsim outlook."
)


def outlook_page(found: Outlook) -> str:
    """Return the text of the page."""
    body = [
        f"<h1>Systematic flows after {found.as_of}</h1>",
        f'<p class="quiet">Index {found.close:,.2f}; one day\'s standard deviation {100 * found.daily_vol:.2f} %. '
        f"{escape(found.label)}. {escape(' '.join(found.description.split()))}</p>",
        "<ul>" + "".join(f"<li>{escape(text)}</li>" for text in words(found)) + "</ul>",
        *_levels(found),
        *_scenarios(found),
        *_windows(found),
        *_gamma(found),
        *_forward(found),
        *_layer(found),
        f'<p class="quiet">{UNITS}</p>',
    ]
    return page(f"Systematic flows after {found.as_of}", body)


def _levels(found: Outlook) -> list[str]:
    parts = ["<h2>Levels</h2>"]
    if found.turning.height:
        parts.append(_table(found.turning.with_columns(pl.col("level").round(0), pl.col("distance_pct").round(1))))
        parts.append(picture(outlook_levels(found), "Index with turning levels and the simulated fan"))
    if found.reactions.height:
        vols = [name for name in found.reactions.columns if name.endswith("_vol") or name == "vol_now"]
        shown = found.reactions.with_columns((pl.col(vols) * 100).round(1).name.suffix("_pct")).drop(vols)
        parts += ["<h3>Who answers to the size of tomorrow's move</h3>", _table(shown)]
    return parts


def _scenarios(found: Outlook) -> list[str]:
    parts = ["<h2>Scenarios</h2>", picture(outlook_scenarios(found), "Flows of each population by scenario")]
    for days in found.horizons if found.systematic else ():
        one = found.scenarios.filter(horizon_days=days)
        order = one["scenario"].unique(maintain_order=True).to_list()
        wide = one.pivot("scenario", index="population", values="flow_bn").select("population", *order)
        moving = wide.filter(pl.max_horizontal(pl.exclude("population").abs()) > 0.05)
        moves = dict(one.select("scenario", "move_pct").unique(maintain_order=True).iter_rows())
        named = moving.rename({name: f"{name} ({moves[name]:+.1f} %)" for name in order if "sigma" in name})
        parts += [f"<h3>Traded over {days} sessions, USD bn</h3>", _table(named)]
    parts.append(
        '<p class="quiet">Moves in standard deviations go in a line with days up and down about it, so that realized'
        " volatility stays as it was over the last quarter; so does the flat market. Orders under way are in. Option"
        " programmes trade no stock: theirs is the delta of what they deal, which dealers hedge.</p>"
    )
    return parts


def _windows(found: Outlook) -> list[str]:
    days = [f"leaves_{window}d_date" for window in (21, 63)]
    shown = found.roll_off.head(21).with_columns(pl.col("date", *days).cast(pl.String))
    shown = shown.with_columns((pl.col("rv_21", "rv_63") * 100).name.suffix(" %")).drop("rv_21", "rv_63")
    return ["<h2>What leaves the windows of realized volatility</h2>", _table(shown, text=("date", *days))]


def _gamma(found: Outlook) -> list[str]:
    if found.gamma is None:
        return []
    left = f"{100 * found.gamma.left_out:.1f} % of the open interest has no usable quote and is left out."
    drawn = picture(outlook_gamma(found), "Dealers' gamma by spot", left)
    return ["<h2>Dealers' gamma</h2>", f"<p>{escape(found.gamma.assumption)}.</p>", drawn]


def _forward(found: Outlook) -> list[str]:
    drawn = picture(outlook_feedback(found), "Simulated index, flows and VIX curve with and without feedback")
    parts = ["<h2>Simulated forward, with and without the feedback of flows</h2>", drawn, _table(found.forward.returns)]
    if found.volatility.height:
        parts += ["<h3>VIX family: what past returns explain today</h3>", _table(found.volatility)]
    return parts


def _layer(found: Outlook) -> list[str]:
    if not found.layer.height:
        return []
    shown = found.layer.with_columns(pl.col("reported").cast(pl.String), pl.col(pl.Float64).round(1))
    return [
        "<h2>Who builds, who pays, what falls due</h2>",
        "<p>The macro layer alone from the quarter of the close on, medians over paths, USD bn a quarter of current"
        " dollars. Flows above are at the budgets that hold at the close.</p>",
        _table(shown, text=("quarter", "reported")),
        f'<p class="quiet">{escape(LEFT_OUT)}</p>',
    ]


def _table(rows: pl.DataFrame, *, text: tuple[str, ...] = ("population", "speed", "arm", "index")) -> str:
    names = [name.replace("_", " ") for name in rows.columns]
    places = [place for place, name in enumerate(rows.columns) if name in text]
    return table(names, [list(row) for row in rows.iter_rows()], text=places)


def write_outlook(found: Outlook, folder: str | Path) -> None:
    """Write outlook.html and its pictures as PNG files.

    Raises
    ------
    InputError
        If the folder cannot be written.
    """
    folder = Path(folder)
    for name, figure in outlook_pictures(found).items():
        save(figure, folder / f"{name}.png")
    try:
        (folder / "outlook.html").write_text(outlook_page(found), encoding="utf-8")
    except OSError as error:
        raise InputError(f"{folder}: cannot be written ({error.strerror}); choose another `out`") from None
