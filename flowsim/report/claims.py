"""The report on the document's claims: as text, as a page, as tables and pictures in a folder."""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from flowsim.errors import InputError
from flowsim.plot import claims as drawing
from flowsim.plot.saving import save
from flowsim.report.page import mark, number, page, picture, table
from flowsim.run.manifest import write_json

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from flowsim.experiments.findings import Effect, Finding, Findings, Table

PAGE, DOCUMENT = "report.html", "claims.json"
INTRODUCTION = """
A macro essay of late 2025 holds that systematic flows, and not fundamentals, make prices. Each of its claims that a
simulator can try is an experiment here. Its criteria were fixed before it ran; the market with and without what a claim
is about sees the same news and noise, path by path; every effect has a 95 % interval over paths. Verdicts are computed
from the intervals, and a claim on which the thirds of the paths do not agree is undecided. A criterion counts only if
it could have failed: not where an input decides it, nor where the null arms meet it. Beside each verdict stand its size
(negligible below 2 %, small below 10 %, a choice) and what the null arms get by the same criteria. Real data stand
beside."""


def as_text(findings: Findings) -> str:
    """Return the verdicts with their sentences, for a terminal."""
    lines = [f"{findings.config}, {findings.paths} paths, seed {findings.seed}", ""]
    for one in findings.findings:
        lines += [f"{one.label}. {one.title}: {one.verdict.upper()}", f"   {_beside(one)}"]
        lines += [f"   {said}" for said in one.sentences]
        lines += [f"   real data: {said} ({source})" for said, source in one.real]
        lines.append("")
    return "\n".join(lines).rstrip()


def _beside(one: Finding) -> str:
    """Say what stands beside a verdict: its size, and the verdict on the null arms."""
    largest = one.largest
    size = "no size" if largest is None else f"{one.size}: {largest.size_pct:+.1f} %, {largest.effect.name}"
    return f"Size: {size}. Null arms: {one.null.verdict}."


def write(findings: Findings, folder: Path) -> Path:
    """Write the JSON document, tables as CSV and Parquet, pictures and the page; return the page's file.

    Raises
    ------
    InputError
        If a file cannot be written.
    """
    try:
        write_json(folder / DOCUMENT, findings.as_dict())
        for one in findings.findings:
            _write_tables(one, folder / "tables")
            for name, figure in _pictures(one).items():
                save(figure, folder / "pictures" / f"claim-{one.label}-{name.replace(' ', '-')}.png")
        (folder / PAGE).write_text(as_page(findings), encoding="utf-8")
    except OSError as error:
        raise InputError(f"{folder}: cannot write the report ({error.strerror}); choose another `out`") from None
    return folder / PAGE


def as_page(findings: Findings) -> str:
    """Return the report as one self-contained page."""
    history = findings.history.split(",", maxsplit=1)[0]
    body = [
        "<h1>The essay’s claims, put to the test</h1>",
        f'<p class="quiet">Market {escape(findings.config)}, {findings.paths} paths, seed {findings.seed}, history'
        f" {escape(history)}, flowsim {escape(findings.version)}.</p>",
        f"<p>{INTRODUCTION}</p>",
        _summary(findings),
        *(part for one in findings.findings for part in _section(one)),
    ]
    return page("flowsim: the essay’s claims, put to the test", body)


def _summary(findings: Findings) -> str:
    rows = [
        [
            f"{one.label}. {one.title}",
            mark(one.verdict),
            one.size or "no size",
            one.null.verdict,
            one.sentences[1],
            one.real[0][0],
        ]
        for one in findings.findings
    ]
    columns = ["claim", "verdict", "size", "null arms", "what came out", "what real data say"]
    return table(columns, rows, text=tuple(range(6)))


def _section(one: Finding) -> list[str]:
    drawn = _pictures(one)
    return [
        f'<h2 id="claim-{one.label}">{one.label}. {escape(one.title)} {mark(one.verdict)}</h2>',
        f"<blockquote>{escape(one.claim)}</blockquote>",
        f'<p class="quiet">{escape(_beside(one))}</p>',
        *(f"<p>{escape(said)}</p>" for said in one.sentences),
        "<h3>The experiment</h3>",
        f"<p>{escape(one.experiment)} <b>Criterion:</b> {escape(one.criterion)}</p>",
        f'<p class="quiet">{escape(one.setting)}. The thirds say: {escape(", ".join(one.verdict_by_third))}.</p>',
        _criteria_table(one),
        picture(drawn["criteria"], f"Claim {one.label}: effects, intervals and bounds of the criteria"),
        *_further(one, drawn),
        "<h3>Where the verdict flips</h3>",
        f"<p>Over {escape(one.scan.parameter)} (the config stands at {one.scan.configured:g}):</p>",
        "<ul>" + "".join(f"<li>{escape(flip)}</li>" for flip in one.scan.flips) + "</ul>",
        picture(drawn["scan"], f"Claim {one.label}: effects over {one.scan.parameter}"),
        "<h3>The effect switched off</h3>",
        f"<p>{_null_sentence(one)}</p>",
        "<h3>What real data say</h3>",
        "<ul>" + "".join(f'<li>{escape(said)} <span class="quiet">({escape(source)})</span></li>'
                         for said, source in one.real) + "</ul>",
    ]  # fmt: skip


