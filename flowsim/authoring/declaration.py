"""What a rule declares of itself: its parameters with units and bounds, its clock, its laws, its source.

A rule is one agent and one step in plain Python: ``rule(view, params, state, noise) -> (new_state, order_bn)``.
It uses floats, ``math``, and nothing else, so that the same text runs in a debugger and in compiled code.
"""

from __future__ import annotations

import hashlib
import inspect
import linecache
import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, TypeVar, get_args, get_origin, get_type_hints

from flowsim.authoring.numbers import Numbers, is_shape
from flowsim.authoring.structure import Structure
from flowsim.authoring.view import View
from flowsim.errors import StrategyError

Params = TypeVar("Params", bound=tuple[float, ...])
State = TypeVar("State", bound=tuple[float, ...])
Rule = TypeVar("Rule", bound=Callable[..., tuple[tuple[float, ...], float]])

CLOCKS = ("day", "bar", "last_bar", "roll")


@dataclass(frozen=True)
class Field:
    """Describe one parameter of a rule: what it means, its unit, and the closed interval it must lie in."""

    meaning: str
    unit: str = ""
    low: float = -math.inf
    high: float = math.inf
    choices: tuple[float, ...] = ()


@dataclass(frozen=True)
class Law:
    """A property that a rule promises to keep, tested for every rule by the same code.

    `kind` names the test (see ``flowsim.testing.laws``); `options` are its arguments.
    """

    kind: str
    options: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Strategy:
    """A registered rule: the function, the shapes of its parameters and state, and what it declares of itself."""

    name: str
    family: str
    """What kind of trader it is, such as "cta": pictures and claims find populations by it, whatever their names."""
    rule: Callable[..., tuple[Numbers, float]]
    params: type[Numbers]
    state: type[Numbers]
    fields: Mapping[str, Field]
    defaults: Mapping[str, float]
    clock: str
    uses_noise: bool
    start: Callable[[View, Numbers], Numbers] | None
    lookback_days: Callable[[Numbers], float]
    provides_liquidity: bool
    hedges_options: bool
    trades_overnight: bool
    systematic: bool
    structure: Structure | None
    laws: tuple[Law, ...]
    waives: Mapping[str, str]
    examples: tuple[Numbers, ...]
    source: str
    file: Path
    line: int
    text_digest: str
    """SHA-256 of its file, in hexadecimal, when the rule was declared: a file may be edited while a rule is in use."""

    @property
    def parameter_names(self) -> tuple[str, ...]:
        """Names of the parameters in the order of the compiled kernel's rows."""
        return tuple(self.params._fields)

    @property
    def state_names(self) -> tuple[str, ...]:
        """Names of the state fields in the order of the compiled kernel's rows."""
        return tuple(self.state._fields)

    @property
    def kind(self) -> str:
        """Tell who trades by it: "systematic", "discretionary", or an "intermediary" that provides liquidity."""
        return "intermediary" if self.provides_liquidity else "systematic" if self.systematic else "discretionary"

    @property
    def trades_options(self) -> bool:
        """Tell whether it needs a market in which options are listed."""
        return self.hedges_options or self.structure is not None

    @property
    def summary(self) -> str:
        """First line of the rule's docstring."""
        return (inspect.getdoc(self.rule) or "").split("\n", 1)[0]

    def first_state(self, view: View, params: Numbers) -> Numbers:
        """Return the state of one agent before its first decision."""
        return self.state() if self.start is None else self.start(view, params)


def strategy(
    *,
    clock: str,
    source: str,
    family: str = "",
    noise: bool = False,
    lookback_days: Callable[[Params], float] | float = 1.0,
    start: Callable[[View, Params], State] | None = None,
    provides_liquidity: bool = False,
    hedges_options: bool = False,
    trades_overnight: bool = False,
    systematic: bool = True,
    structure: Structure | None = None,
    laws: Iterable[Law] = (),
    waives: Mapping[str, str] | None = None,
    examples: Iterable[Params] = (),
) -> Callable[[Rule], Rule]:
    """Declare the function below as the rule of a strategy with the function's own name.

    Parameters
    ----------
    clock : {"day", "bar", "last_bar", "roll"}
        When the rule is asked: after the close (its order is executed from the next day on),
        before every bar, before the last bar of the day only, or at the close of the days on which it rolls options.
    source : str
        Author, year and title of the rule's origin.
    family : str, optional
        What kind of trader it is, which pictures and claims go by; the name of its file by default. Declare "cta" for
        a trend follower of your own, and it is drawn and measured as one.
    noise : bool
        Whether the fourth argument is a standard normal draw; it is 0.0 otherwise.
    lookback_days : float or callable of one agent's parameters
        Sessions of real history that the rule needs before its first simulated day.
    start : callable, optional
        ``start(view, params) -> state`` gives an agent's state on the first day of that history;
        by default the state's own default values.
    provides_liquidity : bool
        The rule manages the liquidity providers' inventory: its orders go to long-term holders and move no price.
    hedges_options : bool
        The rule hedges the dealers' side of every option; its parameter ``within_bar`` says how much of a bar's move
        it hedges while the bar runs.
    trades_overnight : bool
        A rule of the clock "bar" is asked before the night too, where a market has volume then: `bar` is -1 there.
    structure : Structure, optional
        For the clock "roll": the options that one unit of the rule's order buys, and when.
    systematic : bool
        The rule follows prices, volatility or the calendar, and not a view: what ablations switch off.
    laws : iterable of Law
        Properties that hold for the rule on every market.
    waives : mapping of str to str, optional
        General laws that the rule does not keep, each with the reason (see ``flowsim.testing.laws``).
    examples : iterable of the rule's parameters
        Agents of an ordinary size, whose life on canonical markets is written down as tapes; choose such that every
        branch is taken.

    Raises
    ------
    StrategyError
        If the declaration or the shape of the function is wrong; names file and line.
    """

    def declare(rule: Rule) -> Rule:
        lookback = lookback_days if callable(lookback_days) else lambda _params: float(lookback_days)  # type: ignore[arg-type]
        rule.__flowsim_strategy__ = _described(  # type: ignore[attr-defined]
            rule,
            clock=clock,
            source=source,
            family=family,
            uses_noise=noise,
            lookback_days=lookback,
            start=start,
            provides_liquidity=provides_liquidity,
            hedges_options=hedges_options,
            trades_overnight=trades_overnight,
            systematic=systematic,
            structure=structure,
            laws=tuple(laws),
            waives=dict(waives or {}),
            examples=tuple(examples),
        )
        return rule

    return declare


