"""A forward test as tables to print, and in sentences: where coverage fails, and against whom the market loses."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import polars as pl

from flowsim.forecasts.verdicts import LEVELS, OF_SHORTFALL

OUTSIDE = "*"
ROW: tuple[str, ...] = ("quantity", "horizon_days", "model")
Tables = Mapping[str, pl.DataFrame]


def markdown(tables: Tables, left_out: Mapping[str, str]) -> str:
    """Return the tables of coverage, expected shortfall and scores, and what they say."""
    parts = [
        "\n".join(_coverage(tables["coverage"], tables["scores"])),
        "\n".join(_shortfall(tables["shortfall"])),
        "\n".join(_scores(tables["scores"])),
        "\n".join(f"- {sentence}" for sentence in sentences(tables, left_out)),
    ]
    return "\n\n".join(parts)


def sentences(tables: Tables, left_out: Mapping[str, str]) -> list[str]:
    """Return what the tables say of the market."""
    return [
        *_of_coverage(tables["coverage"]),
        *_of_shortfall(tables["shortfall"]),
        *_of_scores(tables["scores"]),
        *_left_out(left_out),
    ]


def _coverage(coverage: pl.DataFrame, scores: pl.DataFrame) -> Iterator[str]:
    levels = " | ".join(f"below {100.0 * share:g} %" for share in LEVELS)
    yield f"| what came | days | forecast by | {levels} | uniform, p |"
    yield "|---|---:|---|" + "---:|" * (len(LEVELS) + 1)
    for keys, rows in _by_row(coverage):
        cells = [f"{one['below_pct']:.1f}{_star(one['inside'])}" for one in rows.iter_rows(named=True)]
        p = scores.filter(**keys)["uniform_p"].item()
        yield f"| {_named(keys)} | {' | '.join(cells)} | {p:.3f} |"


def _shortfall(shortfall: pl.DataFrame) -> Iterator[str]:
    levels = " | ".join(f"beyond {100.0 * share:g} %" for share in OF_SHORTFALL)
    yield f"| shortfall over the expected | days | forecast by | {levels} |"
    yield "|---|---:|---|" + "---:|" * len(OF_SHORTFALL)
    for keys, rows in _by_row(shortfall):
        cells = [f"{one['ratio']:.2f}{_star(one['inside'])}" for one in rows.iter_rows(named=True)]
        yield f"| {_named(keys)} | {' | '.join(cells)} |"


def _scores(scores: pl.DataFrame) -> Iterator[str]:
    yield "| score | days | forecast by | CRPS | market less it | log score | market less it | dates |"
    yield "|---|---:|---|" + "---:|" * 5
    for keys, rows in _by_row(scores):
        one = rows.row(0, named=True)
        cells = [f"{one['crps']:.3f}", _less(one, "crps"), f"{one['log_score']:.3f}", _less(one, "log_score")]
        yield f"| {_named(keys)} | {' | '.join(cells)} | {one['dates']} |"


def _by_row(table: pl.DataFrame) -> Iterator[tuple[dict[str, object], pl.DataFrame]]:
    for values in table.select(ROW).unique(maintain_order=True).iter_rows():
        keys = dict(zip(ROW, values, strict=True))
        yield keys, table.filter(**keys)


def _named(keys: dict[str, object]) -> str:
    return f"{keys['quantity']} | {keys['horizon_days']} | {keys['model']}"


def _star(inside: bool) -> str:
    return "" if inside else OUTSIDE


def _less(one: dict[str, float], name: str) -> str:
    less, low, high = (one[f"{name}_{part}"] for part in ("market_less", "low", "high"))
    return "" if less is None else f"{less:+.3f} [{low:+.3f}, {high:+.3f}]"


def _of_coverage(coverage: pl.DataFrame) -> Iterator[str]:
    market = coverage.filter(model="market")
    outside = market.filter(~pl.col("inside"))
    yield (
        f"Coverage of the market is within the bounds of chance at {market.height - outside.height} of {market.height}"
        " levels and horizons" + ("." if outside.height else ", all of them.")
    )
    for one in outside.iter_rows(named=True):
        often = "more" if one["below_pct"] > one["high_pct"] else "less"
        yield (
            f"{_what(one)} is below the level of {one['level_pct']:g} % {often} often than chance allows:"
            f" {one['below_pct']:.1f} % of dates, where {one['low_pct']:.1f} to {one['high_pct']:.1f} % would do."
        )


def _of_shortfall(shortfall: pl.DataFrame) -> Iterator[str]:
    for one in shortfall.filter(~pl.col("inside"), model="market").iter_rows(named=True):
        size = "larger" if one["ratio"] > one["high"] else "smaller"
        yield (
            f"Losses beyond the level of {one['level_pct']:g} % at {_days(one)} are {size} than the market expects:"
            f" {one['ratio']:.2f} times, where {one['low']:.2f} to {one['high']:.2f} would do."
        )


def _of_scores(scores: pl.DataFrame) -> Iterator[str]:
    for one in scores.filter(pl.col("model") != "market").iter_rows(named=True):
        if one["crps_high"] < 0.0 or one["crps_low"] > 0.0:
            verb = "better" if one["crps_high"] < 0.0 else "worse"
            share = abs(one["crps_market_less"]) / one["crps"]
            yield f"{_what(one)}: the market is {verb} than {one['model']}, by {100.0 * share:.0f} % of its CRPS."


def _left_out(left_out: Mapping[str, str]) -> Iterator[str]:
    if left_out:
        date, message = next(iter(left_out.items()))
        n = len(left_out)
        which = (
            "date is left out, as the market diverges from it"
            if n == 1
            else ("dates are left out, as the market diverges from them, first")
        )
        yield f"{n} {which}: {date}, {message}."


def _what(one: dict[str, object]) -> str:
    name = str(one["quantity"])
    return f"{name[0].upper()}{name[1:]} at {_days(one)}"


def _days(one: dict[str, object]) -> str:
    return "1 day" if one["horizon_days"] == 1 else f"{one['horizon_days']} days"
