"""The macro layer as a subsystem of a market: how it starts, when it is called, and what it works on."""

from __future__ import annotations

import numpy as np

from flowsim.config.macro import LIQUIDITY, NEWS, SOURCES, Macro
from flowsim.config.spec import MarketSpec
from flowsim.economy.arrays import Economy, EconomyState, Known, Scripts, seen_of
from flowsim.economy.phases import do_phase
from flowsim.economy.reports import Reports, build_reports, quarter_of
from flowsim.economy.rows import IN_AMOUNTS, N_SHOWN, RESERVES, SHOWN, find_amounts
from flowsim.economy.scripts import expected_numbers, policy_surprises, without_policy
from flowsim.errors import InputError
from flowsim.kernel.bundle import pack
from flowsim.kernel.marks import LANES, PLAIN
from flowsim.kernel.memory import zeros
from flowsim.macro.alone import FIRST, HISTORY_FIRST, begin
from flowsim.macro.given import Filings, given_by
from flowsim.macro.numbers import laid_out
from flowsim.macro.quarters import quarter_text
from flowsim.macro.scenario import load_scenario, settings_of
from flowsim.macro.state import Layer, draws_of, layer_of, nothing_given, rows_of_state, state_in
from flowsim.macro.stepping import EXPECTED, quarter_kernel, stepper
from flowsim.macro.value import FIRM
from flowsim.market import phases
from flowsim.market.subsystem import Host, Subsystem

STRESS_BP = 200.0
"""Rise of vehicles' spread for which the config names the panic."""


class MacroLayer(Subsystem):
    """Quarters of the macro layer in the day of a market, where its config has a table `macro`."""

    name = "economy"
    phases = (phases.NEWS, phases.AFTER_CLOSE)
    work = staticmethod(do_phase)
    sources = SOURCES
    published = SHOWN

    def takes_part(self, spec: MarketSpec) -> bool:
        """Return whether the market has the layer."""
        return spec.macro is not None

    def known(self, spec: MarketSpec, dates: np.ndarray) -> Known:
        """Return which quarters end and are told on the sessions `dates`, but for the first, and how the layer starts.

        Raises
        ------
        InputError
            If the market starts before the layer does, or a scenario, a number or a filing is not right.
        """
        macro = _macro(spec)
        coming = int(quarter_of(np.array([spec.time.start], "datetime64[D]") + 1)[0])
        first = FIRST if macro.given is None else HISTORY_FIRST
        if coming < first:
            remedy = "start at the end of 2026Q2 or later, or give macro.given a folder of filings"
            if macro.given is not None:
                remedy = f"start in {quarter_text(first)} or later"
            raise InputError(
                f"time.start = {spec.time.start}: the macro layer begins with {quarter_text(first)}; {remedy}"
            )
        quarters = int(quarter_of(dates[-1:])[0]) - first + 1
        scripts, layer = build_scripts(spec, macro, first, quarters)
        place, at_first = coming - first, _state_as_row(layer)
        live_alone = stepper(layer, kind=EXPECTED)
        for earlier in range(place):
            live_alone(earlier)
        opened = _state_as_row(layer)
        amounts = _expected_amounts(scripts, opened, place)
        # On filings the market's sizes are those of its own start, and not of 2018.
        start = amounts if macro.given is not None else _expected_amounts(scripts, at_first, 0)
        _require_budgets(macro, start)
        shown = amounts.copy()
        shown[:IN_AMOUNTS] = np.divide(
            amounts[:IN_AMOUNTS], start[:IN_AMOUNTS], out=np.ones(IN_AMOUNTS), where=start[:IN_AMOUNTS] > 0.0
        )
        return Known(build_reports(dates[1:], first), scripts, opened, place, start, shown)

    def days_of(self, known: Known, first: int, last: int) -> Known:
        """Return what is known of the days from one up to another."""
        reports = Reports(*(array[..., first:last].copy() for array in known.reports))
        return known._replace(reports=reports)

    def new_state(self, spec: MarketSpec, known: Known, log_close: np.ndarray) -> EconomyState:
        """Return the layer before its first quarter in the market, with nothing told."""
        rows, shown = zeros(rows_of_state(), LANES), zeros(N_SHOWN, LANES)
        rows[...] = known.opened[:, None]
        shown[...] = known.shown[:, None]
        last = zeros(1, LANES)
        last[...] = log_close[-1]
        nothing = zeros(1, LANES), zeros(len(SOURCES), LANES), zeros(1, LANES)
        return EconomyState(rows, shown, shown.copy(), shown.copy(), *nothing, last)

    def bundle(self, host: Host, known: Known, state: EconomyState) -> Economy:
        """Return everything that its kernel works on, for one block."""
        macro, registry, scripts = _macro(host.spec), host.registry, known.scripts
        others = zeros(*state.rows.shape), zeros(*state.rows.shape)
        layers = [
            layer_of(numbers, scripts.solved, scripts.given, scripts.draws, state_in(rows))
            for numbers, rows in zip(scripts[:3], (state.rows, *others), strict=True)
        ]
        kernel, words = _reached(layers)
        links = [
            (host.spec.names.index(name), _row(row)) for name, row in macro.budgets.items() if name in host.spec.names
        ]
        return Economy(
            reports=known.reports,
            has_policy=scripts.has_policy,
            trend=scripts.came.economy.trend,
            state=state,
            start=known.start,
            held=np.array([_is_held(row, macro) for row in range(N_SHOWN)], np.int64),
            links=np.array(links, np.int64).reshape(-1, 2),
            value=scripts.came.value,
            came=seen_of(layers[0]),
            expected_worth=layers[1].found.worth,
            no_policy_worth=layers[2].found.worth,
            mixed=zeros(FIRM + 1, LANES),
            expected_rows=others[0],
            no_policy_rows=others[1],
            kernel=kernel,
            words=words,
            first_shown=registry.view.index(SHOWN[0].name),
            first_source=registry.sources.index(SOURCES[0]),
            feedback=int(macro.feedback),
            tells=int(NEWS not in macro.hold),
            liquidity=float(macro.liquidity),
            stress_response=0.0 if "fear" in macro.hold else macro.stress_response / STRESS_BP * 1e4,
            pass_through=float(host.model.news.pass_through),
            start_price=float(host.model.start_price),
            replaying=host.model.replaying,
            observables=host.state.observables,
            shock=host.scratch.shock,
            log_value=host.state.news.log_value,
            today=host.state.today,
        )

    def fault(self, spec: MarketSpec, what: int, where: str) -> str:
        """Return what broke: the layer has left any sensible range."""
        return (
            f"the value that the macro layer finds is no sensible number on {where}: earnings or spreads have run away;"
            " run fewer days, or set macro.scenario and macro.numbers nearer to what they were"
        )