def _described(rule: Callable[..., Any], *, clock: str, family: str, **declared: Any) -> Strategy:
    file, line = Path(rule.__code__.co_filename), rule.__code__.co_firstlineno
    where = f"{file}:{line}: rule {rule.__name__!r}"
    if clock not in CLOCKS:
        raise StrategyError(f"{where}: clock is {clock!r}; it must be one of {', '.join(map(repr, CLOCKS))}")
    n_arguments = len(inspect.signature(rule).parameters)
    if n_arguments != 4:
        raise StrategyError(f"{where} takes {n_arguments} arguments; a rule takes four: (view, params, state, noise)")
    try:
        hints = list(get_type_hints(rule, include_extras=True).values())
        params: object = hints[1]
        state: object = hints[2]
    except (NameError, IndexError) as error:
        raise StrategyError(
            f"{where}: annotate it as (view: View, params: YourParams, state: YourState, noise: float) ({error})"
        ) from None
    for role, shape in (("parameters", params), ("state", state)):
        if not is_shape(shape):
            raise StrategyError(f"{where}: its {role} are {shape!r}; they must be a NamedTuple of floats")
    assert is_shape(params)
    assert is_shape(state)
    _check_state(where, state)
    fields = {name: _field(where, name, hint) for name, hint in get_type_hints(params, include_extras=True).items()}
    if "capital_bn" not in fields:
        raise StrategyError(f"{where}: {params.__name__} has no field 'capital_bn'; every agent has a size in USD bn")
    for example in declared["examples"]:
        _check_example(where, params, fields, example)
    _check_options(where, clock, declared["structure"], declared["hedges_options"], tuple(fields))
    return Strategy(
        name=rule.__name__,
        family=family or file.stem,
        rule=rule,
        params=params,
        state=state,
        fields=fields,
        defaults=dict(getattr(params, "_field_defaults", {})),
        clock=clock,
        file=file,
        line=line,
        text_digest=_digest_of(file),
        **declared,
    )


def _digest_of(file: Path) -> str:
    try:
        text = file.read_bytes()
    except OSError:  # Declared in a notebook or at a prompt, whose lines Python keeps for its tracebacks.
        text = "".join(linecache.getlines(str(file))).encode()
    return hashlib.sha256(text).hexdigest()


def _check_state(where: str, state: type[Numbers]) -> None:
    kinds, defaults = get_type_hints(state), getattr(state, "_field_defaults", {})
    for name in state._fields:
        if kinds.get(name) is not float:
            kind = getattr(kinds.get(name), "__name__", kinds.get(name))
            raise StrategyError(f"{where}: {name} of its state is declared as {kind}; write {name}: float")
        if not isinstance(defaults.get(name, 0.0), float):
            remedy = f"write {name}: float = {defaults[name]}.0" if isinstance(defaults[name], int) else "give a float"
            raise StrategyError(f"{where}: {name} of its state starts as {defaults[name]!r}; {remedy}")


def _check_example(where: str, params: type[Numbers], fields: Mapping[str, Field], example: object) -> None:
    if not isinstance(example, params):
        raise StrategyError(f"{where}: an example is {example!r}; write {params.__name__}(...)")
    for name, described in fields.items():
        value = getattr(example, name)
        inside = value in described.choices if described.choices else described.low <= value <= described.high
        if not inside:
            allowed = described.choices or f"{described.low:g} to {described.high:g}"
            raise StrategyError(f"{where}: {name} of an example is {value!r}, outside {allowed}; choose one inside")


def _check_options(
    where: str, clock: str, structure: Structure | None, hedges: bool, parameters: tuple[str, ...]
) -> None:
    if (clock == "roll") != (structure is not None):
        raise StrategyError(
            f"{where}: clock {clock!r}; a rule on the clock 'roll' has a structure of options, others none"
        )
    if hedges and (clock != "bar" or "within_bar" not in parameters):
        raise StrategyError(f"{where}: a rule that hedges options is on the clock 'bar' with a parameter 'within_bar'")
    for sentence in structure.faults(parameters) if structure else ():
        raise StrategyError(f"{where}: {sentence}")


def _field(where: str, name: str, hint: object) -> Field:
    if get_origin(hint) is Annotated:
        kind, *extras = get_args(hint)
        described = [extra for extra in extras if isinstance(extra, Field)]
        if kind is float and described:
            return described[0]
    raise StrategyError(
        f"{where}: parameter {name!r} needs a unit and bounds; write"
        f' {name}: Annotated[float, Field("its meaning", "its unit", low, high)]'
    )
