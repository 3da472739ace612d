"""The layer without a market: a scenario's paths, quarter by quarter, as tables."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from flowsim.errors import InputError
from flowsim.files.html import card
from flowsim.kernel.memory import copied_bundle
from flowsim.macro.given import Filings, given_by
from flowsim.macro.identities import Quarter, require_closed
from flowsim.macro.numbers import Change, laid_out, sheet
from flowsim.macro.quarters import quarter_number, quarter_text
from flowsim.macro.recorded import Recorded
from flowsim.macro.scenario import BASELINE, load_scenario, settings_of
from flowsim.macro.start import started
from flowsim.macro.state import Given, Layer, draws_of, layer_of, nothing_given, on_lanes
from flowsim.macro.stepping import stepper

if TYPE_CHECKING:
    import polars as pl

FIRST = quarter_number("2026Q3", "the start")
HISTORY_FIRST = quarter_number("2019Q1", "the start")
SHEET, HISTORY_SHEET = "sheet_2026", "sheet_2018"
MOST_QUARTERS = 200
MOST_LANES = 512
"""Paths that are stepped and checked at once: numpy's calls in the checks cost more than the quarter itself on few."""


@dataclass(frozen=True, eq=False)
class MacroRun:
    """Paths of a scenario: `tables` holds polars frames, see docs/data-dictionary.md."""

    scenario: str
    description: str
    n_paths: int
    seed: int
    given_until: str  # last quarter that history gave, empty for none
    tables: dict[str, pl.DataFrame]

    @property
    def label(self) -> str:
        """Name of the scenario with its paths and quarters."""
        quarters = self.quarters
        return f"{self.scenario}, {self.n_paths} paths, {quarters[0]} to {quarters[-1]}"

    @cached_property
    def quarters(self) -> list[str]:
        """Quarters in order."""
        return self.tables["macro"]["quarter"].unique(maintain_order=True).to_list()

    def _repr_html_(self) -> str:
        rows = [[name, f"{table.height:,}"] for name, table in self.tables.items()]
        return card(self.label, [self.description], ("table", "rows"), rows)

    def write(self, folder: str | Path) -> None:
        """Write each table as Parquet.

        Raises
        ------
        InputError
            If the folder cannot be written.
        """
        write_tables(self.tables, folder)


def write_tables(tables: Mapping[str, pl.DataFrame], folder: str | Path) -> None:
    """Write tables by name as Parquet into a folder.

    Raises
    ------
    InputError
        If the folder cannot be written.
    """
    folder = Path(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, table in tables.items():
            table.write_parquet(folder / f"{name}.parquet")
    except OSError as error:
        raise InputError(f"{folder}: cannot be written ({error.strerror}); choose another `out`") from None


def macro_run(
    scenario: str | Path = BASELINE,
    n_paths: int = 256,
    *,
    quarters: int = 22,
    seed: int = 1,
    overrides: Iterable[str] | Mapping[str, float] = (),
    given: str | Path | None = None,
    shocks: bool = True,
    accounts: bool = False,
    out: str | Path | None = None,
) -> MacroRun:
    """Run the macro layer alone, and check that its books close.

    Parameters
    ----------
    scenario : str or Path
        A built-in name (`flowsim macro list`) or a TOML file.
    n_paths : int
        Paths; a path's draws are the same whatever the others and the scenario are.
    quarters : int
        Quarters from 2026Q3, or from 2019Q1 where history is given.
    seed : int
        Key of the random stream.
    overrides : iterable of str, or mapping
        Numbers to set, known to the start: ``{"revenue.margin": 0.6}``.
    given : str or Path, optional
        Folder of filings, see `flowsim.macro.given`: the run starts at the end of 2018 and lives through them.
    shocks : bool
        False leaves all shocks out.
    accounts : bool
        True keeps every payment, in a table of its own.
    out : str or Path, optional
        Folder for the tables.

    Raises
    ------
    InputError
        If the scenario, a setting or a file is not right.
    RunError
        If an identity of the books does not hold.
    """
    if n_paths < 1 or not 1 <= quarters <= MOST_QUARTERS:
        raise InputError(
            f"`n_paths={n_paths}`, `quarters={quarters}`: give 1 or more, and 1 to {MOST_QUARTERS} quarters"
        )
    chosen = load_scenario(scenario)
    first = FIRST if given is None else HISTORY_FIRST
    history = nothing_given(quarters) if given is None else given_by(Filings(given), first, quarters)
    layer = begin(settings_of(overrides), chosen.changes, history, first, seed=seed, shocks=shocks)
    until = int(history.is_given.sum())
    recorded = Recorded(n_paths, quarters, accounts=accounts)
    for place, path0, live, after in quarter_by_quarter(layer, n_paths):
        recorded.keep(after, place, path0, live)
    tables = recorded.tables([quarter_text(first + place) for place in range(quarters)])
    last_given = quarter_text(first + until - 1) if until else ""
    run = MacroRun(chosen.name, chosen.description, n_paths, seed, last_given, tables)
    if out is not None:
        run.write(out)
    return run


def begin(
    settings: Iterable[Change],
    changes: Iterable[Change],
    given: Given,
    first: int,
    *,
    seed: int = 1,
    shocks: bool = True,
) -> Layer:
    """Return the layer before its first quarter, on one lane: the start knows the settings, and no change."""
    settings, quarters = list(settings), given.output.size
    numbers = laid_out(first, quarters, settings)
    state, solved = started(numbers, sheet(SHEET if first == FIRST else HISTORY_SHEET), given, first)
    draws = draws_of(seed, first, float(shocks))
    numbers = laid_out(first, quarters, [*settings, *changes])
    return layer_of(numbers, solved, given, draws, state)


def quarter_by_quarter(opened: Layer, n_paths: int) -> Iterator[tuple[int, int, int, Layer]]:
    """Yield quarter, first path, number of lanes, and the layer after it, block by block.

    Raises
    ------
    RunError
        If an identity of the books does not hold.
    """
    quarters = opened.given.output.size
    for path0 in range(0, n_paths, MOST_LANES):
        live = min(MOST_LANES, n_paths - path0)
        layer = on_lanes(opened, live)
        step = stepper(layer, path0)
        for place in range(quarters):
            before = copied_bundle(layer.state)
            step(place)
            require_closed(Quarter(before, layer, place), live)
            yield place, path0, live, layer