def _further(one: Finding, drawn: dict[str, Figure]) -> list[str]:
    parts = ["<h3>All effects</h3>", table(["effect", "value", "95 % interval"], _effect_rows(one), text=(0,))]
    for name, figure in drawn.items():
        if name not in ("criteria", "scan"):
            parts.append(picture(figure, f"Claim {one.label}: {name}"))
    for found in one.tables:
        parts += [f"<h3>{escape(found.name)}</h3>", table(found.columns, found.rows)]
    return parts


def _effect_rows(one: Finding) -> list[list[str | float | None]]:
    return [[found.effect.name, number(found.effect.value, 4), _ends(found.effect)] for found in one.effects]


def _ends(effect: Effect) -> str:
    return f"{number(effect.low, 4)} to {number(effect.high, 4)}"


def _criteria_table(one: Finding) -> str:
    rows = []
    for tried in one.tried:
        answer, off = (_answer(met) for met in (tried.met, tried.met_on_null))
        counts = f"no, decided by {tried.assumed}" if tried.assumed else "yes" if tried.counted else "no, the null too"
        bound = f"{tried.beyond} {tried.bound:g}"
        rows.append([tried.says, bound, number(tried.effect.value, 4), _ends(tried.effect), answer, off, counts])
    return table(
        ["criterion", "bound", "effect", "95 % interval", "", "null arms", "counts"], rows, text=(0, 1, 4, 5, 6)
    )


def _answer(met: bool | None) -> str:
    return "open" if met is None else "met" if met else "fails"


def _null_sentence(one: Finding) -> str:
    effects = f"{len(one.null.effects)} effect{'s' * (len(one.null.effects) > 1)}"
    found = f"finds {escape('; '.join(one.null.alarms))}" if one.null.alarms else "finds nothing, as it should"
    return (
        f"The same measurement on {escape(one.null.says)}: on {effects}, at a false-alarm rate of"
        f" {100.0 * one.null.rate:g} % for all of them together, it {found}. By the criteria that count its verdict is"
        f" {one.null.verdict}."
    )


def _pictures(one: Finding) -> dict[str, Figure]:
    """Return the pictures of a finding by name."""
    found = {"criteria": drawing.criteria(one), "scan": drawing.scan(one)}
    for shown in one.tables:
        if "by source and horizon" in shown.name:
            found["shares by horizon"] = drawing.shares_by_horizon(shown)
        if "ablation against attribution" in shown.name:
            found["Shapley shares"] = drawing.compared_shares(shown)
    return found | {f"map {place + 1}": drawing.heat_map(grid) for place, grid in enumerate(one.grids)}


def _write_tables(one: Finding, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    frames = {"effects": _effects_frame(one), "scan": _scan_frame(one)}
    frames |= {_file_name(found.name): _frame(found) for found in one.tables}
    frames |= {f"map-{place + 1}": _grid_frame(one, place) for place in range(len(one.grids))}
    for name, frame in frames.items():
        frame.write_csv(folder / f"claim-{one.label}-{name}.csv")
        frame.write_parquet(folder / f"claim-{one.label}-{name}.parquet")


def _effects_frame(one: Finding) -> pl.DataFrame:
    rows = [
        {"effect": found.effect.name, "part": part, "value": effect.value, "low": effect.low, "high": effect.high}
        for found in one.effects
        for part, effect in (("all paths", found.effect), *((f"third {k + 1}", e) for k, e in enumerate(found.thirds)))
    ]
    numbers = dict.fromkeys(("value", "low", "high"), pl.Float64)
    return pl.DataFrame(rows, schema={"effect": pl.String, "part": pl.String} | numbers)


def _scan_frame(one: Finding) -> pl.DataFrame:
    rows = [
        {"parameter": point.value, "verdict": point.verdict, "effect": effect.name, "value": effect.value,
         "low": effect.low, "high": effect.high, "broken": point.broken}
        for point in one.scan.points
        for effect in point.effects or [_nothing()]
    ]  # fmt: skip
    return pl.DataFrame(rows, infer_schema_length=None)


def _nothing() -> Effect:
    from flowsim.experiments.findings import Effect

    return Effect(name="", value=None, low=None, high=None)


def _grid_frame(one: Finding, place: int) -> pl.DataFrame:
    grid = one.grids[place]
    rows = [(x, y, grid.values[j][i]) for j, y in enumerate(grid.y) for i, x in enumerate(grid.x)]
    schema = {grid.x_name: pl.Float64, grid.y_name: pl.Float64, f"{grid.name}, {grid.unit}": pl.Float64}
    return pl.DataFrame(rows, schema=schema, orient="row")


def _frame(found: Table) -> pl.DataFrame:
    schema = {found.columns[0]: pl.String} | dict.fromkeys(found.columns[1:], pl.Float64)
    return pl.DataFrame(found.rows, schema=schema, orient="row")


def _file_name(name: str) -> str:
    words = "".join(letter if letter.isalnum() else " " for letter in name.lower()).split()
    return "-".join(words[:6])