MACRO_LAYER = MacroLayer()


def build_scripts(spec: MarketSpec, macro: Macro, first: int, quarters: int) -> tuple[Scripts, Layer]:
    """Return the layer's numbers by quarter, and the layer before its first, on one lane."""
    settings, changes = settings_of(macro.numbers), load_scenario(macro.scenario).changes
    given = nothing_given(quarters) if macro.given is None else given_by(Filings(macro.given), first, quarters)
    layer = begin(settings, changes, given, first)
    came = layer.numbers
    expected = expected_numbers(laid_out(first, quarters, settings), came, macro.foreseen)
    draws = draws_of(spec.seed, first, 1.0, mirror=spec.antithetic)
    policy = without_policy(came, expected), policy_surprises(came, expected)
    return Scripts(came, expected, *policy, layer.solved, given, draws), layer


def _state_as_row(layer: Layer) -> np.ndarray:
    return np.concatenate([array.ravel() for array in layer.state])


def _expected_amounts(scripts: Scripts, opened: np.ndarray, place: int) -> np.ndarray:
    """Return what the first quarter of the run is expected to bring, by row shown."""
    amounts = np.zeros((N_SHOWN, 1))
    rows = np.ascontiguousarray(opened[:, None]).copy()
    layer = layer_of(scripts.expected, scripts.solved, scripts.given, scripts.draws, state_in(rows))
    stepper(layer, kind=EXPECTED)(place)
    find_amounts(layer, amounts, 0)
    return amounts[:, 0]


def _require_budgets(macro: Macro, start: np.ndarray) -> None:
    for name, row in macro.budgets.items():
        if _row(row) < IN_AMOUNTS and not start[_row(row)] > 0.0:
            raise InputError(
                f"macro.budgets.{name} = {row}: that budget is 0 in the first quarter, so nothing is over it; link the"
                " population to another row, or raise what the layer pays at the start by macro.numbers"
            )


def _reached(layers: list[Layer]) -> tuple[object, object]:
    """Return how the layer's kernel reaches the quarter's, and each layer's words; they keep the layers alive."""
    kernel = quarter_kernel(layers[0])
    if PLAIN:
        return [kernel], layers
    packed = [pack(layer) for layer in layers]
    words = np.array([one.ctypes.data for one in packed], np.int64).view(type(packed[0]))
    words.bundle = packed
    return np.array([kernel.address], np.int64), words


def _is_held(row: int, macro: Macro) -> bool:
    name = LIQUIDITY if row == RESERVES else SHOWN[row].name
    return name in macro.hold


def _row(name: str) -> int:
    return [column.name for column in SHOWN].index(name)


def _macro(spec: MarketSpec) -> Macro:
    assert spec.macro is not None
    return spec.macro
