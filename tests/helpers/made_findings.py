"""Findings of experiments made by hand, no two of whose numbers are alike."""

from flowsim.experiments.findings import (
    CriterionResult,
    Effect,
    Finding,
    Findings,
    Grid,
    Measured,
    Null,
    Point,
    Scan,
    Table,
)

SHARE, RATIO, GAP = "share of flows, %", "ratio, with over without", "gap of windows, bp a day"
VERDICTS = ("reproduced", "not reproduced", "partly", "undecided")
ANSWERS = ((True, False, None), (False, True, True), (None, None, False), (True, True, True))


def effect(name: str, value: float, half: float) -> Effect:
    return Effect(name=name, value=value, low=value - half, high=value + half)


def measured(name: str, value: float, half: float) -> Measured:
    """Return an effect whose thirds lie 2 below, at and 3 above it."""
    return Measured(
        effect=effect(name, value, half), thirds=[effect(name, value + away, 2.0 * half) for away in (-2.0, 0.0, 3.0)]
    )


def tried(one: Measured, beyond: str, bound: float, met: bool | None) -> CriterionResult:
    says = f"{one.effect.name.split(',')[0]} is {beyond} {bound:g}"
    return CriterionResult(
        says=says, beyond=beyond, bound=bound, counts=0.5, effect=one.effect, met=met, met_by_third=[met] * 3,
        met_on_null=False, size_pct=one.effect.value if one.effect.name == SHARE else None,
    )  # fmt: skip


def finding(number: int = 1, met: tuple[bool | None, ...] = (True, False, None), verdict: str = "partly") -> Finding:
    """Return a finding with three criteria: above a bound, below one, and above a third one."""
    effects = [
        measured(SHARE, 61.25, 4.5),
        measured(RATIO, 1.75, 0.125),
        measured(GAP, -2.5, 3.5),
        measured("other", 9.0, 1.0),
    ]
    bounds = (("above", 50.0), ("below", 1.0), ("above", 0.0))
    criteria = [tried(one, *bound, answer) for one, bound, answer in zip(effects, bounds, met, strict=False)]
    return Finding(
        number=number,
        title=f"Title of claim {number}",
        claim=f"Claim {number} of the essay.",
        experiment="What is done.",
        criterion="What would count.",
        setting="192 paths of 252 days from 2018-12-31, with options",
        verdict=verdict,  # type: ignore[arg-type]
        verdict_by_third=["partly", "partly", "undecided"],
        sentences=[
            "Of 3 criteria 1 is met and 1 fail, 1 open: partly.",
            f"What came out of claim {number}.",
            "And more.",
        ],
        tried=criteria,
        effects=effects,
        scan=_scan(),
        null=_null(),
        real=[("Real data say so", "Author 2021"), ("and so", "Author 2022")],
        tables=[_shares(), _compared()],
        grids=[grid()],
    )


def findings() -> Findings:
    """Return one finding of each verdict, with criteria of all answers; the null arm of the second gave alarms."""
    answered = zip(ANSWERS, VERDICTS, strict=True)
    made = [finding(number, *answer) for number, answer in enumerate(answered, start=1)]
    alarms = made[1].null.model_copy(update={"alarms": [SHARE, GAP]})
    made[1] = made[1].model_copy(update={"null": alarms})
    return Findings(
        config="us_equity.toml",
        config_sha256="c0ffee",
        history="generated closes, sha256 beef",
        seed=7,
        paths=192,
        version="9.9",
        findings=made,
    )


def _scan() -> Scan:
    """Return three values at which effects rise, fall and stand, and a fourth at which the market diverges."""
    points = [
        Point(value=value, verdict=verdict, effects=[effect(SHARE, 20.0 * value, 5.0), effect(RATIO, 4.0 - value, 0.5),
              effect(GAP, 1.5, value)])
        for value, verdict in ((1.0, "not reproduced"), (2.0, "partly"), (3.0, "reproduced"))
    ]  # fmt: skip
    points.append(Point(value=4.0, verdict=None, effects=[], broken="the price moved by more than a factor of e"))
    flips = ["from not reproduced to partly between 1 and 2", "from partly to reproduced between 2 and 3"]
    return Scan(parameter="size, × config", configured=1.5, points=points, flips=flips)


def _null() -> Null:
    effects = [effect(SHARE, 0.25, 0.75), effect(GAP, -0.125, 0.25)]
    return Null(says="two markets that stand still", rate=0.01, effects=effects, expected=[0.0, 0.0], alarms=[],
                met=[False, False, None], verdict="undecided")  # fmt: skip


def _shares() -> Table:
    rows: list[list[str | float | None]] = [
        ["noise", 55.0, 1.0, 45.0, 1.5],
        ["cta", 30.0, 2.0, -10.0, 2.5],
        ["news", 20.0, 3.0, 65.0, 3.5],
        ["vol_control", -5.0, 4.0, None, None],
    ]
    columns = ["source", "1 d", "± 1 d", "21 d", "± 21 d"]
    return Table(name="Share of return variance by source and horizon, %", columns=columns, rows=rows)


def _compared() -> Table:
    rows: list[list[str | float | None]] = [
        ["trend followers", 33.0, 4.0, 11.0, 2.0],
        ["discretionary", -6.0, 1.0, 22.0, 3.0],
    ]
    columns = ["group", "Shapley", "± Shapley", "attribution", "± attribution"]
    return Table(name="Share of one-month variance: ablation against attribution, %", columns=columns, rows=rows)


def grid() -> Grid:
    """Return a map that rises to the right by ones and upward by tens; no market holds at its upper right corner."""
    return Grid(
        name="Effect",
        unit="%",
        x_name="size, × config",
        y_name="multiplier M",
        x=[0.5, 1.0, 2.0],
        y=[3.0, 5.0],
        values=[[1.0, 2.0, 3.0], [11.0, 12.0, None]],
        x0=1.0,
        y0=4.0,
    )
