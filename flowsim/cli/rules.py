"""Commands about trading rules: rules list, show, new, check, mutate, record, verify."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from flowsim.cli.arguments import AsJson, Workers
from flowsim.cli.output import print_json, show_progress
from flowsim.cli.remarks import AsFormat, Format, Remark, printed
from flowsim.errors import StrategyError

if TYPE_CHECKING:
    from flowsim.authoring.declaration import Field, Strategy


def _built_in_rules() -> list[str]:
    """Return what a shell may complete a rule to; it adds files by itself."""
    from flowsim.authoring.discovery import discover

    return list(discover())


What = Annotated[
    str | None,
    typer.Argument(
        metavar="PATH",
        help="Strategy file, folder of them, or built-in name; all built-in ones without.",
        autocompletion=_built_in_rules,
    ),
]
Tapes = Annotated[
    Path | None, typer.Option("--tapes", metavar="DIR", help="Folder of tapes; beside the strategy's file by default.")
]


def list_(what: What = None, as_json: AsJson = False) -> None:
    """Print every strategy: its name, clock, kind, number of laws, and what it does."""
    rules = _chosen(what)
    if as_json:
        print_json([_described(rule) for rule in rules])
        return
    print(f"{'strategy':<22}{'clock':<10}{'kind':<15}{'laws':>5}  what it does")
    for rule in rules:
        print(f"{rule.name:<22}{rule.clock:<10}{rule.kind:<15}{len(rule.laws):>5}  {rule.summary}")


def show(
    what: Annotated[str, typer.Argument(metavar="NAME or PATH", autocompletion=_built_in_rules)],
    as_json: AsJson = False,
) -> None:
    """Print what a strategy declares: parameters with units and bounds, state, laws, examples, source."""
    rules = _chosen(what)
    if as_json:
        print_json([_described(rule) for rule in rules])
    else:
        print("\n\n".join(_page(rule) for rule in rules))


def new(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Name of the rule and of its file.")],
    folder: Annotated[Path, typer.Option("--folder", metavar="DIR", help="Where to write them.")] = Path(),
) -> None:
    """Write a working strategy file and its test, to be changed into your own."""
    from flowsim.authoring.discovery import discover
    from flowsim.testing.template import write_new

    for file in write_new(name, folder, list(discover())):
        print(file)


def check(
    what: What = None,
    examples: Annotated[int, typer.Option("--examples", min=1, help="Agents and markets to try each law on.")] = 50,
    form: AsFormat = Format.TEXT,
    as_json: AsJson = False,
) -> None:
    """Try every law of a rule on drawn markets; show the smallest that breaks one, and then exit with 1."""
    from flowsim.testing.checking import broken_laws
    from flowsim.testing.laws import laws_of
    from flowsim.testing.long_life import SESSIONS

    rules, broken = _chosen(what), {}
    with show_progress("trying laws") as progress:
        for number, rule in enumerate(rules):
            broken[rule.name] = broken_laws(rule, examples)
            if progress:
                progress(number + 1, len(rules))
    if as_json:
        print_json({name: {found.law.kind: str(found) for found in faults} for name, faults in broken.items()})
    else:
        remarks = [_of_law(rule, str(found)) for rule in rules for found in broken[rule.name]]
        summary = []
        for rule in rules:
            kept = f"{len(laws_of(rule)) - len(broken[rule.name])} of {len(laws_of(rule))} laws"
            summary.append(
                f"{rule.name}: keeps {kept} on {examples} agents and markets and in a life of {SESSIONS} sessions"
            )
            summary += [f"{rule.name}: waives {kind}: {reason}" for kind, reason in rule.waives.items()]
        print(printed(remarks, summary, form))
    if any(broken.values()):
        raise typer.Exit(1)


def _of_law(rule: Strategy, said: str) -> Remark:
    sentence, _, shown = said.removeprefix(f"{rule.file}:{rule.line}: ").partition("\n")
    return Remark(rule.file, rule.line, rule.name, sentence, shown)


def mutate(
    what: What = None,
    at_least: Annotated[
        float, typer.Option("--at-least", min=0, max=100, metavar="PCT", help="Exit with 1 if fewer are caught.")
    ] = 0.0,
    split: Annotated[bool, typer.Option("--split", help="Try laws also where tapes notice a mistake; slower.")] = False,
    workers: Workers = None,
    form: AsFormat = Format.TEXT,
    as_json: AsJson = False,
) -> None:
    """Make each small mistake that a rule could have; say how many its laws and tapes catch, and which survive."""
    from flowsim.ensemble.engines import engine_of
    from flowsim.testing.mutation_score import score_of

    files = list(dict.fromkeys(rule.file for rule in _chosen(what)))
    with (
        nullcontext(None) if workers is None else engine_of(workers=workers) as engine,
        show_progress("trying mistakes") as progress,
    ):
        pool = None if engine is None else engine.pool
        scores = [score_of(file, split=split, progress=progress, executor=pool) for file in files]
    enough = all(one.caught_pct >= at_least for one in scores)
    if as_json:
        print_json([one.described() for one in scores])
    else:
        remarks = [
            Remark(mutant.file, mutant.line, mutant.function, f"nothing catches {mutant.change}", error=not enough)
            for one in scores
            for mutant in one.survivors
        ]
        print(printed(remarks, map(str, scores), form))
    if not enough:
        raise typer.Exit(1)


def record(what: What = None, tapes: Tapes = None) -> None:
    """Run a rule on the canonical markets and write down what it saw, held and did, over any tapes that are there."""
    from flowsim.testing.agents import RuleError
    from flowsim.testing.tape_files import record as record_tapes
    from flowsim.testing.tape_files import tape_file, tapes_folder

    for rule in _chosen(what):
        folder = tapes or tapes_folder(rule)
        try:
            outcome = record_tapes(rule, folder)
        except RuleError as error:
            raise StrategyError(f"{rule.file}:{rule.line}: {rule.name}: {error}; mend it before recording") from None
        counts = ", ".join(f"{list(outcome.values()).count(word)} {word}" for word in ("new", "changed", "same"))
        print(f"{rule.name}: {counts} in {tape_file(folder, rule)}")


def verify(what: What = None, tapes: Tapes = None, as_json: AsJson = False) -> None:
    """Replay the tapes of a rule; show the first decision that differs and a summary, and exit with 1 if any does."""
    from flowsim.testing.replay import summary
    from flowsim.testing.replay import verify as verify_tapes
    from flowsim.testing.tape_files import tapes_folder

    verdicts = [verdict for rule in _chosen(what) for verdict in verify_tapes(rule, tapes or tapes_folder(rule))]
    failed = [verdict for verdict in verdicts if not verdict.passed]
    if as_json:
        print_json([vars(verdict) for verdict in verdicts])
    elif failed:
        shown: dict[str, str] = {}
        for verdict in failed:
            shown.setdefault(verdict.strategy, verdict.shown)
        names = {verdict.strategy for verdict in failed}
        print("\n\n".join([*shown.values(), summary([one for one in verdicts if one.strategy in names])]))
    decisions = sum(verdict.n_decisions for verdict in verdicts)
    if not as_json:
        passed = f"{len(verdicts) - len(failed)} of {len(verdicts)} tapes"
        print(f"{passed} are as recorded ({decisions:,} decisions)")
    if failed:
        raise typer.Exit(1)


def _chosen(what: str | None) -> list[Strategy]:
    """Return the strategies of a file or a folder, a built-in one by its name, or all built-in ones.

    Raises
    ------
    StrategyError
        If there is no such file or name, or a file has a fault.
    """
    from flowsim.authoring.discovery import discover, rules_in, strategy_files
    from flowsim.files.nearest import nearest

    path = Path(what or "")
    if what is not None and path.is_dir():
        files = strategy_files(path)
        if not files:
            raise StrategyError(f"{path}: no strategy file in this folder; name one that holds them")
        return [rule for file in files for rule in rules_in(file)]
    if what is not None and (path.suffix == ".py" or path.exists()):
        return rules_in(path)
    builtin = discover()
    if what is not None and what not in builtin:
        raise StrategyError(f"no file and no built-in strategy is called {what!r}; {nearest(what, sorted(builtin))}")
    return list(builtin.values()) if what is None else [builtin[what]]


def _described(rule: Strategy) -> dict[str, object]:
    from flowsim.testing.laws import laws_of

    return {
        "name": rule.name,
        "file": str(rule.file),
        "line": rule.line,
        "summary": rule.summary,
        "clock": rule.clock,
        "kind": rule.kind,
        "parameters": {
            name: {
                "meaning": field.meaning,
                "unit": field.unit,
                "bounds": [_finite(field.low), _finite(field.high)],
                "choices": list(field.choices),
                "default": rule.defaults.get(name),
            }
            for name, field in rule.fields.items()
        },
        "state": list(rule.state_names),
        "laws": [{"kind": law.kind, "options": dict(law.options)} for law in laws_of(rule)],
        "waives": dict(rule.waives),
        "examples": [example._asdict() for example in rule.examples],
        "source": rule.source,
    }


def _finite(bound: float) -> float | None:
    return bound if abs(bound) < float("inf") else None


def _page(rule: Strategy) -> str:
    """Return what a strategy declares, as a page to read."""
    from flowsim.testing.laws import LAWS, laws_of
    from flowsim.testing.report import said

    parameters = [
        f"  {name:<20}{field.meaning}{f', {field.unit}' if field.unit else ''}; {_bounds(field)}"
        for name, field in rule.fields.items()
    ]
    laws = [f"  {said(law)}\n      {(LAWS[law.kind].__doc__ or '').splitlines()[0]}" for law in laws_of(rule)]
    return "\n".join(
        [
            f"{rule.name}    {rule.file}:{rule.line}",
            rule.summary,
            f"clock {rule.clock}, {rule.kind}{', draws noise' if rule.uses_noise else ''}",
            "parameters",
            *parameters,
            "state",
            f"  {', '.join(rule.state_names)}",
            "laws",
            *laws,
            *(f"  waives {kind}: {reason}" for kind, reason in rule.waives.items()),
            "examples, whose life is taped",
            *[f"  {example}" for example in rule.examples or ("none declared: one in the middle of the bounds",)],
            f"source: {rule.source}",
        ]
    )


def _bounds(field: Field) -> str:
    from flowsim.config.wording import interval

    if field.choices:
        return f"one of {', '.join(f'{choice:g}' for choice in field.choices)}"
    return interval(_finite(field.low), _finite(field.high)) or "any number"
